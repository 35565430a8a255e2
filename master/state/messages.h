/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_STATE_MESSAGES_H
#define MASTER_STATE_MESSAGES_H

#include <actor/actor.h>
#include <proto/resources.h>

/* What the sessions tell the read model ("state"), one event per change, each with the whole row that
 * changed: the read model keeps the latest and forgets the rest. It answers master.Call GET_*
 * (natively, as asks) and the HTTP rooms' questions from an immutable snapshot. Local types; v1 structs lie
 * in the message or in one it holds. */

struct state_agent {
        const V1__AgentInfo *info; /* id set */
        const char *address;       /* "agent@host:port" */
        const char *version;
        bool active, removed; /* removed: gone or unreachable; drop the row */
        bool unreachable;     /* removed, but may return: counted until it does, or is removed without this */
        int64_t registered_ns, reregistered_ns; /* wall */
        struct resources *total;
        V1__AgentInfo__Capability *const *capabilities;
        size_t capability_count;
};

struct state_framework {
        const V1__FrameworkInfo *info; /* id set */
        bool active, connected, recovered;
        bool completed; /* ended: moves to the completed ones */
        int64_t registered_ns, reregistered_ns, unregistered_ns;
};

/* A task that is new or has changed. */
#define STATE_TASK_PARTS 8
struct state_task {
        const V1__Task *task; /* whole: with statuses so far */
        bool completed; /* ended and acknowledged, or its framework has ended: moves to the completed ones */
        bool unreachable;
        /* Where the sender may build the row: most tasks need no arena. The messages are the event's own
         * references. */
        size_t held_count;
        V1__Task row;
        V1__TaskStatus *statuses[STATE_TASK_PARTS];
        const void *held[STATE_TASK_PARTS];
};

struct state_executor {
        const V1__ExecutorInfo *executor;
        const char *agent_id;
        bool removed;
};

/* An offer made, or gone again (accepted, declined, rescinded). */
struct state_offer {
        const V1__Offer *offer;
        bool gone;
};

/* A role's weight as it now is; 1 unless told. */
struct state_weight {
        const char *role;
        double weight;
};

extern const struct actor_type state_agent_type, state_framework_type, state_task_type;
extern const struct actor_type state_executor_type, state_offer_type, state_weight_type;

#endif
