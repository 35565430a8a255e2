/* SPDX-License-Identifier: Apache-2.0 */
#include "state/rows.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>

static void chunk_fini(void *body)
{
        struct rows_chunk *chunk = body;
        for (size_t i = 0; i < ROWS_PER_CHUNK; i++)
                actor_msg_unref(chunk->rows[i]);
}

static const struct actor_type rows_chunk_type = {
        .name = "rows_chunk", .size = sizeof(struct rows_chunk), .fini = chunk_fini};

void rows_done(struct rows *rows)
{
        for (size_t i = 0; i < rows->chunk_count; i++)
                actor_msg_unref(rows->chunks[i]);
        free(rows->chunks);
        free(rows->shared);
        free(rows->free_slots);
        *rows = (struct rows){0};
}

static void add_chunk(struct rows *rows)
{
        size_t index = rows->chunk_count;
        if (index == rows->chunk_capacity) {
                rows->chunk_capacity = index ? index * 2 : 4;
                rows->chunks = actor_realloc_array(rows->chunks, rows->chunk_capacity, sizeof *rows->chunks);
                rows->shared = actor_realloc_array(rows->shared, rows->chunk_capacity, sizeof *rows->shared);
        }
        rows->chunks[index] = actor_msg_new(&rows_chunk_type);
        rows->shared[index] = false;
        rows->chunk_count++;
        for (size_t i = ROWS_PER_CHUNK; i-- > 0;) { /* the first slot is on top */
                ACTOR_ARRAY_RESERVE(rows->free_slots, rows->free_count, rows->free_capacity);
                rows->free_slots[rows->free_count++] = index * ROWS_PER_CHUNK + i;
        }
}

const void *rows_at(const struct rows *rows, size_t slot)
{
        assert(slot / ROWS_PER_CHUNK < rows->chunk_count);
        return rows->chunks[slot / ROWS_PER_CHUNK]->rows[slot % ROWS_PER_CHUNK];
}

/* The slot of a chunk that nobody else sees. */
static const void **writable(struct rows *rows, size_t slot)
{
        size_t index = slot / ROWS_PER_CHUNK;
        assert(index < rows->chunk_count);
        if (rows->shared[index]) {
                struct rows_chunk *copy = actor_msg_new(&rows_chunk_type);
                for (size_t i = 0; i < ROWS_PER_CHUNK; i++)
                        copy->rows[i] = rows->chunks[index]->rows[i]
                                                ? actor_msg_ref(rows->chunks[index]->rows[i])
                                                : NULL;
                actor_msg_unref(rows->chunks[index]);
                rows->chunks[index] = copy;
                rows->shared[index] = false;
        }
        return &rows->chunks[index]->rows[slot % ROWS_PER_CHUNK];
}

size_t rows_add(struct rows *rows, const void *row_take)
{
        if (rows->free_count == 0)
                add_chunk(rows);
        size_t slot = rows->free_slots[--rows->free_count];
        const void **place = writable(rows, slot);
        assert(*place == NULL);
        *place = row_take;
        rows->count++;
        return slot;
}

void rows_replace(struct rows *rows, size_t slot, const void *row_take)
{
        const void **place = writable(rows, slot);
        assert(*place != NULL);
        actor_msg_unref(*place);
        *place = row_take;
}

void rows_remove(struct rows *rows, size_t slot)
{
        rows_replace(rows, slot, NULL);
        rows->count--;
        ACTOR_ARRAY_RESERVE(rows->free_slots, rows->free_count, rows->free_capacity);
        rows->free_slots[rows->free_count++] = slot;
}

void rows_publish(struct rows *rows, struct row_set *ret)
{
        const struct rows_chunk **chunks =
                rows->chunk_count > 0 ? actor_malloc(rows->chunk_count * sizeof *chunks) : NULL;
        for (size_t i = 0; i < rows->chunk_count; i++) {
                chunks[i] = actor_msg_ref(rows->chunks[i]);
                rows->shared[i] = true;
        }
        *ret = (struct row_set){chunks, rows->chunk_count, rows->count};
}

void row_set_done(struct row_set *set)
{
        for (size_t i = 0; i < set->chunk_count; i++)
                actor_msg_unref(set->chunks[i]);
        free((void *) set->chunks);
        *set = (struct row_set){0};
}

const void *row_set_next(const struct row_set *set, size_t *cursor)
{
        for (size_t slot = *cursor; slot < set->chunk_count * ROWS_PER_CHUNK; slot++) {
                const void *row = set->chunks[slot / ROWS_PER_CHUNK]->rows[slot % ROWS_PER_CHUNK];
                if (row == NULL)
                        continue;
                *cursor = slot + 1;
                return row;
        }
        return NULL;
}
