/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_STATE_STATE_H
#define MASTER_STATE_STATE_H

#include <actor/flags.h>
#include <actor/metrics.h>
#include <actor/node.h>
#include <proto/types.h>

/* The read model: the latest row of everything in the cluster, fed by events (messages.h, and
 * election/messages.h for who leads), and answers to the master.Call questions (GET_HEALTH,
 * GET_FLAGS, GET_VERSION, GET_METRICS, GET_STATE, GET_AGENTS, GET_FRAMEWORKS, GET_EXECUTORS, GET_OPERATIONS,
 * GET_TASKS, GET_ROLES, GET_WEIGHTS, GET_MASTER), asked of the actor "state" as master_call_type
 * and answered with master_response_type. */

struct state_metrics; /* metrics.h */

struct state_config {
        const V1__MasterInfo *master;      /* who we are; copied */
        unsigned completed_frameworks_max; /* remembered; 0 = 50 */
        unsigned completed_tasks_max; /* remembered for each framework, unreachable ones as many again; 0 =
                                         1,000 */
        const struct actor_flag_set *flags; /* for GET_FLAGS; borrowed, must outlive the node; NULL: none */
        const void *flag_values;            /* the parsed struct; borrowed likewise */
        struct state_metrics *metrics;      /* borrowed, must outlive the node; NULL: not counted */
        const struct actor_metric_table *tables; /* for GET_METRICS; copied; what they point to is borrowed */
        size_t table_count;
};

/* Starts the node's actor "state" (and its child "state/query", which builds the answers) and stores
 * its address in *ret. Returns 0, -EINVAL without `master`, or what actor_node_spawn() returns; *ret is then
 * left alone. Any thread but a handler's. */
ACTOR_MUST_CHECK
int state_spawn(struct actor_node *node, const struct state_config *config, struct actor_ref *ret);

#endif
