/* SPDX-License-Identifier: Apache-2.0
 *
 * What actors of one node cost. Usage: actors_bench CASE WORKERS COUNT; prints one number: operations
 * per second, or for `idle` bytes per actor. tests/bench/peers/actors.erl has the same cases.
 *
 *   ping-pong   round trips of one message between two actors
 *   fan-in      messages of one sender to one receiver; fan-in-8: of eight
 *   fork-join   messages of one actor to sixty, ten thousand each in turn
 *   ring        hops of one message around 503 actors
 *   big         messages: each of 120 actors asks every other and waits for all answers
 *   spawn       actors that are made, get one message and end
 *   idle        COUNT actors that wait
 *   timers      timers armed and cancelled by their actor
 *   ask         asks with a timeout, answered */
#include <actor/log.h>
#include <actor/memory.h>
#include <actor/node.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct token {
        int64_t left;
};
struct go {
        char unused;
};
struct item {
        char unused;
};
struct answer {
        char unused;
};
static ACTOR_LOCAL_TYPE(token_type, struct token);
static ACTOR_LOCAL_TYPE(go_type, struct go);
static ACTOR_LOCAL_TYPE(item_type, struct item);
static ACTOR_LOCAL_TYPE(answer_type, struct answer);

#define FORK_COUNT 60
#define RING_COUNT 503
#define BIG_COUNT 120
#define CHUNK 64         /* messages a sender sends before it lets others run */
#define SPAWN_WINDOW 100 /* actors made and not yet ended */

/* One state for all cases: each uses what it needs. */
struct player {
        int64_t left, waiting;
        struct actor_ref peer;
        struct actor_ref *peers; /* owned */
        size_t peer_count;
        double before_bytes; /* idle: resident then */
};

struct setup {
        int64_t count;
        struct actor_ref peer;
};

static int player_init(void *state, struct actor *self, const void *config)
{
        struct player *p = state;
        const struct setup *setup = config;
        if (setup != NULL) {
                p->left = setup->count;
                p->peer = setup->peer;
        }
        return 0;
}

static void player_fini(void *state)
{
        free(((struct player *) state)->peers);
}

static int done(struct actor *self)
{
        actor_node_shutdown(actor_node(self), 0);
        return 0;
}

static int send_new(struct actor *self, struct actor_ref to, const struct actor_type *type)
{
        return actor_send(self, to, actor_msg_new(type));
}

/* ---- a token that travels: ping-pong and ring ------------------------------------------------------ */

static int on_token(struct player *p, const struct actor_mail *mail, const struct token *msg)
{
        if (msg->left == 0)
                return done(mail->self);
        struct token *next = actor_msg_new(&token_type);
        next->left = msg->left - 1;
        return actor_send(mail->self, actor_ref_is_nobody(p->peer) ? mail->from : p->peer, next);
}
ACTOR_BIND(on_token, struct player, struct token)

/* ---- many to one: fan-in ---------------------------------------------------------------------------- */

static int on_produce(struct player *p, const struct actor_mail *mail, const struct go *msg)
{
        for (int i = 0; i < CHUNK && p->left > 0; i++) {
                if (send_new(mail->self, p->peer, &item_type) != 0)
                        break; /* the receiver's mailbox is full: later */
                p->left--;
        }
        return p->left > 0 ? send_new(mail->self, actor_self(mail->self), &go_type) : 0;
}
ACTOR_BIND(on_produce, struct player, struct go)

static int on_item(struct player *p, const struct actor_mail *mail, const struct item *msg)
{
        return --p->left == 0 ? done(mail->self) : 0;
}
ACTOR_BIND(on_item, struct player, struct item)

/* ---- one to many: fork-join; the last of each worker's items tells the forker ------------------------ */

static int on_work(struct player *p, const struct actor_mail *mail, const struct item *msg)
{
        return --p->left == 0 ? send_new(mail->self, mail->from, &answer_type) : 0;
}
ACTOR_BIND(on_work, struct player, struct item)

static int on_joined(struct player *p, const struct actor_mail *mail, const struct answer *msg)
{
        return --p->waiting == 0 ? done(mail->self) : 0;
}
ACTOR_BIND(on_joined, struct player, struct answer)

static const struct actor_handler worker_handlers[] = {{&item_type, on_work_bound, ACTOR_FROM_LOCAL},
                                                       ACTOR_HANDLER_END};
static const struct actor_class worker_class = {.name = "worker",
                                                .state_size = sizeof(struct player),
                                                .init = player_init,
                                                .handlers = worker_handlers};

static int on_fork(struct player *p, const struct actor_mail *mail, const struct go *msg)
{
        if (p->peers == NULL) {
                p->peers = actor_malloc(FORK_COUNT * sizeof *p->peers);
                p->waiting = FORK_COUNT;
                struct setup setup = {.count = p->left};
                for (int i = 0; i < FORK_COUNT; i++)
                        if (actor_spawn(mail->self, &worker_class, NULL, &setup, &p->peers[i]) != 0)
                                return -EAGAIN;
        }
        for (int i = 0; i < FORK_COUNT; i++)
                send_new(mail->self, p->peers[i], &item_type);
        return --p->left > 0 ? send_new(mail->self, actor_self(mail->self), &go_type) : 0;
}
ACTOR_BIND(on_fork, struct player, struct go)

/* ---- all to all: big ---------------------------------------------------------------------------------- */

static int on_question(struct player *p, const struct actor_mail *mail, const struct item *msg)
{
        return send_new(mail->self, mail->from, &answer_type);
}
ACTOR_BIND(on_question, struct player, struct item)

struct roster {
        const struct actor_ref *peers;
        struct actor_ref judge;
        int64_t rounds;
};
static ACTOR_LOCAL_TYPE(roster_type, struct roster);

static int on_close(struct player *p, const struct actor_mail *mail, const struct roster *msg)
{
        p->peer = msg->judge;
        return 0;
}
ACTOR_BIND(on_close, struct player, struct roster)

static void ask_all(struct player *p, struct actor *self)
{
        for (size_t i = 0; i < p->peer_count; i++)
                send_new(self, p->peers[i], &item_type);
        p->waiting = (int64_t) p->peer_count;
}

static int on_roster(struct player *p, const struct actor_mail *mail, const struct roster *msg)
{
        p->peers = actor_malloc(BIG_COUNT * sizeof *p->peers);
        for (size_t i = 0; i < BIG_COUNT; i++)
                if (!actor_ref_equal(msg->peers[i], actor_self(mail->self)))
                        p->peers[p->peer_count++] = msg->peers[i];
        p->peer = msg->judge;
        p->left = msg->rounds;
        ask_all(p, mail->self);
        return 0;
}
ACTOR_BIND(on_roster, struct player, struct roster)

static int on_big_answer(struct player *p, const struct actor_mail *mail, const struct answer *msg)
{
        if (--p->waiting > 0)
                return 0;
        if (--p->left > 0)
                ask_all(p, mail->self);
        else
                send_new(mail->self, p->peer, &item_type);
        return 0;
}
ACTOR_BIND(on_big_answer, struct player, struct answer)

/* ---- spawn -------------------------------------------------------------------------------------------- */

static int on_last_words(struct player *p, const struct actor_mail *mail, const struct item *msg)
{
        actor_exit(mail->self, 0);
        return send_new(mail->self, mail->from, &answer_type);
}
ACTOR_BIND(on_last_words, struct player, struct item)

static const struct actor_handler mayfly_handlers[] = {{&item_type, on_last_words_bound, ACTOR_FROM_LOCAL},
                                                       ACTOR_HANDLER_END};
static const struct actor_class mayfly_class = {
        .name = "mayfly", .state_size = sizeof(struct player), .handlers = mayfly_handlers};

static int spawn_one(struct player *p, struct actor *self)
{
        struct actor_ref child;
        int r = actor_spawn(self, &mayfly_class, NULL, NULL, &child);
        p->left--;
        p->waiting++;
        return r == 0 ? send_new(self, child, &item_type) : r;
}

static int on_spawn(struct player *p, const struct actor_mail *mail, const struct go *msg)
{
        int r = 0;
        while (r == 0 && p->left > 0 && p->waiting < SPAWN_WINDOW)
                r = spawn_one(p, mail->self);
        return r;
}
ACTOR_BIND(on_spawn, struct player, struct go)

static int on_ended(struct player *p, const struct actor_mail *mail, const struct answer *msg)
{
        p->waiting--;
        if (p->left > 0)
                return spawn_one(p, mail->self);
        return p->waiting == 0 ? done(mail->self) : 0;
}
ACTOR_BIND(on_ended, struct player, struct answer)

/* ---- idle, timers, ask ----------------------------------------------------------------------------------
 */

static double resident_bytes(void)
{
        long pages = 0;
        FILE *file = fopen("/proc/self/statm", "re");
        if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
                abort();
        fclose(file);
        return (double) pages * (double) sysconf(_SC_PAGESIZE);
}

/* `waiting` keeps how many there are to be, `left` how many are still to be made. */
static int on_populate(struct player *p, const struct actor_mail *mail, const struct go *msg)
{
        if (p->waiting == 0) {
                p->waiting = p->left;
                p->before_bytes = resident_bytes();
        }
        for (int i = 0; i < 1000 && p->left > 0; i++, p->left--)
                if (actor_spawn(mail->self, &mayfly_class, NULL, NULL, &p->peer) != 0)
                        return -EAGAIN;
        if (p->left > 0)
                return send_new(mail->self, actor_self(mail->self), &go_type);
        printf("%.1f\n", (resident_bytes() - p->before_bytes) / (double) p->waiting);
        return done(mail->self);
}
ACTOR_BIND(on_populate, struct player, struct go)

static int on_timers(struct player *p, const struct actor_mail *mail, const struct go *msg)
{
        for (int i = 0; i < CHUNK && p->left > 0; i++, p->left--)
                actor_timer_cancel(mail->self, actor_after(mail->self, 1000 + i, actor_msg_new(&item_type)));
        return p->left > 0 ? send_new(mail->self, actor_self(mail->self), &go_type) : done(mail->self);
}
ACTOR_BIND(on_timers, struct player, struct go)

static int on_asked(struct player *p, const struct actor_mail *mail, const struct item *msg)
{
        return actor_reply(mail, actor_msg_new(&answer_type));
}
ACTOR_BIND(on_asked, struct player, struct item)

static int on_reply(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct player *p = state;
        if (body == NULL)
                return mail->error;
        if (--p->left == 0)
                return done(mail->self);
        actor_ask(mail->self, p->peer, actor_msg_new(&item_type), 10000, on_reply, NULL);
        return 0;
}

static int on_begin_asking(struct player *p, const struct actor_mail *mail, const struct go *msg)
{
        actor_ask(mail->self, p->peer, actor_msg_new(&item_type), 10000, on_reply, NULL);
        return 0;
}
ACTOR_BIND(on_begin_asking, struct player, struct go)

/* ---- the cases
 * ---------------------------------------------------------------------------------------------- */

#define HANDLERS(name, ...) static const struct actor_handler name[] = {__VA_ARGS__, ACTOR_HANDLER_END}
HANDLERS(token_handlers, {&token_type, on_token_bound, ACTOR_FROM_LOCAL});
HANDLERS(ring_handlers, {&token_type, on_token_bound, ACTOR_FROM_LOCAL},
         {&roster_type, on_close_bound, ACTOR_FROM_LOCAL});
HANDLERS(producer_handlers, {&go_type, on_produce_bound, ACTOR_FROM_LOCAL});
HANDLERS(sink_handlers, {&item_type, on_item_bound, ACTOR_FROM_LOCAL});
HANDLERS(fork_handlers, {&go_type, on_fork_bound, ACTOR_FROM_LOCAL},
         {&answer_type, on_joined_bound, ACTOR_FROM_LOCAL});
HANDLERS(big_handlers, {&roster_type, on_roster_bound, ACTOR_FROM_LOCAL},
         {&item_type, on_question_bound, ACTOR_FROM_LOCAL},
         {&answer_type, on_big_answer_bound, ACTOR_FROM_LOCAL});
HANDLERS(spawn_handlers, {&go_type, on_spawn_bound, ACTOR_FROM_LOCAL},
         {&answer_type, on_ended_bound, ACTOR_FROM_LOCAL});
HANDLERS(idle_handlers, {&go_type, on_populate_bound, ACTOR_FROM_LOCAL});
HANDLERS(timer_handlers, {&go_type, on_timers_bound, ACTOR_FROM_LOCAL});
HANDLERS(asker_handlers, {&go_type, on_begin_asking_bound, ACTOR_FROM_LOCAL});
HANDLERS(asked_handlers, {&item_type, on_asked_bound, ACTOR_FROM_LOCAL});

static struct actor_ref spawn(struct actor_node *node, const struct actor_handler *handlers, int64_t count,
                              struct actor_ref peer)
{
        /* The node reads the class as long as the actor lives, and the cases live as long as the program. */
        struct actor_class *class = actor_zalloc(sizeof *class);
        *class = (struct actor_class){.name = "player",
                                      .state_size = sizeof(struct player),
                                      .init = player_init,
                                      .fini = player_fini,
                                      .handlers = handlers};
        struct setup setup = {count, peer};
        struct actor_ref ref;
        if (actor_node_spawn(node, class, NULL, &setup, &ref) != 0)
                abort();
        return ref;
}

static void send_token(struct actor_node *node, struct actor_ref to, int64_t hops)
{
        struct token *token = actor_msg_new(&token_type);
        token->left = hops;
        actor_node_send(node, to, token);
}

/* Each case sets up, begins, and says how many operations `count` stands for. */
static double ping_pong(struct actor_node *node, int64_t count)
{
        struct actor_ref pong = spawn(node, token_handlers, 0, ACTOR_NOBODY);
        struct actor_ref ping = spawn(node, token_handlers, 0, pong);
        send_token(node, ping, 2 * count);
        return (double) count;
}

static double fan_in(struct actor_node *node, int64_t count, int senders)
{
        struct actor_ref sink = spawn(node, sink_handlers, count / senders * senders, ACTOR_NOBODY);
        for (int i = 0; i < senders; i++)
                actor_node_send(node, spawn(node, producer_handlers, count / senders, sink),
                                actor_msg_new(&go_type));
        return (double) (count / senders * senders);
}

static double fan_in_1(struct actor_node *node, int64_t count)
{
        return fan_in(node, count, 1);
}

static double fan_in_8(struct actor_node *node, int64_t count)
{
        return fan_in(node, count, 8);
}

static double fork_join(struct actor_node *node, int64_t count)
{
        actor_node_send(node, spawn(node, fork_handlers, count, ACTOR_NOBODY), actor_msg_new(&go_type));
        return (double) count * FORK_COUNT;
}

/* The first is made before the last, so it is told of it. */
static double ring(struct actor_node *node, int64_t count)
{
        struct actor_ref first = spawn(node, ring_handlers, 0, ACTOR_NOBODY), next = first;
        for (int i = 1; i < RING_COUNT; i++)
                next = spawn(node, ring_handlers, 0, next);
        struct roster *closing = actor_msg_new(&roster_type);
        closing->judge = next;
        actor_node_send(node, first, closing);
        send_token(node, first, count);
        return (double) count;
}

static double big(struct actor_node *node, int64_t count)
{
        struct roster *roster = actor_msg_new(&roster_type);
        struct actor_ref *peers = actor_msg_alloc(roster, BIG_COUNT * sizeof *peers);
        for (int i = 0; i < BIG_COUNT; i++)
                peers[i] = spawn(node, big_handlers, 0, ACTOR_NOBODY);
        roster->peers = peers;
        roster->judge = spawn(node, sink_handlers, BIG_COUNT, ACTOR_NOBODY);
        roster->rounds = count;
        for (int i = 0; i < BIG_COUNT; i++)
                actor_node_send(node, peers[i], actor_msg_ref(roster));
        actor_msg_unref(roster);
        return (double) count * BIG_COUNT * (BIG_COUNT - 1);
}

static double simple(struct actor_node *node, const struct actor_handler *handlers, int64_t count,
                     struct actor_ref peer)
{
        actor_node_send(node, spawn(node, handlers, count, peer), actor_msg_new(&go_type));
        return (double) count;
}

static double spawning(struct actor_node *node, int64_t count)
{
        return simple(node, spawn_handlers, count, ACTOR_NOBODY);
}

static double idle(struct actor_node *node, int64_t count)
{
        return simple(node, idle_handlers, count, ACTOR_NOBODY);
}

static double timers(struct actor_node *node, int64_t count)
{
        return simple(node, timer_handlers, count, ACTOR_NOBODY);
}

static double asks(struct actor_node *node, int64_t count)
{
        return simple(node, asker_handlers, count, spawn(node, asked_handlers, 0, ACTOR_NOBODY));
}

static const struct bench_case {
        const char *name;
        double (*begin)(struct actor_node *node, int64_t count);
        bool prints_itself;
} cases[] = {
        {"ping-pong", ping_pong, false}, {"fan-in", fan_in_1, false},
        {"fan-in-8", fan_in_8, false},   {"fork-join", fork_join, false},
        {"ring", ring, false},           {"big", big, false},
        {"spawn", spawning, false},      {"idle", idle, true},
        {"timers", timers, false},       {"ask", asks, false},
};

static double now(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static int measure(const struct bench_case *bench, unsigned workers, int64_t count)
{
        struct actor_node_config config = {.name = "bench", .workers = workers};
        struct actor_node *node;
        if (actor_node_new(&config, &node) != 0)
                return 1;
        double begin = now();
        double operations = bench->begin(node, count);
        int status = actor_node_wait(node);
        double seconds = now() - begin;
        if (!bench->prints_itself && status == 0)
                printf("%.0f\n", operations / seconds);
        fflush(stdout);
        _exit(status != 0); /* the measured is over; a million actors need not be ended one by one */
}

int main(int argc, char **argv)
{
        for (size_t i = 0; argc == 4 && i < sizeof cases / sizeof *cases; i++)
                if (strcmp(cases[i].name, argv[1]) == 0)
                        return measure(&cases[i], (unsigned) strtoul(argv[2], NULL, 10),
                                       strtoll(argv[3], NULL, 10));
        fputs("usage: actors_bench CASE WORKERS COUNT\n", stderr);
        return 2;
}
