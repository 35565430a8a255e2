/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_WIRING_H
#define MASTER_WIRING_H

#include "flags.h"
#include "place.h"
#include <actor/http.h>
#include <actor/node.h>

/* A master on a node: all its rooms, wired together. */
struct master;

/* Starts the master's actors on `node`: registrar, allocator, state, the actor "master", election and
 * http. `flags` must outlive the node. Returns 0, or
 * -errno with a sentence. In either case *ret is the master, to be freed after the node: what has started
 * ends with the node. Blocking: it opens the registry. */
ACTOR_MUST_CHECK
int master_start(struct actor_node *node, const struct master_flags *flags, const struct place *place,
                 struct master **ret, struct actor_error *error);
void master_free(struct master *master); /* NULL is fine */

/* The HTTP routes of the master's http room; returns how many were written. */
#define MASTER_ROUTES_MAX 16
size_t master_routes(const struct master *master, struct actor_http_route ret[MASTER_ROUTES_MAX]);

#endif
