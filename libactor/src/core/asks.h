/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_ASKS_H
#define CORE_ASKS_H

#include "core/likely.h"
#include <actor/actor.h>
#include <assert.h>

/* An actor's questions under way, found by their ids without a search. Those whose deadlines come in the
 * order in which they were asked, or nearly so, as they do wherever an actor has a usual timeout, stand in
 * one line, so that a single timer does for all of them; the others have a timer each. Zeroed is empty and
 * owns no memory; it stays where it is while there are any. Pure. */
struct ask {
        actor_reply_fn reply;
        void *arg;
        uint64_t trace_id; /* of the handler that asked */
        uint64_t id;       /* 0: free */
        int64_t deadline_ms;
        uint64_t timer;          /* its own; 0: it stands in line */
        uint32_t earlier, later; /* in line: index + 1; free: `later` is the next free one */
};

struct asks {
        struct ask *entries;
        uint32_t count, used, capacity, free;
        uint32_t first, last; /* of the line: index + 1; 0: nobody stands there */
        uint64_t timer;       /* rings at timer_ms, no later than the first's deadline; 0: none is armed */
        int64_t timer_ms;
        struct ask only; /* the entry of those who ask one thing at a time */
};

/* An id is the entry's index, then the number: 24 and 40 bits. */
enum {
        ASKS_NUMBER_BITS = 40,
        ASKS_MAX = 1 << 24,
        ASKS_KEPT = 64, /* room beyond this is what a burst took, and given back when all are answered */
};

/* What the functions below do when there is no free entry / it has no place at the end of the line / the
 * burst is over. */
struct ask *asks_new_entry(struct asks *asks) __attribute__((returns_nonnull));
bool asks_line_up_before(struct asks *asks, struct ask *ask);
void asks_shrink(struct asks *asks);

/* A new one, to be filled in by the caller. Its id holds the lowest 40 bits of `number`, which counts up: a
 * reply would have to be that many asks late to be taken for another's. The pointer is good until the next
 * call. */
static inline struct ask *asks_add(struct asks *asks, uint64_t number)
{
        struct ask *ask = asks->free != 0 ? &asks->entries[asks->free - 1] : NULL;
        if (likely(ask != NULL))
                asks->free = ask->later;
        else
                ask = asks_new_entry(asks);
        uint64_t index = (uint64_t) (ask - asks->entries);
        uint64_t low = number & ((UINT64_C(1) << ASKS_NUMBER_BITS) - 1);
        ask->id = index << ASKS_NUMBER_BITS | (low != 0 ? low : 1);
        ask->timer = 0;
        asks->count++;
        return ask;
}

/* Gives it its place in line, after those due at the same time. False: that is too far from the line's end.
 */
static inline bool asks_line_up(struct asks *asks, struct ask *ask)
{
        uint32_t last = asks->last, self = (uint32_t) (ask - asks->entries) + 1;
        if (last != 0 && asks->entries[last - 1].deadline_ms > ask->deadline_ms)
                return asks_line_up_before(asks, ask);
        ask->earlier = last;
        ask->later = 0;
        *(last != 0 ? &asks->entries[last - 1].later : &asks->first) = self;
        asks->last = self;
        return true;
}

/* The ask of that id, or NULL where there is none such any more. */
static inline struct ask *asks_find(const struct asks *asks, uint64_t id)
{
        uint64_t index = id >> ASKS_NUMBER_BITS;
        bool is_there =
                likely(id != 0) && likely(index < asks->used) && likely(asks->entries[index].id == id);
        return likely(is_there) ? &asks->entries[index] : NULL;
}

/* Takes it out; the pointer is good no more. */
static inline void asks_remove(struct asks *asks, struct ask *ask)
{
        if (ask->timer == 0) {
                *(ask->earlier != 0 ? &asks->entries[ask->earlier - 1].later : &asks->first) = ask->later;
                *(ask->later != 0 ? &asks->entries[ask->later - 1].earlier : &asks->last) = ask->earlier;
        }
        ask->id = 0;
        ask->later = asks->free;
        asks->free = (uint32_t) (ask - asks->entries) + 1;
        if (--asks->count == 0 && unlikely(asks->capacity > ASKS_KEPT))
                asks_shrink(asks);
}

/* The first in line, or NULL. */
static inline struct ask *asks_first(const struct asks *asks)
{
        return asks->first != 0 ? &asks->entries[asks->first - 1] : NULL;
}

void asks_done(struct asks *asks);

#endif
