/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include <actor/error.h>
#include <actor/memory.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

START_TEST(a_sentence_is_set_and_prefixed_and_the_code_returned)
{
        struct actor_error error;
        ck_assert_int_eq(actor_error_set(&error, -EINVAL, "no %s", "port"), -EINVAL);
        ck_assert_str_eq(error.text, "no port");
        ck_assert_int_eq(actor_error_prefix(&error, 7, "line %d", 3), 7);
        ck_assert_str_eq(error.text, "line 3: no port");
        ck_assert_int_eq(actor_error_set(NULL, -EIO, "nobody reads this"), -EIO);
        ck_assert_int_eq(actor_error_prefix(NULL, -EIO, "nor this"), -EIO);
}
END_TEST

START_TEST(a_sentence_may_be_made_of_the_old_one)
{
        struct actor_error error;
        (void) actor_error_set(&error, -EIO, "disk gone");
        (void) actor_error_set(&error, -EIO, "cannot save: %s (%s)", error.text, error.text);
        ck_assert_str_eq(error.text, "cannot save: disk gone (disk gone)");
}
END_TEST

START_TEST(a_sentence_too_long_is_cut_and_stays_a_string)
{
        struct actor_error error;
        char text[2 * sizeof error.text];
        memset(text, 'x', sizeof text);
        text[sizeof text - 1] = '\0';
        (void) actor_error_set(&error, -EIO, "%s", text);
        ck_assert_uint_eq(strlen(error.text), sizeof error.text - 1);
        (void) actor_error_prefix(&error, -EIO, "file");
        ck_assert_uint_eq(strlen(error.text), sizeof error.text - 1);
        ck_assert_int_eq(strncmp(error.text, "file: xxx", 9), 0);
}
END_TEST

START_TEST(copies_are_equal_and_arrays_grow)
{
        CLEANUP(actor_freep) char *copy = actor_strdup("text");
        CLEANUP(actor_freep) char *part = actor_strndup("text", 2);
        CLEANUP(actor_freep) char *whole = actor_strndup("te", 9);
        CLEANUP(actor_freep) char *made = actor_asprintf("%s-%d", "a", 7);
        ck_assert_str_eq(copy, "text");
        ck_assert_str_eq(part, "te");
        ck_assert_str_eq(whole, "te");
        ck_assert_str_eq(made, "a-7");

        size_t *numbers = NULL, capacity = 0;
        for (size_t i = 0; i < 1000; i++) {
                ACTOR_ARRAY_RESERVE(numbers, i, capacity);
                numbers[i] = i;
        }
        ck_assert_uint_eq(numbers[999], 999);
        ck_assert_ptr_null(actor_realloc_array(numbers, 0, sizeof *numbers));
}
END_TEST

START_TEST(a_descriptor_is_closed_at_its_scopes_end_and_errno_kept)
{
        int seen;
        errno = ENOTTY;
        {
                CLEANUP(actor_closep) int fd = open("/dev/null", O_RDONLY);
                CLEANUP(actor_closep) int none = -1;
                seen = fd;
                ck_assert_int_lt(none, 0);
                errno = ENOTTY;
        }
        ck_assert_int_eq(errno, ENOTTY);
        ck_assert_int_eq(fcntl(seen, F_GETFD), -1);
}
END_TEST

/* Goal: a refused allocation ends the process by SIGABRT, never with NULL. Method: a product that
 * overflows, which every allocator refuses. */
START_TEST(an_array_too_large_to_count_aborts)
{
        void *memory = actor_realloc_array(NULL, (size_t) -1, 16);
        ck_abort_msg("got %p", memory);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_sentence_is_set_and_prefixed_and_the_code_returned);
        tcase_add_test(tcase, a_sentence_may_be_made_of_the_old_one);
        tcase_add_test(tcase, a_sentence_too_long_is_cut_and_stays_a_string);
        tcase_add_test(tcase, copies_are_equal_and_arrays_grow);
        tcase_add_test(tcase, a_descriptor_is_closed_at_its_scopes_end_and_errno_kept);
        tcase_add_test_raise_signal(tcase, an_array_too_large_to_count_aborts, SIGABRT);
}
TEST_MAIN("errors and memory", add_tests)
