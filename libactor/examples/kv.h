/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KV_H
#define KV_H

#include <actor/actor.h>
#include "kv.pb-c.h"

/* A key-value store: understands kv.proto, from its own node and from others. It watches whoever watches keys
 * or owns some: when that actor is down (ended, or its node is unreachable), its keys and its watches go, and
 * the watchers of those keys are told. Keys and values live in memory. Spawn it without a config. */
extern const struct actor_class kv_store_class;

/* The wire types, NULL-terminated, for the node's config. */
extern const struct actor_type *const kv_types[];
extern const struct actor_type kv_put_type, kv_get_type, kv_watch_type, kv_value_type;

#endif
