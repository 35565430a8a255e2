/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "membership/directory.h"

static const struct actor_ref one = {.peer = 1, .slot = 1, .generation = 1};
static const struct actor_ref two = {.peer = 1, .slot = 2, .generation = 1};

START_TEST(an_agent_is_found_by_id_and_by_the_actor_it_is_now)
{
        struct directory d = {0};
        struct agent_entry *entry = directory_agent_add(&d, "a", AGENT_ADMITTING);
        directory_agent_bind(&d, entry, one);
        ck_assert_ptr_eq(directory_agent(&d, "a"), entry);
        ck_assert_ptr_eq(directory_agent_by_ref(&d, one), entry);
        directory_agent_bind(&d, entry, two);
        ck_assert_ptr_null(directory_agent_by_ref(&d, one));
        ck_assert_ptr_eq(directory_agent_by_ref(&d, two), entry);
        directory_done(&d);
}
END_TEST

START_TEST(an_actor_stands_for_one_agent_only)
{
        struct directory d = {0};
        struct agent_entry *a = directory_agent_add(&d, "a", AGENT_REGISTERED);
        struct agent_entry *b = directory_agent_add(&d, "b", AGENT_REGISTERED);
        directory_agent_bind(&d, a, one);
        directory_agent_bind(&d, b, one);
        ck_assert_ptr_eq(directory_agent_by_ref(&d, one), b);
        directory_agent_drop(&d, a);
        ck_assert_ptr_eq(directory_agent_by_ref(&d, one), b);
        directory_done(&d);
}
END_TEST

START_TEST(recovered_agents_are_counted_until_they_move_on)
{
        struct directory d = {0};
        struct agent_entry *a = directory_agent_add(&d, "a", AGENT_RECOVERED);
        struct agent_entry *b = directory_agent_add(&d, "b", AGENT_RECOVERED);
        ck_assert_uint_eq(d.recovered_count, 2);
        directory_agent_move(&d, a, AGENT_REGISTERED);
        directory_agent_drop(&d, b);
        ck_assert_uint_eq(d.recovered_count, 0);
        directory_done(&d);
}
END_TEST

START_TEST(a_framework_is_found_by_its_newest_scheduler)
{
        struct directory d = {0};
        struct framework_entry *entry = directory_framework_add(&d, "f", FRAMEWORK_LIVE);
        directory_framework_bind(&d, entry, one);
        directory_framework_bind(&d, entry, two);
        ck_assert_ptr_null(directory_framework_by_ref(&d, one));
        ck_assert_ptr_eq(directory_framework_by_ref(&d, two), entry);
        directory_done(&d);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_agent_is_found_by_id_and_by_the_actor_it_is_now);
        tcase_add_test(tcase, an_actor_stands_for_one_agent_only);
        tcase_add_test(tcase, recovered_agents_are_counted_until_they_move_on);
        tcase_add_test(tcase, a_framework_is_found_by_its_newest_scheduler);
}

TEST_MAIN("membership's directory", add_tests)
