/* SPDX-License-Identifier: Apache-2.0 */
#include "core/judge.h"

#include <check_main.h>

/* Two workers, of whom nothing but the addresses is needed. */
static char places[2];
#define FIRST ((struct worker *) &places[0])
#define SECOND ((struct worker *) &places[1])

static struct sharing sharing;
static int64_t now_ns;

/* What a lap brings: messages sent and handled, and how much of it another worker than the first did. */
struct work {
        uint64_t done, second, away;
};

/* Side by side, every second message crosses / the same, and none does. */
static const struct work close_pair = {400, 200, 100}, strangers = {400, 200, 0};

static void pass(struct work work)
{
        uint64_t first = work.done - work.second;
        now_ns += JUDGE_LAP_NS;
        struct lap lap = {.now_ns = now_ns,
                          .spent_ns = JUDGE_LAP_NS,
                          .sent = work.done / 2,
                          .away = work.away,
                          .done = work.done,
                          .most = first >= work.second ? first : work.second,
                          .busiest = first >= work.second ? FIRST : SECOND,
                          .waits = true};
        judge_lap(&sharing, &lap);
}

/* A node that does so much side by side, with many messages crossing, and so much with one worker alone. */
static void live(int laps, uint64_t side_by_side, uint64_t alone)
{
        for (; laps > 0; laps--) {
                if (atomic_load(&sharing.home) == NULL)
                        pass((struct work){side_by_side, side_by_side / 2, side_by_side / 4});
                else
                        pass((struct work){alone, 0, 0});
        }
}

static int laps_at_home(int laps, uint64_t side_by_side, uint64_t alone)
{
        int count = 0;
        for (; laps > 0; laps--) {
                live(1, side_by_side, alone);
                count += atomic_load(&sharing.home) != NULL;
        }
        return count;
}

START_TEST(work_that_is_done_faster_by_one_goes_to_one)
{
        live(10, 400, 800);
        ck_assert_ptr_eq(atomic_load(&sharing.home), FIRST);
        ck_assert_uint_gt(atomic_load(&sharing.epoch), 0);
}
END_TEST

START_TEST(and_the_other_way_is_tried_ever_more_seldom)
{
        live(5000, 400, 800); /* half a second */
        ck_assert_int_eq(sharing.pause_ns, JUDGE_PAUSE_MAX_NS);
        ck_assert_int_ge(laps_at_home(10000, 400, 800), 9900);
}
END_TEST

START_TEST(work_that_is_done_faster_by_two_is_shared)
{
        live(5000, 1500, 800);
        ck_assert_int_le(laps_at_home(10000, 1500, 800), 300);
}
END_TEST

START_TEST(a_second_processor_has_to_bring_something)
{
        live(5000, 850, 800);
        ck_assert_int_ge(laps_at_home(10000, 850, 800), 9000);
}
END_TEST

START_TEST(one_that_begins_slowly_is_given_time)
{
        live(4, 700, 800);
        ck_assert_ptr_eq(atomic_load(&sharing.home), FIRST);
        for (int i = 0; i < 30; i++)
                pass((struct work){400, 0, 0});
        live(20, 700, 800);
        ck_assert_ptr_eq(atomic_load(&sharing.home), FIRST);
        ck_assert(!sharing.trying);
}
END_TEST

START_TEST(who_does_not_write_to_each_other_is_left_alone)
{
        for (int i = 0; i < 5000; i++) {
                pass(strangers);
                ck_assert_ptr_null(atomic_load(&sharing.home));
        }
        pass(close_pair);
        pass(close_pair);
        ck_assert_ptr_nonnull(atomic_load(&sharing.home));
}
END_TEST

START_TEST(what_takes_long_is_shared_at_once)
{
        live(10, 400, 800);
        pass((struct work){20, 0, 0});
        ck_assert_ptr_null(atomic_load(&sharing.home));
}
END_TEST

START_TEST(who_has_little_to_do_is_not_judged)
{
        for (int i = 0; i < 1000; i++) {
                struct lap lap = {
                        .now_ns = now_ns += JUDGE_LAP_NS, .spent_ns = JUDGE_LAP_NS, .sent = 200, .away = 100};
                lap.done = 400;
                lap.most = 200;
                lap.busiest = FIRST;
                lap.sleeps = true;
                judge_lap(&sharing, &lap);
        }
        ck_assert_ptr_null(atomic_load(&sharing.home));
        ck_assert_int_eq(sharing.laps, 0);
}
END_TEST

START_TEST(strangers_are_shared_again_after_the_pause)
{
        live(20, 400, 800);
        ck_assert_ptr_nonnull(atomic_load(&sharing.home));
        for (int64_t end = sharing.try_at_ns; now_ns <= end;)
                pass((struct work){800, 0, 0});
        for (int i = 0; i < 100; i++)
                pass(strangers);
        ck_assert_ptr_null(atomic_load(&sharing.home));
}
END_TEST

START_TEST(who_does_all_the_work_is_home)
{
        live(10, 400, 800);
        pass((struct work){800, 800, 0});
        ck_assert_ptr_eq(atomic_load(&sharing.home), SECOND);
        uint32_t epoch = atomic_load(&sharing.epoch);
        pass(close_pair); /* some have stayed behind, or come back */
        ck_assert_uint_ne(atomic_load(&sharing.epoch), epoch);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, work_that_is_done_faster_by_one_goes_to_one);
        tcase_add_test(tcase, and_the_other_way_is_tried_ever_more_seldom);
        tcase_add_test(tcase, work_that_is_done_faster_by_two_is_shared);
        tcase_add_test(tcase, a_second_processor_has_to_bring_something);
        tcase_add_test(tcase, one_that_begins_slowly_is_given_time);
        tcase_add_test(tcase, who_does_not_write_to_each_other_is_left_alone);
        tcase_add_test(tcase, what_takes_long_is_shared_at_once);
        tcase_add_test(tcase, who_has_little_to_do_is_not_judged);
        tcase_add_test(tcase, strangers_are_shared_again_after_the_pause);
        tcase_add_test(tcase, who_does_all_the_work_is_home);
}

TEST_MAIN("judge", add_tests)
