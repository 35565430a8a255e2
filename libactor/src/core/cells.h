/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_CELLS_H
#define CORE_CELLS_H

#include "core/worker.h"

/* Where actors live: cells by slot, and those in which nobody lives just now. `worker` is the calling
 * thread's, or NULL. */
void cells_init(struct actor_node *node);
void cells_done(struct actor_node *node);
struct actor *cells_at(struct actor_node *node, uint32_t slot); /* NULL: nobody ever lived there */
struct actor *cells_take_slowly(struct actor_node *node, struct worker *worker);
void cells_give_back_slowly(struct actor_node *node, struct worker *worker, struct actor *a);

/* A cell that nobody lives in, for a new tenant; the caller owns it. */
static inline struct actor *cells_take(struct actor_node *node, struct worker *worker)
{
        struct actor *a = worker != NULL ? worker->free_cells.first : NULL;
        if (unlikely(a == NULL) || unlikely(!cell_acquire(a)))
                return cells_take_slowly(node, worker);
        worker->free_cells.first = a->next_free;
        worker->free_cells.count--;
        return a;
}

/* To be lived in anew as soon as it is idle. */
static inline void cells_give_back(struct actor_node *node, struct worker *worker, struct actor *a)
{
        if (unlikely(worker == NULL) || unlikely(worker->free_cells.count == FREE_CELLS_MAX)) {
                cells_give_back_slowly(node, worker, a);
                return;
        }
        a->next_free = worker->free_cells.first;
        worker->free_cells.first = a;
        if (unlikely(worker->free_cells.count++ == 0))
                worker->free_cells.last = a;
}

/* A slot that is known to have been handed out. */
static inline struct actor *cells_known(struct actor_node *node, uint32_t slot)
{
        return &node->cells[slot];
}

/* Who bears this ref now; NULL: nobody any more. */
static inline struct actor *cells_find(struct actor_node *node, struct actor_ref ref)
{
        if (unlikely(ref.slot >= node->cell_room))
                return NULL;
        struct actor *a = cells_known(node, ref.slot);
        uint64_t generation = atomic_load_explicit(&a->generation, memory_order_acquire);
        if (unlikely(generation != ref.generation) || unlikely(generation == 0))
                return NULL;
        return a;
}

#endif
