/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_STATE_ROWS_H
#define MASTER_STATE_ROWS_H

#include <actor/message.h>
#include <stdbool.h>

/* A table of rows that can be published as it is at a moment, cheaply and again and again. A row is
 * an immutable message; the table holds references in chunks; a published set shares the chunks, and a chunk
 * is copied when a row of it changes after it was shared. So a change costs O(1), a publication O(chunks).
 *
 * `struct rows` belongs to one thread; a `struct row_set` may be read and released by any. */
#define ROWS_PER_CHUNK 256

struct rows_chunk {
        const void *rows[ROWS_PER_CHUNK]; /* messages; NULL: free */
};

struct rows {
        struct rows_chunk **chunks; /* each a message */
        bool *shared;               /* by chunk: is in a published set */
        size_t chunk_count, chunk_capacity;
        size_t *free_slots;
        size_t free_count, free_capacity;
        size_t count; /* of rows */
};

void rows_done(struct rows *rows);
/* Puts a row (its own reference is taken) into a free slot, which is returned. O(1). */
size_t rows_add(struct rows *rows, const void *row_take);
void rows_replace(struct rows *rows, size_t slot, const void *row_take);
void rows_remove(struct rows *rows, size_t slot);

/* The row in a slot, borrowed. */
const void *rows_at(const struct rows *rows, size_t slot);

/* A set as it was when published. Embedded; zeroed memory is empty. */
struct row_set {
        const struct rows_chunk *const *chunks; /* references */
        size_t chunk_count, count;
};
void rows_publish(struct rows *rows, struct row_set *ret);
void row_set_done(struct row_set *set);

/* For each row of the set: `const void *row` and `size_t cursor = 0` are the caller's. */
const void *row_set_next(const struct row_set *set, size_t *cursor);
#define ROWS_EACH(set, cursor, row) for (size_t cursor = 0; ((row) = row_set_next((set), &cursor)) != NULL;)

#endif
