/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "command/command.h"
#include "fake_agent.h"

#include <signal.h>
#include <sys/stat.h>

/* The driver, and the command executor's sense of time, on simulated nodes: the agent on one, the
 * executor on the other, processes that exist only in the simulation. */
struct rig {
        struct actor_sim *sim;
        struct actor_log *log;
        struct actor_node *agent_node, *node;
        struct fake_agent agent;
        struct troupe_executor *executor;
        char sandbox[32];
        bool ended;
        void (*launch_task)(struct troupe_executor *e, void *data,
                            const V1__TaskInfo *task); /* NULL: its own */
};

static void no_log(void *arg, enum actor_log_level level, const char *line)
{
}

static struct actor_sim_fate run_forever(const struct actor_process_config *config, void *arg)
{
        return (struct actor_sim_fate){.runs_ms = -1};
}

static void start_agent(struct rig *rig)
{
        struct actor_node_config node = {.name = "agent", .types = proto_wire_types, .log = rig->log};
        rig->agent_node = actor_sim_node(rig->sim, "tcp://a1:5051", &node);
        fake_spawn(&rig->agent, rig->agent_node);
}

static void rig_start(struct rig *rig, int64_t recovery_timeout_ms)
{
        snprintf(rig->sandbox, sizeof rig->sandbox, "/tmp/executor.XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(rig->sandbox));
        setenv("MESOS_SANDBOX", rig->sandbox, 1);
        rig->sim = actor_sim_new(5);
        rig->log = actor_log_new_function(no_log, NULL, ACTOR_LOG_DEBUG);
        actor_sim_program(rig->sim, "/bin/sh", run_forever, NULL);
        start_agent(rig);
        struct actor_node_config node = {.name = "executor", .types = proto_wire_types, .log = rig->log};
        rig->node = actor_sim_node(rig->sim, "tcp://e1:1", &node);
        struct troupe_executor_config config = {.address = "executor/C1@a1:5051",
                                                .framework_id = "F1",
                                                .executor_id = "E1",
                                                .recovery_timeout_ms = recovery_timeout_ms,
                                                .node = rig->node};
        command_executor(&config);
        if (rig->launch_task != NULL)
                config.callbacks.launch_task = rig->launch_task;
        ck_assert_int_eq(troupe_executor_new(&config, &rig->executor, NULL), 0);
        ck_assert_int_eq(troupe_executor_start(rig->executor), 0);
        actor_sim_advance(rig->sim, 1000);
}

static void rig_done(struct rig *rig)
{
        char command[64];
        actor_sim_free(rig->sim);
        troupe_executor_free(rig->executor);
        fake_done(&rig->agent);
        actor_log_free(rig->log);
        snprintf(command, sizeof command, "rm -rf %s", rig->sandbox);
        ck_assert_int_eq(system(command), 0);
}

static void launch(struct rig *rig, const char *id, int64_t completion_max_ms)
{
        Exec__Event *event = fake_launch(id);
        event->launch->task->command = FAKE_NEW(event, V1__CommandInfo, V1__COMMAND_INFO__INIT);
        event->launch->task->command->value = "forever";
        if (completion_max_ms > 0) {
                event->launch->task->max_completion_time =
                        FAKE_NEW(event, V1__DurationInfo, V1__DURATION_INFO__INIT);
                event->launch->task->max_completion_time->nanoseconds = completion_max_ms * 1000000;
        }
        fake_send(&rig->agent, event);
        actor_sim_settle(rig->sim);
}

static size_t actors(struct actor_node *node)
{
        return actor_node_stats(node, NULL, 0);
}

START_TEST(a_task_that_takes_too_long_is_ended_at_its_limit)
{
        struct rig rig = {.agent = {.acknowledges = true}};
        rig_start(&rig, 0);
        launch(&rig, "t1", 5000);
        ck_assert_ptr_nonnull(fake_find(&rig.agent, "t1", V1__TASK_STATE__TASK_RUNNING));
        actor_sim_advance(rig.sim, 4999);
        ck_assert_uint_eq(rig.agent.terminal, 0);
        actor_sim_advance(rig.sim, 1);
        const Exec__Call *call = fake_find(&rig.agent, "t1", V1__TASK_STATE__TASK_FAILED);
        ck_assert_ptr_nonnull(call);
        ck_assert_int_eq(call->update->status->reason,
                         V1__TASK_STATUS__REASON__REASON_MAX_COMPLETION_TIME_REACHED);
        rig_done(&rig);
}
END_TEST

static char executor_told[16];

static void note_executor(struct troupe_executor *e, void *data, const V1__TaskInfo *task)
{
        ck_assert_ptr_nonnull(task->executor);
        snprintf(executor_told, sizeof executor_told, "%s", task->executor->executor_id->value);
}

/* Goal: a task that came without its executor is shown with it. */
START_TEST(a_task_of_this_very_executor_is_shown_with_it)
{
        struct rig rig = {.launch_task = note_executor};
        rig_start(&rig, 0);
        fake_send(&rig.agent, fake_launch("t1"));
        actor_sim_settle(rig.sim);
        ck_assert_str_eq(executor_told, "E1");
        rig_done(&rig);
}
END_TEST

/* mission: F12 X12 */
START_TEST(without_checkpointing_an_executor_ends_with_its_agent)
{
        struct rig rig = {.agent = {.acknowledges = true}};
        rig_start(&rig, 0);
        launch(&rig, "t1", 0);
        ck_assert_uint_eq(actors(rig.node), 1);
        actor_sim_crash(rig.sim, rig.agent_node);
        actor_sim_advance(rig.sim, 60000);
        ck_assert_uint_eq(actors(rig.node), 0);
        rig_done(&rig);
}
END_TEST

/* Goal: an agent that comes back learns all it may have missed. Method: it acknowledges nothing; it
 * crashes; the task is killed by nobody; a new one at the same address hears the registration. */
START_TEST(with_checkpointing_an_executor_tells_a_new_agent_what_is_unacknowledged)
{
        struct rig rig = {.sim = NULL};
        struct fake_agent old;
        rig_start(&rig, 900000);
        launch(&rig, "t1", 0);
        launch(&rig, "t2", 0);
        old = rig.agent;
        actor_sim_crash(rig.sim, rig.agent_node);
        actor_sim_advance(rig.sim, 30000);
        ck_assert_uint_eq(actors(rig.node), 1);
        rig.agent = (struct fake_agent){.acknowledges = true};
        start_agent(&rig);
        actor_sim_advance(rig.sim, 30000);
        ck_assert_uint_ge(rig.agent.count, 1);
        const Exec__Call__Subscribe *subscribe = rig.agent.calls[0]->subscribe;
        ck_assert_ptr_nonnull(subscribe);
        ck_assert_uint_eq(subscribe->n_unacknowledged_tasks, 2);
        ck_assert_uint_eq(subscribe->n_unacknowledged_updates, 2);
        ck_assert_uint_eq(fake_count(&rig.agent, EXEC__CALL__TYPE__SUBSCRIBE), 1);
        fake_kill(&rig.agent, "t1", -1);
        actor_sim_settle(rig.sim);
        ck_assert_ptr_nonnull(fake_find(&rig.agent, "t1", V1__TASK_STATE__TASK_KILLED));
        rig_done(&rig);
        fake_done(&old);
}
END_TEST

/* mission: F12 X12 */
START_TEST(with_checkpointing_an_executor_waits_as_long_as_told_and_no_longer)
{
        struct rig rig = {.agent = {.acknowledges = true}};
        rig_start(&rig, 100000);
        launch(&rig, "t1", 0);
        actor_sim_crash(rig.sim, rig.agent_node);
        actor_sim_advance(rig.sim, 90000);
        ck_assert_uint_eq(actors(rig.node), 1);
        actor_sim_advance(rig.sim, 60000);
        ck_assert_uint_eq(actors(rig.node), 0);
        rig_done(&rig);
}
END_TEST

START_TEST(an_executor_nobody_started_says_what_is_missing)
{
        struct troupe_executor_config config = {.framework_id = "F1", .executor_id = "E1"};
        struct troupe_executor *executor = NULL;
        struct actor_error error = {""};
        ck_assert_int_lt(troupe_executor_new(&config, &executor, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "TROUPE_EXECUTOR_ADDRESS"));
        config.address = "no address at all";
        ck_assert_int_lt(troupe_executor_new(&config, &executor, &error), 0);
        setenv("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "5 parsecs", 1);
        config.address = "executor/C1@a1:5051";
        ck_assert_int_lt(troupe_executor_new(&config, &executor, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"));
        ck_assert_ptr_null(executor);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_task_that_takes_too_long_is_ended_at_its_limit);
        tcase_add_test(tcase, a_task_of_this_very_executor_is_shown_with_it);
        tcase_add_test(tcase, without_checkpointing_an_executor_ends_with_its_agent);
        tcase_add_test(tcase, with_checkpointing_an_executor_tells_a_new_agent_what_is_unacknowledged);
        tcase_add_test(tcase, with_checkpointing_an_executor_waits_as_long_as_told_and_no_longer);
        tcase_add_test(tcase, an_executor_nobody_started_says_what_is_missing);
}

TEST_MAIN("executor driver", add_tests)
