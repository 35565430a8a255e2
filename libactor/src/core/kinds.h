/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_KINDS_H
#define CORE_KINDS_H

#include "core/cell.h"
#include "core/map.h"
#include <actor/actor.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

/* What a node knows of an actor class: its rows, and what each of its handlers costs. Kept per class and
 * not per actor, so that an actor made a moment ago is known as well as its elders.
 *
 * Looking at the clock twice costs more than a short handler, so only some calls are timed: a row's first
 * ones, every one of a row that is known to be slow, and of all others one in TIMED_ONE_IN, which then
 * stands for as many. */
enum { TIMED_FIRST = 8, TIMED_ONE_IN = 64, TIMED_ALWAYS_NS = 2000 };

struct handler_times {
        _Atomic uint64_t calls, spent_ns; /* estimates, where not every call is timed */
        _Atomic uint64_t slowest_ns;      /* of the timed ones */
        _Atomic uint32_t average_ns;      /* of late */
        _Atomic uint32_t timed;
};

/* All that the usual call of a handler needs, and what it cost. */
struct kind_row {
        alignas(16) const struct actor_type *type; /* NULL: of others, and of replies */
        actor_handler_fn handle;
        struct handler_times times;
        unsigned from;           /* ACTOR_FROM_* */
        _Atomic bool times_each; /* call */
        bool takes_local;        /* messages of all actors of the node */
        bool takes_remote;       /* … of other nodes */
};
_Static_assert(sizeof(struct kind_row) == 64, "found by a shift");

struct kind {
        const struct actor_class *class;
        /* as the class had them then */
        const struct actor_handler *handlers;
        size_t state_size;
        unsigned mailbox_max;
        enum actor_overflow overflow;
        struct cell_terms terms; /* what follows from that */
        bool pauses;             /* a full mailbox pauses its senders */
        unsigned row_count;
        struct kind *older;     /* of the same address, and another class */
        struct kind_row rows[]; /* as the class's; rows[row_count]: handle_other, and replies */
};

struct kinds {
        pthread_mutex_t lock;
        struct map by_class;
        bool untimed; /* statistics are off */
        bool alone;   /* the node has one worker */
};

void kinds_init(struct kinds *kinds, bool untimed, bool alone);
void kinds_done(struct kinds *kinds);
/* Any thread. Valid as long as the node. */
struct kind *kinds_of(struct kinds *kinds, const struct actor_class *class) __attribute__((returns_nonnull));

/* Whether the class still is what it was when that was made of it. */
static inline bool kind_is_of(const struct kind *kind, const struct actor_class *class)
{
        return likely(kind->class == class) && likely(kind->handlers == class->handlers) &&
               likely(kind->state_size == class->state_size) &&
               likely(kind->mailbox_max == class->mailbox_max && kind->overflow == class->overflow);
}

/* One call was timed and stands for `weight` calls. Any thread; concurrent ones may swallow each other. */
void kind_note(struct kind *kind, unsigned row, uint64_t spent_ns, unsigned weight);

#endif
