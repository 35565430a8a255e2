/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <actor/inspect.h>

/* handlers_stats.c: what each class of actors spends on each type of message, as it has been learned of
 * its rows (kinds.h), for whoever looks. */

struct rows {
        struct actor_handler_stats *ret;
        size_t count, max;
};

static void add_kind(struct rows *rows, const struct kind *kind)
{
        for (unsigned row = 0; row <= kind->row_count && rows->count < rows->max; row++) {
                const struct handler_times *times = &kind->rows[row].times;
                if (CELL_GET(times->calls) == 0)
                        continue;
                rows->ret[rows->count++] = (struct actor_handler_stats){
                        .class_name = kind->class->name,
                        .type_name = row < kind->row_count ? kind->rows[row].type->name : NULL,
                        .count = CELL_GET(times->calls),
                        .busy_ns = CELL_GET(times->spent_ns),
                        .slowest_ns = CELL_GET(times->slowest_ns),
                };
        }
}

size_t actor_node_handlers(struct actor_node *node, struct actor_handler_stats *ret, size_t max)
{
        struct kinds *kinds = &node->kinds;
        struct rows rows = {ret, 0, max};
        pthread_mutex_lock(&kinds->lock);
        for (size_t i = 0; i < kinds->by_class.capacity; i++) {
                if (kinds->by_class.entries[i].key != 0)
                        add_kind(&rows, kinds->by_class.entries[i].value);
        }
        pthread_mutex_unlock(&kinds->lock);
        return rows.count;
}
