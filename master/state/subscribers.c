/* SPDX-License-Identifier: Apache-2.0 */
#include "state/subscribers.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void subscribers_done(struct subscribers *s)
{
        free(s->list);
        *s = (struct subscribers){NULL, 0, 0};
}

bool subscribers_has(const struct subscribers *s, struct actor_ref ref)
{
        for (size_t i = 0; i < s->count; i++)
                if (actor_ref_equal(s->list[i].ref, ref))
                        return true;
        return false;
}

bool subscribers_add(struct subscribers *s, struct subscriber subscriber)
{
        if (subscribers_has(s, subscriber.ref))
                return false;
        ACTOR_ARRAY_RESERVE(s->list, s->count, s->capacity);
        s->list[s->count++] = subscriber;
        return true;
}

static void remove_at(struct subscribers *s, size_t index)
{
        assert(index < s->count);
        s->count--;
        memmove(s->list + index, s->list + index + 1, (s->count - index) * sizeof *s->list);
}

void subscribers_remove(struct subscribers *s, uint64_t monitor)
{
        for (size_t i = 0; i < s->count; i++)
                if (s->list[i].monitor == monitor) {
                        remove_at(s, i);
                        return;
                }
}

struct subscriber subscribers_take_oldest(struct subscribers *s)
{
        assert(s->count > 0);
        struct subscriber oldest = s->list[0];
        remove_at(s, 0);
        return oldest;
}
