/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_CELL_H
#define CORE_CELL_H

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
 * a stack, taken whole and turned round; it passes ordinary mail and no bound holds for it. */
#define CELL_IDLE ((uintptr_t) 1)

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

struct ask {
        actor_reply_fn reply;
        void *arg;
        uint64_t timer;
        uint64_t trace_id; /* of the handler that asked */
};

/* What only few actors need: made on first use. */
struct bonds {
        uint64_t counter;   /* numbers for asks and monitors */
        const void *config; /* of a class that restarts */
        struct mail *stash, *stash_last;
        struct map monitors;      /* own watches: struct watcher by number; `who` is the watched */
        struct map links;         /* struct watcher by ref_key */
        struct map asks;          /* struct ask by id */
        struct map watches;       /* descriptors: by fd + 1, the watch's number as pointer */
        struct watcher *watchers; /* those who watch this actor */
        size_t watcher_count, watcher_capacity;
        const struct actor_type **unknown; /* types already complained about */
        size_t unknown_count, unknown_capacity;
        int64_t *restarts_ms; /* when, the newest last; at most restarts_max + 1 */
        size_t restart_count;
        struct job_line *jobs; /* blocking work in order; system/pool.h */
        bool has_processes;
};

struct worker;
struct kind;

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
        _Atomic uint8_t flags;                   /* enum cell_flag; written when the tenant changes */
        _Atomic uint8_t ran_on;                  /* the worker that ran it last */
        struct actor *_Atomic parent;            /* NULL: the node */
        uint32_t older_sibling, younger_sibling; /* slots, 0: none; the parent's to touch */

        alignas(64) _Atomic(struct mail *) system; /* senders of system mail write it too */
        struct mail *tail, *system_list;
        struct mail *_Atomic stub; /* the `next` of the stub, which is no more than that */
        struct kind *_Atomic kind;
        void *state;
        union {
                struct worker *worker;  /* the thread's, during a turn; NULL on a foreign thread */
                struct actor *run_link; /* while waiting for a turn */
        };
        struct bonds *bonds;

        uint64_t tenant; /* the generation, for the owner */
        struct timer *timers;
        _Atomic uint32_t popped;
        uint8_t phase : 4, end_reason : 4;
        bool stub_is_queued; /* goes with `tail`, also under a sender's lock: no neighbour's bit-field */
        uint8_t state_class : 4;
        bool exit_called : 1, escalates : 1, unborn : 1, is_paused : 1;
        bool : 0; /* the following are read under a sender's lock too */
        bool drops_oldest : 1, is_alone : 1, is_large : 1; /* flags and mailbox_max, for the owner */
        uint32_t youngest;                                 /* child's slot; 0: none */
        int32_t error;                                     /* what actor_exit() said, later why it ended */
        _Atomic uint16_t last_row; /* of its kind: the latest message's */
        /* statistics: one writer, read by anyone */
        _Atomic uint16_t slowest_row;
        _Atomic uint32_t slowest_us, depth_most, dropped;
        _Atomic uint64_t handled, busy_ns;
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

static inline bool cell_has(const struct actor *a, enum cell_flag flag)
{
        return (CELL_GET(a->flags) & flag) != 0;
}

/* What the new tenant and its mailbox are like. */
void cell_let(struct actor *a, unsigned flags, uint32_t mailbox_max);

struct bonds *cell_bonds(struct actor *a);

/* Makes a cell's mailbox, empty and owned by the caller. */
void cell_init(struct actor *a);
/* Releases what is in it; nobody uses the cell any more. */
void cell_done(struct actor *a);

/* ---- senders ---------------------------------------------------------------------------------------- */

/* Where one thread does all, exchanges need not be atomic to others. */
static inline uintptr_t cell_swap_head(struct actor *a, uintptr_t head)
{
        if (!cell_has(a, CELL_ALONE))
                return atomic_exchange_explicit(&a->head, head, memory_order_acq_rel);
        uintptr_t before = atomic_load_explicit(&a->head, memory_order_relaxed);
        atomic_store_explicit(&a->head, head, memory_order_relaxed);
        return before;
}

/* One more has been admitted; returns how many were before. */
static inline uint32_t cell_count_pushed(struct actor *a)
{
        if (!cell_has(a, CELL_ALONE))
                return atomic_fetch_add_explicit(&a->pushed, 1, memory_order_relaxed);
        uint32_t before = CELL_GET(a->pushed);
        CELL_SET(a->pushed, before + 1);
        return before;
}

static inline void cell_uncount_pushed(struct actor *a)
{
        if (cell_has(a, CELL_ALONE))
                CELL_SET(a->pushed, CELL_GET(a->pushed) - 1);
        else
                (void) atomic_fetch_sub_explicit(&a->pushed, 1, memory_order_relaxed);
}

/* Enqueues; true: the cell was idle, and the caller must have it scheduled. */
static inline bool cell_push(struct actor *a, struct mail *mail)
{
        atomic_store_explicit(&mail->next, NULL, memory_order_relaxed);
        /* Release: the mail's contents before its being found. Acquire: if the cell was idle, all
         * that its last owner did. Until `next` is set below the consumer sees the queue end at
         * `before`, but not an empty queue, so it neither frees that mail nor goes idle. */
        uintptr_t before = cell_swap_head(a, (uintptr_t) mail);
        struct mail *last = (struct mail *) (before & ~CELL_IDLE);
        atomic_store_explicit(&last->next, mail, memory_order_release);
        return (before & CELL_IDLE) != 0;
}
bool cell_push_system(struct actor *a, struct mail *mail);

/* The contents of the oldest mail, with a reference to the body of their own, if the mailbox is full and its
 * policy is to drop that. */
bool cell_drop_oldest(struct actor *a, struct mail *ret);

/* Takes an idle cell; false where it is not idle. Any thread. */
bool cell_acquire(struct actor *a);

/* ---- the owner --------------------------------------------------------------------------------------- */

static inline bool cell_has_system(const struct actor *a)
{
        return a->system_list != NULL || atomic_load_explicit(&a->system, memory_order_relaxed) != NULL;
}
/* The next system mail (the caller's), or NULL. */
struct mail *cell_pop_system(struct actor *a);

/* The stub is a mail of which only `next` exists. */
static inline struct mail *cell_stub(struct actor *a)
{
        _Static_assert(offsetof(struct mail, next) == 0, "a stub is a mail's first field");
        return (struct mail *) &a->stub;
}

static inline struct mail *cell_advance(struct actor *a)
{
        struct mail *tail = a->tail, *next = atomic_load_explicit(&tail->next, memory_order_acquire);
        if (next == NULL)
                return NULL;
        a->tail = next;
        if (tail == cell_stub(a))
                a->stub_is_queued = false;
        else
                mail_free_finished(tail);
        return next;
}

/* Senders read `limit` alone. Of a large mailbox they hear late, so that its owner does not write into
 * their cache line with each mail it takes. */
enum { CELL_LARGE = 1024, CELL_POPS_TOLD = 64 };
static inline void cell_count_popped(struct actor *a, uint32_t change)
{
        uint32_t popped = CELL_GET(a->popped) + change;
        CELL_SET(a->popped, popped);
        if (!a->is_large || popped % CELL_POPS_TOLD == 0)
                CELL_SET(a->limit, popped + CELL_GET(a->mailbox_max));
}

/* The next ordinary mail, or NULL where none is in sight. It stays the mailbox's, as its tail, until the
 * next call: after handling it call mail_finish(). Not where the mailbox drops its oldest mail. */
static inline struct mail *cell_take(struct actor *a)
{
        struct mail *mail = cell_advance(a);
        if (mail == cell_stub(a))
                mail = cell_advance(a);
        if (mail == NULL)
                return NULL;
        /* Most likely another processor wrote the next one: it may come while this one is handled. */
        const char *next = (const char *) atomic_load_explicit(&mail->next, memory_order_relaxed);
        __builtin_prefetch(next);
        __builtin_prefetch(next + 64);
        cell_count_popped(a, 1);
        return mail;
}
/* The next ordinary mail's contents, with a reference to the body of its own; false: none in sight. */
bool cell_pop(struct actor *a, struct mail *ret);

/* Puts an ordinary mail by, to be handled before those in the mailbox / takes the oldest of them. */
void cell_stash(struct actor *a, struct mail *mail_take);
struct mail *cell_unstash(struct actor *a);

/* No mail at all in sight, nor any put by; of a mailbox that drops its oldest mail, whose tail a sender may
 * just be freeing, it does not say so. */
static inline bool cell_is_empty(struct actor *a)
{
        return !a->drops_oldest && !cell_has_system(a) && (a->bonds == NULL || a->bonds->stash == NULL) &&
               atomic_load_explicit(&a->tail->next, memory_order_acquire) == NULL;
}

/* cell_release() where more is to be done than usual. */
bool cell_release_slowly(struct actor *a);

/* Gives the cell up. False: there is mail, and the caller still owns the cell. */
static inline bool cell_release(struct actor *a)
{
        if (cell_has_system(a))
                return false;
        if (a->drops_oldest) /* then the tail is to be looked at under the lock only */
                return cell_release_slowly(a);
        struct mail *tail = a->tail;
        if (tail != cell_stub(a) && tail->body != NULL)
                return cell_release_slowly(a);
        uintptr_t head = (uintptr_t) tail;
        if (a->is_alone) {
                if (CELL_GET(a->head) != head)
                        return false;
                CELL_SET(a->head, head | CELL_IDLE);
                return true;
        }
        if (!atomic_compare_exchange_strong(&a->head, &head, head | CELL_IDLE))
                return false;
        /* No longer ours, except if a system mail came between and we get the cell back. */
        return atomic_load(&a->system) == NULL || !cell_acquire(a);
}

/* Gives up a paused cell: with ordinary mail in it that nobody is to take. False: there is system mail, or
 * the pause has ended. */
bool cell_rest(struct actor *a);

static inline uint32_t cell_depth(const struct actor *a)
{
        int32_t depth = (int32_t) (CELL_GET(a->pushed) - CELL_GET(a->popped));
        return depth > 0 ? (uint32_t) depth : 0;
}

#endif
