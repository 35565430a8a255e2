/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHILDREN_CHILDREN_H
#define CHILDREN_CHILDREN_H

#include "children/plan.h"
#include "driver/task_table.h"

#include <troupe/executor.h>

/* The child processes of an executor, one a task, each in a session and process group of its own. They
 * are started, killed and reported here; the callbacks of an executor decide what to start. All
 * functions are for callbacks of the driver (its actor's context). */
struct children {
        struct troupe_executor *driver;
        struct child_context context;
        void *context_arena; /* the environment lives in it */
        struct task_table by_task, by_pid;
        bool stopping; /* the driver is stopped when the last child has ended */
};

/* Takes stock of this process: environment, sandbox, user. context.descriptors is set before. */
void children_init(struct children *c, struct troupe_executor *driver);
/* The agent's hostname is known: tasks find it as HOSTNAME. */
void children_set_hostname(struct children *c, const char *hostname);
void children_done(struct children *c);

/* Starts the planned process and reports TASK_RUNNING, or TASK_FAILED with the reason. */
void children_start(struct children *c, struct child_plan *plan_take);
/* Reports a task that could not even be planned as TASK_FAILED. */
void children_refuse(struct children *c, const char *task_id, const char *why);
/* SIGTERM to the task's process group, SIGKILL after the grace period (`policy`'s, or the task's). */
void children_kill(struct children *c, const char *task_id, const V1__KillPolicy *policy);
/* Kills all, then stops the driver. */
void children_stop(struct children *c);
/* Takes mail about children: ends and timers. False if it is about something else. */
bool children_handle(struct children *c, const struct actor_mail *mail, const void *body);

#endif
