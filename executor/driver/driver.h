/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXECUTOR_DRIVER_H
#define EXECUTOR_DRIVER_H

#include "unacknowledged.h"

#include <pthread.h>
#include <stdatomic.h>
#include <troupe/executor.h>

/* What the driver's files share. `ended` and `turn_thread` are read by any thread; everything from `self` on
 * belongs to the driver's actor. */
struct troupe_executor {
        struct troupe_executor_callbacks callbacks;
        void *data;
        char *address;
        Exec__Call *identity; /* a message that holds both ids; every call points into it */
        int64_t recovery_timeout_ms, shutdown_grace_ms, retry_max_ms;
        struct actor_node *node;
        bool node_owned, spawned;
        struct actor_ref ref;

        _Atomic bool ended;
        _Atomic(pthread_t) turn_thread; /* who runs a callback just now; 0 = nobody */

        struct actor *self; /* in a turn, else NULL */
        bool registered_once, connected, shutting_down;
        unsigned attempt;       /* registrations since the last success */
        struct actor_ref agent; /* where calls go */
        uint64_t agent_watch;
        uint64_t retry_timer, give_up_timer;
        V1__FrameworkInfo *framework;  /* owned */
        V1__AgentInfo *agent_info;     /* owned */
        const Exec__Event *subscribed; /* the last SUBSCRIBED, a reference: what this executor is */
        struct unacknowledged unacknowledged;
};

struct executor_driver_stop {
        int unused;
};
extern const struct actor_type executor_driver_stop_type;

extern const struct actor_class executor_driver_class; /* its config is the struct troupe_executor */

bool executor_driver_in_turn(const struct troupe_executor *e);
/* Sends a private call to the agent if there is one; updates are kept until acknowledged. In a turn. */
void executor_driver_forward(struct troupe_executor *e, Exec__Call *call_take);
/* Leaves and ends the actor. In a turn. */
void executor_driver_leave(struct troupe_executor *e);
/* A call of one type with both ids set. Any thread. */
Exec__Call *executor_driver_call_new(const struct troupe_executor *e, Exec__Call__Type type);

#endif
