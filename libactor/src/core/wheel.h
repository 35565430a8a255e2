/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_WHEEL_H
#define CORE_WHEEL_H

#include "core/likely.h"
#include <actor/ref.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* A hierarchical timer wheel, counting milliseconds: eleven levels of 64 slots, so that every 64-bit
 * time has a place. A timer lies in the level of the highest six bits in which its deadline differs
 * from now, and moves down as they come near: arming and cancelling cost O(1), expiry O(levels) once.
 * (Varghese & Lauck 1987.) Pure: whoever owns it brings the time and the lock. */
enum { WHEEL_LEVELS = 11, WHEEL_SLOTS = 64, CHUNK_TIMERS = 64 };

enum timer_place { TIMER_FREE, TIMER_ARMED, TIMER_FIRED };

struct timer {
        struct timer *next, **link;         /* in its slot, or in the free list */
        struct timer *own_next, **own_link; /* among its actor's timers; touched by the actor alone */
        int64_t deadline_ms, period_ms;     /* period 0: once */
        uint32_t index, generation;         /* what makes its number */
        struct actor_ref owner;
        const void *msg; /* one reference; NULL for the timeout of an ask */
        uint64_t ask_id;
        uint8_t place, level, slot;
        uint32_t worker; /* whose wheel */
};

struct wheel {
        int64_t now_ms;
        uint64_t occupied[WHEEL_LEVELS]; /* a bit a slot */
        struct timer *slots[WHEEL_LEVELS][WHEEL_SLOTS];
        _Atomic int64_t next_ms; /* nothing falls due before; INT64_MAX: nothing at all */
        _Atomic uint64_t armed;
        struct timer **chunks;
        uint32_t chunk_count, used;
        struct timer *free;
};

void wheel_init(struct wheel *wheel, int64_t now_ms);
void wheel_done(struct wheel *wheel); /* releases the messages of all timers too */

/* One more than there ever were. */
struct timer *wheel_add(struct wheel *wheel) __attribute__((returns_nonnull));

/* A timer that is not armed yet, and has nothing to bring; its generation is new. The rest is for the caller
 * to fill in. */
static inline struct timer *wheel_new(struct wheel *wheel)
{
        struct timer *timer = wheel->free;
        if (likely(timer != NULL))
                wheel->free = timer->next;
        else
                timer = wheel_add(wheel);
        timer->generation += timer->generation != UINT32_MAX ? 1 : 2; /* 0 is none */
        timer->period_ms = 0;
        timer->msg = NULL;
        timer->ask_id = 0;
        timer->place = TIMER_FIRED;
        return timer;
}

/* The timer of that index and generation, or NULL where it is spent or never was. */
static inline struct timer *wheel_find(struct wheel *wheel, uint32_t index, uint32_t generation)
{
        if (unlikely(index >= wheel->used))
                return NULL;
        struct timer *timer = &wheel->chunks[index / CHUNK_TIMERS][index % CHUNK_TIMERS];
        return likely(timer->place != TIMER_FREE && timer->generation == generation) ? timer : NULL;
}

void wheel_arm(struct wheel *wheel, struct timer *timer, int64_t deadline_ms);
/* Takes it off the wheel if it is on it, and makes its number invalid. msg is the caller's then. */
void wheel_free(struct wheel *wheel, struct timer *timer);

/* Lets time pass and returns what fell due, in order of deadline, linked by `next`; each is FIRED. */
struct timer *wheel_advance(struct wheel *wheel, int64_t now_ms);

#endif
