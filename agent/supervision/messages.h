/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_MESSAGES_H
#define AGENT_SUPERVISION_MESSAGES_H

#include <actor/actor.h>
#include <proto/types.h>
#include <stdbool.h>
#include <sys/types.h>

/* Tasks for one executor, from "executors" to the executor's actor. One that has begun to end sends
 * the batch back: the tasks were never its. */
struct task_batch {
        const char *framework_id;
        size_t count;
        const V1__TaskInfo **tasks; /* in a message this one holds */
};
extern const struct actor_type task_batch_type;

/* Why an executor is to end. */
enum executor_stop_reason {
        EXECUTOR_STOP_ASKED,     /* the scheduler's SHUTDOWN */
        EXECUTOR_STOP_FRAMEWORK, /* its framework is gone: no updates */
        EXECUTOR_STOP_AGENT,     /* the agent ends */
};

struct executor_stop {
        enum executor_stop_reason reason;
};
extern const struct actor_type executor_stop_type;

/* From an executor's actor to "executors": from now on it takes no tasks. */
struct executor_closing {
        const char *container_id;
};
extern const struct actor_type executor_closing_type;

/* … and it is over: its process is gone, its tasks have their last updates under way. */
struct executor_ended {
        const char *container_id;
        int status;        /* as of waitpid(2); -1 unknown */
        bool unregistered; /* it left cleanly */
        bool silent;       /* the agent's own, or of a framework that is gone: nothing to tell the master */
};
extern const struct actor_type executor_ended_type;

/* An executor's process has started: what a restarted agent needs to find it again. */
struct executor_started {
        const char *container_id;
        pid_t pid;
};
extern const struct actor_type executor_started_type;

/* Asks "executors" for all it knows; answered by inventory. */
struct inventory_request {
        bool unused;
};
extern const struct actor_type inventory_request_type;

struct inventory {
        size_t framework_count, executor_count, task_count;
        V1__FrameworkInfo **frameworks;
        V1__ExecutorInfo **executors; /* the frameworks' own, not the agent's command executors */
        V1__Task **tasks;             /* ended but unacknowledged ones too */
};
extern const struct actor_type inventory_type;

/* Asks "executors" to end every executor (except those of checkpointing frameworks); answered by
 * supervision_stopped when the last has ended. */
struct supervision_stop {
        bool all; /* those of checkpointing frameworks too */
};
extern const struct actor_type supervision_stop_type;

struct supervision_stopped {
        size_t executors_left; /* checkpointing ones, alive */
};
extern const struct actor_type supervision_stopped_type;

#endif
