/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ELECTION_ELECTION_H
#define MASTER_ELECTION_ELECTION_H

#include <actor/node.h>

/* The election port: an actor named "election" that tells its listeners who leads (messages.h). One
 * function for each way to find out; whoever wires the master picks one. */

#define ELECTION_LISTENERS_MAX 8

struct election_config {
        const char *address;               /* where this master is found, "master@host:port"; copied */
        const struct actor_ref *listeners; /* copied */
        size_t listener_count;             /* 1–ELECTION_LISTENERS_MAX */
};

/* A master alone: it leads at once, for ever, in epoch 1 (the registry counts its starts). Returns 0 and the
 * actor in *ret, -EINVAL for a value out of range, or what actor_node_spawn() returns; *ret is then left
 * alone. Any thread but a handler's. */
ACTOR_MUST_CHECK
int election_standalone_spawn(struct actor_node *node, const struct election_config *config,
                              struct actor_ref *ret);

#endif
