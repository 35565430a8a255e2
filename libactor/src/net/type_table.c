/* SPDX-License-Identifier: Apache-2.0 */
#include "net/type_table.h"
#include "net/frame.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct known {
        uint64_t hash;
        const struct actor_type *type;
};

enum { REMEMBERED_COUNT = 256 };

/* Entries are never changed, so that the address of one may be shared between threads. */

struct type_table {
        struct known *cells; /* open addressing by hash */
        size_t cell_count;
        _Atomic(const struct known *)
                remembered[REMEMBERED_COUNT]; /* of the cells; by the type's address, the latest wins */
};

static struct known *cell_of(const struct type_table *table, uint64_t hash)
{
        size_t at = hash & (table->cell_count - 1);
        while (table->cells[at].type && table->cells[at].hash != hash)
                at = (at + 1) & (table->cell_count - 1);
        return &table->cells[at];
}

struct type_table *type_table_new(const struct actor_type *const *types)
{
        struct type_table *table = actor_zalloc(sizeof *table);
        size_t count = 0;
        while (types && types[count])
                count++;
        table->cell_count = 16;
        while (table->cell_count < 2 * count)
                table->cell_count *= 2;
        table->cells = actor_zalloc(table->cell_count * sizeof *table->cells);
        for (size_t i = 0; i < count; i++) {
                uint64_t hash = frame_type_hash(types[i]->name);
                struct known *cell = cell_of(table, hash);
                assert(types[i]->descriptor || types[i]->is_bytes);
                assert(!cell->type || strcmp(cell->type->name, types[i]->name) == 0);
                *cell = (struct known){hash, types[i]};
        }
        return table;
}

void type_table_free(struct type_table *table)
{
        if (!table)
                return;
        free(table->cells);
        free(table);
}

const struct actor_type *type_table_find(const struct type_table *table, uint64_t hash)
{
        return cell_of(table, hash)->type;
}

uint64_t type_table_hash(struct type_table *table, const struct actor_type *type)
{
        _Atomic(const struct known *) *slot = &table->remembered[((uintptr_t) type >> 4) % REMEMBERED_COUNT];
        const struct known *known = atomic_load_explicit(slot, memory_order_acquire);
        if (known && known->type == type)
                return known->hash;
        uint64_t hash = frame_type_hash(type->name);
        known = cell_of(table, hash);
        if (known->type == type)
                atomic_store_explicit(slot, known, memory_order_release);
        return hash;
}
