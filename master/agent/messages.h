/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_AGENT_MESSAGES_H
#define MASTER_AGENT_MESSAGES_H

#include <actor/actor.h>
#include <proto/types.h>

/* What the master's rooms say to an agent's session. From framework sessions it takes besides, and
 * passes on as they are: RunTasks, RunTaskGroup (send them returnable), KillTask,
 * StatusUpdateAcknowledgement, ShutdownExecutor, ShutdownFramework, UpdateFramework and
 * FrameworkMessage. From its agent: Pong, StatusUpdate, ExitedExecutor, ExecutorMessage and
 * UnregisterAgent. */

struct master_metrics;

/* The rooms a session talks to and the settings all sessions share. */
struct agent_rooms {
        struct actor_ref membership, allocator, registrar, state;
        const char *master_id;          /* borrowed, outlives the node's actors */
        struct master_metrics *metrics; /* likewise */
        int64_t ping_timeout_ms;
        unsigned pings_missed_max;
};

/* A framework whose tasks or executors are on the agent. */
struct agent_framework {
        const char *framework_id;
        struct actor_ref session;
        bool checkpoint;
        bool dropped; /* its tasks there were given up before the agent was: they must end */
};

/* membership → session, and what a session starts with: the agent is here (again). Exactly one of the
 * two is set. `id` is the agent's, also where a RegisterAgent gave none. */
struct agent_join {
        const char *agent_id;
        struct actor_ref agent;
        const Troupe__RegisterAgent *registration;
        const Troupe__ReregisterAgent *reregistration;
        const struct agent_framework
                *frameworks; /* of the reregistration; those that have ended are left out */
        size_t framework_count;
};

/* Borrowed until init returns. `join` is a message: the session keeps a reference. */
struct agent_start {
        const struct agent_rooms *rooms;
        const struct agent_join *join;
};

extern const struct actor_type agent_join_type;

#endif
