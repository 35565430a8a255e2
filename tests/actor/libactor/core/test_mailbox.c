/* SPDX-License-Identifier: Apache-2.0 */
/* What a mailbox promises: order per sender, a bound that is kept, nothing lost without a trace. */
#include "probe.h"

#include <errno.h>

enum { SENDERS = 8, MESSAGES = 5000 };
enum { GO = -1, SEND_TO = -2, STOP_IT = -3 };

/* ---- order --------------------------------------------------------------------------------------- */

struct collector {
        uint64_t next[SENDERS];
        uint64_t total;
};

static int on_numbered(struct collector *c, const struct actor_mail *mail, const struct note *body)
{
        ck_assert_uint_eq(body->value, c->next[body->what]);
        c->next[body->what]++;
        if (++c->total == SENDERS * MESSAGES)
                actor_node_shutdown(actor_node(mail->self), 0);
        return 0;
}
ACTOR_BIND(on_numbered, struct collector, struct note)

static const struct actor_handler collector_handlers[] = {
        {&note_type, on_numbered_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class collector_class = {
        .name = "collector", .state_size = sizeof(struct collector), .handlers = collector_handlers};

struct sender {
        int index;
        struct actor_ref to;
        uint64_t next;
};

static int sender_init(void *state, struct actor *self, const void *config)
{
        *(struct sender *) state = *(const struct sender *) config;
        return actor_send(self, actor_self(self), note(GO, 0));
}

/* Ten at a time, so that senders and receiver take turns. */
static int on_go(struct sender *s, const struct actor_mail *mail, const struct note *body)
{
        for (int i = 0; i < 10 && s->next < MESSAGES; i++)
                ck_assert_int_eq(actor_send(mail->self, s->to, note(s->index, s->next++)), 0);
        if (s->next < MESSAGES)
                actor_send(mail->self, actor_self(mail->self), note(GO, 0));
        return 0;
}
ACTOR_BIND(on_go, struct sender, struct note)

static const struct actor_handler sender_handlers[] = {
        {&note_type, on_go_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};
static const struct actor_class sender_class = {.name = "sender",
                                                .state_size = sizeof(struct sender),
                                                .init = sender_init,
                                                .handlers = sender_handlers};

static void run_senders(struct actor_node *node)
{
        struct actor_ref collector = spawn(node, &collector_class, "collector", NULL);
        for (int i = 0; i < SENDERS; i++) {
                struct sender config = {.index = i, .to = collector};
                spawn(node, &sender_class, NULL, &config);
        }
        ck_assert_int_eq(actor_node_wait(node), 0);
        check_conservation(node);
}

START_TEST(messages_of_each_sender_arrive_in_order_on_several_workers)
{
        struct actor_node *node = real_node(4);
        run_senders(node);
        actor_node_free(node);
}
END_TEST

START_TEST(messages_of_each_sender_arrive_in_order_in_a_simulation)
{
        struct actor_sim *sim = actor_sim_new(7);
        run_senders(actor_sim_node(sim, "tcp://m1:1", NULL));
        actor_sim_free(sim);
}
END_TEST

/* ---- bounds -------------------------------------------------------------------------------------- */

static int on_told(void *state, const struct actor_mail *mail, const struct note *body)
{
        tell("%d ", body->what);
        return 0;
}
ACTOR_BIND(on_told, void, struct note)

static const struct actor_handler teller_handlers[] = {
        {&note_type, on_told_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class refusing_class = {
        .name = "refusing", .handlers = teller_handlers, .mailbox_max = 3, .overflow = ACTOR_REFUSE};
static const struct actor_class dropping_class = {
        .name = "dropping", .handlers = teller_handlers, .mailbox_max = 3, .overflow = ACTOR_DROP_OLDEST};

START_TEST(a_full_mailbox_refuses_exactly_what_exceeds_its_bound)
{
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref to = spawn(node, &refusing_class, NULL, NULL);
        for (int i = 1; i <= 5; i++)
                ck_assert_int_eq(actor_node_send(node, to, note(i, 0)), i <= 3 ? 0 : -ENOBUFS);
        actor_sim_settle(sim);
        expect_told("1 2 3 ");
        ck_assert_int_eq(actor_node_send(node, to, note(6, 0)), 0);
        actor_sim_settle(sim);
        expect_told("6 ");
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        ck_assert_uint_eq(totals.dropped, 2);
        check_conservation(node);
        actor_sim_free(sim);
}
END_TEST

START_TEST(a_full_mailbox_that_drops_keeps_the_newest)
{
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref to = spawn(node, &dropping_class, NULL, NULL);
        for (int i = 1; i <= 5; i++)
                ck_assert_int_eq(actor_node_send(node, to, note(i, 0)), 0);
        actor_sim_settle(sim);
        expect_told("3 4 5 ");
        check_conservation(node);
        actor_sim_free(sim);
}
END_TEST

START_TEST(an_ask_of_a_full_mailbox_is_answered_at_once)
{
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref to = spawn(node, &refusing_class, NULL, NULL);
        for (int i = 1; i <= 3; i++)
                ck_assert_int_eq(actor_node_send(node, to, note(i, 0)), 0);
        ck_assert_int_eq(actor_node_ask(node, to, note(4, 0), 1000, NULL), -ENOBUFS);
        ck_assert_int_eq(actor_sim_now_ms(sim), 0);
        actor_sim_free(sim);
}
END_TEST

/* ---- dead letters -------------------------------------------------------------------------------- */

static int on_order(void *state, const struct actor_mail *mail, const struct note *body)
{
        switch (body->what) {
        case SEND_TO:
                return actor_send_returnable(mail->self, body->ref, note(42, 0));
        case STOP_IT:
                actor_send(mail->self, body->ref, note(1, 0));
                actor_stop(mail->self, body->ref);
                return actor_send(mail->self, body->ref, note(2, 0));
        }
        return 0;
}

static int on_returned(void *state, const struct actor_mail *mail, const struct actor_undelivered *body)
{
        tell("%d back: %s ", ((const struct note *) body->msg)->what, strerror(-body->reason));
        return 0;
}
ACTOR_BIND(on_order, void, struct note)
ACTOR_BIND(on_returned, void, struct actor_undelivered)

static const struct actor_handler orderly_handlers[] = {
        {&note_type, on_order_bound, ACTOR_FROM_LOCAL},
        {&actor_undelivered_type, on_returned_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};
static const struct actor_class orderly_class = {.name = "orderly", .handlers = orderly_handlers};

static void order(struct actor_node *node, struct actor_ref who, int what, struct actor_ref ref)
{
        struct note *msg = note(what, 0);
        msg->ref = ref;
        ck_assert_int_eq(actor_node_send(node, who, msg), 0);
}

START_TEST(a_stop_comes_after_what_was_sent_before_and_what_follows_is_a_dead_letter)
{
        struct actor_sim *sim = actor_sim_new(3);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref orderly = spawn(node, &orderly_class, NULL, NULL);
        struct actor_ref victim = spawn(node, &refusing_class, NULL, NULL);
        order(node, orderly, STOP_IT, victim);
        actor_sim_settle(sim);
        expect_told("1 ");
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        ck_assert_uint_eq(totals.dead_letters, 1);
        ck_assert_uint_eq(totals.actors, 1);

        order(node, orderly, SEND_TO, victim);
        actor_sim_settle(sim);
        expect_told("42 back: No such process ");
        check_conservation(node);
        actor_sim_free(sim);
}
END_TEST

START_TEST(a_returnable_message_comes_back_from_whoever_does_not_know_its_type)
{
        static const struct actor_class deaf_class = {.name = "deaf"};
        struct actor_sim *sim = actor_sim_new(3);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref orderly = spawn(node, &orderly_class, NULL, NULL);
        struct actor_ref deaf = spawn(node, &deaf_class, NULL, NULL);
        order(node, orderly, SEND_TO, deaf);
        actor_sim_settle(sim);
        expect_told("42 back: Protocol error ");
        ck_assert_int_eq(actor_node_ask(node, deaf, note(1, 0), 1000, NULL), -EPROTO);
        check_conservation(node);
        actor_sim_free(sim);
}
END_TEST

/* A ref to an actor that has ended must not reach the next tenant of its cell. */
START_TEST(a_ref_to_an_ended_actor_stays_dead)
{
        struct actor_sim *sim = actor_sim_new(3);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref orderly = spawn(node, &orderly_class, NULL, NULL);
        struct actor_ref old = spawn(node, &refusing_class, "x", NULL);
        order(node, orderly, STOP_IT, old);
        actor_sim_settle(sim);
        expect_told("1 ");
        struct actor_ref next = spawn(node, &refusing_class, "x", NULL);
        ck_assert_uint_eq(next.slot, old.slot);
        ck_assert(!actor_ref_equal(next, old));
        ck_assert_int_eq(actor_node_send(node, old, note(7, 0)), 0);
        actor_sim_settle(sim);
        expect_told("");
        actor_sim_free(sim);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, messages_of_each_sender_arrive_in_order_on_several_workers);
        tcase_add_test(tcase, messages_of_each_sender_arrive_in_order_in_a_simulation);
        tcase_add_test(tcase, a_full_mailbox_refuses_exactly_what_exceeds_its_bound);
        tcase_add_test(tcase, a_full_mailbox_that_drops_keeps_the_newest);
        tcase_add_test(tcase, an_ask_of_a_full_mailbox_is_answered_at_once);
        tcase_add_test(tcase, a_stop_comes_after_what_was_sent_before_and_what_follows_is_a_dead_letter);
        tcase_add_test(tcase, a_returnable_message_comes_back_from_whoever_does_not_know_its_type);
        tcase_add_test(tcase, a_ref_to_an_ended_actor_stays_dead);
}

TEST_MAIN("mailbox", add_tests)
