/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "run/command.h"

#include <errno.h>
#include <string.h>

START_TEST(a_name_is_made_of_the_command)
{
        static const struct {
                const char *command, *name;
        } cases[] = {{"sh", "sh-00ff"}, {"/usr/bin/env python", "env-00ff"}, {"echo hi/there", "echo-00ff"},
                     {"  ./a.out", "aout-00ff"}, {"$(x)", "x-00ff"}, {"!!", "run-00ff"}};
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                const char *command[] = {cases[i].command, NULL};
                char *name = run_make_name(command, 0xff);
                ck_assert_str_eq(name, cases[i].name);
                free(name);
        }
}
END_TEST

START_TEST(a_task_is_found_by_the_id_made_for_it)
{
        char *id = run_task_id("sh-1", 7);
        ck_assert_str_eq(id, "sh-1.7");
        ck_assert_int_eq(run_task_index("sh-1", id, 8), 7);
        ck_assert_int_eq(run_task_index("sh-1", id, 7), -1);
        ck_assert_int_eq(run_task_index("sh", id, 8), -1);
        ck_assert_int_eq(run_task_index("sh-1", "sh-1.", 8), -1);
        ck_assert_int_eq(run_task_index("sh-1", "sh-1.7x", 8), -1);
        free(id);
}
END_TEST

START_TEST(one_argument_is_for_the_shell_and_several_are_not)
{
        const char *line[] = {"echo $HOSTNAME", NULL}, *argv[] = {"sh", "-c", "echo $HOSTNAME", NULL};
        const char *environment[] = {"A=b=c", NULL};
        struct run_config config = {.command = line, .environment = environment};
        void *arena = actor_msg_new(&sched_call_type);
        V1__CommandInfo *command = run_command(arena, &config, NULL, 0);
        ck_assert(command->shell);
        ck_assert_str_eq(command->value, line[0]);
        ck_assert_str_eq(command->environment->variables[0]->name, "A");
        ck_assert_str_eq(command->environment->variables[0]->value, "b=c");
        config.command = argv;
        command = run_command(arena, &config, NULL, 0);
        ck_assert(command->has_shell && !command->shell);
        ck_assert_uint_eq(command->n_arguments, 3);
        ck_assert_str_eq(command->arguments[2], argv[2]);
        actor_msg_unref(arena);
}
END_TEST

START_TEST(env_is_taken_from_the_arguments_before_the_command)
{
        char *argv[] = {"run", "--env", "A=1", "--cpus=1", "--env=B=2", "--", "--env", "C=3", NULL};
        static const struct run_repeated flag = {"--env", "NAME=VALUE"};
        const char *environment[9];
        struct actor_error error;
        int argc = 8;
        ck_assert_int_eq(run_take_repeated(&argc, argv, &flag, environment, &error), 0);
        ck_assert_int_eq(argc, 5);
        ck_assert_str_eq(argv[1], "--cpus=1");
        ck_assert_str_eq(argv[3], "--env");
        ck_assert_str_eq(environment[0], "A=1");
        ck_assert_str_eq(environment[1], "B=2");
        ck_assert_ptr_null(environment[2]);
        char *lacking[] = {"run", "--env", "--", "x", NULL};
        argc = 4;
        ck_assert_int_eq(run_take_repeated(&argc, lacking, &flag, environment, &error), -EINVAL);
        ck_assert_str_eq(error.text, "--env: expected NAME=VALUE after it");
}
END_TEST

START_TEST(what_cannot_run_is_refused_with_the_flag_named)
{
        const char *command[] = {"true", NULL}, *empty[] = {NULL}, *bad_env[] = {"A", NULL};
        static const struct {
                const char *says;
                struct run_config config;
        } cases[] = {
                {"no command", {.role = "*", .cpus = 1}},
                {"--name", {.role = "*", .cpus = 1, .name = "a/b"}},
                {"--role", {.role = "a//b", .cpus = 1}},
                {"--cpus", {.role = "*"}},
                {"--env", {.role = "*", .cpus = 1}},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct actor_error error = {""};
                struct run_config config = cases[i].config;
                config.command = i == 0 ? empty : command;
                config.environment = i == 4 ? bad_env : NULL;
                ck_assert_int_eq(run_check(&config, &error), -EINVAL);
                ck_assert_msg(strstr(error.text, cases[i].says) != NULL, "%s", error.text);
        }
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_name_is_made_of_the_command);
        tcase_add_test(tcase, a_task_is_found_by_the_id_made_for_it);
        tcase_add_test(tcase, one_argument_is_for_the_shell_and_several_are_not);
        tcase_add_test(tcase, env_is_taken_from_the_arguments_before_the_command);
        tcase_add_test(tcase, what_cannot_run_is_refused_with_the_flag_named);
}

TEST_MAIN("run: names and commands", add_tests)
