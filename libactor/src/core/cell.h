/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_CELL_H
#define CORE_CELL_H

#include "core/asks.h"
#include "core/likely.h"
#include "core/mail.h"
#include "core/map.h"
#include "core/wheel.h"
#include <stdalign.h>
#include <stddef.h>

/* An actor's cell. Cells are never freed while their node lives, only lived in anew, so a sender may
 * touch one at any time; that the mail is meant for the present tenant is checked when it is taken
 * out. At any moment a cell has at most one owner: the thread that runs its turn, or that is making
 * or ending its tenant. An idle cell has none; who makes its mailbox non-empty decides who is next.
 *
 * Ordinary mail: an intrusive queue of many producers and one consumer (Vyukov 2008; the idle bit in
 * the head as in Pony), in which the mail taken last stays behind as the tail; the first tail is the
 * cell's own stub. One exchange of `head` both enqueues and tells whether the cell was idle. System mail:
 * a stack, taken whole and turned round; it passes ordinary mail and no bound holds for it. A child that has
 * ended lies in its parent's stack itself, marked by the lowest bit, so that an end needs no mail.
 *
 * Where one thread does all (CELL_ALONE), `tail` is the oldest mail and `head` the newest, both NULL where
 * there is none; nothing stays behind, and the stub is not used. */
#define CELL_IDLE ((uintptr_t) 1)
#define CELL_ENDED ((uintptr_t) 1)

enum cell_phase {
        CELL_EMPTY, /* nobody lives here; mail that arrives is dead */
        CELL_ALIVE,
        CELL_STOPPING,   /* asked to stop: children end first, mail is still handled */
        CELL_RESTARTING, /* failed: children end first, ordinary mail is kept for afterwards */
        CELL_ENDING,     /* children end first; ordinary mail is dead */
};

struct watcher {
        struct actor_ref who;
        uint64_t monitor;
};

/* What only few actors need: made on first use. */
struct bonds {
        uint64_t counter;   /* numbers for asks and monitors */
        const void *config; /* of a class that restarts */
        struct mail *stash, *stash_last;
        struct map monitors; /* own watches: struct watcher by number; `who` is the watched */
        struct map links;    /* struct watcher by ref_key */
        struct asks asks;
        struct map watches;       /* descriptors: by fd + 1, the watch's number as pointer */
        struct watcher *watchers; /* those who watch this actor */
        uint32_t watcher_count, watcher_capacity;
        uint32_t unknown_count, unknown_capacity;
        const struct actor_type **unknown; /* types already complained about */
        int64_t *restarts_ms;              /* when, the newest last; at most restarts_max + 1 */
        struct job_line *jobs;             /* blocking work in order; system/pool.h */
        uint32_t restart_count;
        bool has_processes;
        uint8_t block_class;
};
_Static_assert(sizeof(struct bonds) <= 256, "an actor that asks once costs two small blocks");

struct worker;
struct kind;

/* What a class says about its actors' cells. */
struct cell_terms {
        size_t state_size; /* at least 1 */
        uint32_t mailbox_max;
        uint8_t state_class; /* blocks_class() */
        uint8_t flags;       /* enum cell_flag */
        uint8_t traits;      /* struct actor's */
};

enum { RAN_ON_NONE = UINT8_MAX }; /* of a node with one worker: made elsewhere, and not run by it so far */

enum cell_flag {
        CELL_LIVES = 1,
        CELL_DROPS_OLDEST = 2,
        CELL_HIDDEN = 4,
        CELL_NAMED = 8,
        CELL_ALONE = 16,    /* of a node with one worker: no other thread writes to a shared cell */
        CELL_PAUSES = 32,   /* a full mailbox pauses its senders */
        CELL_PAUSED = 64,   /* waits for another's mailbox: pause.c */
        CELL_AWAITED = 128, /* somebody waits for this mailbox */
};

/* Three cache lines: what senders write and read, and what the owner does. While mail comes, the owner
 * stays off the first line but for taking and giving up the cell, and senders off the other two. */
struct actor {
        alignas(64) _Atomic uintptr_t head; /* the newest mail, and CELL_IDLE */
        _Atomic uint64_t generation;        /* of the tenant, or of the next one where none lives here */
        struct actor_node *node;
        _Atomic uint32_t pushed, limit; /* ordinary mails ever admitted, and how far that may go; both wrap */
        _Atomic uint32_t mailbox_max;
        uint32_t slot;
        _Atomic uint32_t refused; /* statistics */
        _Atomic uint16_t restarts;
        _Atomic uint8_t flags;        /* enum cell_flag; written when the tenant changes */
        _Atomic uint8_t ran_on;       /* the worker that ran it last, or RAN_ON_NONE */
        struct actor *_Atomic parent; /* NULL: the node */
        union {
                struct {
                        uint32_t older_sibling, younger_sibling; /* slots, 0: none; the parent's to touch */
                };
                struct actor *next_free; /* of one where nobody lives */
        };

        alignas(64) _Atomic(struct mail *) system; /* senders of system mail write it too */
        struct mail *tail, *system_list;
        struct mail *_Atomic stub; /* the `next` of the stub, which is no more than that */
        struct kind *_Atomic kind;
        union {
                void *state;
                _Atomic(struct mail *)
                        ended_link; /* of one that has ended: what lies below it in that stack */
        };
        union {
                struct worker *worker;  /* the thread's, during a turn; NULL on a foreign thread */
                struct actor *run_link; /* while waiting for a turn */
        };
        struct bonds *bonds;

        uint64_t tenant; /* the generation, for the owner */
        struct timer *timers;
        _Atomic uint32_t popped;
        uint8_t phase : 4, end_reason : 3;
        bool is_plain : 1;   /* cell_judge(); also where nobody lives */
        bool stub_is_queued; /* goes with `tail`, also under a sender's lock: no neighbour's bit-field */
        uint8_t state_class : 4;
        bool exit_called : 1, escalates : 1, unborn : 1, is_paused : 1;
        union {
                uint8_t traits; /* all of the following; read under a sender's lock too */
                struct {
                        bool drops_oldest : 1, is_alone : 1, is_large : 1; /* as flags and mailbox_max say */
                };
        };
        uint32_t youngest; /* child's slot; 0: none */
        int32_t error;     /* what actor_exit() said, later why it ended */
        union {
                _Atomic uint64_t history[4]; /* all of the following */
                struct {
                        _Atomic uint16_t last_row; /* of its kind: the latest message's */
                        /* statistics: one writer, read by anyone */
                        _Atomic uint16_t slowest_row;
                        _Atomic uint32_t slowest_us, depth_most, dropped;
                        _Atomic uint64_t handled, busy_ns;
                };
        };
};
_Static_assert(sizeof(struct actor) == 192,
               "a million idle actors fit into 256 bytes each, with their states");

#define CELL_GET(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define CELL_SET(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

static inline struct actor_ref cell_ref(const struct actor *a)
{
        return (struct actor_ref){0, a->slot, CELL_GET(a->generation)};
}

static inline struct actor_ref cell_parent(const struct actor *a)
{
        const struct actor *parent = CELL_GET(a->parent);
        return parent != NULL ? cell_ref(parent) : ACTOR_NOBODY;
}

/* Whether ordinary mail is handled as it comes, one after the other. Its owner says so anew whenever
 * something changes that this depends on, so that each message need not look at all of it. */
static inline void cell_judge(struct actor *a)
{
        a->is_plain = a->phase == CELL_ALIVE && !a->drops_oldest && !a->exit_called && !a->is_paused &&
                      a->system_list == NULL && (a->bonds == NULL || a->bonds->stash == NULL);
}

static inline void cell_enter(struct actor *a, enum cell_phase phase)
{
        a->phase = phase & 0xf;
        cell_judge(a);
}

/* Whom cell_pop_system() has returned, where it is a child and no mail; else NULL. */
static inline struct actor *cell_ended_child(const struct mail *popped)
{
        bool is_child = ((uintptr_t) popped & CELL_ENDED) != 0;
        return is_child ? (struct actor *) ((uintptr_t) popped & ~CELL_ENDED) : NULL;
}

static inline bool cell_has(const struct actor *a, enum cell_flag flag)
{
        return (CELL_GET(a->flags) & flag) != 0;
}

/* What only few actors need, made on first use. */
struct bonds *cell_bonds(struct actor *a);

#endif
