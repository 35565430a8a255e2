/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "fake_master.h"
#include "run/run.h"

#include <actor/log.h>
#include <errno.h>

/* The framework behind `troupe run`, on a simulated node, with a master that runs every task at once. */
struct rig {
        struct actor_sim *sim;
        struct actor_log *log;
        struct fake_master master;
        struct console console;
        char *out, *news;
        size_t out_size, news_size;
        struct run *run;
};

static void no_log(void *arg, enum actor_log_level level, const char *line)
{
}

static const char *const command[] = {"true", NULL};

static void rig_start(struct rig *rig, struct run_config *config)
{
        rig->sim = actor_sim_new(11);
        rig->log = actor_log_new_function(no_log, NULL, ACTOR_LOG_DEBUG);
        struct actor_node_config node = {.name = "f1", .types = proto_wire_types, .log = rig->log};
        console_init(&rig->console, "troupe-run", open_memstream(&rig->out, &rig->out_size),
                     open_memstream(&rig->news, &rig->news_size), false);
        config->master = "m1:5050";
        config->name = "job";
        config->role = "*";
        config->command = command;
        config->cpus = 1;
        config->mem = 10;
        config->interrupt_fd = -1;
        config->console = &rig->console;
        config->node = actor_sim_node(rig->sim, "tcp://f1:9000", &node);
        struct actor_error error = {""};
        ck_assert_msg(run_new(config, &rig->run, &error) == 0, "%s", error.text);
        troupe_scheduler_start(run_driver(rig->run));
}

static bool has_ended(void *arg)
{
        const struct rig *rig = arg;
        return troupe_scheduler_status(run_driver(rig->run)) != TROUPE_SCHEDULER_RUNNING;
}

static enum run_exit rig_result(struct rig *rig)
{
        ck_assert(actor_sim_run_until(rig->sim, has_ended, rig, 600000));
        actor_sim_settle(rig->sim);
        fflush(rig->console.out);
        fflush(rig->console.news);
        return run_result(rig->run);
}

static void rig_done(struct rig *rig)
{
        actor_sim_free(rig->sim);
        run_free(rig->run);
        fake_done(&rig->master);
        actor_log_free(rig->log);
        fclose(rig->console.out);
        fclose(rig->console.news);
        free(rig->out);
        free(rig->news);
}

/* mission: D5 */
START_TEST(all_finished_is_success)
{
        struct rig rig = {
                .master = {
                        .scripted = true, .outcome = V1__TASK_STATE__TASK_FINISHED, .agents = 3, .cpus = 2}};
        struct run_config config = {.instances = 20};
        fake_start(&rig.master, (rig_start(&rig, &config), rig.sim));
        ck_assert_int_eq(rig_result(&rig), RUN_EXIT_FINISHED);
        ck_assert_ptr_nonnull(strstr(rig.news, "job.19"));
        ck_assert_ptr_nonnull(strstr(rig.news, "20 finished, 0 failed"));
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__SUPPRESS, NULL), 1);
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__TEARDOWN, NULL), 1);
        /* The last one is heard when the framework stops: nobody waits for it any more. */
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__ACKNOWLEDGE, NULL), 39);
        rig_done(&rig);
}
END_TEST

START_TEST(one_failed_task_fails_the_run)
{
        struct rig rig = {.master = {.scripted = true,
                                     .outcome = V1__TASK_STATE__TASK_FINISHED,
                                     .failing = "job.3",
                                     .agents = 1,
                                     .cpus = 9}};
        struct run_config config = {.instances = 5};
        fake_start(&rig.master, (rig_start(&rig, &config), rig.sim));
        ck_assert_int_eq(rig_result(&rig), RUN_EXIT_FAILED);
        ck_assert_ptr_nonnull(strstr(rig.news, "4 finished, 1 failed"));
        rig_done(&rig);
}
END_TEST

START_TEST(no_master_is_told_apart_from_failure)
{
        struct rig rig = {.sim = NULL};
        struct run_config config = {.instances = 1, .connect_timeout_ms = 3000};
        rig_start(&rig, &config);
        ck_assert_int_eq(rig_result(&rig), RUN_EXIT_UNREACHABLE);
        ck_assert_int_eq(actor_sim_now_ms(rig.sim), 3000);
        ck_assert_ptr_nonnull(strstr(rig.news, "m1:5050"));
        rig_done(&rig);
}
END_TEST

START_TEST(tasks_without_room_end_with_the_timeout)
{
        struct rig rig = {.master = {.scripted = true,
                                     .outcome = V1__TASK_STATE__TASK_FINISHED,
                                     .agents = 1,
                                     .cpus = 0.5}};
        struct run_config config = {.instances = 2, .timeout_ms = 7000};
        fake_start(&rig.master, (rig_start(&rig, &config), rig.sim));
        ck_assert_int_eq(rig_result(&rig), RUN_EXIT_NO_RESOURCES);
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__ACCEPT, NULL), 0);
        ck_assert_ptr_nonnull(strstr(rig.news, "2 of 2"));
        rig_done(&rig);
}
END_TEST

/* mission: A10 */
START_TEST(constraints_spread_the_tasks_or_say_what_is_missing)
{
        static const char *const unique[] = {"hostname:UNIQUE", "rack:UNIQUE", NULL};
        struct rig rig = {.master = {.scripted = true,
                                     .outcome = V1__TASK_STATE__TASK_FINISHED,
                                     .agents = 6,
                                     .racks = 3,
                                     .cpus = 9}};
        struct run_config config = {.instances = 4, .constraints = unique, .timeout_ms = 20000};
        fake_start(&rig.master, (rig_start(&rig, &config), rig.sim));
        ck_assert_int_eq(rig_result(&rig), RUN_EXIT_NO_RESOURCES);
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__ACCEPT, NULL), 3);
        ck_assert_ptr_nonnull(strstr(rig.news, "3 finished, 0 failed, 1 killed"));
        char *waits = strstr(rig.news, "1 of 4 tasks found no agent with cpus:1; mem:10 free yet, and wait");
        ck_assert_msg(waits != NULL, "%s", rig.news);
        char *gives_up =
                strstr(waits, "1 of 4 tasks found no agent with cpus:1; mem:10 free in time, giving up");
        ck_assert_ptr_nonnull(gives_up);
        ck_assert_ptr_nonnull(
                strstr(gives_up, "  3 of 6 agents: hostname:UNIQUE, a task is there already (host0"));
        ck_assert_ptr_nonnull(
                strstr(gives_up, "  3 of 6 agents: rack:UNIQUE, a task is there already (r0, r1, r2)"));
        rig_done(&rig);
}
END_TEST

START_TEST(a_constraint_that_nobody_can_read_starts_nothing)
{
        static const char *const bad[] = {"rack:UNIQUE", "rack:LIKE:(r", NULL};
        struct run_config config = {
                .instances = 1, .cpus = 1, .role = "*", .command = command, .constraints = bad};
        struct actor_error error = {""};
        struct run *run = NULL;
        ck_assert_int_eq(run_new(&config, &run, &error), -EINVAL);
        ck_assert_ptr_null(run);
        ck_assert_str_eq(error.text,
                         "--constraint: \"rack:LIKE:(r\": the pattern is wrong at byte 2: missing closing "
                         "parenthesis");
}
END_TEST

START_TEST(a_refusing_master_is_quoted)
{
        struct rig rig = {.master = {.refusal = "role \"x\" is not allowed"}};
        struct run_config config = {.instances = 1};
        fake_start(&rig.master, (rig_start(&rig, &config), rig.sim));
        ck_assert_int_eq(rig_result(&rig), RUN_EXIT_UNREACHABLE);
        ck_assert_ptr_nonnull(strstr(rig.news, "role \"x\" is not allowed"));
        rig_done(&rig);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, all_finished_is_success);
        tcase_add_test(tcase, one_failed_task_fails_the_run);
        tcase_add_test(tcase, no_master_is_told_apart_from_failure);
        tcase_add_test(tcase, tasks_without_room_end_with_the_timeout);
        tcase_add_test(tcase, constraints_spread_the_tasks_or_say_what_is_missing);
        tcase_add_test(tcase, a_constraint_that_nobody_can_read_starts_nothing);
        tcase_add_test(tcase, a_refusing_master_is_quoted);
}

TEST_MAIN("run", add_tests)
