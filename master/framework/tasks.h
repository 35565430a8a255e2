/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_FRAMEWORK_TASKS_H
#define MASTER_FRAMEWORK_TASKS_H

#include <actor/hash_table.h>
#include <actor/ref.h>
#include <proto/types.h>
#include <stdbool.h>

/* A framework's tasks and executors, found by id and by agent in O(1). Pure. What a task is and what became
 * of it lies in messages that the register keeps alive; nothing is copied. */

struct host;

struct executor {
        const V1__ExecutorInfo *info; /* framework_id set; its id is the key */
        const void *held;             /* the message that info lies in */
        size_t task_count;            /* not ended */
        bool confirmed;               /* the agent has spoken of it or of a task in it */
        UT_hash_handle hh;
};

/* One state of a task, and the message the status lies in. */
struct task_status {
        const V1__TaskStatus *status;
        const void *held;
};
#define TASK_STATUSES_MAX 16 /* remembered for each task; a repeated state replaces the last */

struct task {
        UT_hash_handle
                hh; /* with what is looked at each time: there may be many thousands, none in a cache */
        const V1__Task *base; /* as launched or as an agent reported it; its id is the key */
        const void *held;     /* the message that base lies in */
        struct host *host;
        struct executor *executor; /* NULL: the command executor */
        V1__TaskState state;       /* the latest known */
        bool has_update;           /* an update was sent on to the scheduler: */
        V1__TaskState update_state;
        const V1__TaskStatus *update; /* NULL or the update itself, in the last of `statuses` */
        bool released;                /* what it used was given back */
        const void *kill;             /* the KillTask to repeat when its agent returns; NULL: none */
        uint64_t seen;                /* the host's joins in which the agent reported it */
        size_t status_count;
        struct task *prev, *next;           /* of the host */
        struct task *away_prev, *away_next; /* of the unreachable ones, oldest first */
        struct task_status statuses[TASK_STATUSES_MAX];
};

/* What the framework has on one agent. */
struct host {
        char *agent_id; /* the key */
        struct actor_ref session;
        uint64_t joins;
        struct task *tasks;
        struct executor *executors;
        UT_hash_handle hh;
};

struct tasks {
        struct task *table;
        struct host *hosts;
        struct task *away; /* the unreachable ones */
        size_t away_count;
};

struct host *framework_tasks_host(struct tasks *tasks, const char *agent_id); /* NULL: none */
/* The host, made if need be, with the agent's latest session. */
struct host *framework_tasks_host_set(struct tasks *tasks, const char *agent_id, struct actor_ref session);
/* Forgets a host that has nothing left. */
void framework_tasks_host_tidy(struct tasks *tasks, struct host *host);

struct executor *framework_host_executor(const struct host *host, const char *executor_id);
/* `held` gains a reference. The id must be new on this host. */
struct executor *framework_host_executor_add(struct host *host, const V1__ExecutorInfo *info,
                                             const void *held);
void framework_host_executor_drop(struct host *host, struct executor *executor);

struct task *framework_tasks_find(const struct tasks *tasks, const char *task_id);
/* Statuses name it: a command's executor has the id of its task. */
const char *framework_task_executor_id(const struct task *task);
/* `held` gains a reference. The id must be new. `executor` may be NULL. */
struct task *framework_tasks_add(struct tasks *tasks, struct host *host, struct executor *executor,
                                 const V1__Task *base, const void *held);
void framework_tasks_drop(struct tasks *tasks, struct task *task);
size_t framework_tasks_count(const struct tasks *tasks);

enum { TASK_E_UNCHANGED = 1, TASK_E_ILLEGAL };

/* Moves a task, notes the status (`held` gains a reference), and keeps counts right. `latest` may be
 * ahead of status->state. Returns 0; TASK_E_UNCHANGED for a state it is in already (the status is noted
 * in place of the last); TASK_E_ILLEGAL where `latest` cannot follow: nothing is changed. */
int framework_task_move(struct tasks *tasks, struct task *task, V1__TaskState latest,
                        const V1__TaskStatus *status, const void *held);

void framework_tasks_done(struct tasks *tasks);

#endif
