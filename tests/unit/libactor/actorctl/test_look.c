/* SPDX-License-Identifier: Apache-2.0 */
/* What two looks at a node tell together. */
#include "check_main.h"

#include "actorctl/look.h"
#include "actorctl/view.h"

#include <stdlib.h>
#include <string.h>

enum { ACTORS = 3, SECOND = 1000000000 };

/* A look at up to three actors, in slots 0 to 2. */
struct sight {
        Actor__Inspect__Actor actors[ACTORS];
        struct actor_row rows[ACTORS];
        Actor__Inspect__Handler handler;
        struct handler_row handler_row;
        struct look look;
};

static void see(struct sight *sight, int64_t now_ns)
{
        *sight = (struct sight){.look = {.now_ns = now_ns, .actors = sight->rows, .actor_count = ACTORS}};
        for (uint32_t i = 0; i < ACTORS; i++) {
                actor__inspect__actor__init(&sight->actors[i]);
                sight->actors[i].slot = i;
                sight->actors[i].generation = 7;
                sight->rows[i] = (struct actor_row){
                        .actor = &sight->actors[i], .now_ns = now_ns, .rate = -1, .busy = -1};
        }
        actor__inspect__handler__init(&sight->handler);
        sight->handler.class_ = (char *) "class";
        sight->handler_row = (struct handler_row){&sight->handler, -1, -1};
        sight->look.handlers = &sight->handler_row;
        sight->look.handler_count = 1;
}

static void waits(struct sight *sight, uint32_t index, uint32_t taken, uint32_t depth)
{
        sight->actors[index].taken = taken;
        sight->actors[index].depth = depth;
        sight->rows[index].mark_ns = sight->look.now_ns;
        sight->rows[index].mark_taken = taken + depth;
}

START_TEST(rates_are_told_over_the_time_between_two_looks)
{
        struct sight a, b;
        see(&a, 10 * (int64_t) SECOND);
        see(&b, 12 * (int64_t) SECOND);
        a.actors[1].handled = 100;
        b.actors[1].handled = 400;
        b.actors[1].busy_ns = SECOND;
        b.actors[2].generation = 8; /* another one lives there now */
        a.handler.count = 10;
        b.handler.count = 30;
        look_compare(&b.look, &a.look);
        ck_assert_double_eq(b.rows[1].rate, 150);
        ck_assert_double_eq(b.rows[1].busy, 0.5);
        ck_assert_double_eq(b.rows[0].rate, 0);
        ck_assert_double_lt(b.rows[2].rate, 0);
        ck_assert_double_eq(b.handler_row.rate, 10);
}
END_TEST

/* What waited at an earlier look and waits still is as old as the time between them, at least. */
START_TEST(what_was_not_taken_between_two_looks_has_waited_that_long)
{
        struct sight a, b, c;
        see(&a, 0);
        see(&b, 2 * (int64_t) SECOND);
        see(&c, 3 * (int64_t) SECOND);
        waits(&a, 0, UINT32_MAX, 3); /* the numbers wrap: 0xffffffff, 0 and 1 wait */
        waits(&b, 0, 1, 4);          /* 1 is still there */
        waits(&c, 0, 1, 9);
        waits(&a, 1, 5, 3);
        waits(&b, 1, 8, 4);  /* all three have gone */
        waits(&c, 1, 11, 1); /* one of the four is still there */
        waits(&a, 2, 5, 3);
        waits(&b, 2, 8, 0); /* nobody waits */
        look_compare(&b.look, &a.look);
        look_compare(&c.look, &b.look);
        ck_assert_uint_eq(b.rows[0].oldest_ns, 2 * (uint64_t) SECOND);
        ck_assert(b.rows[0].oldest_is_least);
        ck_assert_uint_eq(c.rows[0].oldest_ns, 3 * (uint64_t) SECOND); /* since the first look */
        ck_assert(c.rows[0].oldest_is_least);
        ck_assert_uint_eq(b.rows[1].oldest_ns, 2 * (uint64_t) SECOND);
        ck_assert(!b.rows[1].oldest_is_least);
        ck_assert_uint_eq(c.rows[1].oldest_ns, 1 * (uint64_t) SECOND);
        ck_assert(c.rows[1].oldest_is_least);
        ck_assert_uint_eq(b.rows[2].oldest_ns, 0);
}
END_TEST

START_TEST(most_comes_first_and_names_decide_between_equals)
{
        struct sight a;
        see(&a, 0);
        a.actors[0].name = (char *) "b";
        a.actors[1].name = (char *) "a";
        a.actors[2].depth = 9;
        look_sort(&a.look, "depth");
        ck_assert_uint_eq(a.rows[0].actor->slot, 2);
        ck_assert_uint_eq(a.rows[1].actor->slot, 1);
        ck_assert_uint_eq(a.rows[2].actor->slot, 0);
        look_sort(&a.look, "name"); /* the nameless last */
        ck_assert_uint_eq(a.rows[0].actor->slot, 1);
        ck_assert_uint_eq(a.rows[2].actor->slot, 2);
}
END_TEST

START_TEST(durations_are_three_digits_and_a_unit)
{
        static const struct {
                uint64_t ns;
                const char *text;
        } cases[] = {{999, "999ns"},
                     {1500, "1.5us"},
                     {441036, "441us"},
                     {999999, "1000us"},
                     {2330000, "2.33ms"},
                     {12 * (uint64_t) SECOND, "12s"},
                     {90 * (uint64_t) SECOND, "1.5min"},
                     {7200 * (uint64_t) SECOND, "2h"},
                     {172800 * (uint64_t) SECOND, "2d"}};
        char text[16];
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
                ck_assert_str_eq(view_duration(cases[i].ns, text), cases[i].text);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, rates_are_told_over_the_time_between_two_looks);
        tcase_add_test(tcase, what_was_not_taken_between_two_looks_has_waited_that_long);
        tcase_add_test(tcase, most_comes_first_and_names_decide_between_equals);
        tcase_add_test(tcase, durations_are_three_digits_and_a_unit);
}

TEST_MAIN("actorctl looks", add_tests)
