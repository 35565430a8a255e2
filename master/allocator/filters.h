/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ALLOCATOR_FILTERS_H
#define MASTER_ALLOCATOR_FILTERS_H

#include "allocator/vector.h"

/* What a client (a framework in a role) refused on an agent, and until when. A filter holds back only
 * what is a subset of the refused: more than was refused is worth an offer at once.
 *
 * Agents and clients are told apart by address alone. Pure; times are the caller's monotonic ns. */
struct filters;

struct filters *filters_new(void) __attribute__((returns_nonnull));
void filters_free(struct filters *filters); /* NULL is fine */

#define FILTERS_PER_PAIR_MAX 8 /* of one client on one agent; one more replaces the one that ends first */

void filters_add(struct filters *filters, const void *agent, const void *client,
                 const struct resources *refused, int64_t until_ns);
/* REVIVE, or the client has gone; the agent has gone. */
void filters_drop_client(struct filters *filters, const void *client);
void filters_drop_agent(struct filters *filters, const void *agent);
/* Forgets what has expired of one agent. Expired filters hold nothing back anyway: this only saves memory. */
void filters_expire(struct filters *filters, const void *agent, int64_t now_ns);
size_t filters_count(const struct filters *filters);

/* Until when `offerable` is held back from the client on that agent: 0 if it is not. */
int64_t filters_until(const struct filters *filters, const void *agent, const void *client,
                      const struct resources *offerable, int64_t now_ns);

#endif
