/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_REGISTRAR_OPS_H
#define MASTER_REGISTRAR_OPS_H

#include "registrar/messages.h"

#include <actor/error.h>
#include <actor/memory.h>
#include <actor/store.h>

/* What can change in the registry, without actors or disks. The registry is a set of records, one
 * per fact, each a key and a packed message of proto/troupe/registry.proto:
 *
 *   epoch                  EpochRecord       leaderships so far
 *   agent/ID               AgentRecord       admitted
 *   gone/ID                EndRecord         an agent that may never return
 *   framework/ID           FrameworkRecord   registered
 *   completed/ID           EndRecord         a framework that may not return
 *   weight/ROLE            WeightRecord
 *
 * An agent is never both admitted and gone, a framework never both registered and completed. Pure; one
 * thread. */
struct registry;

#define REGISTRY_FORMAT "troupe-registry"
#define REGISTRY_VERSION 1
/* Of those that may not return, the longest gone are forgotten beyond these. */
#define REGISTRY_GONE_MAX 102400
#define REGISTRY_COMPLETED_MAX 10000

struct registry *registry_new(void) __attribute__((returns_nonnull));
void registry_free(struct registry *registry); /* NULL is fine */

/* Takes in a record found in the store. 0, or -EPROTO with a sentence naming the record. */
int registry_load(struct registry *registry, const void *key, size_t key_size, const void *value,
                  size_t value_size, struct actor_error *error);

/* Store changes to be committed together, in order. Owns keys and values. Zeroed memory is none. */
struct registry_batch {
        struct actor_store_change *changes;
        size_t count, capacity;
};
void registry_batch_done(struct registry_batch *batch);

/* Applies a change: to the registry, and as store changes to the batch. REGISTRAR_STORED if the batch
 * now holds it, REGISTRAR_UNCHANGED, or REGISTRAR_REFUSED with a sentence. Never REGISTRAR_FAILED. */
enum registrar_outcome registry_apply(struct registry *registry, const struct registrar_change *change,
                                      struct registry_batch *batch, struct actor_error *error);

/* A new leadership begins. Returns its epoch. */
uint64_t registry_begin_epoch(struct registry *registry, struct registry_batch *batch);

size_t registry_record_count(const struct registry *registry);
/* All of it as a new message; the caller owns the reference. */
struct registry_content *registry_content(const struct registry *registry) __attribute__((returns_nonnull));

DEFINE_FREEP(struct registry, registry_free)

#endif
