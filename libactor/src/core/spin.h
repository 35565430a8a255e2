/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_SPIN_H
#define CORE_SPIN_H

#include "core/likely.h"
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

/* A lock for a handful of instructions that hardly ever meet: a mutex costs more than what it would guard.
 * Zeroed is free. Who finds it taken for long lets its holder run. */
struct spin {
        atomic_bool taken;
};

static __attribute__((noinline, cold, unused)) void spin_wait(struct spin *spin)
{
        enum { TRIES = 100 };
        for (unsigned tries = 0; atomic_exchange_explicit(&spin->taken, true, memory_order_acquire);
             tries++) {
                if (tries >= TRIES)
                        (void) sched_yield();
        }
}

static inline void spin_lock(struct spin *spin)
{
        if (unlikely(atomic_exchange_explicit(&spin->taken, true, memory_order_acquire)))
                spin_wait(spin);
}

static inline void spin_unlock(struct spin *spin)
{
        atomic_store_explicit(&spin->taken, false, memory_order_release);
}

#endif
