/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_CROSSINGS_H
#define NET_CROSSINGS_H

#include <actor/ref.h>
#include <stdbool.h>
#include <stddef.h>

/* What two actors on different nodes have begun with each other and not ended: a watch, or a question
 * without its answer. Kept per peer, so that it can be ended for both when the peer is lost. The key
 * is (near.slot, near.generation, id), where `near` is the actor that began it. Pure. */
struct crossing {
        struct actor_ref near; /* who began it: the watcher, the asker */
        struct actor_ref far;
        uint64_t id; /* not 0 */
};

/* Starts zeroed. */
struct crossings {
        struct crossing *cells; /* open addressing; id 0 = empty */
        size_t cell_count, count;
};

void crossings_done(struct crossings *crossings);
/* Adds one; a key that is there already is replaced. */
void crossings_add(struct crossings *crossings, const struct crossing *crossing);
/* Takes one out into *ret (may be NULL); false if there is none. */
bool crossings_remove(struct crossings *crossings, struct actor_ref near, uint64_t id, struct crossing *ret);

#endif
