/* SPDX-License-Identifier: Apache-2.0
 *
 * actors_messages.c: what a message costs, by the shape of who talks to whom. */
#include "actors_bench.h"

#include <actor/memory.h>

#include <errno.h>

#define PAIRS_A_WORKER 4
#define FORK_COUNT 60
#define FORK_ITEMS 10000
#define RING_COUNT 503
#define BIG_COUNT 120
#define ASK_TIMEOUT_MS 10000
#define REST_MS 500 /* after a burst, before the memory that is left is read */

/* ---- a token that travels: ping-pong, pairs, ring ---------------------------------------------------- */

static int on_token(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        if (msg->value == 0)
                return send_number(mail->self, p->judge, &item_type, 1);
        struct actor_ref next = actor_ref_is_nobody(p->peer) ? mail->from : p->peer;
        return send_number(mail->self, next, &token_type, msg->value - 1);
}
ACTOR_BIND(on_token, struct player, struct number)

/* Whom a player sends to, where that one is made later. */
struct next {
        struct actor_ref ref;
};
static ACTOR_LOCAL_TYPE(next_type, struct next);

static int on_next(struct player *p, const struct actor_mail *mail, const struct next *msg)
{
        p->peer = msg->ref;
        return 0;
}
ACTOR_BIND(on_next, struct player, struct next)

HANDLERS(token_handlers, {&token_type, on_token_bound, ACTOR_FROM_LOCAL},
         {&next_type, on_next_bound, ACTOR_FROM_LOCAL});

static void play(struct bench *bench, unsigned pairs)
{
        struct actor_ref judge = spawn_judge(bench->node, pairs);
        bench->operations = (double) bench->count * pairs;
        for (unsigned i = 0; i < pairs; i++) {
                struct setup setup = {.judge = judge};
                setup.peer = spawn_player(bench->node, token_handlers, setup);
                struct actor_ref ping = spawn_player(bench->node, token_handlers, setup);
                node_send_number(bench->node, ping, &token_type, 2 * bench->count);
        }
}

static void ping_pong(struct bench *bench)
{
        play(bench, 1);
}

static void pairs(struct bench *bench)
{
        play(bench, PAIRS_A_WORKER * bench->workers);
}

static void ring(struct bench *bench)
{
        struct setup setup = {.judge = spawn_judge(bench->node, 1)};
        struct actor_ref first = spawn_player(bench->node, token_handlers, setup);
        setup.peer = first;
        for (int i = 1; i < RING_COUNT; i++)
                setup.peer = spawn_player(bench->node, token_handlers, setup);
        struct next *closing = actor_msg_new(&next_type);
        closing->ref = setup.peer;
        actor_node_send(bench->node, first, closing);
        bench->operations = (double) bench->count;
        node_send_number(bench->node, first, &token_type, bench->count);
}

/* ---- many to one: fan-in ------------------------------------------------------------------------------ */

static int on_produce(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        for (int i = 0; i < CHUNK && p->left > 0; i++) {
                if (send_number(mail->self, p->peer, &item_type, p->left) != 0)
                        break; /* the receiver's mailbox is full: later */
                p->left--;
        }
        return p->left > 0 ? send_number(mail->self, actor_self(mail->self), &go_type, p->left) : 0;
}
ACTOR_BIND(on_produce, struct player, struct number)

static int on_item(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        p->sum += msg->value;
        if (--p->left > 0)
                return 0;
        bench_stop_clock();
        struct number *rested = actor_msg_new(&answer_type);
        actor_after(mail->self, REST_MS, rested);
        return 0;
}
ACTOR_BIND(on_item, struct player, struct number)

static int on_rested(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        bench_note(bench_resident_bytes() / (1 << 20));
        return bench_done(mail->self);
}
ACTOR_BIND(on_rested, struct player, struct number)

HANDLERS(producer_handlers, {&go_type, on_produce_bound, ACTOR_FROM_LOCAL});
HANDLERS(sink_handlers, {&item_type, on_item_bound, ACTOR_FROM_LOCAL},
         {&answer_type, on_rested_bound, ACTOR_FROM_SELF});

static void fan_in(struct bench *bench, int64_t senders)
{
        int64_t each = bench->count / senders;
        struct actor_ref sink =
                spawn_player(bench->node, sink_handlers, (struct setup){.count = each * senders});
        struct setup setup = {.count = each, .peer = sink};
        bench->operations = (double) (each * senders);
        for (int64_t i = 0; i < senders; i++)
                node_send_number(bench->node, spawn_player(bench->node, producer_handlers, setup), &go_type,
                                 each);
}

static void fan_in_1(struct bench *bench)
{
        fan_in(bench, 1);
}

static void fan_in_8(struct bench *bench)
{
        fan_in(bench, 8);
}

/* ---- one to many: fork-join; each worker tells the forker of its last item, and ends --------------------
 */

static int on_work(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        p->sum += msg->value;
        if (--p->left > 0)
                return 0;
        actor_exit(mail->self, 0);
        return send_number(mail->self, mail->from, &answer_type, p->sum);
}
ACTOR_BIND(on_work, struct player, struct number)

HANDLERS(worker_handlers, {&item_type, on_work_bound, ACTOR_FROM_LOCAL});
static const struct actor_class worker_class = {.name = "worker",
                                                .state_size = sizeof(struct player),
                                                .init = player_init,
                                                .handlers = worker_handlers};

static int begin_round(struct player *p, struct actor *self)
{
        struct setup setup = {.count = FORK_ITEMS};
        for (size_t i = 0; i < FORK_COUNT; i++)
                if (actor_spawn(self, &worker_class, NULL, &setup, &p->peers[i]) != 0)
                        return -EAGAIN;
        p->waiting = FORK_COUNT;
        return send_number(self, actor_self(self), &go_type, FORK_ITEMS);
}

static int on_begin_fork(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        p->peers = actor_malloc(FORK_COUNT * sizeof *p->peers);
        return begin_round(p, mail->self);
}
ACTOR_BIND(on_begin_fork, struct player, struct number)

static int on_fork(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        for (size_t i = 0; i < FORK_COUNT; i++)
                send_number(mail->self, p->peers[i], &item_type, msg->value);
        return msg->value > 1 ? send_number(mail->self, actor_self(mail->self), &go_type, msg->value - 1) : 0;
}
ACTOR_BIND(on_fork, struct player, struct number)

static int on_joined(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        p->sum += msg->value;
        if (--p->waiting > 0)
                return 0;
        return --p->left > 0 ? begin_round(p, mail->self) : bench_done(mail->self);
}
ACTOR_BIND(on_joined, struct player, struct number)

HANDLERS(fork_handlers, {&token_type, on_begin_fork_bound, ACTOR_FROM_LOCAL},
         {&go_type, on_fork_bound, ACTOR_FROM_SELF}, {&answer_type, on_joined_bound, ACTOR_FROM_LOCAL});

static void fork_join(struct bench *bench)
{
        bench->operations = (double) bench->count * FORK_COUNT * FORK_ITEMS;
        struct setup setup = {.count = bench->count};
        node_send_number(bench->node, spawn_player(bench->node, fork_handlers, setup), &token_type, 0);
}

/* ---- all to all: big ------------------------------------------------------------------------------------
 */

struct roster {
        const struct actor_ref *peers;
};
static ACTOR_LOCAL_TYPE(roster_type, struct roster);

static int on_question(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        return send_number(mail->self, mail->from, &answer_type, msg->value);
}
ACTOR_BIND(on_question, struct player, struct number)

static void ask_all(struct player *p, struct actor *self)
{
        for (size_t i = 0; i < p->peer_count; i++)
                send_number(self, p->peers[i], &item_type, p->left);
        p->waiting = (int64_t) p->peer_count;
}

static int on_roster(struct player *p, const struct actor_mail *mail, const struct roster *msg)
{
        p->peers = actor_malloc(BIG_COUNT * sizeof *p->peers);
        for (size_t i = 0; i < BIG_COUNT; i++)
                if (!actor_ref_equal(msg->peers[i], actor_self(mail->self)))
                        p->peers[p->peer_count++] = msg->peers[i];
        ask_all(p, mail->self);
        return 0;
}
ACTOR_BIND(on_roster, struct player, struct roster)

static int on_big_answer(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        p->sum += msg->value;
        if (--p->waiting > 0)
                return 0;
        if (--p->left > 0)
                ask_all(p, mail->self);
        else
                send_number(mail->self, p->judge, &item_type, p->sum);
        return 0;
}
ACTOR_BIND(on_big_answer, struct player, struct number)

HANDLERS(big_handlers, {&roster_type, on_roster_bound, ACTOR_FROM_LOCAL},
         {&item_type, on_question_bound, ACTOR_FROM_LOCAL},
         {&answer_type, on_big_answer_bound, ACTOR_FROM_LOCAL});

static void big(struct bench *bench)
{
        struct setup setup = {.count = bench->count, .judge = spawn_judge(bench->node, BIG_COUNT)};
        struct roster *roster = actor_msg_new(&roster_type);
        struct actor_ref *peers = actor_msg_alloc(roster, BIG_COUNT * sizeof *peers);
        for (int i = 0; i < BIG_COUNT; i++)
                peers[i] = spawn_player(bench->node, big_handlers, setup);
        roster->peers = peers;
        bench->operations = (double) bench->count * BIG_COUNT * (BIG_COUNT - 1);
        for (int i = 0; i < BIG_COUNT; i++)
                actor_node_send(bench->node, peers[i], actor_msg_ref(roster));
        actor_msg_unref(roster);
}

/* ---- ask ------------------------------------------------------------------------------------------------
 */

static void *new_question(const struct player *p)
{
        struct number *msg = actor_msg_new(&item_type);
        msg->value = p->left;
        return msg;
}

static int on_asked(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        struct number *answer = actor_msg_new(&answer_type);
        answer->value = msg->value;
        return actor_reply(mail, answer);
}
ACTOR_BIND(on_asked, struct player, struct number)

static int on_reply(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct player *p = state;
        if (body == NULL)
                return mail->error;
        p->sum += ((const struct number *) body)->value;
        if (--p->left == 0)
                return bench_done(mail->self);
        actor_ask(mail->self, p->peer, new_question(p), ASK_TIMEOUT_MS, on_reply, NULL);
        return 0;
}

static int on_begin_asking(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        actor_ask(mail->self, p->peer, new_question(p), ASK_TIMEOUT_MS, on_reply, NULL);
        return 0;
}
ACTOR_BIND(on_begin_asking, struct player, struct number)

HANDLERS(asker_handlers, {&go_type, on_begin_asking_bound, ACTOR_FROM_LOCAL});
HANDLERS(asked_handlers, {&item_type, on_asked_bound, ACTOR_FROM_LOCAL});

static void asks(struct bench *bench)
{
        struct setup setup = {.count = bench->count};
        setup.peer = spawn_player(bench->node, asked_handlers, setup);
        bench->operations = (double) bench->count;
        node_send_number(bench->node, spawn_player(bench->node, asker_handlers, setup), &go_type, 0);
}

const struct bench_case message_cases[] = {
        {"ping-pong", ping_pong, NULL},
        {"pairs", pairs, NULL},
        {"fan-in", fan_in_1, NULL},
        {"fan-in-8", fan_in_8, NULL},
        {"fork-join", fork_join, NULL},
        {"ring", ring, NULL},
        {"big", big, NULL},
        {"ask", asks, NULL},
        {NULL, NULL, NULL},
};
