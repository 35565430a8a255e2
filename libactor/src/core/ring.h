/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_RING_H
#define CORE_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
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
/* How many wait, and how many ever left; any thread, as of some moment. */
uint32_t ring_count(const struct ring *ring);
uint32_t ring_head(const struct ring *ring);
/* Moves half of victim's actors into the thief's own ring, which has room for them; returns how many. */
uint32_t ring_steal(struct ring *thief, struct ring *victim);

#endif
