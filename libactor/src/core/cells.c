/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <actor/memory.h>
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
        if (slot >= atomic_load_explicit(&node->cell_count, memory_order_acquire))
                return NULL;
        struct actor *chunk = atomic_load_explicit(&node->chunks[slot / CHUNK_CELLS], memory_order_acquire);
        return &chunk[slot % CHUNK_CELLS];
}

struct actor *cells_find(struct actor_node *node, struct actor_ref ref)
{
        assert(ref.peer == 0);
        struct actor *a = ref.generation != 0 ? cells_at(node, ref.slot) : NULL;
        if (a == NULL || atomic_load_explicit(&a->generation, memory_order_acquire) != ref.generation)
                return NULL;
        return a;
}

/* A cell never lived in, owned by the caller. The lock is held. */
static struct actor *new_cell(struct actor_node *node)
{
        uint32_t slot = atomic_load_explicit(&node->cell_count, memory_order_relaxed);
        assert(slot < (uint32_t) CHUNK_CELLS * CHUNKS_MAX);
        struct actor *chunk = atomic_load_explicit(&node->chunks[slot / CHUNK_CELLS], memory_order_relaxed);
        if (chunk == NULL) {
                chunk = mmap(NULL, CHUNK_CELLS * sizeof *chunk, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                if (chunk == MAP_FAILED) {
                        fprintf(stderr, "libactor: out of memory for actors: %s\n", strerror(errno));
                        abort();
                }
                atomic_store_explicit(&node->chunks[slot / CHUNK_CELLS], chunk, memory_order_release);
        }
        struct actor *a = &chunk[slot % CHUNK_CELLS];
        a->slot = slot;
        a->node = node;
        a->born = node->incarnation;
        a->tail = mail_new();
        atomic_init(&a->head, (uintptr_t) a->tail);
        atomic_store_explicit(&node->cell_count, slot + 1, memory_order_release);
        return a;
}

/* The cell that has rested longest, if nobody is just now burying late mail in it. */
static struct actor *used_cell(struct actor_node *node)
{
        if (node->free_count == 0)
                return NULL;
        uint32_t slot = node->free_slots[node->free_first];
        struct actor *a = cells_at(node, slot);
        node->free_first = (node->free_first + 1) % node->free_capacity;
        if (cell_acquire(a)) {
                node->free_count--;
                return a;
        }
        node->free_slots[(node->free_first + node->free_count - 1) % node->free_capacity] = slot;
        return NULL;
}

struct actor *cells_take(struct actor_node *node)
{
        pthread_mutex_lock(&node->cells_lock);
        struct actor *a = used_cell(node);
        if (a == NULL)
                a = new_cell(node);
        pthread_mutex_unlock(&node->cells_lock);
        assert(a->phase == CELL_EMPTY);
        return a;
}

void cells_give_back(struct actor_node *node, struct actor *a)
{
        pthread_mutex_lock(&node->cells_lock);
        if (node->free_count == node->free_capacity) {
                size_t capacity = node->free_capacity ? node->free_capacity * 2 : 64;
                uint32_t *slots = actor_malloc(capacity * sizeof *slots);
                for (size_t i = 0; i < node->free_count; i++)
                        slots[i] = node->free_slots[(node->free_first + i) % node->free_capacity];
                free(node->free_slots);
                node->free_slots = slots;
                node->free_capacity = capacity;
                node->free_first = 0;
        }
        node->free_slots[(node->free_first + node->free_count++) % node->free_capacity] = a->slot;
        pthread_mutex_unlock(&node->cells_lock);
}
