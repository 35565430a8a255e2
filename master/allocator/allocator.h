/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ALLOCATOR_ALLOCATOR_H
#define MASTER_ALLOCATOR_ALLOCATOR_H

#include <actor/node.h>
#include <proto/types.h>

/* The allocator decides which framework is offered which resources, and keeps the books of who holds
 * what. It talks to nobody but framework sessions and never writes the registry. What it receives and
 * sends is messages.h. The actor named "allocator" is a router; "allocator/shard/K", its children,
 * each own a part of the agents. */

struct allocator_metrics; /* metrics.h */

struct allocator_config {
        const char *master_id;          /* offer ids are "<master id>-O<n>"; copied */
        unsigned shards;                /* 1–64; 0 = 1 */
        int64_t allocation_interval_ms; /* between two batch runs, > 0; 0 = 1,000 */
        /* What an agent must have free to be offered, alternatives separated by '|'; NULL =
         * "cpus:0.01|mem:32", "" = anything. */
        const char *min_allocatable_resources;
        const V1__DomainInfo *domain;      /* the master's; NULL: no agent is remote; copied */
        struct allocator_metrics *metrics; /* borrowed, must outlive the node; NULL: not counted */
};

/* Starts the allocator as the node's actor "allocator" and stores its address in *ret. `config` is
 * copied. It ends with the node. Returns 0, -EINVAL with a sentence in *error for a value out of the ranges
 * above, or what actor_node_spawn() returns; *ret is then left alone. Any thread but a handler's. */
ACTOR_MUST_CHECK
int allocator_spawn(struct actor_node *node, const struct allocator_config *config, struct actor_ref *ret,
                    struct actor_error *error);

#endif
