/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_INSIDE_H
#define CORE_INSIDE_H

#include "core/cells.h"
#include "core/ready.h"

/* What each file of the core offers the others. `worker` parameters are the calling thread's own, or NULL on
 * a thread that is not a worker. */

/* node.c */
struct net_config node_net_config(struct actor_node *node, const struct actor_node_config *config);
struct actor_node *node_make(const struct actor_node_config *config, unsigned workers, struct actor_sim *sim);
void node_sweep(struct actor_node *node); /* frees all actors and mail; nothing runs any more */
void node_unmake(struct actor_node *node);
int top_add(struct actor_node *node, struct actor *a); /* -ESHUTDOWN */
void top_child_ended(struct actor *child, struct actor_ref ref);
void node_poll_shutdown(struct actor_node *node);
bool node_is_down(struct actor_node *node);
void node_begin_shutdown(struct actor_node *node, int status);
bool node_end_if_deserted(struct actor_node *node);
uint64_t node_dice(struct actor_node *node, struct worker *worker);
/* Now, as its worker tells it; on other threads as the kernel does. */
static inline int64_t worker_now_ns(struct actor_node *node, struct worker *worker)
{
        return worker == NULL || node->sim != NULL ? node_now_ns(node) : ticks_now_ns(&worker->ticks);
}

static inline const struct actor_class *cell_class(const struct actor *a)
{
        return CELL_GET(a->kind)->class;
}

/* names.c */
bool name_is_valid(const char *name);
int names_add(struct actor_node *node, struct actor *a, const char *name);
void names_remove(struct actor_node *node, struct actor *a);
/* The bearer's name into `ret` ("" if none), if a still is `ref`. */
void names_of(struct actor_node *node, struct actor_ref ref, char ret[ACTOR_NAME_MAX + 1]);
void names_done(struct actor_node *node);

/* turn.c: runs one turn; true: the actor has more to do and is still owned. */
bool turn_run(struct worker *worker, struct actor *a);
/* The row of what its owner would handle first; beyond the last where that is none of its handlers' business.
 */
unsigned turn_first_row(struct actor *a);
void turn_dispatch_down(struct actor *a, const struct actor_down *down);
/* -1: not to be timed after all. */
int64_t turn_begin_timing(struct actor *a, unsigned row);
void turn_end_timing(struct actor *a, unsigned row, int64_t begin_ns);
/* What a handler's or continuation's return value, or actor_exit() in it, leads to. */
void turn_outcome(struct actor *a, int r);

/* Whether the next call of a row's handler is to be timed. */
static inline bool turn_is_timed(struct worker *worker, const struct kind_row *row)
{
        return unlikely(CELL_GET(row->times_each)) || unlikely(--worker->untimed == 0);
}

static inline void turn_count_call(struct worker *worker, struct actor *a)
{
        CELL_SET(a->handled, CELL_GET(a->handled) + 1);
        CELL_SET(worker->counters.handled, CELL_GET(worker->counters.handled) + 1);
}

/* cell.c: an owner takes all system mail that was not taken before, the newest first / leaves the rest to be
 * popped.
 */
struct mail *cell_take_system(struct actor *a);
void cell_leave_system(struct actor *a, struct mail *newest_take);

/* life.c */
struct spawn {
        const struct actor_class *class;
        const char *name;
        const void *config;
        struct actor *parent; /* NULL: the node */
        bool hidden;          /* the runtime's own: not counted, no parent is told */
};
int life_spawn(struct actor_node *node, struct worker *worker, const struct spawn *spawn,
               struct actor_ref *ret);
void life_fail(struct actor *a, int error);
void life_end(struct actor *a, unsigned reason, int error);
void life_stop(struct actor *a);
void life_child_ended(struct actor *parent, struct actor *child);
/* Of a parent among whose system mail a child that has ended is the newest: all such are let go. False: it
 * has other system mail too, or many, or one has failed and takes it along. */
bool life_let_ended_go(struct actor *parent);
void life_discard(struct actor_node *node, struct actor *a);

/* pause.c */
void pauses_init(struct pauses *pauses);
void pauses_done(struct pauses *pauses);
/* Pauses the running sender after this handler. False: not so, since the receiver waits for it. Where the
 * receiver of that generation has ended nobody is paused: the mail is dead anyway. */
bool pause_sender(struct actor *sender, struct actor *receiver, uint64_t generation);
/* Wakes all who wait for this mailbox. Its owner calls it, also at its end. */
void pause_end_of(struct actor *receiver);
/* A sender stops waiting: it is woken, or has ended. Its owner calls it. */
void pause_forget(struct actor *sender);

/* bonds.c */
uint64_t ref_key(const struct actor_node *node, struct actor_ref ref);
void bonds_on_monitor(struct actor *a, const struct mail *mail);
void bonds_on_demonitor(struct actor *a, const struct mail *mail);
void bonds_on_down(struct actor *a, const struct mail *mail);
void bonds_on_link(struct actor *a, const struct mail *mail);
void bonds_on_unlink(struct actor *a, const struct mail *mail);
void bonds_on_exit(struct actor *a, const struct mail *mail);
void bonds_drop_monitors(struct actor *a); /* a restart or an end: nobody is watched any more */
/* DOWN and EXIT to all who asked about `ref`, which the actor bore. */
void bonds_tell_the_end(struct actor *a, struct actor_ref ref);
void bonds_done(struct actor *a);
bool bonds_first_unknown(struct actor *a, const struct actor_type *type);

/* ask.c */
void ask_on_reply(struct actor *a, struct mail *mail);
void ask_on_timeout(struct actor *a, uint64_t ask_id); /* 0: of those that stand in line */

/* timers.c */
/* The first millisecond that is wholly at or after now + delay. */
int64_t timers_deadline(struct actor *a, int64_t delay_ms);
uint64_t timers_arm(struct actor *a, int64_t deadline_ms, int64_t period_ms, const void *msg_take,
                    uint64_t ask_id);
/* What a fired timer brings; false where it was cancelled. *ret_msg is then the caller's reference. */
bool timers_take(struct actor *a, uint64_t number, void **ret_msg, uint64_t *ret_ask_id);
void timers_drop_all(struct actor *a);
void timers_fire(struct actor_node *node, struct worker *worker, struct worker *wheel_of, int64_t now_ms);
/* Fires what is due on one worker's wheel; `worker` is the calling thread's. */
static inline void timers_run(struct actor_node *node, struct worker *worker, struct worker *wheel_of,
                              int64_t now_ns)
{
        int64_t now_ms = now_ns / 1000000;
        if (now_ms >= CELL_GET(wheel_of->wheel.next_ms))
                timers_fire(node, worker, wheel_of, now_ms);
}

#endif
