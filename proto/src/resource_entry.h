/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_RESOURCE_ENTRY_H
#define PROTO_RESOURCE_ENTRY_H

#include "resource_kind.h"

#include <proto/resources.h>
#include <proto/values.h>

/* So much of one kind. Owns a reference to the kind and its amount. */
struct resource_entry {
        const struct resource_kind *kind;
        union {
                struct {
                        int64_t milli;
                        double as_given; /* until it is computed with: 1.5011 stays 1.5011 */
                } scalar;
                struct ranges ranges;
                struct name_set set;
        };
        int64_t copies; /* of a shared resource; 1 of others */
};

struct resources {
        struct resource_entry *entries;
        size_t count, capacity;
};

struct resource_entry resource_entry_copy(const struct resource_entry *entry);
void resource_entry_clear(struct resource_entry *entry);
void resource_entry_set_kind(struct resource_entry *entry, const struct resource_kind *kind_take);

bool resource_entry_is_empty(const struct resource_entry *entry);
bool resource_entry_is_shared(const struct resource_entry *entry);

/* Of amounts alone; both entries have the same type. */
bool resource_amount_equal(const struct resource_entry *a, const struct resource_entry *b);
bool resource_amount_contains(const struct resource_entry *entry, const struct resource_entry *part);
void resource_amount_add(struct resource_entry *entry, const struct resource_entry *more);
void resource_amount_subtract(struct resource_entry *entry, const struct resource_entry *less);

/* Whether `part` can be taken from `entry`; with `similar`, whatever reservations and allocation. */
bool resource_entry_subtractable(const struct resource_entry *entry, const struct resource_entry *part,
                                 bool similar);
bool resource_entry_contains(const struct resource_entry *entry, const struct resource_entry *part,
                             bool similar);

/* Adds to the set, merging where that is possible; nothing where it is empty. */
void resources_add_entry_take(struct resources *r, struct resource_entry entry_take);
void resources_subtract_entry(struct resources *r, const struct resource_entry *less);

/* The entry as a message whose amount lives in `amount`; both point into the entry. */
struct resource_amount_view {
        V1__Value__Scalar scalar;
        V1__Value__Ranges ranges;
        V1__Value__Set set;
        void *memory; /* of the ranges; NULL else */
};
V1__Resource resource_entry_view(const struct resource_entry *entry, struct resource_amount_view *amount);
void resource_amount_view_clear(struct resource_amount_view *amount);

#endif
