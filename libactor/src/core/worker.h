/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_WORKER_H
#define CORE_WORKER_H

#include "core/blocks.h"
#include "core/inspection.h"
#include "core/judge.h"
#include "core/kinds.h"
#include "core/mailbox.h"
#include "core/ring.h"
#include "core/spin.h"
#include "core/ticks.h"
#include "net/net.h"
#include "net/post_box.h"

/* What the files of the core share: the node and its workers. inside.h has what each file offers the others.
 */
enum {
        CELLS_MAX = 1 << 24,  /* 16 million actors a node */
        CELLS_AT_ONCE = 1024, /* are made usable */
        WORKERS_MAX = 256,
        TURN_MESSAGES = 1000,
        TURN_NS = 100000,
        TURN_MESSAGES_SIM = 1, /* a turn a message: the dice decide between any two */
        BOXED_MAX = 1000000,   /* left for an only worker by others, and not yet seen by it */
        PARCELS_MAX = 256,     /* left by the network's thread, and not yet opened */
        FREE_CELLS_MAX = 256,  /* a worker keeps, for the actors it makes next */
        KINDS_KEPT = 8,        /* a worker remembers, by class */
        TOP_GAPS = 64,         /* in the list of top-level actors, not worth closing */
};

struct cell_list {
        struct actor *first, *last;
        size_t count;
};

struct counters {
        _Atomic uint64_t sent, handled, dead_letters, dropped, late_replies, steals, parks, spawned, ended;
};

struct worker {
        struct actor_node *node;
        unsigned index;
        /* the turn: of its thread alone */
        _Atomic bool ready_slowly; /* sched_ready() has a choice to make: the running actor is slow, or a
                                    * simulation's
                                    */
        bool searching;
        unsigned quick;   /* turns until the worker looks around again, */
        unsigned untimed; /* calls until the next one that is timed; kinds.h */
        unsigned tick;
        uint32_t turn_messages; /* at most, in a turn */
        int64_t look_at_ns;     /* if it is not this late before */
        int64_t now_ns;         /* as of the last look at the clock */
        uint64_t trace_id;      /* of the mail being handled */
        /* Whom the last handler wrote to: runs next. Written by its thread alone, but for sched_rescue(). */
        _Atomic(struct actor *) next;
        _Atomic uint64_t turns;   /* so far */
        _Atomic uint32_t pace_ns; /* what a turn takes of late */
        uint64_t paced_turns;     /* as of when this was worked out */
        int64_t paced_ns;
        _Atomic uint64_t sends_away;    /* messages to whom another ran last */
        uint64_t done_then, parks_then; /* as of the last count of what was sent and handled; share.c */
        uint32_t epoch;                 /* of the last time that it gave away what it had */
        int64_t evened_out_ns;          /* when its ring was last compared with those of others */
        _Atomic bool is_rescued;        /* next is not to be trusted */
        /* for the watchdog: whose turn it is, and the type of its message where no row tells it */
        _Atomic(struct actor *) running;
        const struct actor_type *_Atomic unlisted;
        struct ticks ticks;
        uint64_t dice[4];
        struct block_cache blocks;
        _Atomic bool is_borrowed;          /* the net's thread runs it */
        struct block_cache *lender_blocks; /* while borrowed: that thread's own */
        struct cell_list free_cells;
        struct kind *kinds[KINDS_KEPT];
        uint32_t *heads_seen; /* of all workers' rings, when its search began */
        struct counters counters;
        pthread_t thread;
        /* others' too */
        alignas(64) _Atomic uint32_t wake; /* a futex; bits of sched.c */
        _Atomic(struct actor *) gifts;     /* runnable actors of another worker, given up by it */
        bool awaits; /* under the idle_lock: has woken up, and was taken from the sleepers before */
        struct spin wheel_lock;
        struct wheel wheel;
        struct ring ring;
};

struct names {
        pthread_mutex_t lock;
        struct name_entry **buckets;
        size_t count, capacity;
        struct map by_slot;
};

/* Who waits for whose mailbox; pause.c. */
struct pauses {
        pthread_mutex_t lock;
        struct map by_sender, by_receiver; /* slots; struct wait */
};

/* The top-level actors, whose parent is the node. */
struct top {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        struct actor_ref *refs; /* the oldest first; nobody where one has ended */
        size_t count, used, capacity;
        bool stopping, status_known;
        int status;
};

struct actor_node {
        struct worker *workers;
        unsigned worker_count;
        /* One worker alone writes to mailboxes: what other threads send is left in the box. */
        bool boxed;
        struct actor_sim *sim; /* NULL: real */
        struct net *net;
        atomic_bool net_waits; /* to be told that there is something to send */
        struct pool *pool;
        struct poller *poller;
        struct actor_log *log;
        char *name;
        uint64_t incarnation;
        struct counters foreign; /* counted by threads that are not workers */
        /* cells */
        pthread_mutex_t cells_lock;
        struct actor *cells; /* by slot; those that nobody has lived in are zero */
        uint32_t cell_room;
        _Atomic uint32_t cell_count;
        struct cell_list free_cells;
        struct kinds kinds;
        struct pauses pauses;
        struct sharing sharing;
        pthread_mutex_t drop_lock; /* mailboxes that drop their oldest mail */
        struct depot *depot;
        struct names names;
        struct top top;
        /* what any worker may run, and who sleeps */
        struct post_box box;
        _Atomic(struct mail *) unboxed; /* taken out of it, by who unboxes */
        atomic_bool unboxing;           /* a worker does */
        _Atomic uint32_t from_net;      /* left by the network's thread and not yet delivered */
        _Atomic uint32_t parcels;       /* in the box, or being opened */
        alignas(64) pthread_mutex_t inject_lock;
        struct actor *inject_first, **inject_end;
        _Atomic uint32_t inject_count;
        pthread_mutex_t idle_lock;
        struct worker **idle;
        size_t slabs_tidied; /* that the depot had ever had then; with the idle_lock */
        _Atomic uint32_t idle_count, searchers;
        _Atomic bool borrower_waits; /* for the searcher to lie down */
        _Atomic bool attention;      /* the end has come near: look at the following */
        _Atomic bool quit;
        _Atomic uint64_t shutdown_asked; /* bit 32, and the status below */
        _Atomic bool shutdown_seen;
        unsigned threads; /* workers that were started */
        pthread_mutex_t dice_lock;
        uint64_t dice[4];
        const struct actor_type **types; /* the program's and the runtime's own; NULL: local only */
        _Atomic uint64_t outside_trace;  /* what foreign threads send is part of this; 0: of none */
        struct trace_ring trace;
        struct watchdog watchdog;
};

/* The trace that what `self` sends now is part of; 0: none. */
static inline uint64_t trace_of(const struct actor *self)
{
        return self->worker != NULL ? self->worker->trace_id : CELL_GET(self->node->outside_trace);
}

/* When the call that begins now did, for trace_handled(). */
static inline int64_t trace_begin_ns(const struct actor *a)
{
        return a->worker->trace_id != 0 ? node_now_ns(a->node) : a->worker->now_ns;
}

#define COUNT(node, worker, field)                                                                  \
        do {                                                                                        \
                if ((worker) != NULL)                                                               \
                        CELL_SET((worker)->counters.field, CELL_GET((worker)->counters.field) + 1); \
                else                                                                                \
                        atomic_fetch_add_explicit(&(node)->foreign.field, 1, memory_order_relaxed); \
        } while (0)

#endif
