/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ring.h"

#include <check_main.h>
#include <pthread.h>

enum { ITEMS = 200000 };

static struct actor *item(uintptr_t number)
{
        return (struct actor *) (number << 4);
}

START_TEST(a_ring_is_first_in_first_out_and_says_when_it_is_full)
{
        static struct ring ring;
        for (uintptr_t i = 1; i <= RING_SIZE; i++)
                ck_assert(ring_push(&ring, item(i)));
        ck_assert(!ring_push(&ring, item(9999)));
        for (uintptr_t i = 1; i <= RING_SIZE; i++)
                ck_assert_ptr_eq(ring_pop(&ring), item(i));
        ck_assert_ptr_null(ring_pop(&ring));
        ck_assert(ring_is_empty(&ring));
}
END_TEST

START_TEST(a_thief_takes_the_older_half)
{
        static struct ring victim, thief;
        for (uintptr_t i = 1; i <= 5; i++)
                ck_assert(ring_push(&victim, item(i)));
        ck_assert_uint_eq(ring_steal(&thief, &victim), 3);
        ck_assert_ptr_eq(ring_pop(&thief), item(1));
        ck_assert_ptr_eq(ring_pop(&victim), item(4));
        ck_assert_uint_eq(ring_steal(&thief, &victim), 1);
        ck_assert_uint_eq(ring_steal(&thief, &victim), 0);
}
END_TEST

static struct ring shared;
static _Atomic unsigned char seen[ITEMS + 1];
static _Atomic unsigned total;

static void *thief_main(void *arg)
{
        static _Thread_local struct ring own;
        while (atomic_load(&total) < ITEMS) {
                (void) ring_steal(&own, &shared);
                for (struct actor *a; (a = ring_pop(&own)) != NULL;) {
                        ck_assert_uint_eq(atomic_fetch_add(&seen[(uintptr_t) a >> 4], 1), 0);
                        atomic_fetch_add(&total, 1);
                }
        }
        return arg;
}

START_TEST(with_two_thieves_every_item_is_taken_exactly_once)
{
        pthread_t thieves[2];
        for (int i = 0; i < 2; i++)
                ck_assert_int_eq(pthread_create(&thieves[i], NULL, thief_main, NULL), 0);
        for (uintptr_t i = 1; i <= ITEMS;) {
                if (ring_push(&shared, item(i))) {
                        i++;
                        continue;
                }
                struct actor *a = ring_pop(&shared);
                if (a == NULL)
                        continue;
                ck_assert_uint_eq(atomic_fetch_add(&seen[(uintptr_t) a >> 4], 1), 0);
                atomic_fetch_add(&total, 1);
        }
        for (int i = 0; i < 2; i++)
                pthread_join(thieves[i], NULL);
        ck_assert_uint_eq(total, ITEMS);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_ring_is_first_in_first_out_and_says_when_it_is_full);
        tcase_add_test(tcase, a_thief_takes_the_older_half);
        tcase_add_test(tcase, with_two_thieves_every_item_is_taken_exactly_once);
}

TEST_MAIN("ring", add_tests)
