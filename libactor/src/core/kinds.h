/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_KINDS_H
#define CORE_KINDS_H

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
};
_Static_assert(sizeof(struct kind_row) == 64, "found by a shift");

struct kind {
        const struct actor_class *class;
        const struct actor_handler *handlers; /* the class's, or none: never NULL */
        bool pauses;                          /* a full mailbox pauses its senders */
        unsigned row_count;
        struct kind *older;     /* of the same address, with other rows */
        struct kind_row rows[]; /* as the class's; rows[row_count]: handle_other, and replies */
};

struct kinds {
        pthread_mutex_t lock;
        struct map by_class;
        bool untimed; /* statistics are off */
};

void kinds_init(struct kinds *kinds, bool untimed);
void kinds_done(struct kinds *kinds);
/* Any thread. Valid as long as the node. */
struct kind *kinds_of(struct kinds *kinds, const struct actor_class *class) __attribute__((returns_nonnull));

bool kind_is_of(const struct kind *kind, const struct actor_class *class); /* kind may be NULL */

/* One call was timed and stands for `weight` calls. Any thread; concurrent ones may swallow each other. */
void kind_note(struct kind *kind, unsigned row, uint64_t spent_ns, unsigned weight);

#endif
