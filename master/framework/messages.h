/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_FRAMEWORK_MESSAGES_H
#define MASTER_FRAMEWORK_MESSAGES_H

#include <actor/actor.h>
#include <proto/types.h>

/* What the master's rooms say to a framework's session. Local types; strings and v1 structs lie in
 * the message or in one it holds. A session understands besides: scheduler calls (sched_call_type,
 * from its scheduler), StatusUpdate, ExitedExecutor and ExecutorMessage (from agent sessions, as the
 * agent sent them), the allocator's allocation and rescind, and OperatorKill (an ask). */

struct master_metrics;

/* The rooms a session talks to and the settings all sessions share. */
struct framework_rooms {
        struct actor_ref membership, allocator, registrar, state;
        const V1__MasterInfo *master;   /* borrowed, outlives the node's actors */
        struct master_metrics *metrics; /* likewise */
        int64_t offer_timeout_ms;       /* after which an unanswered offer is rescinded; 0: never */
        int64_t heartbeat_ms;
        int64_t reregister_timeout_ms;  /* how long a framework known from before may take to return, at least
                                         */
        unsigned unreachable_tasks_max; /* remembered for each framework */
};

/* What a session starts with; borrowed until its init returns. */
struct framework_start {
        const V1__FrameworkInfo *info; /* id set; already in the registry */
        const struct framework_rooms *rooms;
        struct actor_ref scheduler;   /* nobody: known from the registry or an agent, not yet subscribed */
        const Sched__Call *subscribe; /* the call that began it; NULL without a scheduler */
        int64_t deadline_ns;          /* without a scheduler: wall time when it is given up; 0: unknown */
};

/* membership → session: a scheduler subscribes under this framework's id. */
struct framework_subscribe {
        struct actor_ref scheduler;
        const Sched__Call *call;
};

/* agent session → session, an ask: the agent is (again) there. `tasks` and `executors` are those of this
 * framework that the agent reported. Answered by framework_agent_known. */
struct framework_agent_joined {
        const char *agent_id;
        struct actor_ref session;
        V1__Task *const *tasks;
        size_t task_count;
        V1__ExecutorInfo *const *executors;
        size_t executor_count;
};
/* Tasks that the framework believes to be on the agent and the agent did not report. */
struct framework_agent_known {
        const Troupe__ReconcileTasks *missing; /* NULL: none */
};

enum agent_left_reason {
        AGENT_LEFT_UNREACHABLE,  /* missed its pings; may come back */
        AGENT_LEFT_REMOVED,      /* left by itself */
        AGENT_LEFT_GONE,         /* declared gone by an operator */
        AGENT_LEFT_DISCONNECTED, /* only its connection broke: for frameworks without checkpoint */
};
/* membership → every session (the last reason: agent session → session). */
struct framework_agent_left {
        const char *agent_id;
        enum agent_left_reason reason;
        int64_t when_ns; /* wall */
        /* For membership: whose tasks there were given up with the connection, and not ended yet. */
        const char *const *dropped_frameworks;
        size_t dropped_count;
};

/* agent session → session: the launch did not reach the agent. */
struct framework_launch_refused {
        const char *agent_id;
        const void *launch; /* a RunTasks or RunTaskGroup message, held */
        V1__TaskStatus__Reason reason;
};

/* membership → session, an ask answered by OperatorResult: end it, whatever its scheduler says. */
struct framework_teardown {
        char unused;
};

/* membership → session, an ask: is the task one of yours? Answered by framework_task_found. */
struct framework_find_task {
        const char *task_id;
};
struct framework_task_found {
        const char *framework_id;
        bool found;
};

extern const struct actor_type framework_subscribe_type;
extern const struct actor_type framework_agent_joined_type, framework_agent_known_type;
extern const struct actor_type framework_agent_left_type, framework_launch_refused_type;
extern const struct actor_type framework_teardown_type;
extern const struct actor_type framework_find_task_type, framework_task_found_type;

#endif
