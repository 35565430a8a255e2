/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "placement/pattern.h"

#include <actor/memory.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum pattern_verdict verdict(const char *text, const char *value)
{
        struct pattern *pattern = NULL;
        struct actor_error error = {""};
        ck_assert_msg(pattern_new(text, &pattern, &error) == 0, "%s", error.text);
        enum pattern_verdict ret = pattern_match(pattern, value);
        ck_assert_int_eq(pattern_match(pattern, value), ret);
        pattern_free(pattern);
        return ret;
}

START_TEST(a_pattern_matches_whole_values)
{
        static const struct {
                const char *pattern, *value;
                enum pattern_verdict verdict;
        } cases[] = {
                {"r[1-3]", "r2", PATTERN_YES},
                {"r[1-3]", "r22", PATTERN_NO},
                {"r[1-3]", "rr2", PATTERN_NO},
                {"r[1-3]|s", "s", PATTERN_YES},
                {"a|ab", "ab", PATTERN_YES},
                {".*", "", PATTERN_YES},
                {"^node-\\d+$", "node-12", PATTERN_YES},
                {"(?i)EU-.+", "eu-west", PATTERN_YES},
                {"z.rich", "z\xc3\xbcrich", PATTERN_YES},
                {"z.rich", "z\xffrich", PATTERN_NO},
                {"x", "x\n", PATTERN_NO},
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
                ck_assert_msg(verdict(cases[i].pattern, cases[i].value) == cases[i].verdict, "%s and %s",
                              cases[i].pattern, cases[i].value);
}
END_TEST

/* Each of these would take longer than the universe has. */
START_TEST(a_pattern_that_would_not_end_is_given_up)
{
        static const char *const patterns[] = {"(a+)+b",    "(a|a)*b",     "(a|aa)+b",
                                               "((a*)*)*b", "(.*)*x\\1?b", "(?:(?:a+)+)+$(?<!a)"};
        char value[201];
        memset(value, 'a', sizeof value - 1);
        value[sizeof value - 1] = '\0';
        for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
                ck_assert_msg(verdict(patterns[i], value) != PATTERN_YES, "%s", patterns[i]);
        memcpy(value + 60, "bc", 3); /* a b is there, but not at the end */
        ck_assert_int_eq(verdict("(a|aa)+b", value), PATTERN_TOO_COSTLY);
        ck_assert_int_eq(verdict("(*LIMIT_MATCH=4000000000)(a|aa)+b", value), PATTERN_TOO_COSTLY);
}
END_TEST

START_TEST(a_value_without_measure_is_not_tried)
{
        CLEANUP(actor_freep) char *value = actor_zalloc(PATTERN_VALUE_MAX + 2);
        memset(value, 'a', PATTERN_VALUE_MAX);
        ck_assert_int_eq(verdict("a+", value), PATTERN_YES);
        value[PATTERN_VALUE_MAX] = 'a';
        ck_assert_int_eq(verdict("a+", value), PATTERN_TOO_COSTLY);
}
END_TEST

/* Whatever the pattern: a verdict or a sentence, and soon. */
START_TEST(no_pattern_does_harm)
{
        static const char *const parts[] = {
                "a",   "b",    ".",   "\\w", "[ab]", "(",           "(?:",   "(?=",  "(?<!",
                "(?>", ")",    ")",   ")*",  ")+",   "){2,9}",      "*",     "+",    "?",
                "{3}", "{2,}", "|",   "^",   "$",    "\\1",         "(?R)",  "(?1)", "(*COMMIT)",
                "(?|", "\\K",  "\\b", "[^",  "]",    "\\x{10ffff}", "\\p{L}"};
        const size_t part_count = sizeof parts / sizeof *parts;
        unsigned seed = 7, compiled = 0;
        for (unsigned round = 0; round < 5000; round++) {
                char text[200] = "", value[65];
                struct pattern *pattern = NULL;
                struct actor_error error = {""};
                for (unsigned i = (unsigned) rand_r(&seed) % 12 + 1, used = 0; i > 0; i--)
                        used += (unsigned) snprintf(text + used, sizeof text - used, "%s",
                                                    parts[(size_t) rand_r(&seed) % part_count]);
                for (size_t i = 0; i < sizeof value - 1; i++)
                        value[i] = "aaab"[rand_r(&seed) % 4];
                value[sizeof value - 1] = '\0';
                if (pattern_new(text, &pattern, &error) != 0) {
                        ck_assert_ptr_null(pattern);
                        ck_assert_int_ne(error.text[0], '\0');
                        continue;
                }
                (void) pattern_match(pattern, value);
                pattern_free(pattern);
                compiled++;
        }
        ck_assert_uint_gt(compiled, 500);
}
END_TEST

START_TEST(a_bad_pattern_is_named_with_the_place)
{
        static const struct {
                const char *pattern, *says;
        } cases[] = {
                {"", "1 to 1000 bytes"},
                {"r[1-3", "at byte 5: missing terminating ]"},
                {"(r", "missing closing parenthesis"},
                {"*r", "at byte 0: quantifier does not follow"},
                {"r{2,1}", "numbers out of order"},
                {"((a{1000}){1000}){1000}", "too large"},
                {"\xff", "UTF-8"},
                {"a\\Cb", "\\C"},
                {"a\\", "at end of pattern"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct pattern *pattern = NULL;
                struct actor_error error = {""};
                ck_assert_int_eq(pattern_new(cases[i].pattern, &pattern, &error), -EINVAL);
                ck_assert_ptr_null(pattern);
                ck_assert_msg(strstr(error.text, cases[i].says) != NULL, "%s: %s", cases[i].pattern,
                              error.text);
        }
        char big[PATTERN_SIZE_MAX + 2];
        memset(big, 'a', sizeof big - 1);
        big[sizeof big - 1] = '\0';
        struct pattern *pattern = NULL;
        struct actor_error error = {""};
        ck_assert_int_eq(pattern_new(big, &pattern, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "not 1001"));
}
END_TEST

START_TEST(brackets_nested_without_measure_are_refused)
{
        char deep[PATTERN_SIZE_MAX + 1];
        memset(deep, '(', 499);
        memset(deep + 499, ')', 499);
        deep[998] = '\0';
        struct pattern *pattern = NULL;
        struct actor_error error = {""};
        ck_assert_int_eq(pattern_new(deep, &pattern, &error), -EINVAL);
        ck_assert_msg(strstr(error.text, "nested") != NULL, "%s", error.text);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_pattern_matches_whole_values);
        tcase_add_test(tcase, a_pattern_that_would_not_end_is_given_up);
        tcase_add_test(tcase, a_value_without_measure_is_not_tried);
        tcase_add_test(tcase, no_pattern_does_harm);
        tcase_add_test(tcase, a_bad_pattern_is_named_with_the_place);
        tcase_add_test(tcase, brackets_nested_without_measure_are_refused);
}

TEST_MAIN("pattern", add_tests)
