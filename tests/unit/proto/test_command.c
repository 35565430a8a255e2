/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include <errno.h>
#include <proto/command.h>
#include <string.h>

static void *arena(void)
{
        return actor_msg_new(&sched_call_type);
}

START_TEST(a_command_is_a_shell_line_unless_it_says_otherwise)
{
        V1__CommandInfo command = V1__COMMAND_INFO__INIT;
        command.value = "echo $HOME";
        void *msg = arena();
        const char **argv;
        ck_assert_int_eq(command_argv(msg, &command, &argv, NULL), 0);
        ck_assert_str_eq(argv[0], "/bin/sh");
        ck_assert_str_eq(argv[1], "-c");
        ck_assert_str_eq(argv[2], "echo $HOME");
        ck_assert_ptr_null(argv[3]);
        actor_msg_unref(msg);
}
END_TEST

START_TEST(the_first_argument_of_a_program_is_its_own_name)
{
        const char *arguments[] = {"true", "-x", "y"};
        V1__CommandInfo command = V1__COMMAND_INFO__INIT;
        command.value = "/bin/true";
        command.has_shell = true;
        command.shell = false;
        command.n_arguments = 3;
        command.arguments = arguments;
        void *msg = arena();
        const char **argv;
        ck_assert_int_eq(command_argv(msg, &command, &argv, NULL), 0);
        ck_assert_str_eq(argv[0], "/bin/true");
        ck_assert_str_eq(argv[1], "-x");
        ck_assert_str_eq(argv[2], "y");
        ck_assert_ptr_null(argv[3]);
        actor_msg_unref(msg);
}
END_TEST

START_TEST(a_command_without_a_value_is_refused)
{
        V1__CommandInfo command = V1__COMMAND_INFO__INIT;
        struct actor_error error = {""};
        void *msg = arena();
        const char **argv = NULL;
        ck_assert_int_eq(command_argv(msg, &command, &argv, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "value"));
        command.value = "";
        ck_assert_int_eq(command_argv(msg, &command, &argv, &error), -EINVAL);
        ck_assert_ptr_null(argv);
        actor_msg_unref(msg);
}
END_TEST

static int limits(const V1__RLimitInfo__RLimit *limit, struct actor_process_rlimit *ret, struct actor_error *error)
{
        V1__RLimitInfo__RLimit copy = *limit, *list[] = {&copy};
        V1__RLimitInfo info = V1__RLIMIT_INFO__INIT;
        info.n_rlimits = 1;
        info.rlimits = list;
        struct actor_process_rlimit *got;
        size_t count;
        void *msg = arena();
        int r = rlimits_from_v1(msg, &info, &count, &got, error);
        if (r == 0)
                *ret = got[count - 1];
        actor_msg_unref(msg);
        return r;
}

START_TEST(a_limit_has_both_values_or_neither)
{
        V1__RLimitInfo__RLimit limit = V1__RLIMIT_INFO__RLIMIT__INIT;
        struct actor_process_rlimit got;
        struct actor_error error = {""};
        limit.has_type = true;
        limit.type = V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_NOFILE;
        ck_assert_int_eq(limits(&limit, &got, &error), 0);
        ck_assert_int_eq(got.resource, RLIMIT_NOFILE);
        ck_assert_uint_eq(got.limit.rlim_cur, RLIM_INFINITY);
        limit.has_soft = true;
        limit.soft = 100;
        ck_assert_int_eq(limits(&limit, &got, &error), -EINVAL);
        limit.has_hard = true;
        limit.hard = 99;
        ck_assert_int_eq(limits(&limit, &got, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "soft"));
        limit.hard = 100;
        ck_assert_int_eq(limits(&limit, &got, &error), 0);
        ck_assert_uint_eq(got.limit.rlim_max, 100);
}
END_TEST

START_TEST(a_limit_nobody_knows_is_refused)
{
        V1__RLimitInfo__RLimit limit = V1__RLIMIT_INFO__RLIMIT__INIT;
        struct actor_process_rlimit got;
        limit.has_type = true;
        for (int type = -1; type <= 17; type += 18 / 2) {
                limit.type = (V1__RLimitInfo__RLimit__Type) type;
                bool known = type >= 1 && type <= 16;
                ck_assert_int_eq(limits(&limit, &got, NULL), known ? 0 : -EINVAL);
        }
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_command_is_a_shell_line_unless_it_says_otherwise);
        tcase_add_test(tcase, the_first_argument_of_a_program_is_its_own_name);
        tcase_add_test(tcase, a_command_without_a_value_is_refused);
        tcase_add_test(tcase, a_limit_has_both_values_or_neither);
        tcase_add_test(tcase, a_limit_nobody_knows_is_refused);
}

TEST_MAIN("commands and limits", add_tests)
