/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_RESOURCES_H
#define PROTO_RESOURCES_H

#include <actor/error.h>
#include <actor/memory.h>
#include <jansson.h>
#include <proto/types.h>
#include <stdbool.h>

/* A set of resources with the reference's arithmetic (tests/conformance/resources_arithmetic.json):
 * entries that differ in nothing but quantity are merged; scalars are fixed-point with three
 * decimals (kept as int64 thousandths); ranges are normalised; what cannot be subtracted is ignored. Always
 * in the post-reservation-refinement format and validated: a bad resource cannot get in. A value
 * type: no sharing, no threads. Functions that judge input return 0 or -EINVAL with a sentence naming
 * the offending part, *ret untouched. */
struct resources;

/* Most entries that a text or a message may bring. */
#define RESOURCE_ENTRIES_MAX 4096

struct resources *resources_new(void) __attribute__((returns_nonnull));
struct resources *resources_copy(const struct resources *r) __attribute__((returns_nonnull));
void resources_free(struct resources *r); /* NULL is fine */

/* "cpus:4;mem(role):8192;ports:[31000-32000];x:{a,b}" or a JSON array of Resource, as on a command
 * line: no persistent volumes, revocable resources or dynamic reservations, and one type a name.
 * `default_role` NULL = "*". At most VALUE_TEXT_MAX bytes. */
int resources_parse(const char *text, const char *default_role, struct resources **ret,
                    struct actor_error *error);

/* One Resource, in either format: 0, or -EINVAL with a sentence that names it and what is wrong. */
int resource_validate(const V1__Resource *resource, struct actor_error *error);
/* A copy of a valid resource in the arena of `msg`: in the post-refinement format (reservations), or
 * in the one before it (role, reservation), which cannot tell of refined reservations: -EINVAL. */
V1__Resource *resource_upgrade(void *msg, const V1__Resource *resource) __attribute__((returns_nonnull));
int resource_downgrade(void *msg, const V1__Resource *resource, V1__Resource **ret,
                       struct actor_error *error);

/* From and to v1 messages. The list may be in the pre-refinement format (role, reservation): it is
 * converted. The sentence names the entry ("resources[2]: …"). resources_to_v1 builds into the arena of `msg`
 * (a message not yet sent). */
int resources_from_v1(V1__Resource *const *list, size_t count, struct resources **ret,
                      struct actor_error *error);
void resources_to_v1(const struct resources *r, void *msg, size_t *ret_count, V1__Resource ***ret_list);

void resources_add(struct resources *r, const struct resources *more);
void resources_subtract(struct resources *r, const struct resources *less);
bool resources_contain(const struct resources *r, const struct resources *part);
bool resources_equal(const struct resources *a, const struct resources *b);
bool resources_is_empty(const struct resources *r);

/* The sum of all scalars of a name, whatever role, in thousandths; 0 if there is none. */
int64_t resources_scalar_milli(const struct resources *r, const char *name);

/* Each entry once; `each` returns false to stop. The Resource is borrowed for the call. */
void resources_each(const struct resources *r, bool (*each)(void *arg, const V1__Resource *entry), void *arg);
/* A new set of the entries for which `keep` is true. */
struct resources *resources_filter(const struct resources *r,
                                   bool (*keep)(void *arg, const V1__Resource *entry), void *arg);

/* Sets allocation_info.role on every entry / removes it from every entry. */
void resources_allocate(struct resources *r, const char *role);
void resources_unallocate(struct resources *r);

/* Unreserved entries and those reserved to `role` or an ancestor of it: what may be offered to it. */
struct resources *resources_allocatable_to(const struct resources *r, const char *role);
struct resources *resources_unreserved(const struct resources *r);
/* Those reserved to `role` itself; NULL: to any. */
struct resources *resources_reserved(const struct resources *r, const char *role);
struct resources *resources_revocable(const struct resources *r);
struct resources *resources_nonrevocable(const struct resources *r);
/* All of it with the reservations taken off. */
struct resources *resources_to_unreserved(const struct resources *r);

/* The subset of `r` that satisfies `wanted`, whatever its reservations and allocation: first from what
 * is reserved to `role` (NULL: to the role the wanted entry names), then unreserved, then any other.
 * NULL if there is not enough. The subset carries r's reservations and allocation. */
struct resources *resources_find(const struct resources *r, const struct resources *wanted, const char *role);

/* "cpus:2; mem(role, …):512" as the reference prints it. malloc'ed; the caller frees. */
char *resources_print(const struct resources *r);
/* The legacy JSON object of the state endpoints: {"cpus":2.0,"disk":0.0,…,"ports":"[1-2]"} (new reference).
 */
json_t *resources_to_legacy_json(const struct resources *r);

DEFINE_FREEP(struct resources, resources_free)

#endif
