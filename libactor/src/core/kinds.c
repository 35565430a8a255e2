/* SPDX-License-Identifier: Apache-2.0 */
#include "core/kinds.h"

#include "core/admission.h"
#include <actor/memory.h>
#include <stdlib.h>

#define GET(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define SET(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

void kinds_init(struct kinds *kinds, bool untimed, bool alone)
{
        pthread_mutex_init(&kinds->lock, NULL);
        kinds->untimed = untimed;
        kinds->alone = alone;
}

void kinds_done(struct kinds *kinds)
{
        uint64_t key;
        void *value;
        while (map_take_any(&kinds->by_class, &key, &value)) {
                for (struct kind *kind = value, *older; kind != NULL; kind = older) {
                        older = kind->older;
                        free(kind);
                }
        }
        map_done(&kinds->by_class);
        pthread_mutex_destroy(&kinds->lock);
}

static struct cell_terms terms_of(const struct actor_class *class, bool alone)
{
        unsigned max = class->mailbox_max != 0 ? class->mailbox_max : ACTOR_MAILBOX_DEFAULT;
        struct actor cell = {.drops_oldest = class->overflow == ACTOR_DROP_OLDEST,
                             .is_alone = alone,
                             .is_large = max >= CELL_LARGE};
        unsigned overflow = cell.drops_oldest                       ? CELL_DROPS_OLDEST
                            : class->overflow == ACTOR_PAUSE_SENDER ? CELL_PAUSES
                                                                    : 0;
        size_t size = class->state_size != 0 ? class->state_size : 1;
        return (struct cell_terms){.state_size = size,
                                   .state_class = blocks_class(size),
                                   .mailbox_max = max < INT32_MAX ? max : INT32_MAX,
                                   .flags = (uint8_t) (CELL_LIVES | overflow | (alone ? CELL_ALONE : 0u)),
                                   .traits = cell.traits};
}

static struct kind *kind_new(const struct kinds *kinds, const struct actor_class *class, struct kind *older)
{
        static const struct actor_handler none[] = {ACTOR_HANDLER_END};
        const struct actor_handler *handlers = class->handlers != NULL ? class->handlers : none;
        unsigned rows = 0;
        while (handlers[rows].type != NULL)
                rows++;
        struct kind *kind = actor_zalloc(sizeof *kind + (rows + 1) * sizeof *kind->rows);
        kind->class = class;
        kind->handlers = class->handlers;
        kind->state_size = class->state_size;
        kind->mailbox_max = class->mailbox_max;
        kind->overflow = class->overflow;
        kind->terms = terms_of(class, kinds->alone);
        kind->row_count = rows;
        kind->pauses = class->overflow == ACTOR_PAUSE_SENDER;
        kind->older = older;
        for (unsigned i = 0; i <= rows; i++) {
                struct kind_row *row = &kind->rows[i];
                SET(row->times_each, !kinds->untimed);
                if (i == rows)
                        break;
                row->type = handlers[i].type;
                row->handle = handlers[i].handle;
                row->from = handlers[i].from;
                row->takes_local = row->handle != NULL && (row->from & ACTOR_FROM_LOCAL) != 0;
                row->takes_remote = row->handle != NULL && (row->from & ACTOR_FROM_REMOTE) != 0;
        }
        kind->rows[rows].handle = class->handle_other;
        return kind;
}

struct kind *kinds_of(struct kinds *kinds, const struct actor_class *class)
{
        pthread_mutex_lock(&kinds->lock);
        struct kind *kind = map_get(&kinds->by_class, (uintptr_t) class);
        if (kind == NULL || !kind_is_of(kind, class)) { /* none, or memory of a class that is no more */
                kind = kind_new(kinds, class, kind);
                (void) map_take(&kinds->by_class, (uintptr_t) class);
                map_put(&kinds->by_class, (uintptr_t) class, kind);
        }
        pthread_mutex_unlock(&kinds->lock);
        return kind;
}

void kind_note(struct kind *kind, unsigned row, uint64_t spent_ns, unsigned weight)
{
        struct handler_times *times = &kind->rows[row].times;
        uint32_t capped = spent_ns < UINT32_MAX ? (uint32_t) spent_ns : UINT32_MAX;
        uint32_t timed = GET(times->timed), average = GET(times->average_ns);
        SET(times->calls, GET(times->calls) + weight);
        SET(times->spent_ns, GET(times->spent_ns) + spent_ns * weight);
        if (spent_ns > GET(times->slowest_ns))
                SET(times->slowest_ns, spent_ns);
        average = timed == 0 ? capped : average - average / 8 + capped / 8;
        SET(times->average_ns, average);
        if (timed < TIMED_FIRST)
                SET(times->timed, timed + 1);
        SET(kind->rows[row].times_each, timed < TIMED_FIRST || average >= TIMED_ALWAYS_NS);
}
