/* SPDX-License-Identifier: Apache-2.0 */
/* What a node notices of its peers, on the virtual network: to the millisecond, and the same every time. */
#include <check.h>

#include "probe.h"
#include "check_main.h"

#include <actor/log.h>
#include <actor/sim.h>

#define A "tcp://a:5050"
#define B "tcp://b:5050"
enum { HEARTBEAT_MS = 1000, MISSED_MAX = 3, SILENCE_MS = HEARTBEAT_MS * MISSED_MAX };
enum { MESSAGE_MAX = 4000000, LARGE = 3000000 };

/* Two nodes, a probe on each: p at A, q at B. */
static struct actor_sim *sim;
static struct actor_node *a, *b;
static struct probe p_probe, q_probe;
static struct actor_ref p, q, q_at_b, p_at_a;

static struct actor_node *sim_node(const char *endpoint)
{
        static struct actor_log *errors_only;
        if (!errors_only)
                errors_only = actor_log_new(2, ACTOR_LOG_ERROR, false);
        struct actor_node_config config = {
                .name = endpoint,
                .types = note_types,
                .message_max = MESSAGE_MAX,
                .heartbeat_ms = HEARTBEAT_MS,
                .heartbeats_missed_max = MISSED_MAX,
                .reconnect_min_ms = 100,
                .reconnect_max_ms = 1000,
                .log = errors_only,
        };
        return actor_sim_node(sim, endpoint, &config);
}

static struct actor_node *b_again(void)
{
        struct actor_node *node = sim_node(B);
        q_probe = (struct probe){0};
        q = probe_spawn(node, "q", &q_probe);
        return node;
}

static void set_up(void)
{
        sim = actor_sim_new(1);
        p_probe = q_probe = (struct probe){0};
        a = sim_node(A);
        p = probe_spawn(a, "p", &p_probe);
        b = b_again();
        q_at_b = resolve(a, "q", B);
        p_at_a = resolve(b, "p", A);
}

static void tear_down(void)
{
        actor_sim_free(sim);
}

static void order_p(struct order order)
{
        probe_order(a, p, order);
        actor_sim_settle(sim);
}

static void connect_p_to_q(void)
{
        order_p((struct order){.what = ORDER_ASK, .to = q_at_b, .number = 1});
        probe_expect(&p_probe, "reply 1001\n");
        probe_expect(&q_probe, "note 1\n");
}

START_TEST(a_reply_comes_back_on_the_same_connection)
{
        connect_p_to_q();
        ck_assert_uint_eq(totals_of(a).peers, 1);
        ck_assert_uint_eq(totals_of(b).peers, 1);
}
END_TEST

START_TEST(a_name_that_nobody_bears_is_answered_by_kind)
{
        struct actor_ref nobody = resolve(a, "nobody", B);
        order_p((struct order){.what = ORDER_SEND, .to = nobody, .number = 1});
        order_p((struct order){.what = ORDER_SEND_RETURNABLE, .to = nobody, .number = 2});
        order_p((struct order){.what = ORDER_ASK, .to = nobody, .number = 3});
        order_p((struct order){.what = ORDER_MONITOR, .to = nobody});
        probe_expect(&p_probe, "undelivered 2 ESRCH\nreply ESRCH\ndown not found\n");
}
END_TEST

START_TEST(an_unknown_type_is_counted_and_told_to_whoever_asked)
{
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .type = &foreign_type, .number = 1});
        order_p((struct order){
                .what = ORDER_SEND_RETURNABLE, .to = q_at_b, .type = &foreign_type, .number = 2});
        order_p((struct order){.what = ORDER_ASK, .to = q_at_b, .type = &foreign_type, .number = 3});
        probe_expect(&q_probe, "");
        probe_expect(&p_probe,
                     "reply EPROTO\n"); /* a's own table does not know it either: no way back for 2 */
        ck_assert_uint_eq(totals_of(b).wire_rejected, 3);
        connect_p_to_q();
}
END_TEST

START_TEST(a_message_over_the_limit_is_refused_at_the_sender)
{
        order_p((struct order){
                .what = ORDER_SEND_RETURNABLE, .to = q_at_b, .number = 1, .size = MESSAGE_MAX});
        order_p((struct order){.what = ORDER_ASK, .to = q_at_b, .number = 2, .size = MESSAGE_MAX});
        probe_expect(&p_probe, "undelivered 1 EMSGSIZE\nreply EMSGSIZE\n");
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .number = 3, .size = MESSAGE_MAX - 100});
        probe_expect(&q_probe, "note 3\n");
        ck_assert_uint_eq(totals_of(a).wire_refused, 2);
}
END_TEST

START_TEST(a_remote_actor_that_ends_is_reported_once)
{
        connect_p_to_q();
        order_p((struct order){.what = ORDER_MONITOR, .to = q_at_b});
        probe_order(b, q, (struct order){.what = ORDER_EXIT});
        actor_sim_settle(sim);
        probe_expect(&p_probe, "down finished\n");
        actor_sim_advance(sim, 60000);
        probe_expect(&p_probe, "");
}
END_TEST

START_TEST(a_broken_connection_ends_watches_and_asks_at_once)
{
        connect_p_to_q();
        q_probe.is_mute = true;
        order_p((struct order){.what = ORDER_MONITOR, .to = q_at_b});
        order_p((struct order){.what = ORDER_ASK, .to = q_at_b, .number = 2});
        actor_sim_break(sim, A, B);
        actor_sim_settle(sim);
        probe_expect(&p_probe, "down unreachable\nreply EHOSTUNREACH\n");
        actor_sim_advance(sim, 60000);
        probe_expect(&p_probe, "");
}
END_TEST

START_TEST(a_cut_is_noticed_after_the_last_missed_heartbeat)
{
        connect_p_to_q();
        order_p((struct order){.what = ORDER_MONITOR, .to = q_at_b});
        actor_sim_cut(sim, A, B);
        actor_sim_advance(sim, SILENCE_MS - HEARTBEAT_MS);
        probe_expect(&p_probe, "");
        actor_sim_advance(sim, HEARTBEAT_MS);
        probe_expect(&p_probe, "down unreachable\n");
        ck_assert_uint_eq(totals_of(b).peers, 0);
}
END_TEST

START_TEST(an_idle_connection_is_kept_alive)
{
        connect_p_to_q();
        order_p((struct order){.what = ORDER_MONITOR, .to = q_at_b});
        actor_sim_advance(sim, 3600 * 1000);
        probe_expect(&p_probe, "");
        ck_assert_uint_eq(totals_of(a).reconnects, 0);
}
END_TEST

START_TEST(a_gap_left_by_a_short_cut_breaks_the_connection)
{
        connect_p_to_q();
        order_p((struct order){.what = ORDER_MONITOR, .to = q_at_b});
        actor_sim_cut(sim, A, B);
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .number = 2});
        actor_sim_heal(sim, A, B);
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .number = 3});
        probe_expect(&q_probe, "");
        probe_expect(&p_probe, "down unreachable\n");
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .number = 4});
        actor_sim_advance(sim, 1000);
        probe_expect(&q_probe, "note 4\n");
}
END_TEST

START_TEST(mail_for_an_absent_peer_waits_and_is_then_given_back)
{
        struct actor_ref absent = resolve(a, "q", "tcp://c:1");
        order_p((struct order){.what = ORDER_SEND_RETURNABLE, .to = absent, .number = 1});
        order_p((struct order){.what = ORDER_ASK, .to = absent, .number = 2});
        order_p((struct order){.what = ORDER_MONITOR, .to = absent});
        actor_sim_advance(sim, SILENCE_MS - 1);
        probe_expect(&p_probe, "");
        actor_sim_advance(sim, 1);
        probe_expect(&p_probe, "undelivered 1 EHOSTUNREACH\nreply EHOSTUNREACH\ndown unreachable\n");
}
END_TEST

START_TEST(mail_that_waits_is_sent_in_order_when_the_peer_comes)
{
        struct probe late = {0};
        struct actor_ref to = resolve(a, "late", "tcp://c:1");
        for (uint64_t i = 1; i <= 3; i++)
                order_p((struct order){.what = ORDER_SEND, .to = to, .number = i});
        actor_sim_advance(sim, 1000);
        probe_spawn(sim_node("tcp://c:1"), "late", &late);
        actor_sim_advance(sim, 1000);
        probe_expect(&late, "note 1\nnote 2\nnote 3\n");
}
END_TEST

START_TEST(a_node_that_is_freed_says_goodbye)
{
        connect_p_to_q();
        order_p((struct order){.what = ORDER_MONITOR, .to = resolve(a, "none", B)});
        probe_expect(&p_probe, "down not found\n");
        q_probe.is_mute = true;
        order_p((struct order){.what = ORDER_ASK, .to = q_at_b, .number = 2});
        actor_node_free(b);
        actor_sim_settle(sim);
        ck_assert_uint_eq(p_probe.errors, 1);
        ck_assert_uint_eq(totals_of(a).peers, 0);
}
END_TEST

/* A node that died and came back: who was known by id is gone, who is known by name is there. */
START_TEST(a_new_incarnation_bears_the_old_names_and_not_the_old_ids)
{
        connect_p_to_q();
        struct actor_ref by_id = ACTOR_NOBODY;
        order_p((struct order){.what = ORDER_MONITOR, .to = q_at_b});
        probe_order(b, q, (struct order){.what = ORDER_SEND, .to = p_at_a, .number = 7});
        actor_sim_settle(sim);
        by_id = (struct actor_ref){q_at_b.peer, q.slot, q.generation};
        order_p((struct order){.what = ORDER_SEND_RETURNABLE, .to = by_id, .number = 2});
        probe_expect(&q_probe, "note 2\n");
        probe_expect(&p_probe, "note 7\n");
        actor_sim_crash(sim, b);
        actor_sim_settle(sim);
        probe_expect(&p_probe, "down unreachable\n");
        b = b_again();
        order_p((struct order){.what = ORDER_SEND_RETURNABLE, .to = by_id, .number = 3});
        order_p((struct order){.what = ORDER_SEND_RETURNABLE, .to = q_at_b, .number = 4});
        actor_sim_advance(sim, 2000);
        probe_expect(&p_probe, "undelivered 3 ESRCH\n");
        probe_expect(&q_probe, "note 4\n");
}
END_TEST

/* A node that died and came back elsewhere: refs to where it was reach nobody, least of all its successor;
 * who asks at the new address finds the names there. */
START_TEST(a_node_that_comes_back_at_another_address_is_found_there_only)
{
        connect_p_to_q();
        struct actor_ref by_id = {q_at_b.peer, q.slot, q.generation};
        order_p((struct order){.what = ORDER_MONITOR, .to = q_at_b});
        actor_sim_crash(sim, b);
        actor_sim_settle(sim);
        probe_expect(&p_probe, "down unreachable\n");
        b = sim_node("tcp://c:5050");
        q_probe = (struct probe){0};
        q = probe_spawn(b, "q", &q_probe);
        order_p((struct order){.what = ORDER_ASK, .to = resolve(a, "q", "tcp://c:5050"), .number = 2});
        probe_expect(&p_probe, "reply 1002\n");
        order_p((struct order){.what = ORDER_SEND_RETURNABLE, .to = by_id, .number = 3});
        order_p((struct order){.what = ORDER_SEND_RETURNABLE, .to = q_at_b, .number = 4});
        actor_sim_advance(sim, SILENCE_MS);
        probe_expect(&p_probe, "undelivered 3 EHOSTUNREACH\nundelivered 4 EHOSTUNREACH\n");
        probe_expect(&q_probe, "note 2\n");
        ck_assert_uint_eq(totals_of(a).peers, 1);
}
END_TEST

START_TEST(two_that_dial_each_other_at_once_agree_on_one_connection)
{
        for (int64_t delay_ms = 0; delay_ms < 4; delay_ms++) {
                tear_down();
                set_up();
                actor_sim_delay(sim, A, B, delay_ms, delay_ms + 3);
                for (uint64_t i = 1; i <= 20; i++) {
                        probe_order(a, p, (struct order){.what = ORDER_SEND, .to = q_at_b, .number = i});
                        probe_order(b, q, (struct order){.what = ORDER_SEND, .to = p_at_a, .number = i});
                        actor_sim_advance(sim, 1);
                }
                actor_sim_advance(sim, 1000);
                ck_assert_uint_eq(p_probe.notes, 20);
                ck_assert_uint_eq(q_probe.notes, 20);
                ck_assert_uint_eq(p_probe.out_of_order + q_probe.out_of_order, 0);
                ck_assert_uint_eq(totals_of(a).peers, 1);
                ck_assert_uint_eq(totals_of(b).peers, 1);
        }
}
END_TEST

START_TEST(two_endpoints_of_one_node_share_its_connection)
{
        connect_p_to_q();
        struct actor_ref back = resolve(b, "p", A); /* b has a's connection already, and uses it */
        probe_order(b, q, (struct order){.what = ORDER_ASK, .to = back, .number = 5});
        actor_sim_settle(sim);
        probe_expect(&q_probe, "reply 1005\n");
        ck_assert_uint_eq(totals_of(b).peers, 1);
}
END_TEST

START_TEST(a_node_without_an_endpoint_gets_its_answers)
{
        struct probe cli = {0};
        struct actor_node *c = sim_node("");
        struct actor_ref asker = probe_spawn(c, "cli", &cli);
        probe_order(c, asker, (struct order){.what = ORDER_ASK, .to = resolve(c, "q", B), .number = 9});
        actor_sim_settle(sim);
        probe_expect(&cli, "reply 1009\n");
}
END_TEST

START_TEST(mail_to_an_endpoint_of_ones_own_stays_here)
{
        order_p((struct order){.what = ORDER_ASK, .to = resolve(a, "p", A), .number = 1});
        order_p((struct order){.what = ORDER_ASK, .to = resolve(a, "none", A), .number = 2});
        probe_expect(&p_probe, "note 1\nreply 1001\nreply ESRCH\n");
        ck_assert_uint_eq(totals_of(a).peers, 0);
}
END_TEST

START_TEST(a_demonitored_actor_is_not_reported)
{
        connect_p_to_q();
        order_p((struct order){.what = ORDER_MONITOR, .to = q_at_b});
        order_p((struct order){.what = ORDER_DEMONITOR});
        probe_order(b, q, (struct order){.what = ORDER_EXIT});
        actor_sim_settle(sim);
        actor_sim_break(sim, A, B);
        actor_sim_settle(sim);
        probe_expect(&p_probe, "");
}
END_TEST

/* Messages for a peer whose frames are held back do not pass the window until it reads. */
START_TEST(a_flood_through_a_slow_connection_keeps_its_order)
{
        connect_p_to_q();
        q_probe.is_quiet = true;
        actor_sim_delay(sim, A, B, 5, 50);
        order_p((struct order){
                .what = ORDER_SEND_MANY, .to = q_at_b, .number = 2, .count = 30000, .size = 1000});
        actor_sim_advance(sim, 20000);
        ck_assert_uint_eq(q_probe.notes, 30001);
        ck_assert_uint_eq(q_probe.out_of_order, 0);
}
END_TEST

/* A second sender at A, and a connection on which each frame takes 10 ms. */
static struct actor_ref slow_connection(struct probe *r_probe)
{
        connect_p_to_q();
        actor_sim_delay(sim, A, B, 10, 10);
        *r_probe = (struct probe){0};
        return probe_spawn(a, "r", r_probe);
}

/* Goal: a large message is overtaken by all but what its own sender sends later to the same receiver. */
START_TEST(a_large_message_holds_up_its_own_successors_only)
{
        struct probe r_probe;
        struct actor_ref r = slow_connection(&r_probe);
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .number = 2, .size = LARGE});
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .number = 3});
        order_p((struct order){.what = ORDER_MONITOR, .to = resolve(a, "nobody", B)});
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .number = 4, .size = LARGE});
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .number = 5});
        probe_order(a, r, (struct order){.what = ORDER_SEND, .to = q_at_b, .number = 100});
        actor_sim_advance(sim, 25);
        probe_expect(&q_probe, "note 100\n");
        probe_expect(&p_probe, "down not found\n");
        actor_sim_advance(sim, 5000);
        probe_expect(&q_probe, "note 2\nnote 3\nnote 4\nnote 5\n");
        probe_order(a, r, (struct order){.what = ORDER_SEND, .to = q_at_b, .number = 101});
        actor_sim_advance(sim, 10);
        probe_expect(&q_probe, "note 101\n");
}
END_TEST

/* What was under way is lost; what had not begun to leave goes out on the next connection, in order. */
START_TEST(a_connection_that_breaks_amid_a_large_message_loses_that_one_alone)
{
        struct probe r_probe;
        (void) slow_connection(&r_probe);
        order_p((struct order){.what = ORDER_ASK, .to = q_at_b, .number = 2, .size = LARGE});
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .number = 3});
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .number = 4, .size = LARGE});
        order_p((struct order){.what = ORDER_SEND, .to = q_at_b, .number = 5});
        actor_sim_advance(sim, 25);
        actor_sim_break(sim, A, B);
        actor_sim_settle(sim);
        probe_expect(&p_probe, "reply EHOSTUNREACH\n");
        actor_sim_advance(sim, 10000);
        probe_expect(&q_probe, "note 3\nnote 4\nnote 5\n");
}
END_TEST

/* More bodies than may be under way at once, together larger than the receiver takes at once. */
START_TEST(many_large_messages_wait_for_each_other)
{
        enum { SENDERS = 20 };
        static struct probe r_probes[SENDERS];
        connect_p_to_q();
        actor_sim_delay(sim, A, B, 1, 3);
        for (int i = 0; i < SENDERS; i++) {
                r_probes[i] = (struct probe){0};
                probe_order(a, probe_spawn(a, NULL, &r_probes[i]),
                            (struct order){.what = ORDER_ASK,
                                           .to = q_at_b,
                                           .number = 1,
                                           .size = i % 2 ? LARGE : 100000});
        }
        actor_sim_advance(sim, 30000);
        for (int i = 0; i < SENDERS; i++)
                probe_expect(&r_probes[i], "reply 1001\n");
        ck_assert_uint_eq(totals_of(b).wire_rejected, 0);
        ck_assert_uint_eq(totals_of(a).reconnects, 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, set_up, tear_down);
        tcase_add_test(tcase, a_reply_comes_back_on_the_same_connection);
        tcase_add_test(tcase, a_name_that_nobody_bears_is_answered_by_kind);
        tcase_add_test(tcase, an_unknown_type_is_counted_and_told_to_whoever_asked);
        tcase_add_test(tcase, a_message_over_the_limit_is_refused_at_the_sender);
        tcase_add_test(tcase, a_remote_actor_that_ends_is_reported_once);
        tcase_add_test(tcase, a_large_message_holds_up_its_own_successors_only);
        tcase_add_test(tcase, a_connection_that_breaks_amid_a_large_message_loses_that_one_alone);
        tcase_add_test(tcase, many_large_messages_wait_for_each_other);
        tcase_add_test(tcase, a_broken_connection_ends_watches_and_asks_at_once);
        tcase_add_test(tcase, a_cut_is_noticed_after_the_last_missed_heartbeat);
        tcase_add_test(tcase, an_idle_connection_is_kept_alive);
        tcase_add_test(tcase, a_gap_left_by_a_short_cut_breaks_the_connection);
        tcase_add_test(tcase, mail_for_an_absent_peer_waits_and_is_then_given_back);
        tcase_add_test(tcase, mail_that_waits_is_sent_in_order_when_the_peer_comes);
        tcase_add_test(tcase, a_node_that_is_freed_says_goodbye);
        tcase_add_test(tcase, a_new_incarnation_bears_the_old_names_and_not_the_old_ids);
        tcase_add_test(tcase, a_node_that_comes_back_at_another_address_is_found_there_only);
        tcase_add_test(tcase, two_that_dial_each_other_at_once_agree_on_one_connection);
        tcase_add_test(tcase, two_endpoints_of_one_node_share_its_connection);
        tcase_add_test(tcase, a_node_without_an_endpoint_gets_its_answers);
        tcase_add_test(tcase, mail_to_an_endpoint_of_ones_own_stays_here);
        tcase_add_test(tcase, a_demonitored_actor_is_not_reported);
        tcase_add_test(tcase, a_flood_through_a_slow_connection_keeps_its_order);
}

TEST_MAIN("the peers of a node, simulated", add_tests)
