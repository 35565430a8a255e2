/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_IDENTITY_H
#define AGENT_IDENTITY_H

#include "updates/messages.h"
#include <actor/store.h>
#include <proto/types.h>

/* What an agent finds of itself in its durable records after a restart. */
struct identity {
        V1__AgentInfo *agent; /* with its id; NULL: never registered */
        size_t update_count, update_capacity;
        struct updates_recovered *updates; /* in the order they were written; messages of our own */
};

/* Reads the records. A record that cannot be read is left out and counted in *ret_broken. -errno
 * with a sentence if the store fails. */
int identity_read(struct actor_store *store, struct identity *ret, size_t *ret_broken,
                  struct actor_error *error);
void identity_done(struct identity *identity);

/* The id under which `now` may register again: the recorded agent's if it is the same machine with
 * the same resources and attributes, else NULL. Pure. */
const char *identity_id_for(const struct identity *identity, const V1__AgentInfo *now);

#endif
