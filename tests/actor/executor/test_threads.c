/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "fake_agent.h"
#include "threads/threads.h"

/* The executor of threads on a real node, with an agent played by the test on the same node. */
struct rig {
        struct actor_log *log;
        struct actor_node *node;
        struct fake_agent agent;
        struct troupe_executor *executor;
};

static void no_log(void *arg, enum actor_log_level level, const char *line)
{
}

static void rig_start(struct rig *rig, unsigned workers)
{
        rig->log = actor_log_new_function(no_log, NULL, ACTOR_LOG_DEBUG);
        struct actor_node_config node = {.name = "test",
                                         .workers = 2,
                                         .blocking_threads = workers,
                                         .types = proto_wire_types,
                                         .log = rig->log};
        ck_assert_int_eq(actor_node_new(&node, &rig->node), 0);
        rig->agent.acknowledges = true;
        fake_spawn(&rig->agent, rig->node);
        struct troupe_executor_config config = {
                .address = "executor/C1", .framework_id = "F1", .executor_id = "E1", .node = rig->node};
        threads_executor(workers, &config);
        ck_assert_int_eq(troupe_executor_new(&config, &rig->executor, NULL), 0);
        ck_assert_int_eq(troupe_executor_start(rig->executor), 0);
}

static void rig_done(struct rig *rig)
{
        actor_node_free(rig->node);
        troupe_executor_free(rig->executor);
        fake_done(&rig->agent);
        actor_log_free(rig->log);
}

/* mission: X3 */
START_TEST(ten_thousand_tasks_at_once_all_finish)
{
        struct rig rig = {0};
        rig_start(&rig, 8);
        fake_launch_data(&rig.agent, "first", "");
        fake_await(&rig.agent, "first", V1__TASK_STATE__TASK_FINISHED);
        for (int i = 0; i < 10000; i++) {
                char id[16];
                snprintf(id, sizeof id, "t%d", i);
                fake_launch_data(&rig.agent, id, "{\"function\": \"noop\"}");
        }
        fake_await_ends(&rig.agent, 10001);
        ck_assert_uint_eq(fake_count(&rig.agent, EXEC__CALL__TYPE__UPDATE), 2 * 10001);
        rig_done(&rig);
}
END_TEST

/* mission: H7 X10 */
START_TEST(a_function_ends_with_its_message)
{
        struct rig rig = {0};
        rig_start(&rig, 2);
        fake_launch_data(&rig.agent, "t1", "{\"function\": \"sum\", \"to\": 1000}");
        fake_launch_data(&rig.agent, "t2", "{\"function\": \"fail\", \"message\": \"as told\"}");
        fake_launch_data(&rig.agent, "t3", "{\"function\": \"nope\"}");
        ck_assert_str_eq(fake_await(&rig.agent, "t1", V1__TASK_STATE__TASK_FINISHED), "500500");
        ck_assert_str_eq(fake_await(&rig.agent, "t2", V1__TASK_STATE__TASK_FAILED), "as told");
        ck_assert_ptr_nonnull(strstr(fake_await(&rig.agent, "t3", V1__TASK_STATE__TASK_FAILED), "nope"));
        rig_done(&rig);
}
END_TEST

/* Data is read once for tasks that are alike; each still gets its own, also after data that was refused. */
START_TEST(tasks_with_the_same_data_do_the_same_and_others_do_not)
{
        struct rig rig = {0};
        rig_start(&rig, 2);
        fake_launch_data(&rig.agent, "t1", "{\"function\": \"echo\", \"message\": \"one\"}");
        fake_launch_data(&rig.agent, "t2", "{\"function\": \"echo\", \"message\": \"one\"}");
        fake_launch_data(&rig.agent, "t3", "{\"function\": \"echo\", \"message\": \"two\"}");
        fake_launch_data(&rig.agent, "t4", "{\"function\": \"nope\"}");
        fake_launch_data(&rig.agent, "t5", "{\"function\": \"echo\", \"message\": \"two\"}");
        ck_assert_str_eq(fake_await(&rig.agent, "t1", V1__TASK_STATE__TASK_FINISHED), "one");
        ck_assert_str_eq(fake_await(&rig.agent, "t2", V1__TASK_STATE__TASK_FINISHED), "one");
        ck_assert_str_eq(fake_await(&rig.agent, "t3", V1__TASK_STATE__TASK_FINISHED), "two");
        fake_await(&rig.agent, "t4", V1__TASK_STATE__TASK_FAILED);
        ck_assert_str_eq(fake_await(&rig.agent, "t5", V1__TASK_STATE__TASK_FINISHED), "two");
        rig_done(&rig);
}
END_TEST

/* Were a kill not seen, or a waiting task behind a long one stuck, this would take a year. */
START_TEST(long_tasks_are_killed_running_or_waiting)
{
        struct rig rig = {0};
        static const char forever[] = "{\"function\": \"sleep\", \"seconds\": 31000000}";
        rig_start(&rig, 2);
        for (int i = 0; i < 4; i++) {
                char id[8];
                snprintf(id, sizeof id, "t%d", i);
                fake_launch_data(&rig.agent, id, forever);
        }
        fake_await(&rig.agent, "t1", V1__TASK_STATE__TASK_RUNNING);
        fake_kill(&rig.agent, "t3", -1);
        fake_await(&rig.agent, "t3", V1__TASK_STATE__TASK_KILLED);
        ck_assert_ptr_null(fake_find(&rig.agent, "t3", V1__TASK_STATE__TASK_RUNNING));
        fake_kill(&rig.agent, "t0", -1);
        fake_await(&rig.agent, "t0", V1__TASK_STATE__TASK_KILLED);
        fake_await(&rig.agent, "t2", V1__TASK_STATE__TASK_RUNNING);
        fake_send(&rig.agent, fake_event(EXEC__EVENT__TYPE__SHUTDOWN));
        fake_await_ends(&rig.agent, 4);
        rig_done(&rig);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, ten_thousand_tasks_at_once_all_finish);
        tcase_add_test(tcase, a_function_ends_with_its_message);
        tcase_add_test(tcase, tasks_with_the_same_data_do_the_same_and_others_do_not);
        tcase_add_test(tcase, long_tasks_are_killed_running_or_waiting);
}

TEST_MAIN("threads executor", add_tests)
