/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cells.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* cells.c: where actors live. There is room for all that a node may ever have, so that a slot tells where its
 * cell is; it can be read from the beginning (all zero) and written to as far as it is used, and costs memory
 * only so far too. */

static __attribute__((noinline, cold, noreturn)) void die(const char *error)
{
        fprintf(stderr, "libactor: out of memory for actors: %s\n", error);
        abort();
}

/* Where address space is rationed, there is room for fewer. */
void cells_init(struct actor_node *node)
{
        void *memory = MAP_FAILED;
        uint32_t room = CELLS_MAX * 2;
        while (memory == MAP_FAILED) {
                room /= 2;
                if (room < CELLS_AT_ONCE)
                        die(strerror(errno));
                memory = mmap(NULL, room * sizeof *node->cells, PROT_READ,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        }
        node->cells = memory;
        node->cell_room = room;
        atomic_init(&node->cell_count, 1); /* slot 0 means none */
}

void cells_done(struct actor_node *node)
{
        (void) munmap(node->cells, node->cell_room * sizeof *node->cells);
}

struct actor *cells_at(struct actor_node *node, uint32_t slot)
{
        if (slot == 0 || slot >= atomic_load_explicit(&node->cell_count, memory_order_acquire))
                return NULL;
        return cells_known(node, slot);
}

/* ---- new cells; the lock is held ------------------------------------------------------------------- */

/* Those from `first` on. */
static void make_usable(struct actor *first)
{
        _Static_assert(CELLS_AT_ONCE * sizeof *first % 65536 == 0, "whole pages");
        if (mprotect(first, CELLS_AT_ONCE * sizeof *first, PROT_READ | PROT_WRITE) != 0)
                die(strerror(errno));
}

/* A cell never lived in, owned by the caller. */
static struct actor *new_cell(struct actor_node *node)
{
        uint32_t slot = atomic_load_explicit(&node->cell_count, memory_order_relaxed);
        if (slot == node->cell_room)
                die("there are too many");
        if (slot == 1 || slot % CELLS_AT_ONCE == 0)
                make_usable(&node->cells[slot - slot % CELLS_AT_ONCE]);
        struct actor *a = &node->cells[slot];
        a->slot = slot;
        a->node = node;
        a->tenant = node->incarnation + 1;
        CELL_SET(a->flags, node->worker_count == 1 ? CELL_ALONE : 0);
        cell_init(a);
        /* Who finds it by that finds the above. */
        atomic_store_explicit(&a->generation, a->tenant, memory_order_release);
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
