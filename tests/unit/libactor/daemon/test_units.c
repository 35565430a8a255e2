/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include <actor/units.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct good {
        const char *text;
        int64_t value;
        const char *printed;
};

static const struct good durations[] = {
        {"0ns", 0, "0ns"},
        {"999ns", 999, "999ns"},
        {"1us", 1000, "1us"},
        {"1500ns", 1500, "1500ns"},
        {"1500us", 1500000, "1500us"},
        {"1500ms", 1500000000, "1500ms"},
        {"0.5secs", 500000000, "500ms"},
        {".5secs", 500000000, "500ms"},
        {"5.secs", 5000000000, "5secs"},
        {"61secs", 61000000000, "61secs"},
        {"90mins", 5400000000000, "90mins"},
        {"24hrs", 86400000000000, "1days"},
        {"36hrs", 129600000000000, "36hrs"},
        {"10days", 864000000000000, "10days"},
        {"14days", 1209600000000000, "2weeks"},
        {"1001ms", 1001000000, "1001ms"},
        {"1000001us", 1000001000, "1.000001secs"},
        {"86401secs", 86401000000000, "1.00001157407407days"},
        {"9223372036854775807ns", INT64_MAX, "15250.2844524715weeks"},
};

static const char *const bad_durations[] = {"",
                                            "10",
                                            "secs",
                                            "1 secs",
                                            " 1secs",
                                            "1secs ",
                                            "-1secs",
                                            "+1secs",
                                            "1Secs",
                                            "1s",
                                            "1h",
                                            "1weeks2days",
                                            ".secs",
                                            "1.2.3secs",
                                            "1e3secs",
                                            "0x1secs",
                                            "1,5secs",
                                            "infsecs",
                                            "nanms",
                                            "9223372036854775808ns",
                                            "15251weeks",
                                            "99999999999999999999999secs",
                                            "99999999999999999999.5ns"};

static const struct good sizes[] = {
        {"0B", 0, "0B"},
        {"1B", 1, "1B"},
        {"1kb", 1024, "1KB"},
        {"1Kb", 1024, "1KB"},
        {"1024KB", 1048576, "1MB"},
        {"1536KB", 1572864, "1536KB"},
        {"2GB", 2147483648, "2GB"},
        {"3TB", 3298534883328, "3TB"},
        {"2048TB", 2251799813685248, "2048TB"},
        {"007MB", 7340032, "7MB"},
        {"18446744073709551615B", -1, "18446744073709551615B"},
};

static const char *const bad_sizes[] = {"",
                                        "10",
                                        "B",
                                        "1PB",
                                        "1.5KB",
                                        "1 KB",
                                        "-1B",
                                        "+1B",
                                        "1K",
                                        "1MiB",
                                        "0x1B",
                                        "18446744073709551616B",
                                        "18014398509481984KB",
                                        "16777216TB",
                                        "1.B",
                                        "1KB "};

#define COUNT(array) (sizeof(array) / sizeof *(array))

START_TEST(durations_are_read_and_printed_in_the_reference_form)
{
        for (size_t i = 0; i < COUNT(durations); i++) {
                struct actor_error error = {""};
                int64_t ns = -1;
                char text[64];
                ck_assert_msg(actor_duration_parse(durations[i].text, &ns, &error) == 0, "%s", error.text);
                ck_assert_int_eq(ns, durations[i].value);
                actor_duration_print(ns, text, sizeof text);
                ck_assert_str_eq(text, durations[i].printed);
        }
}
END_TEST

START_TEST(what_is_no_duration_is_refused_with_a_sentence_that_quotes_it)
{
        for (size_t i = 0; i < COUNT(bad_durations); i++) {
                struct actor_error error = {""};
                int64_t ns = 42;
                ck_assert_msg(actor_duration_parse(bad_durations[i], &ns, &error) == -EINVAL, "%s",
                              bad_durations[i]);
                ck_assert_int_eq(ns, 42);
                ck_assert_ptr_nonnull(strstr(error.text, bad_durations[i]));
                ck_assert_int_eq(actor_duration_parse(bad_durations[i], &ns, NULL), -EINVAL);
        }
}
END_TEST

START_TEST(negative_durations_are_printed_with_their_sign)
{
        char text[64];
        actor_duration_print(-5000000000, text, sizeof text);
        ck_assert_str_eq(text, "-5secs");
        actor_duration_print(INT64_MIN, text, sizeof text);
        ck_assert_str_eq(text, "-15250.2844524715weeks");
        actor_duration_print(INT64_MAX, text, 4);
        ck_assert_uint_eq(strlen(text), 3);
}
END_TEST

START_TEST(sizes_are_read_and_printed_in_the_reference_form)
{
        for (size_t i = 0; i < COUNT(sizes); i++) {
                struct actor_error error = {""};
                uint64_t bytes = 42;
                char text[64];
                ck_assert_msg(actor_bytes_parse(sizes[i].text, &bytes, &error) == 0, "%s", error.text);
                ck_assert_uint_eq(bytes, (uint64_t) sizes[i].value);
                actor_bytes_print(bytes, text, sizeof text);
                ck_assert_str_eq(text, sizes[i].printed);
        }
}
END_TEST

START_TEST(what_is_no_size_is_refused_with_a_sentence_that_quotes_it)
{
        for (size_t i = 0; i < COUNT(bad_sizes); i++) {
                struct actor_error error = {""};
                uint64_t bytes = 42;
                ck_assert_msg(actor_bytes_parse(bad_sizes[i], &bytes, &error) == -EINVAL, "%s", bad_sizes[i]);
                ck_assert_uint_eq(bytes, 42);
                ck_assert_ptr_nonnull(strstr(error.text, bad_sizes[i]));
        }
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, durations_are_read_and_printed_in_the_reference_form);
        tcase_add_test(tcase, what_is_no_duration_is_refused_with_a_sentence_that_quotes_it);
        tcase_add_test(tcase, negative_durations_are_printed_with_their_sign);
        tcase_add_test(tcase, sizes_are_read_and_printed_in_the_reference_form);
        tcase_add_test(tcase, what_is_no_size_is_refused_with_a_sentence_that_quotes_it);
}
TEST_MAIN("units", add_tests)
