/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/plan.h"
#include "check_main.h"

#include <stdio.h>
#include <string.h>

static struct job *read(const char *text)
{
        struct actor_error error = {""};
        struct job *job = NULL;
        int r = job_read(text, strlen(text), &job, &error);
        ck_assert_msg(r == 0, "%s", error.text);
        return job;
}

static const char diamond[] = "{\"name\": \"d\", \"tasks\": ["
                              "{\"id\": \"top\", \"command\": \"x\"},"
                              "{\"id\": \"left\", \"command\": \"x\", \"depends\": [\"top\"], \"retries\": 1},"
                              "{\"id\": \"right\", \"command\": \"x\", \"depends\": [\"top\"]},"
                              "{\"id\": \"end\", \"command\": \"x\", \"depends\": [\"left\", \"right\", \"left\"]},"
                              "{\"id\": \"alone\", \"command\": \"x\"}]}";
enum { TOP, LEFT, RIGHT, END, ALONE };

START_TEST(a_task_is_ready_when_all_it_depends_on_is_done)
{
        struct job *job = read(diamond);
        struct plan *plan = plan_new(job);
        ck_assert_int_eq(plan_first_ready(plan), TOP);
        ck_assert_int_eq(plan_next_ready(plan, TOP), ALONE);
        ck_assert_int_eq(plan_next_ready(plan, ALONE), -1);
        ck_assert_uint_eq(plan_begin(plan, TOP), 1);
        ck_assert_int_eq(plan_end(plan, TOP, true), PLAN_DONE);
        ck_assert_int_eq(plan_state(plan, LEFT), PLAN_READY);
        ck_assert_int_eq(plan_state(plan, END), PLAN_WAITING);
        plan_begin(plan, RIGHT);
        plan_end(plan, RIGHT, true);
        ck_assert_int_eq(plan_state(plan, END), PLAN_WAITING);
        plan_begin(plan, LEFT);
        plan_end(plan, LEFT, true);
        ck_assert_int_eq(plan_state(plan, END), PLAN_READY);
        plan_free(plan);
        job_done(job);
}
END_TEST

START_TEST(a_failed_task_runs_again_as_often_as_it_may)
{
        struct job *job = read(diamond);
        struct plan *plan = plan_new(job);
        plan_begin(plan, TOP);
        plan_end(plan, TOP, true);
        ck_assert_uint_eq(plan_begin(plan, LEFT), 1);
        ck_assert_int_eq(plan_end(plan, LEFT, false), PLAN_READY);
        ck_assert_uint_eq(plan_begin(plan, LEFT), 2);
        ck_assert_int_eq(plan_end(plan, LEFT, false), PLAN_FAILED);
        plan_free(plan);
        job_done(job);
}
END_TEST

START_TEST(a_failure_skips_what_depends_on_it_and_nothing_else)
{
        struct job *job = read(diamond);
        struct plan *plan = plan_new(job);
        plan_begin(plan, TOP);
        ck_assert_int_eq(plan_end(plan, TOP, false), PLAN_FAILED);
        ck_assert_int_eq(plan_state(plan, LEFT), PLAN_SKIPPED);
        ck_assert_int_eq(plan_state(plan, RIGHT), PLAN_SKIPPED);
        ck_assert_int_eq(plan_state(plan, END), PLAN_SKIPPED);
        ck_assert(!plan_is_over(plan));
        plan_begin(plan, ALONE);
        plan_end(plan, ALONE, true);
        ck_assert(plan_is_over(plan));
        ck_assert_uint_eq(plan_count(plan, PLAN_SKIPPED), 3);
        ck_assert_uint_eq(plan_count(plan, PLAN_DONE), 1);
        plan_free(plan);
        job_done(job);
}
END_TEST

START_TEST(a_cancelled_plan_begins_nothing_more)
{
        struct job *job = read(diamond);
        struct plan *plan = plan_new(job);
        plan_begin(plan, TOP);
        plan_cancel(plan);
        ck_assert_int_eq(plan_first_ready(plan), -1);
        ck_assert(!plan_is_over(plan));
        plan_end(plan, TOP, true);
        ck_assert_int_eq(plan_state(plan, LEFT), PLAN_SKIPPED);
        ck_assert(plan_is_over(plan));
        plan_free(plan);
        job_done(job);
}
END_TEST

/* Goal: whatever the order of ends and failures, each task is begun only when its dependencies are done,
 * and every plan comes to its end. Method: random jobs, random ends, checked after every move. */
static void random_job(unsigned *seed, char *text, size_t size, unsigned count)
{
        size_t used = (size_t) snprintf(text, size, "{\"name\": \"r\", \"tasks\": [");
        for (unsigned i = 0; i < count; i++) {
                used += (size_t) snprintf(text + used, size - used,
                                          "%s{\"id\": \"t%u\", \"command\": \"x\", \"retries\": %u, \"depends\": [",
                                          i > 0 ? "," : "", i, (unsigned) rand_r(seed) % 3);
                for (unsigned k = 0, first = 1; k < i; k++)
                        if (rand_r(seed) % 4 == 0) {
                                used += (size_t) snprintf(text + used, size - used, "%s\"t%u\"", first ? "" : ",", k);
                                first = 0;
                        }
                used += (size_t) snprintf(text + used, size - used, "]}");
        }
        snprintf(text + used, size - used, "]}");
}

static size_t pick_running(const struct plan *plan, unsigned *seed, size_t count)
{
        size_t at = (size_t) rand_r(seed) % count;
        while (plan_state(plan, at) != PLAN_RUNNING)
                at = (at + 1) % count;
        return at;
}

START_TEST(every_plan_ends_and_never_runs_a_task_too_early)
{
        static char text[65536];
        unsigned seed = 4711 + (unsigned) _i, count = 20;
        random_job(&seed, text, sizeof text, count);
        struct job *job = read(text);
        struct plan *plan = plan_new(job);
        while (!plan_is_over(plan)) {
                long ready = plan_first_ready(plan);
                if (ready >= 0 && (plan_count(plan, PLAN_RUNNING) == 0 || rand_r(&seed) % 2 == 0)) {
                        for (size_t k = 0; k < job->tasks[ready].depend_count; k++)
                                ck_assert_int_eq(plan_state(plan, job->tasks[ready].depends[k]), PLAN_DONE);
                        plan_begin(plan, (size_t) ready);
                } else {
                        ck_assert_uint_gt(plan_count(plan, PLAN_RUNNING), 0);
                        plan_end(plan, pick_running(plan, &seed, count), rand_r(&seed) % 4 != 0);
                }
        }
        size_t ended = plan_count(plan, PLAN_DONE) + plan_count(plan, PLAN_FAILED) + plan_count(plan, PLAN_SKIPPED);
        ck_assert_uint_eq(ended, count);
        plan_free(plan);
        job_done(job);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_task_is_ready_when_all_it_depends_on_is_done);
        tcase_add_test(tcase, a_failed_task_runs_again_as_often_as_it_may);
        tcase_add_test(tcase, a_failure_skips_what_depends_on_it_and_nothing_else);
        tcase_add_test(tcase, a_cancelled_plan_begins_nothing_more);
        tcase_add_loop_test(tcase, every_plan_ends_and_never_runs_a_task_too_early, 0, 200);
}

TEST_MAIN("batch plan", add_tests)
