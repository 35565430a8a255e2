/* SPDX-License-Identifier: Apache-2.0 */
#include "net/crossings.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>

void crossings_done(struct crossings *crossings)
{
        free(crossings->cells);
        *crossings = (struct crossings){0};
}

static size_t home_of(const struct crossings *crossings, struct actor_ref near, uint64_t id)
{
        uint64_t hash = (near.generation ^ near.slot) * 0x9e3779b97f4a7c15u;
        hash = (hash ^ (hash >> 29) ^ id) * 0xbf58476d1ce4e5b9u;
        return (size_t) (hash ^ (hash >> 32)) & (crossings->cell_count - 1);
}

static struct crossing *cell_of(const struct crossings *crossings, struct actor_ref near, uint64_t id)
{
        size_t at = home_of(crossings, near, id);
        for (;; at = (at + 1) & (crossings->cell_count - 1)) {
                struct crossing *cell = &crossings->cells[at];
                if (cell->id == 0)
                        return cell;
                if (cell->id == id && cell->near.slot == near.slot &&
                    cell->near.generation == near.generation)
                        return cell;
        }
}

static void grow(struct crossings *crossings)
{
        struct crossings old = *crossings;
        crossings->cell_count = old.cell_count ? old.cell_count * 2 : 16;
        crossings->cells = actor_zalloc(crossings->cell_count * sizeof *crossings->cells);
        for (size_t i = 0; i < old.cell_count; i++)
                if (old.cells[i].id != 0)
                        *cell_of(crossings, old.cells[i].near, old.cells[i].id) = old.cells[i];
        free(old.cells);
}

void crossings_add(struct crossings *crossings, const struct crossing *crossing)
{
        assert(crossing->id != 0);
        if (crossings->count >= crossings->cell_count / 2)
                grow(crossings);
        struct crossing *cell = cell_of(crossings, crossing->near, crossing->id);
        crossings->count += cell->id == 0;
        *cell = *crossing;
}

/* Closes the hole at `hole` by moving back what was pushed past it. */
static void close_hole(struct crossings *crossings, size_t hole)
{
        size_t mask = crossings->cell_count - 1;
        for (size_t at = (hole + 1) & mask; crossings->cells[at].id != 0; at = (at + 1) & mask) {
                size_t home = home_of(crossings, crossings->cells[at].near, crossings->cells[at].id);
                if (((at - home) & mask) < ((at - hole) & mask))
                        continue;
                crossings->cells[hole] = crossings->cells[at];
                hole = at;
        }
        crossings->cells[hole].id = 0;
}

bool crossings_remove(struct crossings *crossings, struct actor_ref near, uint64_t id, struct crossing *ret)
{
        if (crossings->count == 0 || id == 0)
                return false;
        struct crossing *cell = cell_of(crossings, near, id);
        if (cell->id == 0)
                return false;
        if (ret)
                *ret = *cell;
        close_hole(crossings, (size_t) (cell - crossings->cells));
        crossings->count--;
        return true;
}
