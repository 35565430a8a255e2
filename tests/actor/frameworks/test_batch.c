/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/batch.h"
#include "check_main.h"
#include "fake_master.h"

#include <actor/log.h>

/* The framework behind `troupe batch`, on a simulated node, with a master that runs every task at once. */
struct rig {
        struct actor_sim *sim;
        struct actor_log *log;
        struct fake_master master;
        struct console console;
        char *out, *news;
        size_t out_size, news_size;
        struct job *job;
        struct batch_config config;
        struct batch *batch;
};

static void no_log(void *arg, enum actor_log_level level, const char *line)
{
}

static void rig_start(struct rig *rig, const char *job)
{
        struct actor_error error = {""};
        ck_assert_msg(job_read(job, strlen(job), &rig->job, &error) == 0, "%s", error.text);
        rig->sim = actor_sim_new(13);
        rig->log = actor_log_new_function(no_log, NULL, ACTOR_LOG_DEBUG);
        struct actor_node_config node = {.name = "f1", .types = proto_wire_types, .log = rig->log};
        console_init(&rig->console, "troupe-batch", open_memstream(&rig->out, &rig->out_size),
                     open_memstream(&rig->news, &rig->news_size), false);
        rig->config.master = "m1:5050";
        rig->config.role = "*";
        rig->config.job = rig->job;
        rig->config.interrupt_fd = -1;
        rig->config.console = &rig->console;
        rig->config.node = actor_sim_node(rig->sim, "tcp://f1:9000", &node);
        ck_assert_msg(batch_new(&rig->config, &rig->batch, &error) == 0, "%s", error.text);
        troupe_scheduler_start(batch_driver(rig->batch));
}

static bool has_ended(void *arg)
{
        const struct rig *rig = arg;
        return troupe_scheduler_status(batch_driver(rig->batch)) != TROUPE_SCHEDULER_RUNNING;
}

static enum batch_exit rig_result(struct rig *rig)
{
        ck_assert(actor_sim_run_until(rig->sim, has_ended, rig, 600000));
        actor_sim_settle(rig->sim);
        fflush(rig->console.out);
        fflush(rig->console.news);
        return batch_result(rig->batch);
}

static void rig_done(struct rig *rig)
{
        actor_sim_free(rig->sim);
        batch_free(rig->batch);
        job_done(rig->job);
        fake_done(&rig->master);
        actor_log_free(rig->log);
        fclose(rig->console.out);
        fclose(rig->console.news);
        free(rig->out);
        free(rig->news);
}

static const char job[] = "{\"name\": \"d\", \"tasks\": ["
                          "{\"id\": \"top\", \"command\": \"x\"},"
                          "{\"id\": \"left\", \"command\": \"x\", \"depends\": [\"top\"], \"retries\": 2},"
                          "{\"id\": \"right\", \"command\": \"x\", \"depends\": [\"top\"]},"
                          "{\"id\": \"end\", \"command\": \"x\", \"depends\": [\"left\", \"right\"]},"
                          "{\"id\": \"alone\", \"command\": \"x\"}]}";

/* The launch's number in the order in which the master saw them, from 1; 0: none. */
static size_t launch_of(const struct fake_master *m, const char *suffix)
{
        size_t number = 0;
        for (size_t i = 0; i < m->count; i++) {
                if (m->calls[i]->type != SCHED__CALL__TYPE__ACCEPT)
                        continue;
                const V1__Offer__Operation__Launch *launch = m->calls[i]->accept->operations[0]->launch;
                for (size_t k = 0; k < launch->n_task_infos; k++, number++) {
                        const char *dot = strchr(launch->task_infos[k]->task_id->value, '.');
                        if (strcmp(dot + 1, suffix) == 0)
                                return number + 1;
                }
        }
        return 0;
}

/* What the offer was answered with. */
static int answer_to(const struct fake_master *m, const char *offer_id)
{
        for (size_t i = 0; i < m->count; i++) {
                const Sched__Call__Accept *accept = m->calls[i]->accept;
                const Sched__Call__Decline *decline = m->calls[i]->decline;
                if ((accept != NULL && strcmp(accept->offer_ids[0]->value, offer_id) == 0) ||
                    (decline != NULL && strcmp(decline->offer_ids[0]->value, offer_id) == 0))
                        return m->calls[i]->type;
        }
        return -1;
}

START_TEST(tasks_run_in_the_order_of_their_dependencies)
{
        struct rig rig = {
                .master = {
                        .scripted = true, .outcome = V1__TASK_STATE__TASK_FINISHED, .agents = 3, .cpus = 1}};
        fake_start(&rig.master, (rig_start(&rig, job), rig.sim));
        ck_assert_int_eq(rig_result(&rig), BATCH_EXIT_DONE);
        ck_assert_uint_lt(launch_of(&rig.master, "top"), launch_of(&rig.master, "left"));
        ck_assert_uint_lt(launch_of(&rig.master, "right"), launch_of(&rig.master, "end"));
        ck_assert_uint_eq(launch_of(&rig.master, "end"), 5);
        ck_assert_ptr_nonnull(strstr(rig.out, "alone"));
        ck_assert_ptr_null(strstr(rig.out, "failed"));
        rig_done(&rig);
}
END_TEST

START_TEST(a_task_that_fails_is_tried_again_and_then_given_up)
{
        struct rig rig = {.master = {.scripted = true,
                                     .outcome = V1__TASK_STATE__TASK_FINISHED,
                                     .failing = ".left",
                                     .agents = 3,
                                     .cpus = 1}};
        fake_start(&rig.master, (rig_start(&rig, job), rig.sim));
        ck_assert_int_eq(rig_result(&rig), BATCH_EXIT_FAILED);
        ck_assert_uint_gt(launch_of(&rig.master, "left~3"), 0);
        ck_assert_uint_eq(launch_of(&rig.master, "left~4"), 0);
        ck_assert_uint_eq(launch_of(&rig.master, "end"), 0);
        ck_assert_ptr_nonnull(strstr(rig.out, "skipped"));
        rig_done(&rig);
}
END_TEST

START_TEST(a_lost_task_counts_as_a_failed_attempt)
{
        struct rig rig = {
                .master = {
                        .scripted = true, .outcome = V1__TASK_STATE__TASK_DROPPED, .agents = 1, .cpus = 1}};
        fake_start(&rig.master, (rig_start(&rig, "{\"name\": \"d\", \"tasks\": [{\"id\": \"a\", \"command\": "
                                                 "\"x\", \"retries\": 1}]}"),
                                 rig.sim));
        ck_assert_int_eq(rig_result(&rig), BATCH_EXIT_FAILED);
        ck_assert_uint_eq(launch_of(&rig.master, "a~2"), 2);
        rig_done(&rig);
}
END_TEST

START_TEST(a_starving_job_gives_up_after_the_timeout)
{
        struct rig rig = {.master = {.scripted = true,
                                     .outcome = V1__TASK_STATE__TASK_FINISHED,
                                     .agents = 1,
                                     .cpus = 0.05},
                          .config = {.timeout_ms = 9000}};
        fake_start(&rig.master, (rig_start(&rig, job), rig.sim));
        ck_assert_int_eq(rig_result(&rig), BATCH_EXIT_NO_RESOURCES);
        ck_assert_int_ge(actor_sim_now_ms(rig.sim), 9000);
        rig_done(&rig);
}
END_TEST

/* The retry goes to the rack it had; who comes second waits until the first has ended. */
/* mission: A10 */
START_TEST(constraints_hold_for_tasks_that_run)
{
        struct rig rig = {.master = {.scripted = true,
                                     .outcome = V1__TASK_STATE__TASK_FINISHED,
                                     .failing = ".a",
                                     .agents = 2,
                                     .racks = 1,
                                     .cpus = 1}};
        fake_start(&rig.master,
                   (rig_start(&rig, "{\"name\": \"d\", \"constraints\": [\"rack:UNIQUE\"], \"tasks\": ["
                                    "{\"id\": \"a\", \"command\": \"x\", \"retries\": 1},"
                                    "{\"id\": \"b\", \"command\": \"x\"}]}"),
                    rig.sim));
        ck_assert_int_eq(rig_result(&rig), BATCH_EXIT_FAILED);
        ck_assert_uint_gt(launch_of(&rig.master, "a~2"), 0);
        ck_assert_uint_gt(launch_of(&rig.master, "b"), 0);
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__ACCEPT, NULL), 3);
        ck_assert_int_eq(answer_to(&rig.master, "O0"), SCHED__CALL__TYPE__ACCEPT);
        ck_assert_int_eq(answer_to(&rig.master, "O1"), SCHED__CALL__TYPE__DECLINE);
        rig_done(&rig);
}
END_TEST

START_TEST(a_task_that_no_agent_may_run_does_not_hold_up_the_others)
{
        struct rig rig = {.master = {.scripted = true,
                                     .outcome = V1__TASK_STATE__TASK_FINISHED,
                                     .agents = 2,
                                     .racks = 2,
                                     .cpus = 1},
                          .config = {.timeout_ms = 9000}};
        CLEANUP(actor_freep) char *many = actor_strdup("");
        for (unsigned i = 0; i < 100; i++) {
                char *more = actor_asprintf("%s{\"id\": \"n%u\", \"command\": \"x\", \"constraints\": "
                                            "[\"rack:CLUSTER:r7\"]},",
                                            many, i);
                free(many);
                many = more;
        }
        CLEANUP(actor_freep)
        char *text = actor_asprintf(
                "{\"name\": \"d\", \"tasks\": [%s{\"id\": \"last\", \"command\": \"x\"}]}", many);
        fake_start(&rig.master, (rig_start(&rig, text), rig.sim));
        ck_assert_int_eq(rig_result(&rig), BATCH_EXIT_NO_RESOURCES);
        ck_assert_uint_eq(launch_of(&rig.master, "last"), 1);
        ck_assert_msg(strstr(rig.news, "task n0 found no agent with cpus:0.1; mem:32 free") != NULL, "%s",
                      rig.news);
        ck_assert_ptr_nonnull(
                strstr(rig.news, "  2 of 2 agents: rack:CLUSTER:r7, they are elsewhere (r0, r1)"));
        rig_done(&rig);
}
END_TEST

START_TEST(no_master_is_told_apart_from_failure)
{
        struct rig rig = {.config = {.connect_timeout_ms = 3000}};
        rig_start(&rig, job);
        ck_assert_int_eq(rig_result(&rig), BATCH_EXIT_UNREACHABLE);
        rig_done(&rig);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, tasks_run_in_the_order_of_their_dependencies);
        tcase_add_test(tcase, a_task_that_fails_is_tried_again_and_then_given_up);
        tcase_add_test(tcase, a_lost_task_counts_as_a_failed_attempt);
        tcase_add_test(tcase, a_starving_job_gives_up_after_the_timeout);
        tcase_add_test(tcase, constraints_hold_for_tasks_that_run);
        tcase_add_test(tcase, a_task_that_no_agent_may_run_does_not_hold_up_the_others);
        tcase_add_test(tcase, no_master_is_told_apart_from_failure);
}

TEST_MAIN("batch", add_tests)
