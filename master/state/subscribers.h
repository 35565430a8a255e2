/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_STATE_SUBSCRIBERS_H
#define MASTER_STATE_SUBSCRIBERS_H

#include <actor/actor.h>
#include <stdbool.h>

/* Who follows the cluster's events: a bounded list, the oldest first. Pure; owned by the state actor. */
struct subscriber {
        struct actor_ref ref;
        uint64_t monitor;
};

struct subscribers {
        struct subscriber *list;
        size_t count, capacity;
};

void subscribers_done(struct subscribers *s);

/* False where it is there already. */
bool subscribers_add(struct subscribers *s, struct subscriber subscriber);
bool subscribers_has(const struct subscribers *s, struct actor_ref ref);
/* By the number of its monitor; nothing happens where it is unknown. */
void subscribers_remove(struct subscribers *s, uint64_t monitor);
/* Takes the oldest out. There must be one. */
struct subscriber subscribers_take_oldest(struct subscribers *s);

#endif
