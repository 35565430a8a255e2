/* SPDX-License-Identifier: Apache-2.0 */
#include "resource_entry.h"

#include <actor/memory.h>
#include <assert.h>
#include <proto/copy.h>
#include <proto/ids.h>
#include <stdlib.h>
#include <string.h>

struct resources *resources_new(void)
{
        return actor_zalloc(sizeof(struct resources));
}

struct resources *resources_copy(const struct resources *r)
{
        struct resources *copy = resources_new();
        if (r->count == 0)
                return copy;
        copy->entries = actor_realloc_array(NULL, r->count, sizeof *copy->entries);
        copy->capacity = r->count;
        for (; copy->count < r->count; copy->count++)
                copy->entries[copy->count] = resource_entry_copy(&r->entries[copy->count]);
        return copy;
}

void resources_free(struct resources *r)
{
        if (r == NULL)
                return;
        for (size_t i = 0; i < r->count; i++)
                resource_entry_clear(&r->entries[i]);
        free(r->entries);
        free(r);
}

static bool addable(const struct resource_entry *a, const struct resource_entry *b)
{
        if (!resource_kind_equal(a->kind, b->kind))
                return false;
        if (resource_entry_is_shared(a))
                return resource_amount_equal(a, b);
        return !a->kind->is_whole;
}

/* Both addable: a shared resource has one more copy, others grow. */
static void merge(struct resource_entry *entry, const struct resource_entry *more)
{
        if (resource_entry_is_shared(entry))
                entry->copies += more->copies;
        else
                resource_amount_add(entry, more);
}

void resources_add_entry_take(struct resources *r, struct resource_entry entry_take)
{
        bool done = resource_entry_is_empty(&entry_take);
        for (size_t i = 0; !done && i < r->count; i++) {
                if (addable(&r->entries[i], &entry_take)) {
                        merge(&r->entries[i], &entry_take);
                        done = true;
                }
        }
        if (done) {
                resource_entry_clear(&entry_take);
                return;
        }
        ACTOR_ARRAY_RESERVE(r->entries, r->count, r->capacity);
        r->entries[r->count++] = entry_take;
}

void resources_add(struct resources *r, const struct resources *more)
{
        size_t count = more->count; /* more may be r itself */
        for (size_t i = 0; i < count; i++)
                resources_add_entry_take(r, resource_entry_copy(&more->entries[i]));
}

/* The last entry takes its place, as in the reference: a set has no order. */
static void remove_entry(struct resources *r, size_t index)
{
        assert(index < r->count);
        resource_entry_clear(&r->entries[index]);
        r->entries[index] = r->entries[--r->count];
}

void resources_subtract_entry(struct resources *r, const struct resource_entry *less)
{
        for (size_t i = 0; i < r->count; i++) {
                struct resource_entry *entry = &r->entries[i];
                if (!resource_entry_subtractable(entry, less, false))
                        continue;
                if (resource_entry_is_shared(entry))
                        entry->copies -= less->copies;
                else
                        resource_amount_subtract(entry, less);
                if (resource_entry_is_empty(entry))
                        remove_entry(r, i);
                return;
        }
}

void resources_subtract(struct resources *r, const struct resources *less)
{
        if (r == less) {
                while (r->count > 0)
                        remove_entry(r, r->count - 1);
                return;
        }
        for (size_t i = 0; i < less->count; i++)
                resources_subtract_entry(r, &less->entries[i]);
}

static bool some_entry_contains(const struct resources *r, const struct resource_entry *part)
{
        for (size_t i = 0; i < r->count; i++)
                if (resource_entry_contains(&r->entries[i], part, false))
                        return true;
        return false;
}

/* A persistent volume may be there twice: each of the part needs one of its own. */
bool resources_contain(const struct resources *r, const struct resources *part)
{
        CLEANUP(resources_freep) struct resources *remaining = NULL;
        for (size_t i = 0; i < part->count; i++) {
                const struct resource_entry *entry = &part->entries[i];
                if (!some_entry_contains(remaining ? remaining : r, entry))
                        return false;
                if (!resource_kind_is_persistent(entry->kind))
                        continue;
                if (remaining == NULL)
                        remaining = resources_copy(r);
                resources_subtract_entry(remaining, entry);
        }
        return true;
}

bool resources_equal(const struct resources *a, const struct resources *b)
{
        return a == b || (resources_contain(a, b) && resources_contain(b, a));
}

bool resources_is_empty(const struct resources *r)
{
        return r->count == 0;
}

int64_t resources_scalar_milli(const struct resources *r, const char *name)
{
        int64_t sum = 0;
        for (size_t i = 0; i < r->count; i++) {
                const struct resource_entry *entry = &r->entries[i];
                if (entry->kind->view->type == V1__VALUE__TYPE__SCALAR &&
                    strcmp(entry->kind->view->name, name) == 0 &&
                    __builtin_add_overflow(sum, entry->scalar.milli, &sum))
                        return INT64_MAX;
        }
        return sum;
}

void resources_each(const struct resources *r, bool (*each)(void *arg, const V1__Resource *entry), void *arg)
{
        bool go_on = true;
        for (size_t i = 0; go_on && i < r->count; i++) {
                struct resource_amount_view amount;
                V1__Resource view = resource_entry_view(&r->entries[i], &amount);
                go_on = each(arg, &view);
                resource_amount_view_clear(&amount);
        }
}

struct resources *resources_filter(const struct resources *r,
                                   bool (*keep)(void *arg, const V1__Resource *entry), void *arg)
{
        struct resources *kept = resources_new();
        for (size_t i = 0; i < r->count; i++) {
                struct resource_amount_view amount;
                V1__Resource view = resource_entry_view(&r->entries[i], &amount);
                if (keep(arg, &view))
                        resources_add_entry_take(kept, resource_entry_copy(&r->entries[i]));
                resource_amount_view_clear(&amount);
        }
        return kept;
}

/* Entries may become alike when their kinds change, and then merge: the set is built anew. */
static void rebuild(struct resources *r,
                    const struct resource_kind *(*change)(const struct resource_kind *, const void *),
                    const void *arg)
{
        struct resources old = *r;
        *r = (struct resources){0};
        for (size_t i = 0; i < old.count; i++) {
                struct resource_entry entry = old.entries[i];
                resource_entry_set_kind(&entry, change(entry.kind, arg));
                resources_add_entry_take(r, entry);
        }
        free(old.entries);
}

static const struct resource_kind *to_allocated(const struct resource_kind *kind, const void *role)
{
        return resource_kind_allocated(kind, role);
}

static const struct resource_kind *to_unallocated(const struct resource_kind *kind, const void *arg)
{
        return resource_kind_unallocated(kind);
}

static const struct resource_kind *to_unreserved(const struct resource_kind *kind, const void *arg)
{
        return resource_kind_unreserved(kind);
}

void resources_allocate(struct resources *r, const char *role)
{
        rebuild(r, to_allocated, role);
}

void resources_unallocate(struct resources *r)
{
        rebuild(r, to_unallocated, NULL);
}

struct resources *resources_to_unreserved(const struct resources *r)
{
        struct resources *copy = resources_copy(r);
        rebuild(copy, to_unreserved, NULL);
        return copy;
}
