/* SPDX-License-Identifier: Apache-2.0 */
#include "core/asks.h"

#include <actor/memory.h>
#include <stdlib.h>

enum {
        CAPACITY_SECOND = 4, /* the first is 1, and no allocation */
        LINE_STEPS = 8,      /* from the end of the line; more than that costs as much as a timer */
};

static void grow(struct asks *asks)
{
        if (asks->capacity == 0) {
                asks->entries = &asks->only;
                asks->capacity = 1;
                return;
        }
        assert(asks->capacity < ASKS_MAX);
        bool is_first = asks->capacity == 1;
        asks->capacity = is_first ? CAPACITY_SECOND : asks->capacity * 2;
        asks->entries =
                actor_realloc_array(is_first ? NULL : asks->entries, asks->capacity, sizeof *asks->entries);
        if (is_first)
                asks->entries[0] = asks->only;
}

struct ask *asks_new_entry(struct asks *asks)
{
        if (asks->used == asks->capacity)
                grow(asks);
        return &asks->entries[asks->used++];
}

bool asks_line_up_before(struct asks *asks, struct ask *ask)
{
        uint32_t self = (uint32_t) (ask - asks->entries) + 1, earlier = asks->last, later = 0;
        for (unsigned steps = 0; earlier != 0 && asks->entries[earlier - 1].deadline_ms > ask->deadline_ms;
             steps++) {
                if (steps == LINE_STEPS)
                        return false;
                later = earlier;
                earlier = asks->entries[earlier - 1].earlier;
        }
        ask->earlier = earlier;
        ask->later = later;
        *(earlier != 0 ? &asks->entries[earlier - 1].later : &asks->first) = self;
        *(later != 0 ? &asks->entries[later - 1].earlier : &asks->last) = self;
        return true;
}

void asks_shrink(struct asks *asks)
{
        uint64_t timer = asks->timer;
        asks_done(asks);
        asks->timer = timer;
}

void asks_done(struct asks *asks)
{
        if (asks->capacity > 1)
                free(asks->entries);
        asks->entries = NULL;
        asks->count = asks->used = asks->capacity = asks->free = asks->first = asks->last = 0;
        asks->timer = 0;
}
