/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ring.h"

#include <stddef.h>

bool ring_push(struct ring *ring, struct actor *actor)
{
        uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
        uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
        if (tail - head >= RING_SIZE)
                return false;
        atomic_store_explicit(&ring->slots[tail % RING_SIZE], actor, memory_order_relaxed);
        /* Sequentially consistent against the idle count in sched.c: a worker that goes to sleep sees
         * this actor, or we see that it sleeps. */
        atomic_store(&ring->tail, tail + 1);
        return true;
}

struct actor *ring_pop(struct ring *ring)
{
        uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
        uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
        while (head != tail) {
                struct actor *actor =
                        atomic_load_explicit(&ring->slots[head % RING_SIZE], memory_order_relaxed);
                if (atomic_compare_exchange_weak_explicit(&ring->head, &head, head + 1, memory_order_acq_rel,
                                                          memory_order_acquire))
                        return actor;
        }
        return NULL;
}

bool ring_is_empty(const struct ring *ring)
{
        return atomic_load(&ring->head) == atomic_load(&ring->tail);
}

uint32_t ring_count(const struct ring *ring)
{
        uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
        uint32_t count = atomic_load_explicit(&ring->tail, memory_order_acquire) - head;
        return count <= RING_SIZE ? count : 0; /* head was old when we read tail */
}

uint32_t ring_head(const struct ring *ring)
{
        return atomic_load_explicit(&ring->head, memory_order_acquire);
}

uint32_t ring_steal(struct ring *thief, struct ring *victim)
{
        uint32_t to = atomic_load_explicit(&thief->tail, memory_order_relaxed);
        uint32_t head = atomic_load_explicit(&victim->head, memory_order_acquire);
        for (;;) {
                uint32_t tail = atomic_load_explicit(&victim->tail, memory_order_acquire);
                uint32_t count = tail - head;
                count -= count / 2;
                if (count == 0)
                        return 0;
                if (count > RING_SIZE / 2) { /* head was old when we read tail */
                        head = atomic_load_explicit(&victim->head, memory_order_acquire);
                        continue;
                }
                for (uint32_t i = 0; i < count; i++) {
                        struct actor *actor = atomic_load_explicit(&victim->slots[(head + i) % RING_SIZE],
                                                                   memory_order_relaxed);
                        atomic_store_explicit(&thief->slots[(to + i) % RING_SIZE], actor,
                                              memory_order_relaxed);
                }
                if (atomic_compare_exchange_weak_explicit(&victim->head, &head, head + count,
                                                          memory_order_acq_rel, memory_order_acquire)) {
                        atomic_store(&thief->tail, to + count);
                        return count;
                }
        }
}
