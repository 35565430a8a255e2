/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_RING_H
#define CORE_RING_H

#include "core/likely.h"
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct actor;

/* A worker's queue of runnable actors: first in, first out, filled by its worker alone, emptied by
 * the worker and by thieves, who take half at once. (The shape is that of Go's run queue,
 * runtime/proc.go: a bounded ring whose consumers race on the head.) */
enum { RING_SIZE = 256 };

struct ring {
        alignas(64) _Atomic uint32_t head;
        alignas(64) _Atomic uint32_t tail;
        _Atomic(struct actor *) slots[RING_SIZE];
};

bool ring_push(struct ring *ring, struct actor *actor); /* its worker only; false: full */
struct actor *ring_pop(struct ring *ring);              /* its worker only */
bool ring_is_empty(const struct ring *ring);

/* The same two where nobody steals. */
static inline bool ring_push_alone(struct ring *ring, struct actor *actor)
{
        uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
        uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
        if (unlikely(tail - head >= RING_SIZE))
                return false;
        atomic_store_explicit(&ring->slots[tail % RING_SIZE], actor, memory_order_relaxed);
        atomic_store_explicit(&ring->tail, tail + 1, memory_order_relaxed);
        return true;
}

static inline struct actor *ring_pop_alone(struct ring *ring)
{
        uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
        if (unlikely(head == atomic_load_explicit(&ring->tail, memory_order_relaxed)))
                return NULL;
        atomic_store_explicit(&ring->head, head + 1, memory_order_relaxed);
        return atomic_load_explicit(&ring->slots[head % RING_SIZE], memory_order_relaxed);
}
/* How many wait, and how many ever left; any thread, as of some moment. */
uint32_t ring_count(const struct ring *ring);
uint32_t ring_head(const struct ring *ring);
/* Moves half of victim's actors into the thief's own ring, which has room for them; returns how many. */
uint32_t ring_steal(struct ring *thief, struct ring *victim);

#endif
