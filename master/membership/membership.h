/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_MEMBERSHIP_MEMBERSHIP_H
#define MASTER_MEMBERSHIP_MEMBERSHIP_H

#include "validation/weights.h"

#include <actor/node.h>
#include <proto/types.h>

/* The actor "master": who is registered, and which session actor stands for whom. Only registration
 * passes it; calls and updates go to the sessions, which answer SUBSCRIBE and RegisterAgent
 * themselves.
 *
 * Receives from schedulers: Call SUBSCRIBE · from agents: RegisterAgent, ReregisterAgent,
 * UnregisterAgent · from operators: OperatorKill, master.Call TEARDOWN, both answered by
 * OperatorResult · from the election: election_changed · from sessions: messages.h.
 * It takes no registration before it leads and has read the registry; what comes earlier waits. */

struct master_metrics;

struct membership_config {
        /* The sessions, as children of this actor: framework/framework.h, agent/agent.h. */
        const struct actor_class *framework_class, *agent_class;
        struct actor_ref allocator, registrar, state;
        const V1__MasterInfo *master;        /* borrowed, must outlive the node */
        struct master_metrics *metrics;      /* likewise */
        int64_t agent_ping_timeout_ms;       /* > 0 */
        unsigned agent_pings_missed_max;     /* > 0 */
        int64_t agent_reregister_timeout_ms; /* for agents and frameworks known from the registry; > 0 */
        int64_t offer_timeout_ms;            /* 0: offers never expire */
        int64_t heartbeat_ms;                /* to schedulers; > 0 */
        unsigned unreachable_tasks_max;      /* remembered for each framework */
        const struct role_weight *weights;   /* where the registry has none for the role; borrowed likewise */
        size_t weight_count;
};

/* Starts the node's actor "master" and stores its address in *ret. `config` is copied. It ends with
 * the node, and ends the node when the registry fails or the leadership is lost. Returns 0,
 * -EINVAL for a value out of the ranges above, or what actor_node_spawn() returns; *ret is then left alone.
 * Any thread but a handler's. */
ACTOR_MUST_CHECK
int membership_spawn(struct actor_node *node, const struct membership_config *config, struct actor_ref *ret);

#endif
