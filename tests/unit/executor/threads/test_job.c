/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "threads/job.h"

#include <errno.h>
#include <string.h>

static struct job *parse(const char *data)
{
        struct actor_error error = {""};
        struct job *job = NULL;
        ck_assert_msg(job_parse("t", data, strlen(data), &job, &error) == 0, "%s", error.text);
        return job;
}

START_TEST(the_built_in_functions_do_what_they_say)
{
        static const struct {
                const char *data;
                int result;
                const char *message;
        } cases[] = {{"", 0, ""},
                     {"{\"function\": \"noop\"}", 0, ""},
                     {"{\"function\": \"echo\", \"message\": \"hi\"}", 0, "hi"},
                     {"{\"function\": \"sum\", \"to\": 100}", 0, "5050"},
                     {"{\"function\": \"sleep\", \"seconds\": 0}", 0, ""},
                     {"{\"function\": \"fail\", \"message\": \"no\"}", 1, "no"}};
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct job *job = parse(cases[i].data);
                job_run(job);
                ck_assert_int_eq(job->result, cases[i].result);
                ck_assert_str_eq(job->task.message, cases[i].message);
                job_free(job);
        }
}
END_TEST

START_TEST(wrong_data_is_refused_with_a_reason)
{
        static const char *const wrong[] = {
                "{", "[]", "{}", "{\"function\": \"nop\"}", "{\"function\": 1}", "{\"library\": \"x\"}",
                "{\"function\": \"sleep\"}", "{\"function\": \"sleep\", \"seconds\": -1}",
                "{\"function\": \"sum\", \"to\": 1.5}", "{\"function\": \"echo\", \"message\": 1}"};
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
                struct actor_error error = {""};
                struct job *job = NULL;
                ck_assert_int_eq(job_parse("t", wrong[i], strlen(wrong[i]), &job, &error), -EINVAL);
                ck_assert_ptr_null(job);
                ck_assert_str_ne(error.text, "");
        }
}
END_TEST

/* Were the kill not seen, this would sleep for a year. */
START_TEST(a_killed_job_does_not_wait)
{
        struct job *job = parse("{\"function\": \"sleep\", \"seconds\": 31000000}");
        job_kill(job);
        job_run(job);
        job_free(job);
}
END_TEST

START_TEST(a_plugin_that_is_not_there_fails_the_task_with_its_name)
{
        struct job *job = parse("{\"library\": \"/no/such.so\", \"symbol\": \"work\"}");
        job_run(job);
        ck_assert_int_ne(job->result, 0);
        ck_assert_ptr_nonnull(strstr(job->task.message, "/no/such.so"));
        job_free(job);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, the_built_in_functions_do_what_they_say);
        tcase_add_test(tcase, wrong_data_is_refused_with_a_reason);
        tcase_add_test(tcase, a_killed_job_does_not_wait);
        tcase_add_test(tcase, a_plugin_that_is_not_there_fails_the_task_with_its_name);
}

TEST_MAIN("jobs of threads", add_tests)
