/* SPDX-License-Identifier: Apache-2.0 */
#include "resource_entry.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <proto/quantities.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 64 /* of a bad text, in its sentence */

void quantities_clear(struct quantities *q)
{
        for (size_t i = 0; i < q->count; i++)
                free(q->list[i].name);
        free(q->list);
        *q = (struct quantities){0};
}

void limits_clear(struct limits *limits)
{
        quantities_clear(&limits->finite);
}

struct quantities quantities_copy(const struct quantities *q)
{
        struct quantities copy = {0};
        for (; copy.count < q->count; copy.count++) {
                ACTOR_ARRAY_RESERVE(copy.list, copy.count, copy.capacity);
                copy.list[copy.count] = q->list[copy.count];
                copy.list[copy.count].name = actor_strdup(q->list[copy.count].name);
        }
        return copy;
}

/* Where `name` is or belongs; *found says which. */
static size_t position(const struct quantities *q, const char *name, bool *found)
{
        size_t low = 0, high = q->count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (strcmp(q->list[middle].name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        *found = low < q->count && strcmp(q->list[low].name, name) == 0;
        return low;
}

static struct quantity *find(const struct quantities *q, const char *name)
{
        bool found;
        size_t at = position(q, name, &found);
        return found ? &q->list[at] : NULL;
}

/* The amount of `name`, made 0 where it was absent. */
static int64_t *slot(struct quantities *q, const char *name)
{
        bool found;
        size_t at = position(q, name, &found);
        if (!found) {
                ACTOR_ARRAY_RESERVE(q->list, q->count, q->capacity);
                memmove(&q->list[at + 1], &q->list[at], (q->count - at) * sizeof *q->list);
                q->list[at] = (struct quantity){.name = actor_strdup(name)};
                q->count++;
        }
        return &q->list[at].milli;
}

static void drop(struct quantities *q, size_t index)
{
        free(q->list[index].name);
        q->count--;
        memmove(&q->list[index], &q->list[index + 1], (q->count - index) * sizeof *q->list);
}

int64_t quantities_get(const struct quantities *q, const char *name)
{
        const struct quantity *quantity = find(q, name);
        return quantity ? quantity->milli : 0;
}

void quantities_add_one(struct quantities *q, const char *name, int64_t milli)
{
        assert(milli >= 0);
        if (milli == 0)
                return;
        int64_t *amount = slot(q, name);
        if (__builtin_add_overflow(*amount, milli, amount))
                *amount = INT64_MAX;
}

void quantities_add(struct quantities *q, const struct quantities *more)
{
        for (size_t i = 0; i < more->count; i++)
                quantities_add_one(q, more->list[i].name, more->list[i].milli);
}

void quantities_subtract(struct quantities *q, const struct quantities *less)
{
        for (size_t i = q->count; i-- > 0;) {
                int64_t taken = quantities_get(less, q->list[i].name);
                if (taken >= q->list[i].milli)
                        drop(q, i);
                else
                        q->list[i].milli -= taken;
        }
}

bool quantities_contain(const struct quantities *q, const struct quantities *part)
{
        for (size_t i = 0; i < part->count; i++)
                if (quantities_get(q, part->list[i].name) < part->list[i].milli)
                        return false;
        return true;
}

bool quantities_equal(const struct quantities *a, const struct quantities *b)
{
        return quantities_contain(a, b) && quantities_contain(b, a);
}

static int64_t size_to_milli(uint64_t size)
{
        return size > INT64_MAX / 1000 ? INT64_MAX : (int64_t) size * 1000;
}

struct quantities quantities_from_resources(const struct resources *r)
{
        struct quantities q = {0};
        for (size_t i = 0; i < r->count; i++) {
                const struct resource_entry *entry = &r->entries[i];
                int64_t milli;
                if (entry->kind->view->type == V1__VALUE__TYPE__SCALAR)
                        milli = entry->scalar.milli;
                else if (entry->kind->view->type == V1__VALUE__TYPE__RANGES)
                        milli = size_to_milli(ranges_size(&entry->ranges));
                else
                        milli = size_to_milli(entry->set.count);
                quantities_add_one(&q, entry->kind->view->name, milli);
        }
        return q;
}

bool limits_get(const struct limits *limits, const char *name, int64_t *ret_milli)
{
        const struct quantity *limit = find(&limits->finite, name);
        if (limit)
                *ret_milli = limit->milli;
        return limit != NULL;
}

void limits_set(struct limits *limits, const char *name, int64_t milli)
{
        assert(milli >= 0);
        *slot(&limits->finite, name) = milli;
}

void limits_subtract(struct limits *limits, const struct quantities *less)
{
        for (size_t i = 0; i < limits->finite.count; i++) {
                struct quantity *limit = &limits->finite.list[i];
                int64_t taken = quantities_get(less, limit->name);
                limit->milli = taken >= limit->milli ? 0 : limit->milli - taken;
        }
}

/* Where `limits` is finite, `part` must be so too, and not larger. */
bool limits_contain(const struct limits *limits, const struct limits *part)
{
        for (size_t i = 0; i < limits->finite.count; i++) {
                int64_t milli;
                if (!limits_get(part, limits->finite.list[i].name, &milli) ||
                    milli > limits->finite.list[i].milli)
                        return false;
        }
        return true;
}

bool limits_contain_quantities(const struct limits *limits, const struct quantities *q)
{
        for (size_t i = 0; i < limits->finite.count; i++)
                if (quantities_get(q, limits->finite.list[i].name) > limits->finite.list[i].milli)
                        return false;
        return true;
}

char *quantities_print(const struct quantities *q)
{
        if (q->count == 0)
                return actor_strdup("{}");
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);
        for (size_t i = 0; i < q->count; i++) {
                char number[SCALAR_TEXT_SIZE];
                scalar_print(q->list[i].milli, number);
                fprintf(stream, "%s%s:%s", i > 0 ? "; " : "", q->list[i].name, number);
        }
        fclose(stream);
        return text;
}

char *limits_print(const struct limits *limits)
{
        return quantities_print(&limits->finite);
}
