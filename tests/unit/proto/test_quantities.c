/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <check_main.h>
#include <proto/quantities.h>
#include <string.h>

START_TEST(everything_is_counted_by_name)
{
        CLEANUP(resources_freep) struct resources *r = NULL;
        ck_assert_int_eq(resources_parse("cpus:1.5;cpus(r):1;ports:[1-10];disks:{a,b}", NULL, &r, NULL), 0);
        struct quantities q = quantities_from_resources(r);
        CLEANUP(actor_freep) char *text = quantities_print(&q);
        ck_assert_str_eq(text, "cpus:2.5; disks:2; ports:10");
        ck_assert_int_eq(quantities_get(&q, "ports"), 10000);
        ck_assert_int_eq(quantities_get(&q, "mem"), 0);
        quantities_clear(&q);
}
END_TEST

START_TEST(names_stay_in_order_and_zero_is_not_kept)
{
        struct quantities q = {0}, less = {0};
        static const char *const names[] = {"m", "a", "z", "k", "b", "y", "c", "x", "d", "w"};
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                quantities_add_one(&q, names[i], 1000);
        for (size_t i = 1; i < q.count; i++)
                ck_assert_int_lt(strcmp(q.list[i - 1].name, q.list[i].name), 0);
        quantities_add_one(&less, "a", 5000);
        quantities_add_one(&less, "z", 400);
        quantities_add_one(&less, "none", 1);
        struct quantities copy = quantities_copy(&q);
        quantities_subtract(&q, &less);
        ck_assert_uint_eq(q.count, 9);
        ck_assert_int_eq(quantities_get(&q, "a"), 0);
        ck_assert_int_eq(quantities_get(&q, "z"), 600);
        ck_assert(quantities_contain(&copy, &q));
        ck_assert(!quantities_contain(&q, &copy));
        quantities_clear(&copy);
        quantities_clear(&q);
        quantities_clear(&less);
}
END_TEST

START_TEST(what_has_no_limit_is_infinite)
{
        struct limits limits = {{0}}, wider = {{0}};
        struct quantities q = {0};
        ck_assert_int_eq(limits_parse("cpus:10;gpus:0", &limits, NULL), 0);
        ck_assert_int_eq(quantities_parse("cpus:4;mem:1e9", &q, NULL), 0);
        ck_assert(limits_contain_quantities(&limits, &q));
        ck_assert(limits_contain(&wider, &limits));
        ck_assert(!limits_contain(&limits, &wider));
        limits_subtract(&limits, &q);
        limits_subtract(&limits, &q);
        limits_subtract(&limits, &q);
        CLEANUP(actor_freep) char *text = limits_print(&limits);
        ck_assert_str_eq(text, "cpus:0; gpus:0");
        ck_assert(!limits_contain_quantities(&limits, &q));
        limits_clear(&limits);
        quantities_clear(&q);
}
END_TEST

START_TEST(a_refusal_names_the_pair)
{
        static const char *const bad[] = {"cpus:1;mem", "cpus:1;mem:x",   "cpus:1;mem:-1", "cpus:1;mem:[1-2]",
                                          "mem:1e300",  "cpus:1;mem:1:2", "mem:"};
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct quantities q = {0};
                struct limits limits = {{0}};
                struct actor_error error = {{0}};
                ck_assert_int_lt(quantities_parse(bad[i], &q, &error), 0);
                ck_assert_msg(strstr(error.text, "'mem") == error.text, "%s", error.text);
                ck_assert_int_lt(limits_parse(bad[i], &limits, &error), 0);
        }
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, everything_is_counted_by_name);
        tcase_add_test(tcase, names_stay_in_order_and_zero_is_not_kept);
        tcase_add_test(tcase, what_has_no_limit_is_infinite);
        tcase_add_test(tcase, a_refusal_names_the_pair);
}

TEST_MAIN("quantities and limits", add_tests)
