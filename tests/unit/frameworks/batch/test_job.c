/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/attempt.h"
#include "batch/job.h"
#include "batch/job_parts.h"
#include "check_main.h"

#include <actor/message.h>
#include <errno.h>
#include <string.h>

static const char good[] =
        "{\n"
        "  \"name\": \"wordcount\",\n"
        "  \"tasks\": [\n"
        "    {\"id\": \"map\", \"command\": \"wc -w\", \"cpus\": 0.5, \"mem\": 64, \"retries\": 2},\n"
        "    {\"id\": \"sum\", \"argv\": [\"awk\", \"{}\", \"in/map\"],\n"
        "     \"inputs\": [{\"task\": \"map\", \"path\": \"stdout\", \"as\": \"in/map\"}],\n"
        "     \"env\": {\"LANG\": \"C\"}}\n"
        "  ]\n"
        "}\n";

START_TEST(a_good_job_is_read_as_written)
{
        struct actor_error error = {""};
        struct job *job = NULL;
        ck_assert_msg(job_read(good, strlen(good), &job, &error) == 0, "%s", error.text);
        ck_assert_str_eq(job->name, "wordcount");
        ck_assert_uint_eq(job->task_count, 2);
        ck_assert_uint_eq(job->tasks[0].retries, 2);
        ck_assert_str_eq(job->tasks[0].command[0], "wc -w");
        ck_assert_ptr_null(job->tasks[0].command[1]);
        ck_assert_uint_eq(job->tasks[0].line, 4);
        ck_assert_uint_eq(job->tasks[1].line, 5);
        ck_assert_uint_eq(job->tasks[1].depend_count, 1);
        ck_assert_uint_eq(job->tasks[1].depends[0], 0);
        ck_assert_str_eq(job->tasks[1].inputs[0].as, "in/map");
        ck_assert_str_eq(job->tasks[1].environment[0], "LANG=C");
        ck_assert_int_eq(job_find(job, "sum"), 1);
        ck_assert_int_eq(job_find(job, "none"), -1);
        job_done(job);
}
END_TEST

START_TEST(tasks_with_the_same_constraints_are_a_group)
{
        static const char text[] =
                "{\"name\": \"j\", \"constraints\": [\"rack:UNIQUE\"], \"tasks\": ["
                "{\"id\": \"a\", \"command\": \"x\"},"
                "{\"id\": \"b\", \"command\": \"x\", \"constraints\": []},"
                "{\"id\": \"c\", \"command\": \"x\", \"constraints\": [\"rack:UNIQUE\"]},"
                "{\"id\": \"d\", \"command\": \"x\", \"constraints\": [\"rack:UNIQUE\", \"zone:LIKE:.*\"]}]}";
        struct actor_error error = {""};
        struct job *job = NULL;
        ck_assert_msg(job_read(text, strlen(text), &job, &error) == 0, "%s", error.text);
        ck_assert_uint_eq(job->group_count, 3);
        ck_assert_uint_eq(job->tasks[0].group, job->tasks[2].group);
        ck_assert_ptr_null(job->groups[job->tasks[1].group][0]);
        ck_assert_str_eq(job->groups[job->tasks[2].group][0], "rack:UNIQUE");
        ck_assert_ptr_null(job->groups[job->tasks[2].group][1]);
        ck_assert_str_eq(job->groups[job->tasks[3].group][1], "zone:LIKE:.*");
        job_done(job);
}
END_TEST

/* Each wrong job, and what its sentence must name. */
static const struct {
        const char *text, *says[3];
} wrong[] = {
        {"", {"line"}},
        {"{\"name\": \"j\",\n \"tasks\": [}", {"line 2"}},
        {"[]", {"object"}},
        {"{\"name\": \"j\"}", {"\"tasks\""}},
        {"{\"name\": \"j\", \"tasks\": []}", {"\"tasks\""}},
        {"{\"name\": 3, \"tasks\": [{\"id\": \"a\", \"command\": \"x\"}]}", {"\"name\""}},
        {"{\"name\": \"a/b\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\"}]}", {"\"name\""}},
        {"{\"name\": \"j\", \"taks\": [], \"tasks\": [{\"id\": \"a\", \"command\": \"x\"}]}",
         {"taks", "\"tasks\""}},
        {"{\"name\": \"j\", \"tasks\": [7]}", {"tasks[0]", "object"}},
        {"{\"name\": \"j\", \"tasks\": [\n\n{\"command\": \"x\"}]}", {"line 3", "\"id\""}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a~b\", \"command\": \"x\"}]}", {"~"}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\"}]}", {"\"command\"", "\"argv\""}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"argv\": [\"y\"]}]}",
         {"\"command\""}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"argv\": [\"y\", 3]}]}", {"\"argv\"[1]"}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"cpus\": -1}]}", {"\"cpus\""}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"mem\": \"1\"}]}", {"\"mem\""}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"retries\": 1.5}]}",
         {"\"retries\""}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"cpus\": 0, \"mem\": 0}]}",
         {"nothing"}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"env\": {\"A=\": \"1\"}}]}",
         {"A="}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"dependz\": []}]}",
         {"dependz", "\"depends\""}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"depends\": [\"b\"]}]}",
         {"\"a\"", "\"b\""}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"depends\": [\"a\"]}]}",
         {"itself"}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\"},\n {\"id\": \"a\", \"command\": "
         "\"x\"}]}",
         {"\"a\"", "lines 1 and 2"}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"depends\": [\"c\"]},"
         "{\"id\": \"b\", \"command\": \"x\", \"depends\": [\"a\"]},"
         "{\"id\": \"c\", \"command\": \"x\", \"depends\": [\"b\"]}]}",
         {"a → c → b → a"}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\"}, {\"id\": \"b\", \"command\": "
         "\"x\", \"inputs\":"
         " [{\"task\": \"a\", \"path\": \"../x\", \"as\": \"y\"}]}]}",
         {"\"b\"", "\"inputs\"[0]"}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\"}, {\"id\": \"b\", \"command\": "
         "\"x\", \"inputs\":"
         " [{\"task\": \"a\", \"path\": \"x\", \"as\": \"/y\"}]}]}",
         {"\"inputs\"[0]"}},
        {"{\"name\": \"j\", \"constraints\": \"rack:UNIQUE\", \"tasks\": [{\"id\": \"a\", \"command\": "
         "\"x\"}]}",
         {"\"constraints\" must be a list"}},
        {"{\"name\": \"j\", \"constraints\": [\"rack:ONCE\"], \"tasks\": [{\"id\": \"a\", \"command\": "
         "\"x\"}]}",
         {"\"constraints\"[0]", "\"rack:ONCE\""}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"constraints\": [\"a:UNIQUE\", "
         "1]}]}",
         {"\"a\" (line 1)", "\"constraints\"[1] must be a string"}},
        {"{\"name\": \"j\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\", \"constraints\": "
         "[\"a:LIKE:(\"]}]}",
         {"\"a\" (line 1)", "at byte 1: missing closing parenthesis"}},
        {"{\"name\": \"j\", \"name\": \"k\", \"tasks\": [{\"id\": \"a\", \"command\": \"x\"}]}",
         {"duplicate"}},
};

START_TEST(a_wrong_job_is_refused_with_what_is_wrong_and_where)
{
        struct actor_error error = {""};
        struct job *job = NULL;
        int r = job_read(wrong[_i].text, strlen(wrong[_i].text), &job, &error);
        ck_assert_int_eq(r, -EINVAL);
        ck_assert_ptr_null(job);
        for (size_t k = 0; k < 3 && wrong[_i].says[k] != NULL; k++)
                ck_assert_msg(strstr(error.text, wrong[_i].says[k]) != NULL, "\"%s\" does not name %s",
                              error.text, wrong[_i].says[k]);
}
END_TEST

START_TEST(no_damaged_job_file_does_harm)
{
        char text[sizeof good];
        unsigned seed = 99;
        for (unsigned round = 0; round < 20000; round++) {
                struct actor_error error = {""};
                struct job *job = NULL;
                size_t size = sizeof good - 1;
                memcpy(text, good, sizeof good);
                for (unsigned hits = (unsigned) rand_r(&seed) % 4; hits > 0; hits--)
                        text[(size_t) rand_r(&seed) % size] = "{}[]\",:0azE\\\n\x80"[rand_r(&seed) % 14];
                if (rand_r(&seed) % 3 == 0)
                        size = (size_t) rand_r(&seed) % size;
                int r = job_read(text, size, &job, &error);
                ck_assert((r == 0) == (job != NULL));
                ck_assert((r == 0) == (error.text[0] == '\0'));
                job_done(job);
        }
}
END_TEST

START_TEST(an_attempt_is_found_by_the_id_made_for_it)
{
        struct actor_error error;
        struct job *job = NULL;
        unsigned attempt = 0;
        ck_assert_int_eq(job_read(good, strlen(good), &job, &error), 0);
        char *first = attempt_id("j-1", "sum", 1), *third = attempt_id("j-1", "sum", 3);
        ck_assert_str_eq(first, "j-1.sum");
        ck_assert_int_eq(attempt_parse("j-1", job, first, &attempt), 1);
        ck_assert_uint_eq(attempt, 1);
        ck_assert_int_eq(attempt_parse("j-1", job, third, &attempt), 1);
        ck_assert_uint_eq(attempt, 3);
        ck_assert_int_eq(attempt_parse("j-2", job, third, &attempt), -1);
        ck_assert_int_eq(attempt_parse("j-1", job, "j-1.none", &attempt), -1);
        free(first);
        free(third);
        job_done(job);
}
END_TEST

START_TEST(an_input_is_fetched_from_where_the_other_task_ran)
{
        struct actor_error error;
        struct job *job = NULL;
        ck_assert_int_eq(job_read(good, strlen(good), &job, &error), 0);
        struct roster_agent agent = {.endpoint = "10.0.0.7:5051"};
        const struct attempt_place places[] = {{&agent, "j-1.map~2"}, {NULL, NULL}};
        void *arena = actor_msg_new(&sched_call_type);
        V1__CommandInfo *command = attempt_command(arena, &job->tasks[1], "F1", NULL, places);
        ck_assert_uint_eq(command->n_uris, 1);
        ck_assert_str_eq(command->uris[0]->value,
                         "troupe://10.0.0.7:5051/framework/F1/executor/j-1.map~2/latest/stdout");
        ck_assert_str_eq(command->uris[0]->output_file, "in/map");
        ck_assert(command->uris[0]->has_extract && !command->uris[0]->extract);
        ck_assert(!command->shell);
        ck_assert_uint_eq(command->n_arguments, 3);
        ck_assert_str_eq(command->environment->variables[0]->value, "C");
        actor_msg_unref(arena);
        job_done(job);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_good_job_is_read_as_written);
        tcase_add_test(tcase, tasks_with_the_same_constraints_are_a_group);
        tcase_add_loop_test(tcase, a_wrong_job_is_refused_with_what_is_wrong_and_where, 0,
                            sizeof wrong / sizeof wrong[0]);
        tcase_add_test(tcase, no_damaged_job_file_does_harm);
        tcase_add_test(tcase, an_attempt_is_found_by_the_id_made_for_it);
        tcase_add_test(tcase, an_input_is_fetched_from_where_the_other_task_ran);
}

TEST_MAIN("batch job files", add_tests)
