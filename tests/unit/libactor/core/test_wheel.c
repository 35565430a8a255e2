/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wheel.h"

#include <check_main.h>
#include <stdbool.h>

enum { TIMERS = 300 };

static uint64_t dice = 88172645463325252u;

static uint64_t throw(void)
{
        dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
        return dice;
}

/* Goal: every timer fires in the advance that reaches its deadline, in order of deadline, and no other.
 * Method: delays of all magnitudes, some cancelled; a list of deadlines is the model. */
START_TEST(timers_fire_exactly_when_a_list_of_deadlines_says_so)
{
        for (int round = 0; round < 200; round++) {
                struct wheel wheel;
                struct timer *timers[TIMERS];
                int64_t now = (int64_t) (throw() % 1000000000);
                size_t waiting = 0;
                wheel_init(&wheel, now);
                for (int i = 0; i < TIMERS; i++) {
                        timers[i] = wheel_new(&wheel);
                        wheel_arm(&wheel, timers[i], now + (int64_t) (throw() >> (throw() % 40 + 24)));
                        waiting++;
                        if (throw() % 5 == 0) {
                                wheel_free(&wheel, timers[i]);
                                timers[i] = NULL;
                                waiting--;
                        }
                }
                ck_assert_uint_eq(wheel.armed, waiting);
                while (waiting > 0) {
                        int64_t next = wheel.next_ms, last = 0;
                        ck_assert_int_ne(next, INT64_MAX);
                        now = (throw() % 2 ? next : now + (int64_t) (throw() >> (throw() % 40 + 24)));
                        for (struct timer *t = wheel_advance(&wheel, now), *n; t != NULL; t = n) {
                                n = t->next;
                                ck_assert_int_le(t->deadline_ms, now);
                                ck_assert_int_ge(t->deadline_ms, last);
                                last = t->deadline_ms;
                                for (int i = 0; i < TIMERS; i++) {
                                        if (timers[i] == t)
                                                timers[i] = NULL;
                                }
                                wheel_free(&wheel, t);
                                waiting--;
                        }
                        bool late = false;
                        for (int i = 0; i < TIMERS; i++)
                                late |= timers[i] != NULL && timers[i]->deadline_ms <= now;
                        ck_assert(!late);
                }
                ck_assert_uint_eq(wheel.armed, 0);
                wheel_done(&wheel);
        }
}
END_TEST

START_TEST(a_spent_number_finds_nothing_even_when_its_place_is_used_anew)
{
        struct wheel wheel;
        wheel_init(&wheel, 0);
        struct timer *timer = wheel_new(&wheel);
        uint32_t index = timer->index, generation = timer->generation;
        ck_assert_ptr_eq(wheel_find(&wheel, index, generation), timer);
        wheel_free(&wheel, timer);
        ck_assert_ptr_null(wheel_find(&wheel, index, generation));
        ck_assert_ptr_eq(wheel_new(&wheel), timer);
        ck_assert_ptr_null(wheel_find(&wheel, index, generation));
        ck_assert_ptr_null(wheel_find(&wheel, 12345, 1));
        wheel_done(&wheel);
}
END_TEST

START_TEST(an_empty_wheel_has_no_deadline)
{
        struct wheel wheel;
        wheel_init(&wheel, 5);
        ck_assert_int_eq(wheel.next_ms, INT64_MAX);
        ck_assert_ptr_null(wheel_advance(&wheel, INT64_MAX / 2));
        struct timer *timer = wheel_new(&wheel);
        wheel_arm(&wheel, timer, 0); /* long past: due at once */
        ck_assert_ptr_eq(wheel_advance(&wheel, INT64_MAX / 2), timer);
        wheel_done(&wheel);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, timers_fire_exactly_when_a_list_of_deadlines_says_so);
        tcase_add_test(tcase, a_spent_number_finds_nothing_even_when_its_place_is_used_anew);
        tcase_add_test(tcase, an_empty_wheel_has_no_deadline);
}

TEST_MAIN("wheel", add_tests)
