/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_RESOURCE_KIND_H
#define PROTO_RESOURCE_KIND_H

#include <proto/types.h>
#include <stdatomic.h>
#include <stdbool.h>

/* What a resource is, beside how much there is of it: name, type, allocation, reservations, disk,
 * revocable, shared, provider. Immutable; shared between entries and between copies of a set,
 * also across threads, by an atomic count. The plain ones of well-known names are static. */
struct resource_kind {
        atomic_uint references; /* unused when is_static */
        bool is_static;
        bool is_whole; /* cannot be split or merged: MOUNT, BLOCK, identified RAW, persistent volume */
        const V1__Resource *view; /* without scalar, ranges, set; in the post-refinement format */
};

/* The kind of `resource`, which must be valid and in the post-refinement format. Its amount is ignored. */
const struct resource_kind *resource_kind_of(const V1__Resource *resource);
const struct resource_kind *resource_kind_ref(const struct resource_kind *kind);
void resource_kind_unref(const struct resource_kind *kind);

bool resource_kind_equal(const struct resource_kind *a, const struct resource_kind *b);
/* The same, but whatever the reservations and the allocation. */
bool resource_kind_similar(const struct resource_kind *a, const struct resource_kind *b);

/* The role of the last (most refined) reservation; NULL where unreserved. */
const char *resource_kind_role(const struct resource_kind *kind);
bool resource_kind_is_persistent(const struct resource_kind *kind);

/* Variants of a kind; each gives a new reference. */
const struct resource_kind *resource_kind_allocated(const struct resource_kind *kind, const char *role);
const struct resource_kind *resource_kind_unallocated(const struct resource_kind *kind);
const struct resource_kind *resource_kind_unreserved(const struct resource_kind *kind);

#endif
