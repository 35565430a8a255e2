/* SPDX-License-Identifier: Apache-2.0 */
/* A full mailbox that pauses its senders: what they send gets in, they wait, and nobody waits for ever. */
#include "probe.h"

#include <errno.h>

enum { BOUND = 4, SENDERS = 6, MESSAGES = 3000 };
enum { GO = -1, TICK = -2 };

struct player {
        int index;
        struct actor_ref to;
        uint64_t left, got;
        int refused;
};

static int player_init(void *state, struct actor *self, const void *config)
{
        *(struct player *) state = *(const struct player *) config;
        return 0;
}

/* One message, then itself again: what a paused sender does not get round to. */
static int on_go(struct player *p, const struct actor_mail *mail, const struct note *body)
{
        if (body->what == TICK) {
                tell("tick ");
                return 0;
        }
        p->refused += actor_send(mail->self, p->to, note(p->index, 0)) != 0;
        if (--p->left > 0)
                return actor_send(mail->self, actor_self(mail->self), note(GO, 0));
        tell("%d sent, %d refused. ", p->index, p->refused);
        return 0;
}
ACTOR_BIND(on_go, struct player, struct note)

static const struct actor_handler sender_handlers[] = {
        {&note_type, on_go_bound, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};
static const struct actor_class sender_class = {.name = "sender",
                                                .state_size = sizeof(struct player),
                                                .init = player_init,
                                                .handlers = sender_handlers};

static int on_item(struct player *p, const struct actor_mail *mail, const struct note *body)
{
        if (++p->got == p->left)
                actor_node_shutdown(actor_node(mail->self), 0);
        return 0;
}
ACTOR_BIND(on_item, struct player, struct note)

static const struct actor_handler receiver_handlers[] = {
        {&note_type, on_item_bound, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};
static const struct actor_class receiver_class = {.name = "receiver",
                                                  .state_size = sizeof(struct player),
                                                  .init = player_init,
                                                  .handlers = receiver_handlers,
                                                  .mailbox_max = BOUND,
                                                  .overflow = ACTOR_PAUSE_SENDER};

/* Nothing is refused: each sends one message a handler, so at most one a sender is over the bound. */
static void run_senders(struct actor_node *node)
{
        struct player receiver = {.left = SENDERS * MESSAGES};
        struct actor_ref to = spawn(node, &receiver_class, NULL, &receiver);
        for (int i = 0; i < SENDERS; i++) {
                struct player sender = {.index = i, .to = to, .left = MESSAGES};
                actor_node_send(node, spawn(node, &sender_class, NULL, &sender), note(GO, 0));
        }
        ck_assert_int_eq(actor_node_wait(node), 0);
        check_conservation(node);
        for (int i = 0; i < SENDERS; i++) {
                char line[64];
                snprintf(line, sizeof line, "%d sent, 0 refused. ", i);
                ck_assert_ptr_nonnull(strstr(transcript.text, line));
        }
}

START_TEST(paused_senders_lose_nothing_on_one_worker)
{
        struct actor_node *node = real_node(1);
        run_senders(node);
        actor_node_free(node);
}
END_TEST

START_TEST(paused_senders_lose_nothing_on_several_workers)
{
        struct actor_node *node = real_node(4);
        run_senders(node);
        actor_node_free(node);
}
END_TEST

START_TEST(paused_senders_lose_nothing_in_a_simulation)
{
        struct actor_sim *sim = actor_sim_new(11);
        run_senders(actor_sim_node(sim, "tcp://m1:1", NULL));
        actor_sim_free(sim);
}
END_TEST

/* ---- who is paused ----------------------------------------------------------------------------------- */

static int on_gated(void *state, const struct actor_mail *mail, const struct note *body)
{
        tell("got %d ", body->what);
        return 0;
}
ACTOR_BIND(on_gated, void, struct note)

static const struct actor_handler gate_handlers[] = {
        {&note_type, on_gated_bound, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};
static const struct actor_class gate_class = {
        .name = "gate", .handlers = gate_handlers, .mailbox_max = 1, .overflow = ACTOR_PAUSE_SENDER};

START_TEST(who_cannot_be_paused_is_refused)
{
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref to = spawn(node, &gate_class, NULL, NULL);
        ck_assert_int_eq(actor_node_send(node, to, note(1, 0)), 0);
        ck_assert_int_eq(actor_node_send(node, to, note(2, 0)), -ENOBUFS); /* nobody to pause */
        actor_sim_settle(sim);
        expect_told("got 1 ");
        check_conservation(node);
        actor_sim_free(sim);
}
END_TEST

/* The circle: each writes to the next, all with mailboxes of one message. */
struct link {
        struct actor_ref next;
        uint64_t left;
        uint64_t refused;
};

static int on_link(struct link *link, const struct actor_mail *mail, const struct note *body)
{
        if (!actor_ref_is_nobody(body->ref)) {
                link->next = body->ref;
                return 0;
        }
        for (int i = 0; i < 2 && link->left > 0; i++, link->left--)
                link->refused += actor_send(mail->self, link->next, note(body->what, 0)) != 0;
        if (link->left == 0)
                actor_node_shutdown(actor_node(mail->self), 0);
        return 0;
}
ACTOR_BIND(on_link, struct link, struct note)

static int link_init(void *state, struct actor *self, const void *config)
{
        ((struct link *) state)->left = 1000;
        return 0;
}

static const struct actor_handler link_handlers[] = {
        {&note_type, on_link_bound, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};
static const struct actor_class link_class = {.name = "link",
                                              .state_size = sizeof(struct link),
                                              .init = link_init,
                                              .handlers = link_handlers,
                                              .mailbox_max = 1,
                                              .overflow = ACTOR_PAUSE_SENDER};

START_TEST(actors_that_write_to_each_other_in_a_circle_all_get_on)
{
        struct actor_sim *sim = actor_sim_new(3);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        enum { LINKS = 3 };
        struct actor_ref links[LINKS];
        for (int i = 0; i < LINKS; i++)
                links[i] = spawn(node, &link_class, NULL, NULL);
        for (int i = 0; i < LINKS; i++) {
                struct note *introduction = note(0, 0);
                introduction->ref = links[(i + 1) % LINKS];
                ck_assert_int_eq(actor_node_send(node, links[i], introduction), 0);
                actor_sim_settle(sim);
        }
        ck_assert_int_eq(actor_node_send(node, links[0], note(1, 0)), 0);
        ck_assert_int_eq(actor_node_wait(node), 0); /* -EDEADLK if any were stuck */
        check_conservation(node);
        actor_sim_free(sim);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, paused_senders_lose_nothing_on_one_worker);
        tcase_add_test(tcase, paused_senders_lose_nothing_on_several_workers);
        tcase_add_test(tcase, paused_senders_lose_nothing_in_a_simulation);
        tcase_add_test(tcase, who_cannot_be_paused_is_refused);
        tcase_add_test(tcase, actors_that_write_to_each_other_in_a_circle_all_get_on);
}

TEST_MAIN("paused senders", add_tests)
