/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wheel.h"

#include <actor/memory.h>
#include <actor/message.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LEVEL_BITS = 6 };

void wheel_init(struct wheel *wheel, int64_t now_ms)
{
        memset(wheel, 0, sizeof *wheel);
        wheel->now_ms = now_ms;
        atomic_init(&wheel->next_ms, INT64_MAX);
}

void wheel_done(struct wheel *wheel)
{
        for (uint32_t i = 0; i < wheel->used; i++) {
                struct timer *timer = &wheel->chunks[i / CHUNK_TIMERS][i % CHUNK_TIMERS];
                if (timer->place != TIMER_FREE)
                        actor_msg_unref(timer->msg);
        }
        for (uint32_t i = 0; i < wheel->chunk_count; i++)
                free(wheel->chunks[i]);
        free(wheel->chunks);
}

struct timer *wheel_add(struct wheel *wheel)
{
        if (wheel->used == wheel->chunk_count * CHUNK_TIMERS) {
                wheel->chunks =
                        actor_realloc_array(wheel->chunks, wheel->chunk_count + 1, sizeof *wheel->chunks);
                wheel->chunks[wheel->chunk_count++] = actor_zalloc(CHUNK_TIMERS * sizeof **wheel->chunks);
        }
        struct timer *timer = &wheel->chunks[wheel->used / CHUNK_TIMERS][wheel->used % CHUNK_TIMERS];
        timer->index = wheel->used++;
        return timer;
}

/* Returns when its slot begins. */
static inline int64_t insert(struct wheel *wheel, struct timer *timer)
{
        int64_t at = timer->deadline_ms > wheel->now_ms ? timer->deadline_ms : wheel->now_ms;
        uint64_t differs = (uint64_t) (at ^ wheel->now_ms) | (WHEEL_SLOTS - 1);
        unsigned level = (63u - (unsigned) __builtin_clzll(differs)) / LEVEL_BITS;
        unsigned shift = level * LEVEL_BITS;
        unsigned slot = (unsigned) ((uint64_t) at >> shift) & (WHEEL_SLOTS - 1);
        struct timer **head = &wheel->slots[level][slot];

        timer->level = (uint8_t) level;
        timer->slot = (uint8_t) slot;
        timer->place = TIMER_ARMED;
        timer->next = *head;
        timer->link = head;
        if (*head != NULL)
                (*head)->link = &timer->next;
        *head = timer;
        wheel->occupied[level] |= UINT64_C(1) << slot;
        return (int64_t) ((uint64_t) at >> shift << shift);
}

static inline void take_out(struct wheel *wheel, struct timer *timer)
{
        *timer->link = timer->next;
        if (timer->next != NULL)
                timer->next->link = timer->link;
        if (wheel->slots[timer->level][timer->slot] == NULL)
                wheel->occupied[timer->level] &= ~(UINT64_C(1) << timer->slot);
        timer->next = NULL;
}

/* When the first occupied slot begins; INT64_MAX: there is none. Lower levels come first, and within
 * a level no slot lies behind now, so the lowest bit is the earliest. */
static int64_t first_slot(const struct wheel *wheel, unsigned *ret_level, unsigned *ret_slot)
{
        for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
                if (wheel->occupied[level] == 0)
                        continue;
                unsigned slot = (unsigned) __builtin_ctzll(wheel->occupied[level]);
                unsigned shift = level * LEVEL_BITS;
                uint64_t above = shift + LEVEL_BITS >= 64
                                         ? 0
                                         : (uint64_t) wheel->now_ms >> (shift + LEVEL_BITS)
                                                                               << (shift + LEVEL_BITS);
                *ret_level = level;
                *ret_slot = slot;
                return (int64_t) (above | ((uint64_t) slot << shift));
        }
        return INT64_MAX;
}

static void note_next(struct wheel *wheel)
{
        unsigned level, slot;
        atomic_store_explicit(&wheel->next_ms, first_slot(wheel, &level, &slot), memory_order_relaxed);
}

static inline void count_armed(struct wheel *wheel, int64_t change)
{
        uint64_t armed = atomic_load_explicit(&wheel->armed, memory_order_relaxed);
        atomic_store_explicit(&wheel->armed, armed + (uint64_t) change, memory_order_relaxed);
}

void wheel_arm(struct wheel *wheel, struct timer *timer, int64_t deadline_ms)
{
        assert(timer->place == TIMER_FIRED && deadline_ms >= 0);
        timer->deadline_ms = deadline_ms;
        int64_t begins_ms = insert(wheel, timer);
        count_armed(wheel, 1);
        if (begins_ms < atomic_load_explicit(&wheel->next_ms, memory_order_relaxed))
                atomic_store_explicit(&wheel->next_ms, begins_ms, memory_order_relaxed);
}

void wheel_free(struct wheel *wheel, struct timer *timer)
{
        assert(timer->place != TIMER_FREE);
        if (timer->place == TIMER_ARMED) {
                take_out(wheel, timer);
                count_armed(wheel, -1);
                /* next_ms may now be too early: one wake-up for nothing is cheaper than a search. */
        }
        timer->place = TIMER_FREE;
        timer->next = wheel->free;
        wheel->free = timer;
}

struct timer *wheel_advance(struct wheel *wheel, int64_t now_ms)
{
        struct timer *fired = NULL, **end = &fired;
        unsigned level = 0, slot = 0;
        int64_t at;
        while ((at = first_slot(wheel, &level, &slot)) <= now_ms) {
                struct timer *first = NULL;
                wheel->now_ms = at > wheel->now_ms ? at : wheel->now_ms;
                while (wheel->slots[level][slot] != NULL) { /* newest first: turned round by this */
                        struct timer *timer = wheel->slots[level][slot];
                        take_out(wheel, timer);
                        timer->next = first;
                        first = timer;
                }
                for (struct timer *timer = first, *next; timer != NULL; timer = next) {
                        next = timer->next;
                        if (timer->deadline_ms > wheel->now_ms) {
                                (void) insert(wheel, timer);
                                continue;
                        }
                        timer->place = TIMER_FIRED;
                        timer->next = NULL;
                        count_armed(wheel, -1);
                        *end = timer;
                        end = &timer->next;
                }
        }
        if (now_ms > wheel->now_ms)
                wheel->now_ms = now_ms;
        note_next(wheel);
        return fired;
}
