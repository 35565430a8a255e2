/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "policy_fixture.h"

#define CAPABILITY(name) V1__FRAMEWORK_INFO__CAPABILITY__TYPE__##name

START_TEST(a_new_framework_is_offered_all_of_every_agent)
{
        struct fixture f;
        set_up(&f);
        add_agent(&f, "a1", "cpus:2;mem:1024;ports:[31000-32000]");
        add_agent(&f, "a2", "cpus:4;mem:2048");
        expect_offers(&f, "");
        add_framework(&f, "f1", "r");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024; ports:[31000-32000]\n"
                          "f1 r a2 cpus:4; mem:2048\n");
        expect_offers(&f, "");
        tear_down(&f);
}
END_TEST

/* mission: A7 */
START_TEST(agents_go_to_whoever_holds_the_least)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r1");
        add_framework(&f, "f2", "r2");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r1 a1 cpus:2; mem:1024\n");
        add_agent(&f, "a2", "cpus:1;mem:512");
        expect_offers(&f, "f2 r2 a2 cpus:1; mem:512\n");
        add_agent(&f, "a3", "cpus:3;mem:3072");
        expect_offers(&f, "f2 r2 a3 cpus:3; mem:3072\n");
        add_framework(&f, "f3", "r1"); /* r1 holds less, and in r1 f3 holds nothing */
        add_agent(&f, "a4", "cpus:4;mem:4096");
        expect_offers(&f, "f3 r1 a4 cpus:4; mem:4096\n");
        tear_down(&f);
}
END_TEST

/* mission: A7 */
START_TEST(a_declined_offer_goes_to_the_next_at_once_and_back_when_the_filter_ends)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_framework(&f, "f2", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        give_back(&f, "a1", "f1", "M-O0", 5 * SECOND);
        expect_offers(&f, "f2 r a1 cpus:2; mem:1024\n");
        give_back(&f, "a1", "f2", "M-O1", 60 * SECOND);
        expect_offers(&f, "");
        expect_batch_after(&f, 4 * SECOND, "");
        expect_batch_after(&f, SECOND, "f1 r a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

/* mission: B5 */
START_TEST(a_filter_holds_back_no_more_than_was_refused)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent_with_task(&f, "a1", "cpus:2;mem:1024", "f1", "r", "cpus:1;mem:512");
        expect_offers(&f, "f1 r a1 cpus:1; mem:512\n");
        give_back(&f, "a1", "f1", "M-O0", 3600 * SECOND);
        expect_offers(&f, "");
        give_back(&f, "a1", "f1", "task/f1/a1", 0); /* its end makes more than was refused */
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

/* mission: B5 */
START_TEST(a_filter_lasts_at_least_one_allocation_interval)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        give_back(&f, "a1", "f1", "M-O0", 1);
        expect_offers(&f, "");
        expect_batch_after(&f, SECOND / 2, "");
        expect_batch_after(&f, SECOND / 2, "f1 r a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

START_TEST(a_refusal_without_a_time_waits_for_the_next_batch_but_not_for_others)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_framework(&f, "f2", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_batch_after(&f, 0, "f1 r a1 cpus:2; mem:1024\n");
        give_back(&f, "a1", "f1", "M-O0", 0);
        expect_offers(&f, "f2 r a1 cpus:2; mem:1024\n");
        give_back(&f, "a1", "f2", "M-O1", 0);
        expect_offers(&f, "");
        expect_batch_after(&f, SECOND, "f1 r a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

/* mission: D7 H4 */
START_TEST(what_an_accepted_offer_leaves_over_is_filtered_and_what_its_task_held_is_offered_at_its_end)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        use(&f, "a1", "f1", "r", "M-O0", "task/f1/t", "cpus:1;mem:512", 5 * SECOND);
        expect_offers(&f, "");
        give_back(&f, "a1", "f1", "task/f1/t", 0);
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        ck_assert_int_eq(f.metrics.pieces_used, 0);
        ck_assert_int_eq(f.metrics.offers_outstanding, 1);
        tear_down(&f);
}
END_TEST

/* mission: D7 */
START_TEST(the_rest_of_an_accepted_offer_without_a_filter_is_offered_again_at_once)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        use(&f, "a1", "f1", "r", "M-O0", "task/f1/t", "cpus:0.5;mem:512", 0);
        expect_offers(&f, "f1 r a1 cpus:1.5; mem:512\n");
        tear_down(&f);
}
END_TEST

START_TEST(giving_back_twice_is_harmless)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        use(&f, "a1", "f1", "r", "M-O0", "task/f1/t", "cpus:1;mem:512", 3600 * SECOND);
        give_back(&f, "a1", "f1", "task/f1/t", 0);
        give_back(&f, "a1", "f1", "task/f1/t", 0);
        give_back(&f, "a1", "f1", "M-O0", 0);
        give_back(&f, "nowhere", "f1", "M-O0", 0);
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        ck_assert_int_eq(f.metrics.unknown_tokens, 3);
        tear_down(&f);
}
END_TEST

START_TEST(many_pieces_are_given_back_as_one)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        use(&f, "a1", "f1", "r", "M-O0", "task/f1/t1", "cpus:0.5;mem:256", 0);
        expect_offers(&f, "f1 r a1 cpus:1.5; mem:768\n");
        use(&f, "a1", "f1", "r", "M-O1", "task/f1/t2", "cpus:0.5;mem:256", 3600 * SECOND);
        const char *tokens[] = {"task/f1/t1", "task/f1/t3", "task/f1/t2"};
        const struct allocator_give_back msg = {"a1", "f1", tokens, 3, 0};
        policy_give_back(f.policy, &msg, f.now_ns);
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        ck_assert_int_eq(f.metrics.pieces_used, 0);
        ck_assert_int_eq(f.metrics.unknown_tokens, 1);
        tear_down(&f);
}
END_TEST

START_TEST(a_piece_is_not_given_back_by_another_framework)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        give_back(&f, "a1", "f2", "M-O0", 0);
        ck_assert_int_eq(f.metrics.offers_outstanding, 1);
        tear_down(&f);
}
END_TEST

/* mission: B6 */
START_TEST(suppress_stops_offers_and_revive_starts_them_and_clears_filters)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        policy_suppress(f.policy, "f1", NULL, 0);
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "");
        policy_revive(f.policy, "f1", NULL, 0);
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        give_back(&f, "a1", "f1", "M-O0", 3600 * SECOND);
        expect_batch_after(&f, SECOND, "");
        const char *other = "other";
        policy_revive(f.policy, "f1", &other, 1);
        expect_offers(&f, "");
        const char *role = "r";
        policy_revive(f.policy, "f1", &role, 1);
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

START_TEST(roles_suppressed_at_registration_get_no_offers)
{
        struct fixture f;
        set_up(&f);
        add_framework_with(&f, "f1", "r1 r2", "r1", NULL);
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r2 a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

START_TEST(a_role_that_is_left_takes_its_offers_back)
{
        struct fixture f;
        set_up(&f);
        add_agent(&f, "a1", "cpus:2;mem:1024");
        add_framework(&f, "f1", "r1");
        expect_offers(&f, "f1 r1 a1 cpus:2; mem:1024\n");
        add_framework(&f, "f1", "r2");
        ck_assert_uint_eq(policy_outbox(f.policy)->rescind_count, 1);
        ck_assert_str_eq(policy_outbox(f.policy)->rescinds[0].offer_id, "M-O0");
        expect_offers(&f, "f1 r2 a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

/* mission: F14 G5 */
START_TEST(reserved_resources_go_to_their_role_and_those_below_it_only)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "other");
        add_framework(&f, "f2", "eng/web");
        add_agent(&f, "a1", "cpus:1;mem:512;cpus(eng):2;mem(eng):1024");
        expect_offers(&f, "f2 eng/web a1 cpus:1; mem:512; cpus(reservations: [(STATIC,eng)]):2; "
                          "mem(reservations: [(STATIC,eng)]):1024\n");
        give_back(&f, "a1", "f2", "M-O0", 3600 * SECOND);
        expect_offers(&f, "f1 other a1 cpus:1; mem:512\n");
        tear_down(&f);
}
END_TEST

START_TEST(an_agent_with_too_little_free_is_not_offered)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent(&f, "a1", "cpus:0.005;mem:16;disk:4096");
        add_agent(&f, "a2", "cpus:0.01;mem:16");
        add_agent(&f, "a3", "cpus:0.005;mem:32");
        expect_offers(&f, "f1 r a2 cpus:0.01; mem:16\nf1 r a3 cpus:0.005; mem:32\n");
        tear_down(&f);
}
END_TEST

/* mission: A9 */
START_TEST(agents_with_gpus_go_only_to_frameworks_that_know_gpus)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024;gpus:1");
        expect_offers(&f, "");
        add_framework_with(&f, "f2", "r", "", (int[]){CAPABILITY(GPU_RESOURCES), 0});
        expect_offers(&f, "f2 r a1 cpus:2; mem:1024; gpus:1\n");
        tear_down(&f);
}
END_TEST

START_TEST(agents_of_another_region_go_only_to_region_aware_frameworks)
{
        struct fixture f;
        set_up(&f);
        policy_free(f.policy);
        V1__DomainInfo__FaultDomain__RegionInfo region = V1__DOMAIN_INFO__FAULT_DOMAIN__REGION_INFO__INIT;
        region.name = "here";
        V1__DomainInfo__FaultDomain fault = V1__DOMAIN_INFO__FAULT_DOMAIN__INIT;
        fault.region = &region;
        V1__DomainInfo domain = V1__DOMAIN_INFO__INIT;
        domain.fault_domain = &fault;
        const struct policy_config config = {.master_id = "M",
                                             .offer_step = 1,
                                             .interval_ns = SECOND,
                                             .domain = &domain,
                                             .metrics = &f.metrics};
        ck_assert_int_eq(policy_new(&config, &f.policy, NULL), 0);
        add_framework(&f, "f1", "r");
        add_agent_in(&f, "a1", "cpus:1;mem:512", "there");
        add_agent_in(&f, "a2", "cpus:1;mem:512", "here");
        add_agent(&f, "a3", "cpus:1;mem:512");
        expect_offers(&f, "f1 r a2 cpus:1; mem:512\nf1 r a3 cpus:1; mem:512\n");
        add_framework_with(&f, "f2", "r", "", (int[]){CAPABILITY(REGION_AWARE), 0});
        expect_offers(&f, "f2 r a1 cpus:1; mem:512\n");
        tear_down(&f);
}
END_TEST

/* mission: A7 */
START_TEST(weights_tilt_the_balance)
{
        struct fixture f;
        set_up(&f);
        policy_set_weight(f.policy, "r1", 2.0);
        add_framework(&f, "f1", "r1");
        add_framework(&f, "f2", "r2");
        const char *expected[] = {"f1 r1", "f2 r2", "f1 r1", "f2 r2", "f1 r1", "f1 r1"};
        for (int i = 0; i < 6; i++) {
                char id[8], line[64];
                snprintf(id, sizeof id, "a%d", i);
                snprintf(line, sizeof line, "%s %s cpus:1; mem:100\n", expected[i], id);
                add_agent(&f, id, "cpus:1;mem:100");
                expect_offers(&f, line);
        }
        tear_down(&f);
}
END_TEST

/* mission: F13 */
START_TEST(sub_roles_share_their_parents_part)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "a/x");
        add_framework(&f, "f2", "a/y");
        add_framework(&f, "f3", "b");
        const char *expected[] = {"f1 a/x", "f3 b", "f2 a/y", "f3 b"};
        for (int i = 0; i < 4; i++) {
                char id[8], line[64];
                snprintf(id, sizeof id, "n%d", i);
                snprintf(line, sizeof line, "%s %s cpus:1; mem:100\n", expected[i], id);
                add_agent(&f, id, "cpus:1;mem:100");
                expect_offers(&f, line);
        }
        tear_down(&f);
}
END_TEST

START_TEST(an_agent_that_goes_takes_its_offers_and_pieces_along)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent_with_task(&f, "a1", "cpus:2;mem:1024", "f1", "r", "cpus:1;mem:512");
        expect_offers(&f, "f1 r a1 cpus:1; mem:512\n");
        policy_remove_agent(f.policy, "a1");
        ck_assert_uint_eq(policy_outbox(f.policy)->rescind_count, 1);
        expect_offers(&f, "");
        ck_assert_int_eq(f.metrics.pieces_used, 0);
        give_back(&f, "a1", "f1", "task/f1/a1", 0);
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

/* mission: C4 */
START_TEST(a_deactivated_agent_keeps_its_pieces_and_loses_its_offers)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent_with_task(&f, "a1", "cpus:2;mem:1024", "f1", "r", "cpus:1;mem:512");
        expect_offers(&f, "f1 r a1 cpus:1; mem:512\n");
        policy_activate_agent(f.policy, "a1", false);
        ck_assert_uint_eq(policy_outbox(f.policy)->rescind_count, 1);
        expect_offers(&f, "");
        expect_batch_after(&f, SECOND, "");
        policy_activate_agent(f.policy, "a1", true);
        expect_offers(&f, "f1 r a1 cpus:1; mem:512\n");
        tear_down(&f);
}
END_TEST

START_TEST(a_framework_that_goes_gives_back_offers_but_its_tasks_hold_on)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        add_agent(&f, "a2", "cpus:1;mem:512");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\nf1 r a2 cpus:1; mem:512\n");
        use(&f, "a1", "f1", "r", "M-O0", "task/f1/t", "cpus:1;mem:512", 0);
        policy_remove_framework(f.policy, "f1");
        ck_assert_uint_eq(policy_outbox(f.policy)->rescind_count, 0);
        add_framework(&f, "f2", "r");
        expect_offers(&f, "f2 r a1 cpus:1; mem:512\nf2 r a2 cpus:1; mem:512\n");
        give_back(&f, "a1", "f1", "task/f1/t", 0);
        expect_offers(&f, "f2 r a1 cpus:1; mem:512\n");
        tear_down(&f);
}
END_TEST

START_TEST(a_deactivated_framework_is_passed_over_until_it_returns)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        policy_deactivate_framework(f.policy, "f1");
        expect_offers(&f, "");
        add_framework(&f, "f1", "r");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

START_TEST(tasks_of_a_framework_that_has_not_come_back_count_against_it)
{
        struct fixture f;
        set_up(&f);
        add_agent_with_task(&f, "a1", "cpus:2;mem:1024", "f1", "r1", "cpus:2;mem:1024");
        add_framework(&f, "f1", "r1");
        add_framework(&f, "f2", "r2");
        add_agent(&f, "a2", "cpus:1;mem:512");
        expect_offers(&f, "f2 r2 a2 cpus:1; mem:512\n");
        tear_down(&f);
}
END_TEST

START_TEST(a_launch_from_a_rescinded_offer_is_in_the_books_until_its_token_returns)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        policy_activate_agent(f.policy, "a1", false);
        policy_activate_agent(f.policy, "a1", true);
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        use(&f, "a1", "f1", "r", "M-O0", "task/f1/t", "cpus:1;mem:512", 0); /* all is offered: in debt */
        ck_assert_int_eq(f.metrics.overcommitted, 1);
        give_back(&f, "a1", "f1", "M-O1", 3600 * SECOND);
        give_back(&f, "a1", "f1", "task/f1/t", 0);
        expect_offers(&f, "");
        policy_revive(f.policy, "f1", NULL, 0);
        expect_offers(&f, "f1 r a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

START_TEST(an_agent_that_returns_smaller_rescinds_its_offers_and_offers_what_is_left)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_agent_with_task(&f, "a1", "cpus:4;mem:1024", "f1", "r", "cpus:1;mem:512");
        expect_offers(&f, "f1 r a1 cpus:3; mem:512\n");
        add_agent_with_task(&f, "a1", "cpus:2;mem:1024", "f1", "r", "cpus:1;mem:512");
        ck_assert_uint_eq(policy_outbox(f.policy)->rescind_count, 1);
        expect_offers(&f, "f1 r a1 cpus:1; mem:512\n");
        tear_down(&f);
}
END_TEST

/* mission: B4 */
START_TEST(a_wish_sizes_the_next_offer_and_is_forgotten_when_met)
{
        struct fixture f;
        set_up(&f);
        add_framework_with(&f, "f1", "r", "r", NULL); /* suppressed: offered only what it wishes */
        add_framework(&f, "f2", "r");
        policy_suppress(f.policy, "f2", NULL, 0);
        add_agent(&f, "a1", "cpus:4;mem:1024");
        expect_offers(&f, "");
        request(&f, "f1", NULL, "cpus:1;mem:128");
        expect_offers(&f, "f1 r a1 cpus:1; mem:128\n");
        expect_batch_after(&f, SECOND, "");
        tear_down(&f);
}
END_TEST

/* mission: B4 */
START_TEST(a_wish_for_an_agent_waits_for_that_agent)
{
        struct fixture f;
        set_up(&f);
        add_framework_with(&f, "f1", "r", "r", NULL);
        add_agent(&f, "a1", "cpus:4;mem:1024");
        request(&f, "f1", "a2", NULL);
        expect_offers(&f, "");
        add_agent(&f, "a2", "cpus:2;mem:512");
        expect_offers(&f, "f1 r a2 cpus:2; mem:512\n");
        tear_down(&f);
}
END_TEST

/* mission: B4 */
START_TEST(a_wish_goes_ahead_within_its_fair_share_and_not_beyond)
{
        struct fixture f;
        set_up(&f);
        add_framework(&f, "f1", "r");
        add_framework(&f, "f2", "r");
        add_agent_with_task(&f, "a0", "cpus:2;mem:1024", "f2", "r", "cpus:2;mem:1024");
        policy_suppress(f.policy, "f1", NULL, 0);
        policy_suppress(f.policy, "f2", NULL, 0);
        add_agent(&f, "a1", "cpus:8;mem:4096");
        expect_offers(&f, "");
        request(&f, "f2", NULL, "cpus:2;mem:1024"); /* then it holds 0.4 of all: its half allows it */
        policy_revive(f.policy, "f1", NULL, 0);
        expect_offers(&f, "f2 r a1 cpus:2; mem:1024\nf1 r a1 cpus:6; mem:3072\n");
        give_back(&f, "a1", "f1", "M-O1", 0);
        request(&f, "f2", NULL, "cpus:4;mem:2048"); /* would be 0.8 */
        policy_revive(f.policy, "f1", NULL, 0);
        expect_offers(&f, "f1 r a1 cpus:6; mem:3072\n");
        tear_down(&f);
}
END_TEST

/* mission: B4 */
START_TEST(a_new_request_replaces_the_last)
{
        struct fixture f;
        set_up(&f);
        add_framework_with(&f, "f1", "r", "r", NULL);
        request(&f, "f1", NULL, "cpus:1;mem:128");
        request(&f, "f1", NULL, "cpus:2;mem:256");
        add_agent(&f, "a1", "cpus:4;mem:1024");
        expect_offers(&f, "f1 r a1 cpus:2; mem:256\n");
        tear_down(&f);
}
END_TEST

START_TEST(malformed_minima_are_refused_with_a_sentence)
{
        struct allocator_metrics metrics = {0};
        struct actor_error error = {""};
        struct policy *policy = NULL;
        const struct policy_config config = {.master_id = "M",
                                             .offer_step = 1,
                                             .interval_ns = 1,
                                             .min_allocatable_resources = "cpus:0.1|mem:many:more",
                                             .metrics = &metrics};
        ck_assert_int_lt(policy_new(&config, &policy, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "min_allocatable_resources"));
        ck_assert_ptr_null(policy);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, a_new_framework_is_offered_all_of_every_agent);
        tcase_add_test(tests, agents_go_to_whoever_holds_the_least);
        tcase_add_test(tests, a_declined_offer_goes_to_the_next_at_once_and_back_when_the_filter_ends);
        tcase_add_test(tests, a_filter_holds_back_no_more_than_was_refused);
        tcase_add_test(tests, a_filter_lasts_at_least_one_allocation_interval);
        tcase_add_test(tests, a_refusal_without_a_time_waits_for_the_next_batch_but_not_for_others);
        tcase_add_test(
                tests,
                what_an_accepted_offer_leaves_over_is_filtered_and_what_its_task_held_is_offered_at_its_end);
        tcase_add_test(tests, the_rest_of_an_accepted_offer_without_a_filter_is_offered_again_at_once);
        tcase_add_test(tests, giving_back_twice_is_harmless);
        tcase_add_test(tests, many_pieces_are_given_back_as_one);
        tcase_add_test(tests, a_piece_is_not_given_back_by_another_framework);
        tcase_add_test(tests, suppress_stops_offers_and_revive_starts_them_and_clears_filters);
        tcase_add_test(tests, roles_suppressed_at_registration_get_no_offers);
        tcase_add_test(tests, a_role_that_is_left_takes_its_offers_back);
        tcase_add_test(tests, reserved_resources_go_to_their_role_and_those_below_it_only);
        tcase_add_test(tests, an_agent_with_too_little_free_is_not_offered);
        tcase_add_test(tests, agents_with_gpus_go_only_to_frameworks_that_know_gpus);
        tcase_add_test(tests, agents_of_another_region_go_only_to_region_aware_frameworks);
        tcase_add_test(tests, weights_tilt_the_balance);
        tcase_add_test(tests, sub_roles_share_their_parents_part);
        tcase_add_test(tests, an_agent_that_goes_takes_its_offers_and_pieces_along);
        tcase_add_test(tests, a_deactivated_agent_keeps_its_pieces_and_loses_its_offers);
        tcase_add_test(tests, a_framework_that_goes_gives_back_offers_but_its_tasks_hold_on);
        tcase_add_test(tests, a_deactivated_framework_is_passed_over_until_it_returns);
        tcase_add_test(tests, tasks_of_a_framework_that_has_not_come_back_count_against_it);
        tcase_add_test(tests, a_launch_from_a_rescinded_offer_is_in_the_books_until_its_token_returns);
        tcase_add_test(tests, an_agent_that_returns_smaller_rescinds_its_offers_and_offers_what_is_left);
        tcase_add_test(tests, a_wish_sizes_the_next_offer_and_is_forgotten_when_met);
        tcase_add_test(tests, a_wish_for_an_agent_waits_for_that_agent);
        tcase_add_test(tests, a_wish_goes_ahead_within_its_fair_share_and_not_beyond);
        tcase_add_test(tests, a_new_request_replaces_the_last);
        tcase_add_test(tests, malformed_minima_are_refused_with_a_sentence);
}

TEST_MAIN("allocator policy", add_tests)
