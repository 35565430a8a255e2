/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_META_META_H
#define AGENT_META_META_H

#include <actor/actor.h>
#include <actor/store.h>

/* The actor "meta": the one writer of the agent's durable records. Changes that wait together are
 * committed together, with one fsync on the blocking pool.
 *
 * Receives meta_commit (messages.h), from this node. Sends meta_committed to whoever asked. */
struct meta_config {
        struct actor_store *store; /* borrowed; nobody else touches it while the actor lives */
};
extern const struct actor_class meta_class; /* config: struct meta_config */

#endif
