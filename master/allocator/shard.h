/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ALLOCATOR_SHARD_H
#define MASTER_ALLOCATOR_SHARD_H

#include "allocator/allocator.h"

/* A shard owns a part of the agents. It takes the messages of messages.h from the router, its parent, and
 * sends allocations and rescinds straight to the framework sessions. */
struct shard_config {
        struct allocator_config allocator; /* valid as long as the shard; metrics not NULL */
        unsigned index, count;
};

/* Its init takes a struct shard_config; -EINVAL where policy_new() judges so. */
extern const struct actor_class shard_class;

#endif
