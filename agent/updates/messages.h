/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_UPDATES_MESSAGES_H
#define AGENT_UPDATES_MESSAGES_H

#include <proto/types.h>
#include <stdbool.h>

/* One new status of one task, for "updates" to carry to the master until it is acknowledged. Who
 * sends it hears of the acknowledgement. */
struct update_new {
        const Troupe__StatusUpdate *update; /* a message of its own, a reference of this one; uuid set */
        const V1__FrameworkInfo *framework; /* set: it checkpoints, write both down first */
        bool from_executor;                 /* tell the sender of acknowledgements */
};
extern const struct actor_type update_new_type;

/* The scheduler has acknowledged an update: to the update's sender and, where `terminal`, to
 * "executors", which may now forget the task. */
struct update_acknowledged {
        const Troupe__StatusUpdate *update; /* a reference of this one */
        bool terminal;
};
extern const struct actor_type update_acknowledged_type;

/* The framework is gone: nobody is left to acknowledge anything. */
struct updates_forget {
        const char *framework_id;
};
extern const struct actor_type updates_forget_type;

/* Below this key prefix lie the durable updates: the prefix and 16 hexadecimal digits. */
#define UPDATES_RECORD_PREFIX "update/"

/* An update found there after a restart: not acknowledged yet. Whoever holds the list owns the messages. */
struct updates_recovered {
        uint64_t record;
        Troupe__StatusUpdate *update;
        const V1__FrameworkInfo *framework; /* whose task it is: lies in the update's message */
};

#endif
