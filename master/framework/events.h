/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_FRAMEWORK_EVENTS_H
#define MASTER_FRAMEWORK_EVENTS_H

#include <proto/types.h>

/* The scheduler's events, built. Each returns a new message, which the caller owns. Texts are copied;
 * `held` is a message that the given structs lie in and that the event keeps alive. Pure. */
Sched__Event *framework_event_subscribed(const char *framework_id, int64_t heartbeat_ms,
                                         const V1__MasterInfo *master);
Sched__Event *framework_event_heartbeat(void);
Sched__Event *framework_event_error(const char *message);
Sched__Event *framework_event_update(const V1__TaskStatus *status, const void *held);
Sched__Event *framework_event_rescind(const char *offer_id);
Sched__Event *framework_event_message(const Troupe__ExecutorMessage *message);
/* `executor_id` NULL: the agent itself was lost. */
Sched__Event *framework_event_failure(const char *agent_id, const char *executor_id, int32_t status);

/* A status that the master itself gives, without a uuid, inside a new UPDATE event: the event is
 * returned, its status may still be written to. */
struct master_status {
        const char *task_id, *agent_id, *executor_id; /* the last two may be NULL */
        V1__TaskState state;
        V1__TaskStatus__Reason reason;
        const char *message; /* may be NULL */
        int64_t wall_ns;
        int64_t unreachable_ns; /* 0: not set */
};
Sched__Event *framework_event_master_update(const struct master_status *status);

#endif
