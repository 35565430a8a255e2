/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* cells.c: where actors live. Chunks are mapped, not allocated: page-aligned, zero, and costing
 * memory only as far as they are used. */

struct actor *cells_at(struct actor_node *node, uint32_t slot)
{
        if (slot == 0 || slot >= atomic_load_explicit(&node->cell_count, memory_order_acquire))
                return NULL;
        return cells_known(node, slot);
}

/* ---- new cells; the lock is held ------------------------------------------------------------------- */

static struct actor *chunk_of(struct actor_node *node, uint32_t slot)
{
        _Atomic(struct actor *) *chunk = &node->chunks[slot / CHUNK_CELLS];
        struct actor *cells = atomic_load_explicit(chunk, memory_order_relaxed);
        if (cells == NULL) {
                cells = mmap(NULL, CHUNK_CELLS * sizeof *cells, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                if (cells == MAP_FAILED) {
                        fprintf(stderr, "libactor: out of memory for actors: %s\n", strerror(errno));
                        abort();
                }
                atomic_store_explicit(chunk, cells, memory_order_release);
        }
        return cells;
}

/* A cell never lived in, owned by the caller. */
static struct actor *new_cell(struct actor_node *node)
{
        uint32_t slot = atomic_load_explicit(&node->cell_count, memory_order_relaxed);
        assert(slot < (uint32_t) CHUNK_CELLS * CHUNKS_MAX);
        struct actor *a = &chunk_of(node, slot)[slot % CHUNK_CELLS];
        a->slot = slot;
        a->node = node;
        atomic_init(&a->generation, node->incarnation + 1);
        a->tenant = CELL_GET(a->generation);
        CELL_SET(a->flags, node->worker_count == 1 ? CELL_ALONE : 0);
        cell_init(a);
        atomic_store_explicit(&node->cell_count, slot + 1, memory_order_release);
        return a;
}

/* ---- cells to be lived in anew --------------------------------------------------------------------- */

static void append(struct cell_list *list, struct actor *a)
{
        a->next_free = NULL;
        if (list->count > 0)
                list->last->next_free = a;
        else
                list->first = a;
        list->last = a;
        list->count++;
}

static struct actor *take_first(struct cell_list *list)
{
        struct actor *a = list->first;
        if (a == NULL)
                return NULL;
        list->first = a->next_free;
        list->count--;
        return a;
}

static void move(struct cell_list *from, struct cell_list *to, size_t count)
{
        for (struct actor *a; count > 0 && (a = take_first(from)) != NULL; count--)
                append(to, a);
}

/* One from the list that nobody is just now burying late mail in; such a one goes to the end. */
static struct actor *take_idle(struct cell_list *list)
{
        struct actor *a = take_first(list);
        if (a == NULL || cell_acquire(a))
                return a;
        append(list, a);
        return NULL;
}

struct actor *cells_take_slowly(struct actor_node *node, struct worker *worker)
{
        struct actor *a = worker != NULL ? take_idle(&worker->free_cells) : NULL;
        if (a != NULL)
                return a;
        pthread_mutex_lock(&node->cells_lock);
        a = take_idle(&node->free_cells);
        if (a == NULL)
                a = new_cell(node);
        if (worker != NULL && worker->free_cells.count == 0)
                move(&node->free_cells, &worker->free_cells, FREE_CELLS_MAX / 2);
        pthread_mutex_unlock(&node->cells_lock);
        return a;
}

void cells_give_back_slowly(struct actor_node *node, struct worker *worker, struct actor *a)
{
        pthread_mutex_lock(&node->cells_lock);
        append(&node->free_cells, a);
        if (worker != NULL)
                move(&worker->free_cells, &node->free_cells, FREE_CELLS_MAX / 2);
        pthread_mutex_unlock(&node->cells_lock);
}
