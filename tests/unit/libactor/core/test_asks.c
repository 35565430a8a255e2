/* SPDX-License-Identifier: Apache-2.0 */
#include "core/asks.h"

#include <check_main.h>
#include <string.h>

enum { KEPT = 512 };

static bool take(struct asks *asks, uint64_t id, struct ask *ret)
{
        struct ask *ask = asks_find(asks, id);
        if (ask == NULL)
                return false;
        *ret = *ask;
        asks_remove(asks, ask);
        return true;
}

/* Method: a plain array as the model, a hundred thousand random operations; what the line gives first is
 * never due later than anybody else in it, and those due at the same time come in the order in which they
 * were asked. */
struct model {
        uint64_t id;
        int64_t deadline_ms;
        bool in_line;
};

static void check_first(const struct asks *asks, const struct model *model)
{
        const struct ask *first = asks_first(asks);
        const struct model *earliest = NULL;
        for (int i = 0; i < KEPT; i++) {
                if (model[i].id != 0 && model[i].in_line &&
                    (earliest == NULL || model[i].deadline_ms < earliest->deadline_ms))
                        earliest = &model[i];
        }
        ck_assert((first == NULL) == (earliest == NULL));
        ck_assert(first == NULL || first->deadline_ms == earliest->deadline_ms);
}

static struct model add(struct asks *asks, uint64_t number, int64_t deadline_ms)
{
        struct ask *ask = asks_add(asks, number);
        ask->deadline_ms = deadline_ms;
        ask->arg = (void *) (uintptr_t) number;
        struct model ret = {ask->id, deadline_ms, asks_line_up(asks, ask)};
        if (!ret.in_line)
                ask->timer = 1;
        return ret;
}

START_TEST(each_ask_is_taken_once_and_the_line_knows_who_is_due_first)
{
        struct asks asks = {0};
        struct model model[KEPT] = {{0, 0, false}};
        uint32_t count = 0, lined_up = 0;
        uint64_t dice = 88172645463325252u;
        for (uint64_t i = 1; i <= 100000; i++) {
                dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
                struct model *one = &model[dice % KEPT];
                struct ask ask;
                if (one->id == 0 && (dice >> 40) % 4000 > i % 4000) { /* now many, now few */
                        *one = add(&asks, i, (int64_t) (i + (dice >> 20) % 16));
                        lined_up += one->in_line;
                        count++;
                } else if (one->id != 0) {
                        ck_assert(take(&asks, one->id, &ask));
                        ck_assert_int_eq(ask.deadline_ms, one->deadline_ms);
                        ck_assert(!take(&asks, one->id, &ask));
                        one->id = 0;
                        count--;
                }
                ck_assert_uint_eq(asks.count, count);
                check_first(&asks, model);
        }
        ck_assert_uint_gt(lined_up, 10000);
        asks_done(&asks);
}
END_TEST

START_TEST(those_due_together_are_first_in_the_order_they_asked)
{
        struct asks asks = {0};
        struct ask ask;
        for (uint64_t i = 1; i <= KEPT; i++)
                ck_assert(add(&asks, i, 7).in_line);
        for (uintptr_t i = 1; i <= KEPT; i++) {
                ck_assert(take(&asks, asks_first(&asks)->id, &ask));
                ck_assert_uint_eq((uintptr_t) ask.arg, i);
        }
        ck_assert_ptr_null(asks_first(&asks));
        asks_done(&asks);
}
END_TEST

START_TEST(a_place_far_from_the_end_of_the_line_is_not_looked_for)
{
        struct asks asks = {0};
        for (uint64_t i = 1; i <= KEPT; i++)
                ck_assert(add(&asks, i, 1000).in_line);
        ck_assert(!add(&asks, KEPT + 1, 10).in_line);
        ck_assert_int_eq(asks_first(&asks)->deadline_ms, 1000);
        asks_done(&asks);
}
END_TEST

START_TEST(what_a_burst_took_is_given_back_and_its_ids_are_not_used_again)
{
        struct asks asks = {0};
        struct ask ask;
        uint64_t ids[KEPT];
        for (uint64_t i = 0; i < KEPT; i++)
                ids[i] = add(&asks, i + 1, 5).id;
        for (int i = 0; i < KEPT; i++)
                ck_assert(take(&asks, ids[i], &ask));
        ck_assert_uint_eq(asks.capacity, 0);
        struct model after = add(&asks, KEPT + 1, 5);
        for (int i = 0; i < KEPT; i++)
                ck_assert(!take(&asks, ids[i], &ask));
        ck_assert(!take(&asks, 0, &ask));
        ck_assert(take(&asks, after.id, &ask));
        asks_done(&asks);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, each_ask_is_taken_once_and_the_line_knows_who_is_due_first);
        tcase_add_test(tcase, those_due_together_are_first_in_the_order_they_asked);
        tcase_add_test(tcase, a_place_far_from_the_end_of_the_line_is_not_looked_for);
        tcase_add_test(tcase, what_a_burst_took_is_given_back_and_its_ids_are_not_used_again);
}

TEST_MAIN("asks", add_tests)
