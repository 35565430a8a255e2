/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "framework/offers.h"
#include <actor/memory.h>

static struct offers offers;
static V1__OfferID ids[4];
static V1__OfferID *wanted[4];
static struct offer *picked[4];
static struct actor_error error;

static void add(int index, const char *id, const char *agent_id, const char *role)
{
        struct offer *offer = actor_zalloc(sizeof *offer);
        offer->id = id;
        offer->agent_id = agent_id;
        offer->role = role;
        framework_offers_add(&offers, offer);
        v1__offer_id__init(&ids[index]);
        ids[index].value = id;
        wanted[index] = &ids[index];
}

static void setup(void)
{
        memset(&offers, 0, sizeof offers);
        add(0, "o1", "a1", "*");
        add(1, "o2", "a1", "*");
        add(2, "o3", "a2", "*");
        add(3, "o4", "a1", "web");
}

static void teardown(void)
{
        framework_offers_done(&offers);
}

/* mission: B7 */
START_TEST(offers_of_one_agent_and_one_role_go_together)
{
        ck_assert_int_eq(framework_offers_pick(&offers, 2, wanted, picked, &error), 0);
        ck_assert_str_eq(picked[1]->id, "o2");
}
END_TEST

START_TEST(offers_of_two_agents_do_not)
{
        ck_assert_int_lt(framework_offers_pick(&offers, 3, wanted, picked, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "o3"));
}
END_TEST

START_TEST(offers_of_two_roles_do_not)
{
        wanted[1] = wanted[3];
        ck_assert_int_lt(framework_offers_pick(&offers, 2, wanted, picked, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "'web'"));
}
END_TEST

START_TEST(an_offer_named_twice_is_refused)
{
        wanted[1] = wanted[0];
        ck_assert_int_lt(framework_offers_pick(&offers, 2, wanted, picked, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "Duplicate"));
}
END_TEST

/* mission: B7 */
START_TEST(an_offer_that_has_gone_is_refused)
{
        framework_offers_drop(&offers, framework_offers_find(&offers, "o1"));
        ck_assert_int_lt(framework_offers_pick(&offers, 1, wanted, picked, &error), 0);
        ck_assert_str_eq(error.text, "Offer o1 is no longer valid");
}
END_TEST

START_TEST(no_offers_are_refused)
{
        ck_assert_int_lt(framework_offers_pick(&offers, 0, wanted, picked, &error), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, offers_of_one_agent_and_one_role_go_together);
        tcase_add_test(tcase, offers_of_two_agents_do_not);
        tcase_add_test(tcase, offers_of_two_roles_do_not);
        tcase_add_test(tcase, an_offer_named_twice_is_refused);
        tcase_add_test(tcase, an_offer_that_has_gone_is_refused);
        tcase_add_test(tcase, no_offers_are_refused);
}

TEST_MAIN("a framework's offers", add_tests)
