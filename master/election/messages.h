/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ELECTION_MESSAGES_H
#define MASTER_ELECTION_MESSAGES_H

#include <actor/actor.h>

/* Who leads now, as seen from here. Sent to every listener at the start, once something is known,
 * and at each change. Local type. */
struct election_changed {
        bool leading;       /* this master leads; false after true: it must stop acting at once */
        uint64_t epoch;     /* of the leadership; grows with every leader */
        const char *leader; /* the leader's address, "master@host:port"; NULL: nobody leads */
};

extern const struct actor_type election_changed_type;

#endif
