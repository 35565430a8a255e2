/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ALLOCATOR_DRF_H
#define MASTER_ALLOCATOR_DRF_H

#include "allocator/vector.h"

/* Weighted, hierarchical Dominant Resource Fairness: who is next. Clients are the leaves of a tree of
 * paths ("eng", "eng/web", or a framework's id). A node's share is the largest part it holds of any
 * resource of the cluster, divided by its weight; a parent holds what its children hold. Who has the
 * smallest share comes first; of equals, who was given something less often, then by path.
 *
 * A client whose path is also another's ancestor competes with its own children, as the leaf "." below that
 * path.
 *
 * The order is kept, not made anew: a change costs O(children · depth) pointer moves at worst. Pure; one
 * thread. */
struct drf;
struct drf_client;

/* What the cluster has; shared by several sorters. Bump `version` with every change of `quantities`. */
struct drf_total {
        struct vector quantities;
        uint64_t version;
};

/* `total` is borrowed and must outlive the sorter. */
struct drf *drf_new(const struct drf_total *total) __attribute__((returns_nonnull));
void drf_free(struct drf *drf); /* NULL is fine */

/* A new client, inactive, holding nothing; `user` is what drf_order() returns of it. `path` is copied
 * and must not be there yet. */
struct drf_client *drf_add(struct drf *drf, const char *path, void *user) __attribute__((returns_nonnull));
/* What it holds is forgotten. */
void drf_remove(struct drf *drf, struct drf_client *client);
struct drf_client *drf_find(const struct drf *drf, const char *path);
size_t drf_count(const struct drf *drf); /* clients, active or not */

/* Only active clients are in the order; inactive ones keep what they hold. */
void drf_activate(struct drf *drf, struct drf_client *client, bool active);

/* The client was given / has given back. */
void drf_allocated(struct drf *drf, struct drf_client *client, const struct vector *quantities);
/* As allocated, but what it was given before under another name: not a turn in the order of ties. */
void drf_adjusted(struct drf *drf, struct drf_client *client, const struct vector *more);
void drf_unallocated(struct drf *drf, struct drf_client *client, const struct vector *quantities);

/* The weight of a path, which need not be there yet; 1 unless set. */
void drf_set_weight(struct drf *drf, const char *path, double weight);

/* The users of the active clients, first whose turn it is. Borrowed; valid until the next call that changes
 * the sorter or the total. Writes their count to *ret_count. */
void *const *drf_order(struct drf *drf, size_t *ret_count);

/* What a client holds in all. */
const struct vector *drf_held(const struct drf_client *client);
/* The part of the cluster the client may hold when all active ones hold their due: the product along
 * its path of weight / sum of the weights of the siblings with an active client. */
double drf_fair_share(const struct drf *drf, const struct drf_client *client);

#endif
