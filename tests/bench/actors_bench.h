/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_ACTORS_BENCH_H
#define TESTS_BENCH_ACTORS_BENCH_H

#include <actor/node.h>

/* What the cases of actors_bench share. A message is a body of one number, made for each send, under one
 * of these types; who receives it reads the number. */
struct number {
        int64_t value;
};
extern const struct actor_type token_type, go_type, item_type, answer_type;

/* One state for most cases: each uses what it needs. */
struct player {
        int64_t left, waiting, sum;
        struct actor_ref peer, judge;
        struct actor_ref *peers; /* owned */
        size_t peer_count;
};

struct setup {
        int64_t count;
        struct actor_ref peer, judge;
};

struct bench {
        struct actor_node *node;
        unsigned workers;
        int64_t count;
        double operations; /* what `count` stands for; 0: the case has no rate */
        double ended;      /* when the measured part was over */
        double notes[6];   /* figures beside the rate */
        int note_count;
};

/* A case either begins on a node that is already there and ends with bench_done(), or runs all by itself. */
struct bench_case {
        const char *name;
        void (*begin)(struct bench *bench);
        int (*run)(struct bench *bench);
};
extern const struct bench_case message_cases[], life_cases[], latency_cases[]; /* each ends without a name */

#define CHUNK 64 /* messages a sender sends before it lets others run */

/* The benchmark of this program: there is one. */
struct bench *the_bench(void);
void bench_note(double figure);
void bench_stop_clock(void);
int bench_done(struct actor *self);
double bench_now(void);            /* seconds */
double bench_resident_bytes(void); /* of this process */

int send_number(struct actor *self, struct actor_ref to, const struct actor_type *type, int64_t value);
void node_send_number(struct actor_node *node, struct actor_ref to, const struct actor_type *type, int64_t value);
int player_init(void *state, struct actor *self, const void *config);
void player_fini(void *state);
struct actor_ref spawn_player(struct actor_node *node, const struct actor_handler *handlers, struct setup setup);
struct actor_ref spawn_of(struct actor_node *node, const struct actor_class *class, const void *config);

/* A player that waits for `count` items and is then done. */
struct actor_ref spawn_judge(struct actor_node *node, int64_t count);

#define HANDLERS(name, ...) static const struct actor_handler name[] = {__VA_ARGS__, ACTOR_HANDLER_END}

#endif
