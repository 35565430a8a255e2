/* SPDX-License-Identifier: Apache-2.0 */
/* The duty passes between two threads and is never both's. */
#include "check_main.h"
#include "net/duty.h"

#include <check.h>
#include <sched.h>

enum { LENDINGS = 5000, LONG_ONE_IN = 100 };

/* Plain: whoever has the duty is the only one to touch it, and a sanitizer sees that it is so. */
static struct duty duty;
static unsigned long lendings, passes;
static atomic_bool is_over;

/* Now and then nobody comes back before being relieved. */
static bool is_still_lent(unsigned lent)
{
        return atomic_load(&duty.state) == lent;
}

static bool lend(void)
{
        bool long_one = ++lendings % LONG_ONE_IN == 0;
        unsigned lent = duty_lend(&duty);
        while (long_one && is_still_lent(lent))
                (void) sched_yield();
        return duty_resume(&duty, lent);
}

static void *serve(void *arg)
{
        unsigned index = duty_enlist(&duty);
        while (duty_await(&duty, index)) {
                bool has_it = true;
                passes++;
                while (has_it && lendings < LENDINGS)
                        has_it = lend();
                if (!has_it)
                        continue;
                atomic_store(&is_over, true);
                duty_end(&duty);
        }
        return NULL;
}

START_TEST(the_duty_is_one_threads_at_a_time_and_passes_to_who_is_free)
{
        duty_init(&duty, serve, NULL);
        duty_relieve(&duty); /* nobody has begun */
        ck_assert_int_eq(duty_start(&duty), 0);
        while (!atomic_load(&is_over)) {
                duty_relieve(&duty);
                (void) sched_yield();
        }
        duty_done(&duty);
        ck_assert_uint_ge(lendings, LENDINGS);
        ck_assert_uint_ge(passes, LENDINGS / LONG_ONE_IN);
}
END_TEST

START_TEST(without_need_there_is_one_thread)
{
        duty_init(&duty, serve, NULL);
        lendings = LENDINGS;
        ck_assert_int_eq(duty_start(&duty), 0);
        duty_done(&duty);
        ck_assert_uint_eq(duty.thread_count, 1);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, the_duty_is_one_threads_at_a_time_and_passes_to_who_is_free);
        tcase_add_test(tcase, without_need_there_is_one_thread);
}

TEST_MAIN("duty", add_tests)
