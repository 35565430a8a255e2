/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_FRAMEWORK_LAUNCH_H
#define MASTER_FRAMEWORK_LAUNCH_H

#include "session.h"

/* One ACCEPT under way: what is left of its offers, and the messages that it fills. For accept.c. */
struct launch {
        struct framework_session *s;
        const Sched__Call *call;
        const char *agent_id, *role;
        struct host *host;
        struct resources *left; /* of the offers; owned */
        Troupe__RunTasks *run;  /* the tasks of all LAUNCH operations; NULL: none yet */
        /* The last of run->executors: as its tasks named it, as the agent will get it, as we know it. */
        const V1__ExecutorInfo *shared_from;
        V1__ExecutorInfo *shared;
        struct executor *shared_running;
        struct allocator_use *use; /* what the allocator will be told */
        struct allocator_piece *pieces;
};

/* Judges one task; a good one joins `run`, the register and `use`, a bad one is answered TASK_ERROR. */
void framework_launch_task(struct launch *launch, const V1__TaskInfo *task);
/* All tasks of a group or none. */
void framework_launch_group(struct launch *launch, const V1__Offer__Operation__LaunchGroup *operation);
/* Sends what was gathered; nothing is left to do for this ACCEPT. */
void framework_launch_send(struct launch *launch);

/* A task of a group as a status names it: its executor is the group's. */
V1__TaskInfo framework_task_of_group(const V1__TaskInfo *task, V1__ExecutorInfo *executor);
/* Answers a task that was never launched. */
void framework_task_refuse(struct framework_session *s, const V1__TaskInfo *task, V1__TaskState state,
                           V1__TaskStatus__Reason reason, const char *message);

#endif
