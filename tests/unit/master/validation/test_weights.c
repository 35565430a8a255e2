/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include "validation/weights.h"

#include <errno.h>
#include <string.h>

START_TEST(roles_get_their_weights_in_the_order_given)
{
        struct role_weight *list = NULL;
        size_t count = 0;
        struct actor_error error;
        ck_assert_int_eq(weights_parse("eng=2,eng/web=0.5,*=1.25", &list, &count, &error), 0);
        ck_assert_uint_eq(count, 3);
        ck_assert_str_eq(list[0].role, "eng");
        ck_assert_double_eq(list[0].weight, 2);
        ck_assert_str_eq(list[1].role, "eng/web");
        ck_assert_double_eq(list[1].weight, 0.5);
        ck_assert_str_eq(list[2].role, "*");
        ck_assert_double_eq(list[2].weight, 1.25);
        weights_free(list, count);
}
END_TEST

START_TEST(nothing_given_is_no_weight)
{
        const char *const texts[] = {NULL, ""};
        for (size_t i = 0; i < 2; i++) {
                struct role_weight *list = NULL;
                size_t count = 7;
                ck_assert_int_eq(weights_parse(texts[i], &list, &count, NULL), 0);
                ck_assert_uint_eq(count, 0);
                weights_free(list, count);
        }
}
END_TEST

START_TEST(a_bad_item_is_refused_by_name)
{
        static const struct {
                const char *text, *item, *reason;
        } cases[] = {
                {"a=1,b", "\"b\"", "ROLE=WEIGHT"},
                {"a=1,,b=2", "\"\"", "ROLE=WEIGHT"},
                {"a=1,", "\"\"", "ROLE=WEIGHT"},
                {"a=1,b=", "\"b=\"", "\"\""},
                {"a=0", "\"a=0\"", "above 0"},
                {"a=-1", "\"a=-1\"", "\"-1\""},
                {"a=nan", "\"a=nan\"", "\"nan\""},
                {"a=inf", "\"a=inf\"", "\"inf\""},
                {"a=1.2.3", "\"a=1.2.3\"", "\"1.2.3\""},
                {"a=0x2", "\"a=0x2\"", "\"0x2\""},
                {"=2", "\"=2\"", "role"},
                {"a//b=2", "\"a//b=2\"", "role"},
                {"a=1,a=2", "\"a=2\"", "already"},
                {"a= 1", "\"a= 1\"", "\" 1\""},
                {"a=.", "\"a=.\"", "above 0"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct role_weight *list = NULL;
                size_t count = 0;
                struct actor_error error = {""};
                ck_assert_int_eq(weights_parse(cases[i].text, &list, &count, &error), -EINVAL);
                ck_assert_msg(strstr(error.text, cases[i].item) && strstr(error.text, cases[i].reason),
                              "%s: %s", cases[i].text, error.text);
                ck_assert_ptr_null(list);
        }
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, roles_get_their_weights_in_the_order_given);
        tcase_add_test(tests, nothing_given_is_no_weight);
        tcase_add_test(tests, a_bad_item_is_refused_by_name);
}

TEST_MAIN("--weights", add_tests)
