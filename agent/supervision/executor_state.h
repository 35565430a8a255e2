/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_EXECUTOR_STATE_H
#define AGENT_SUPERVISION_EXECUTOR_STATE_H

#include "supervision/executor.h"
#include "supervision/lifecycle.h"
#include "supervision/messages.h"
#include "supervision/statuses.h"
#include "supervision/task.h"

/* The state of an executor's actor, shared by executor.c (life), executor_tasks.c (tasks) and
 * executor_calls.c (what the process says). Private to them. */
struct executor {
        struct executor_config config; /* borrowed parts are copies of ours */
        struct supervision_settings const *settings;
        V1__AgentInfo *agent;
        V1__FrameworkInfo *framework;
        V1__ExecutorInfo *info;
        char *container_id, *user, *directory;
        const char *agent_id, *framework_id; /* in the above */

        enum executor_state state;
        struct actor_ref process;  /* the executor's own actor, once it has subscribed */
        pid_t pid;                 /* 0 before and after */
        uint64_t timer;            /* registration, shutdown grace or idleness: one at a time */
        bool launching;            /* a step of the start is under way */
        bool unregistered;         /* it has said that it leaves */
        bool silent;               /* its framework is gone: nobody wants updates */
        struct status_cause cause; /* what the remaining tasks are told; message NULL: not known yet */
        char cause_text[512];
        struct task_register tasks;
};

/* ---- executor.c -------------------------------------------------------------------------------- */

/* Begins the end: no new tasks; SHUTDOWN and grace if it runs, else the container is destroyed. */
void executor_begin_stop(struct executor *e, struct actor *self);
/* The process has said that it leaves: no new tasks, and the grace period to do so. */
void executor_leave(struct executor *e, struct actor *self);
/* What the remaining tasks will be told; the first cause counts. */
void executor_set_cause(struct executor *e, V1__TaskState state, V1__TaskStatus__Reason reason,
                        const char *text);
void executor_timer(struct executor *e, struct actor *self, int64_t delay_ms); /* < 0: none */
/* An idle command executor is ended after a while; called whenever a task has ended or come. */
void executor_check_idle(struct executor *e, struct actor *self);
void executor_send(struct executor *e, struct actor *self, Exec__Event *event_take);

/* ---- executor_tasks.c -------------------------------------------------------------------------- */

int executor_on_batch(struct executor *e, const struct actor_mail *mail, const struct task_batch *msg);
int executor_on_kill(struct executor *e, const struct actor_mail *mail, const Troupe__KillTask *msg);
int executor_on_acknowledged(struct executor *e, const struct actor_mail *mail,
                             const struct update_acknowledged *msg);
/* Tells the executor of a task that is ready, or queues it. */
void executor_launch_task(struct executor *e, struct actor *self, struct task *task);
/* Launches all that wait. */
void executor_launch_queued(struct executor *e, struct actor *self);
/* The agent ends a task itself. */
void executor_end_task(struct executor *e, struct actor *self, struct task *task,
                       const struct status_cause *cause);
/* Ends what is left, for the executor's own cause. */
void executor_end_tasks(struct executor *e, struct actor *self);
void executor_publish(struct executor *e, struct actor *self, struct update_new *update_take);
struct status_subject executor_subject(const struct executor *e, const struct task *task);

/* ---- executor_calls.c -------------------------------------------------------------------------- */

int executor_on_call(struct executor *e, const struct actor_mail *mail, const Exec__Call *msg);

#endif
