/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"
#include <actor/memory.h>
#include <check_main.h>
#include <string.h>

static struct actor_error error;

START_TEST(masters_are_a_list_of_addresses)
{
        CLEANUP(actor_freep) const char **masters = NULL;
        ck_assert_int_eq(options_masters("a:1,10.0.0.1:5050", &masters, &error), 0);
        ck_assert_str_eq(masters[0], "a:1");
        ck_assert_str_eq(masters[1], "10.0.0.1:5050");
        ck_assert_ptr_null(masters[2]);
}
END_TEST

START_TEST(bad_masters_are_refused_by_flag)
{
        const char *const bad[] = {NULL, "", "nowhere", "a:1,", ",a:1", "a:b", "a:99999"};
        const char **masters;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                ck_assert_int_lt(options_masters(bad[i], &masters, &error), 0);
                ck_assert_ptr_nonnull(strstr(error.text, "--master"));
        }
}
END_TEST

START_TEST(executors_start_with_what_is_given_or_with_ours_less_our_flags)
{
        char *own[] = {"PATH=/bin", "TROUPE_MASTER=x", "MESOS_X=y", "A=b", NULL};
        CLEANUP(actor_freep) const char **inherited = NULL;
        ck_assert_int_eq(options_environment(NULL, own, &inherited, &error), 0);
        ck_assert_str_eq(inherited[0], "PATH=/bin");
        ck_assert_str_eq(inherited[1], "A=b");
        ck_assert_ptr_null(inherited[2]);
        CLEANUP(actor_freep) const char **given = NULL;
        ck_assert_int_eq(options_environment("{\"X\":\"1\"}", own, &given, &error), 0);
        ck_assert_str_eq(given[0], "X=1");
        ck_assert_ptr_null(given[1]);
        const char *const bad[] = {"", "[]", "{", "{\"X\":1}", "{\"\":\"1\"}", "{\"A=B\":\"1\"}"};
        const char **none;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
                ck_assert_int_lt(options_environment(bad[i], own, &none, &error), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, masters_are_a_list_of_addresses);
        tcase_add_test(tcase, bad_masters_are_refused_by_flag);
        tcase_add_test(tcase, executors_start_with_what_is_given_or_with_ours_less_our_flags);
}

TEST_MAIN("agent options", add_tests)
