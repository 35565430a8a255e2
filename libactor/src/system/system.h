/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYSTEM_SYSTEM_H
#define SYSTEM_SYSTEM_H

#include "core/inside.h"
#include <actor/system.h>

/* What the system room offers the core: see system.c. */
void system_init(struct actor_node *node, const struct actor_node_config *config);
/* No more events: finishes the blocking jobs and ends the room's threads. Workers may still run. */
void system_stop(struct actor_node *node);
void system_done(struct actor_node *node);

/* An actor ends or is restarted: nothing that it watched may speak to it any more. */
void system_let_go(struct actor *a);
/* Whether an event that was already under way is still meant: a descriptor may have been forgotten. */
bool system_still_wanted(struct actor *a, const struct mail *mail);

/* Simulated nodes have no thread that waits for descriptors: looks once, without waiting, and says
 * whether anything was ready. */
bool system_poll(struct actor_node *const *nodes, size_t count);

/* Events, from the poller or the simulation, as mail to `owner`. */
void system_tell_exited(struct actor_node *node, struct worker *worker, struct actor_ref owner,
                        const struct actor_process_exited *exited);
void system_tell_ready(struct actor_node *node, struct worker *worker, struct actor_ref owner,
                       const struct actor_fd_ready *ready, uint64_t watch);

#endif
