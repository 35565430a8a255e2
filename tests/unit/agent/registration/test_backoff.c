/* SPDX-License-Identifier: Apache-2.0 */
#include "registration/backoff.h"
#include <check_main.h>

START_TEST(a_delay_lies_between_nothing_and_the_doubled_factor)
{
        ck_assert_int_eq(backoff_delay_ms(1000, 0, 0), 0);
        ck_assert_int_eq(backoff_delay_ms(1000, 0, 1000), 1000);
        ck_assert_int_eq(backoff_delay_ms(1000, 0, 1001), 0);
        ck_assert_int_eq(backoff_delay_ms(1000, 3, 8000), 8000);
        ck_assert_int_eq(backoff_delay_ms(1000, 3, 8001), 0);
}
END_TEST

START_TEST(no_delay_is_longer_than_a_minute)
{
        for (unsigned attempt = 0; attempt < 200; attempt++)
                for (uint64_t dice = 1; dice < UINT64_MAX / 3; dice *= 3)
                        ck_assert_int_le(backoff_delay_ms(1000, attempt, dice), 60000);
        ck_assert_int_eq(backoff_delay_ms(1000, 63, 60000), 60000);
        ck_assert_int_le(backoff_delay_ms(INT64_MAX, 5, UINT64_MAX), 60000);
}
END_TEST

START_TEST(a_factor_of_nothing_never_waits)
{
        ck_assert_int_eq(backoff_delay_ms(0, 20, UINT64_MAX), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_delay_lies_between_nothing_and_the_doubled_factor);
        tcase_add_test(tcase, no_delay_is_longer_than_a_minute);
        tcase_add_test(tcase, a_factor_of_nothing_never_waits);
}

TEST_MAIN("registration back-off", add_tests)
