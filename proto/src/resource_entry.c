/* SPDX-License-Identifier: Apache-2.0 */
#include "resource_entry.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>

static V1__Value__Type type_of(const struct resource_entry *entry)
{
        return entry->kind->view->type;
}

struct resource_entry resource_entry_copy(const struct resource_entry *entry)
{
        struct resource_entry copy = *entry;
        resource_kind_ref(entry->kind);
        if (type_of(entry) == V1__VALUE__TYPE__RANGES)
                copy.ranges = ranges_copy(&entry->ranges);
        else if (type_of(entry) == V1__VALUE__TYPE__SET)
                copy.set = name_set_copy(&entry->set);
        return copy;
}

void resource_entry_clear(struct resource_entry *entry)
{
        if (type_of(entry) == V1__VALUE__TYPE__RANGES)
                ranges_clear(&entry->ranges);
        else if (type_of(entry) == V1__VALUE__TYPE__SET)
                name_set_clear(&entry->set);
        resource_kind_unref(entry->kind);
        *entry = (struct resource_entry){0};
}

void resource_entry_set_kind(struct resource_entry *entry, const struct resource_kind *kind_take)
{
        assert(kind_take->view->type == type_of(entry));
        resource_kind_unref(entry->kind);
        entry->kind = kind_take;
}

bool resource_entry_is_shared(const struct resource_entry *entry)
{
        return entry->kind->view->shared != NULL;
}

bool resource_entry_is_empty(const struct resource_entry *entry)
{
        if (entry->copies <= 0)
                return true;
        switch (type_of(entry)) {
        case V1__VALUE__TYPE__SCALAR:
                return entry->scalar.milli <= 0;
        case V1__VALUE__TYPE__RANGES:
                return entry->ranges.count == 0;
        default:
                return entry->set.count == 0;
        }
}

bool resource_amount_equal(const struct resource_entry *a, const struct resource_entry *b)
{
        switch (type_of(a)) {
        case V1__VALUE__TYPE__SCALAR:
                return a->scalar.milli == b->scalar.milli;
        case V1__VALUE__TYPE__RANGES:
                return ranges_equal(&a->ranges, &b->ranges);
        default:
                return name_set_equal(&a->set, &b->set);
        }
}

bool resource_amount_contains(const struct resource_entry *entry, const struct resource_entry *part)
{
        switch (type_of(entry)) {
        case V1__VALUE__TYPE__SCALAR:
                return part->scalar.milli <= entry->scalar.milli;
        case V1__VALUE__TYPE__RANGES:
                return ranges_contain(&entry->ranges, &part->ranges);
        default:
                return name_set_contains(&entry->set, &part->set);
        }
}

static void set_milli(struct resource_entry *entry, int64_t milli)
{
        entry->scalar.milli = milli;
        entry->scalar.as_given = scalar_from_milli(milli);
}

void resource_amount_add(struct resource_entry *entry, const struct resource_entry *more)
{
        int64_t sum;
        switch (type_of(entry)) {
        case V1__VALUE__TYPE__SCALAR:
                if (__builtin_add_overflow(entry->scalar.milli, more->scalar.milli, &sum))
                        sum = INT64_MAX;
                set_milli(entry, sum);
                break;
        case V1__VALUE__TYPE__RANGES:
                ranges_add(&entry->ranges, &more->ranges);
                break;
        default:
                name_set_add(&entry->set, &more->set);
                break;
        }
}

void resource_amount_subtract(struct resource_entry *entry, const struct resource_entry *less)
{
        switch (type_of(entry)) {
        case V1__VALUE__TYPE__SCALAR:
                assert(entry->scalar.milli >= 0 && less->scalar.milli >= 0);
                set_milli(entry, entry->scalar.milli - less->scalar.milli);
                break;
        case V1__VALUE__TYPE__RANGES:
                ranges_subtract(&entry->ranges, &less->ranges);
                break;
        default:
                name_set_subtract(&entry->set, &less->set);
                break;
        }
}

bool resource_entry_subtractable(const struct resource_entry *entry, const struct resource_entry *part,
                                 bool similar)
{
        bool same_kind = similar ? resource_kind_similar(entry->kind, part->kind)
                                 : resource_kind_equal(entry->kind, part->kind);
        if (!same_kind)
                return false;
        return !(entry->kind->is_whole || resource_entry_is_shared(entry)) ||
               resource_amount_equal(entry, part);
}

bool resource_entry_contains(const struct resource_entry *entry, const struct resource_entry *part,
                             bool similar)
{
        if (!resource_entry_subtractable(entry, part, similar))
                return false;
        if (resource_entry_is_shared(entry))
                return entry->copies >= part->copies;
        return resource_amount_contains(entry, part);
}

static void view_ranges(const struct ranges *ranges, struct resource_amount_view *amount)
{
        v1__value__ranges__init(&amount->ranges);
        if (ranges->count == 0)
                return;
        size_t each = sizeof(V1__Value__Range *) + sizeof(V1__Value__Range);
        V1__Value__Range **pointers = actor_realloc_array(NULL, ranges->count, each);
        V1__Value__Range *list = (V1__Value__Range *) (pointers + ranges->count);
        for (size_t i = 0; i < ranges->count; i++) {
                v1__value__range__init(&list[i]);
                list[i].begin = ranges->list[i].begin;
                list[i].end = ranges->list[i].end;
                pointers[i] = &list[i];
        }
        amount->ranges.n_range = ranges->count;
        amount->ranges.range = pointers;
        amount->memory = pointers;
}

V1__Resource resource_entry_view(const struct resource_entry *entry, struct resource_amount_view *amount)
{
        V1__Resource view = *entry->kind->view;
        amount->memory = NULL;
        switch (view.type) {
        case V1__VALUE__TYPE__SCALAR:
                v1__value__scalar__init(&amount->scalar);
                amount->scalar.value = entry->scalar.as_given;
                view.scalar = &amount->scalar;
                break;
        case V1__VALUE__TYPE__RANGES:
                view_ranges(&entry->ranges, amount);
                view.ranges = &amount->ranges;
                break;
        default:
                v1__value__set__init(&amount->set);
                amount->set.n_item = entry->set.count;
                amount->set.item = (const char **) entry->set.items;
                view.set = &amount->set;
                break;
        }
        return view;
}

void resource_amount_view_clear(struct resource_amount_view *amount)
{
        free(amount->memory);
        amount->memory = NULL;
}
