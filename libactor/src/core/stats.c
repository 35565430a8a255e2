/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <string.h>

/* stats.c: looking inside from any thread. Nothing is stopped for it: each number is right by itself
 * at some moment of the call, and an actor that ends meanwhile is left out. */

static const char *slowest_type(const struct actor *a)
{
        const struct kind *kind = CELL_GET(a->kind);
        unsigned row = CELL_GET(a->slowest_row); /* 0: none so far */
        if (row == 0)
                return NULL;
        return row <= kind->row_count ? kind->rows[row - 1].type->name : "(other)";
}

static bool read_one(struct actor_node *node, struct actor *a, struct actor_stats *ret)
{
        uint64_t generation = atomic_load_explicit(&a->generation, memory_order_acquire);
        if ((atomic_load_explicit(&a->flags, memory_order_acquire) & CELL_LIVES) == 0)
                return false;
        *ret = (struct actor_stats){
                .ref = {0, a->slot, generation},
                .parent = cell_parent(a),
                .class_name = cell_class(a)->name,
                .mailbox_depth = cell_depth(a),
                .mailbox_depth_most = CELL_GET(a->depth_most),
                .handled = CELL_GET(a->handled),
                .dropped = CELL_GET(a->dropped) + CELL_GET(a->refused),
                .busy_ns = CELL_GET(a->busy_ns),
                .slowest_ns = CELL_GET(a->slowest_us) * UINT64_C(1000),
                .slowest_type = slowest_type(a),
                .restarts = CELL_GET(a->restarts),
                .taken = CELL_GET(a->popped),
        };
        names_of(node, ret->ref, ret->name);
        return atomic_load_explicit(&a->generation, memory_order_acquire) == generation &&
               !cell_has(a, CELL_HIDDEN);
}

size_t actor_node_stats(struct actor_node *node, struct actor_stats *ret, size_t max)
{
        uint32_t cells = atomic_load_explicit(&node->cell_count, memory_order_acquire);
        struct actor_stats one;
        size_t count = 0;
        for (uint32_t slot = 1; slot < cells; slot++) {
                if (!read_one(node, cells_known(node, slot), &one))
                        continue;
                if (count < max)
                        ret[count] = one;
                count++;
        }
        return count;
}

size_t actor_node_stats_page(struct actor_node *node, uint32_t *slot, struct actor_stats *ret, size_t max)
{
        uint32_t cells = atomic_load_explicit(&node->cell_count, memory_order_acquire);
        uint32_t at = *slot != 0 ? *slot : 1;
        size_t count = 0;
        for (; at < cells && count < max; at++)
                count += read_one(node, cells_known(node, at), &ret[count]);
        *slot = at < cells ? at : 0;
        return count;
}

static void add(struct actor_node_totals *totals, const struct counters *counters, uint64_t *spawned,
                uint64_t *ended)
{
        totals->sent += CELL_GET(counters->sent);
        totals->handled += CELL_GET(counters->handled);
        totals->dead_letters += CELL_GET(counters->dead_letters);
        totals->dropped += CELL_GET(counters->dropped);
        totals->late_replies += CELL_GET(counters->late_replies);
        totals->steals += CELL_GET(counters->steals);
        totals->parks += CELL_GET(counters->parks);
        *spawned += CELL_GET(counters->spawned);
        *ended += CELL_GET(counters->ended);
}

void actor_node_totals(struct actor_node *node, struct actor_node_totals *ret)
{
        uint64_t spawned = 0, ended = 0;
        *ret = (struct actor_node_totals){0};
        add(ret, &node->foreign, &spawned, &ended);
        for (unsigned i = 0; i < node->worker_count; i++) {
                add(ret, &node->workers[i].counters, &spawned, &ended);
                ret->timers += CELL_GET(node->workers[i].wheel.armed);
        }
        ret->actors = spawned > ended ? spawned - ended : 0;
        ret->slow_handlers = CELL_GET(node->watchdog.incidents);
        if (node->net != NULL)
                net_totals(node->net, ret);
}
