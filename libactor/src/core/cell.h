/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_CELL_H
#define CORE_CELL_H

#include "core/mail.h"
#include "core/map.h"
#include "core/wheel.h"
#include <stdalign.h>

/* An actor's cell. Cells are never freed while their node lives, only lived in anew, so a sender may
 * touch one at any time; that the mail is meant for the present tenant is checked when it is taken
 * out. At any moment a cell has at most one owner: the thread that runs its turn, or that is making
 * or ending its tenant. An idle cell has none; who makes its mailbox non-empty decides who is next.
 *
 * Ordinary mail: an intrusive queue of many producers and one consumer (Vyukov 2008; the idle bit in
 * the head as in Pony), in which the mail taken last stays behind as the tail. One exchange of `head`
 * both enqueues and tells whether the cell was idle. System mail: a stack, taken whole and turned
 * round; it passes ordinary mail and no bound holds for it. */
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
};

struct child {
        struct child *previous, *next; /* in order of making */
        struct actor_ref ref;
};

/* What only few actors need: made on first use. */
struct bonds {
        struct child *children_last;
        struct map children;      /* by ref_key */
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

struct actor {
        /* senders write */
        alignas(64) _Atomic uintptr_t head; /* the newest mail, and CELL_IDLE */
        _Atomic(struct mail *) system;
        _Atomic uint64_t pushed; /* ordinary mails ever admitted */
        _Atomic uint64_t refused;
        /* read by senders, written when the tenant changes */
        alignas(64) _Atomic uint64_t generation; /* of the tenant; 0: none */
        _Atomic uint32_t mailbox_max;
        _Atomic bool drops_oldest;
        /* the owner's */
        _Atomic uint64_t popped;
        struct mail *tail, *system_list, *stash, *stash_last;
        struct actor_node *node;
        struct worker *worker; /* the thread's, during a turn; NULL on a foreign thread */
        struct actor *run_link;
        const struct actor_class *_Atomic class;
        void *state;
        const void *config;
        char *name; /* guarded by the names' lock */
        struct timer *timers;
        struct bonds *bonds;
        uint64_t born, counter; /* the generation as a plain value; numbers for asks and monitors */
        uint64_t trace_id;
        int64_t now_ns;
        _Atomic uint64_t parent_generation;
        uint32_t slot;
        _Atomic uint32_t parent_slot;
        int32_t end_error, exit_reason;
        uint8_t phase, end_reason;
        bool exit_called, escalates, unborn;
        _Atomic bool hidden;
        uint32_t last_row;
        /* statistics: one writer, read by anyone */
        _Atomic uint32_t depth_most, restarts;
        _Atomic uint64_t handled, dropped, busy_ns, slowest_ns;
        _Atomic(const char *) slowest_type;
};

#define CELL_GET(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define CELL_SET(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

static inline struct actor_ref cell_ref(const struct actor *a)
{
        return (struct actor_ref){0, a->slot, a->born};
}

static inline struct actor_ref cell_parent(const struct actor *a)
{
        return (struct actor_ref){0, CELL_GET(a->parent_slot), CELL_GET(a->parent_generation)};
}

static inline const struct actor_class *cell_class(const struct actor *a)
{
        return CELL_GET(a->class);
}

struct bonds *cell_bonds(struct actor *a);

/* Enqueues; true: the cell was idle, and the caller must have it scheduled. */
bool cell_push(struct actor *a, struct mail *mail);
bool cell_push_system(struct actor *a, struct mail *mail);

/* The next system mail (the caller's), or NULL. Owner only, as all below. */
struct mail *cell_pop_system(struct actor *a);
/* The next ordinary mail's contents moved into *ret, without the envelope; false: none in sight. */
bool cell_pop(struct actor *a, struct mail *ret);
/* The same from a sender's thread, if the mailbox is full and its policy is to drop the oldest. */
bool cell_drop_oldest(struct actor *a, struct mail *ret);
/* Puts an ordinary mail by, to be handled before those in the mailbox / takes the oldest of them. */
void cell_stash(struct actor *a, const struct mail *mail);
bool cell_unstash(struct actor *a, struct mail *ret);
/* Gives the cell up. False: there is mail, and the caller still owns the cell. */
bool cell_release(struct actor *a);
/* Takes an idle cell; false where it is not idle. Any thread. */
bool cell_acquire(struct actor *a);
uint64_t cell_depth(const struct actor *a);

#endif
