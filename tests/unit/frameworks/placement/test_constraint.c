/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "placement/constraint.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

START_TEST(every_operator_is_read)
{
        static const struct {
                const char *text, *field;
                enum constraint_operator op;
                const char *value;
                unsigned number;
                bool pattern;
        } cases[] = {
                {"hostname:UNIQUE", "hostname", CONSTRAINT_UNIQUE, NULL, 0, false},
                {"rack:unique", "rack", CONSTRAINT_UNIQUE, NULL, 0, false},
                {"rack:CLUSTER:r1", "rack", CONSTRAINT_CLUSTER, "r1", 0, false},
                {"rack:CLUSTER:room 1:r1", "rack", CONSTRAINT_CLUSTER, "room 1:r1", 0, false},
                {"cores:CLUSTER:8.000", "cores", CONSTRAINT_CLUSTER, "8", 0, false},
                {"vlans:CLUSTER:[7-9,1-2,3-3]", "vlans", CONSTRAINT_CLUSTER, "[1-3, 7-9]", 0, false},
                {"disks:CLUSTER:{ssd,nvme}", "disks", CONSTRAINT_CLUSTER, "{ssd, nvme}", 0, false},
                {"zone:GROUP_BY", "zone", CONSTRAINT_GROUP_BY, NULL, 0, false},
                {"zone:GROUP_BY:3", "zone", CONSTRAINT_GROUP_BY, NULL, 3, false},
                {"rack:LIKE:r[1-3]|s:.*", "rack", CONSTRAINT_LIKE, NULL, 0, true},
                {"rack:UNLIKE:r.*", "rack", CONSTRAINT_UNLIKE, NULL, 0, true},
                {"region:MAX_PER:1000000", "region", CONSTRAINT_MAX_PER, NULL, 1000000, false},
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct constraint constraint;
                struct actor_error error = {""};
                ck_assert_msg(constraint_parse(cases[i].text, &constraint, &error) == 0, "%s", error.text);
                ck_assert_str_eq(constraint.text, cases[i].text);
                ck_assert_str_eq(constraint.field, cases[i].field);
                ck_assert_int_eq(constraint.op, cases[i].op);
                ck_assert_pstr_eq(constraint.value, cases[i].value);
                ck_assert_uint_eq(constraint.number, cases[i].number);
                ck_assert_int_eq(constraint.pattern != NULL, cases[i].pattern);
                constraint_clear(&constraint);
        }
}
END_TEST

START_TEST(bad_ones_are_quoted_and_told_what_would_be_right)
{
        static const struct {
                const char *text, *says;
        } cases[] = {
                {"", "\"\": expected FIELD:OPERATOR[:VALUE]"},
                {"rack", "\"rack\": expected FIELD:OPERATOR[:VALUE]"},
                {":UNIQUE", "FIELD is empty"},
                {"rack:", "there is no operator \"\""},
                {"rack:UNIQ", "\"rack:UNIQ\": there is no operator \"UNIQ\", but UNIQUE, CLUSTER"},
                {"rack=UNIQUE", "expected FIELD:OPERATOR"},
                {"rack:UNIQUE:r1", "write FIELD:UNIQUE"},
                {"rack:UNIQUE:", "write FIELD:UNIQUE"},
                {"rack:CLUSTER", "write FIELD:CLUSTER:VALUE"},
                {"rack:CLUSTER:", "write FIELD:CLUSTER:VALUE"},
                {"rack:GROUP_BY:", "write FIELD:GROUP_BY or GROUP_BY:NUMBER"},
                {"rack:GROUP_BY:0", "from 1 to 1000000, not \"0\""},
                {"rack:GROUP_BY:three", "not \"three\""},
                {"rack:MAX_PER", "write FIELD:MAX_PER:NUMBER"},
                {"rack:MAX_PER:-1", "not \"-1\""},
                {"rack:MAX_PER: 1", "not \" 1\""},
                {"rack:MAX_PER:1.5", "not \"1.5\""},
                {"rack:MAX_PER:1000001", "not \"1000001\""},
                {"rack:MAX_PER:99999999999999999999", "not \"99999999999999999999\""},
                {"rack:LIKE", "write FIELD:LIKE:PATTERN"},
                {"rack:LIKE:", "write FIELD:LIKE:PATTERN"},
                {"rack:LIKE:r[1-3",
                 "\"rack:LIKE:r[1-3\": the pattern is wrong at byte 5: missing terminating ]"},
                {"rack:UNLIKE:(r", "the pattern is wrong at byte 2: missing closing parenthesis"},
                {"rack\n:UNIQUE", "no control characters"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct constraint constraint = {.number = 77};
                struct actor_error error = {""};
                ck_assert_int_eq(constraint_parse(cases[i].text, &constraint, &error), -EINVAL);
                ck_assert_msg(strstr(error.text, cases[i].says) != NULL, "%s: %s", cases[i].text, error.text);
                ck_assert_uint_eq(constraint.number, 77);
                ck_assert_ptr_null(constraint.text);
        }
}
END_TEST

START_TEST(a_very_long_one_is_refused)
{
        char text[4000];
        struct constraint constraint;
        struct actor_error error = {""};
        int size = snprintf(text, sizeof text, "rack:CLUSTER:");
        memset(text + size, 'r', sizeof text - (size_t) size - 1);
        text[sizeof text - 1] = '\0';
        ck_assert_int_eq(constraint_parse(text, &constraint, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "at most 1500 bytes"));
        text[PATTERN_SIZE_MAX + 20] = '\0';
        memcpy(text, "rack:LIKE:rrr", 13);
        ck_assert_int_eq(constraint_parse(text, &constraint, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "1 to 1000 bytes, not 1010"));
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, every_operator_is_read);
        tcase_add_test(tcase, bad_ones_are_quoted_and_told_what_would_be_right);
        tcase_add_test(tcase, a_very_long_one_is_refused);
}

TEST_MAIN("constraint", add_tests)
