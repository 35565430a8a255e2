/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_REGISTRATION_REGISTRATION_H
#define AGENT_REGISTRATION_REGISTRATION_H

#include "agent_metrics.h"
#include <actor/actor.h>
#include <proto/types.h>

/* The actor "agent": the session with the master, and the one gate between the agent's rooms and
 * the master. What the master's session sends is checked to come from it and handed on as it is;
 * what the rooms have for the master leaves through here, so that the master sees one sender and
 * one order.
 *
 * Receives                                          Hands to
 *   AgentRegistered, AgentRefused, Ping   master      (itself); AgentRegistered also to supervision
 *   RunTasks, RunTaskGroup, KillTask, ShutdownExecutor, ShutdownFramework, UpdateFramework,
 *   FrameworkMessage                      master      supervision
 *   StatusUpdateAcknowledgement           master      updates
 *   StatusUpdate, ExitedExecutor, ExecutorMessage     the master's session (dropped while there is none)
 *   agent_stop                            signals     supervision_stop to supervision
 * Tells the rooms of its config agent_session at every change. */
struct registration_config {
        const char *const
                *masters; /* "host:port", NULL-terminated, at least one; valid as long as the node */
        const V1__AgentInfo *agent; /* id set after a restart; copied */
        struct agent_metrics *metrics;
        int64_t backoff_factor_ms;
        int64_t stop_timeout_ms; /* most that ending all executors may take */
};
extern const struct actor_class registration_class; /* config: struct registration_config */

/* The rooms, which are made after this actor; registration begins with it. From the node. */
struct registration_begin {
        struct actor_ref updates, supervision, meta;
        struct actor_ref observers[4]; /* further ones that want agent_session */
        size_t observer_count;
};
extern const struct actor_type registration_begin_type;

#endif
