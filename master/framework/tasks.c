/* SPDX-License-Identifier: Apache-2.0 */
#include "tasks.h"

#include <actor/message.h>
#include <assert.h>
#include <proto/task_state.h>
#include <utlist.h>

struct host *framework_tasks_host(struct tasks *tasks, const char *agent_id)
{
        struct host *host = NULL;
        HASH_FIND_STR(tasks->hosts, agent_id, host);
        return host;
}

struct host *framework_tasks_host_set(struct tasks *tasks, const char *agent_id, struct actor_ref session)
{
        struct host *host = framework_tasks_host(tasks, agent_id);
        if (host == NULL) {
                host = actor_zalloc(sizeof *host);
                host->agent_id = actor_strdup(agent_id);
                HASH_ADD_KEYPTR(hh, tasks->hosts, host->agent_id, strlen(host->agent_id), host);
        }
        host->session = session;
        return host;
}

void framework_tasks_host_tidy(struct tasks *tasks, struct host *host)
{
        if (host->tasks != NULL || host->executors != NULL)
                return;
        HASH_DEL(tasks->hosts, host);
        free(host->agent_id);
        free(host);
}

struct executor *framework_host_executor(const struct host *host, const char *executor_id)
{
        struct executor *executor = NULL;
        HASH_FIND_STR(host->executors, executor_id, executor);
        return executor;
}

struct executor *framework_host_executor_add(struct host *host, const V1__ExecutorInfo *info,
                                             const void *held)
{
        assert(framework_host_executor(host, info->executor_id->value) == NULL);
        struct executor *executor = actor_zalloc(sizeof *executor);
        executor->info = info;
        executor->held = actor_msg_ref(held);
        const char *key = info->executor_id->value;
        HASH_ADD_KEYPTR(hh, host->executors, key, strlen(key), executor);
        return executor;
}

void framework_host_executor_drop(struct host *host, struct executor *executor)
{
        struct task *task;
        if (executor->task_count > 0) {
                DL_FOREACH(host->tasks, task)
                {
                        if (task->executor == executor)
                                task->executor = NULL;
                }
        }
        HASH_DEL(host->executors, executor);
        actor_msg_unref(executor->held);
        free(executor);
}

struct task *framework_tasks_find(const struct tasks *tasks, const char *task_id)
{
        struct task *task = NULL;
        HASH_FIND_STR(tasks->table, task_id, task);
        return task;
}

size_t framework_tasks_count(const struct tasks *tasks)
{
        return HASH_COUNT(tasks->table);
}

static void note_status(struct task *task, const V1__TaskStatus *status, const void *held)
{
        struct task_status *last = task->status_count ? &task->statuses[task->status_count - 1] : NULL;
        if (last != NULL && last->status->state == status->state) {
                actor_msg_unref(last->held);
        } else if (task->status_count == TASK_STATUSES_MAX) {
                actor_msg_unref(task->statuses[0].held);
                memmove(&task->statuses[0], &task->statuses[1], (TASK_STATUSES_MAX - 1) * sizeof *last);
        } else {
                last = &task->statuses[task->status_count++];
        }
        *last = (struct task_status){status, actor_msg_ref(held)};
}

static void note_reported(struct task *task, const V1__Task *base, const void *held)
{
        for (size_t i = 0; i < base->n_statuses; i++)
                note_status(task, base->statuses[i], held);
        if (!base->has_status_update_state)
                return;
        task->has_update = true;
        task->update_state = base->status_update_state;
        if (task->status_count > 0 &&
            task->statuses[task->status_count - 1].status->state == task->update_state)
                task->update = task->statuses[task->status_count - 1].status;
}

static void set_away(struct tasks *tasks, struct task *task, bool away)
{
        bool is = task->state == V1__TASK_STATE__TASK_UNREACHABLE;
        if (away && !is) {
                DL_APPEND2(tasks->away, task, away_prev, away_next);
                tasks->away_count++;
        } else if (!away && is) {
                DL_DELETE2(tasks->away, task, away_prev, away_next);
                tasks->away_count--;
        }
}

const char *framework_task_executor_id(const struct task *task)
{
        const V1__ExecutorID *id = task->base->executor_id;
        return id != NULL && id->value[0] != '\0' ? id->value : task->base->task_id->value;
}

struct task *framework_tasks_add(struct tasks *tasks, struct host *host, struct executor *executor,
                                 const V1__Task *base, const void *held)
{
        assert(framework_tasks_find(tasks, base->task_id->value) == NULL);
        struct task *task = actor_zalloc(sizeof *task);
        task->base = base;
        task->held = actor_msg_ref(held);
        task->host = host;
        task->state = V1__TASK_STATE__TASK_STAGING;
        set_away(tasks, task, base->state == V1__TASK_STATE__TASK_UNREACHABLE);
        task->state = base->state;
        note_reported(task, base, held);
        if (!task_state_is_terminal(base->state)) {
                task->executor = executor;
                if (executor != NULL)
                        executor->task_count++;
        }
        DL_APPEND(host->tasks, task);
        const char *key = base->task_id->value;
        HASH_ADD_KEYPTR(hh, tasks->table, key, strlen(key), task);
        return task;
}

static void leave_executor(struct task *task)
{
        if (task->executor != NULL) {
                assert(task->executor->task_count > 0);
                task->executor->task_count--;
        }
        task->executor = NULL;
}

void framework_tasks_drop(struct tasks *tasks, struct task *task)
{
        leave_executor(task);
        set_away(tasks, task, false);
        DL_DELETE(task->host->tasks, task);
        HASH_DEL(tasks->table, task);
        for (size_t i = 0; i < task->status_count; i++)
                actor_msg_unref(task->statuses[i].held);
        actor_msg_unref(task->kill);
        actor_msg_unref(task->held);
        free(task);
}

int framework_task_move(struct tasks *tasks, struct task *task, V1__TaskState latest,
                        const V1__TaskStatus *status, const void *held)
{
        if (latest != task->state && !task_state_may_follow(task->state, latest))
                return TASK_E_ILLEGAL;
        note_status(task, status, held);
        task->has_update = true;
        task->update_state = status->state;
        task->update = status;
        if (latest == task->state)
                return TASK_E_UNCHANGED;
        set_away(tasks, task, latest == V1__TASK_STATE__TASK_UNREACHABLE);
        task->state = latest;
        if (task_state_is_terminal(latest))
                leave_executor(task);
        return 0;
}

static void executors_done(struct host *host)
{
        struct executor *executor, *next;
        HASH_ITER(hh, host->executors, executor, next)
        framework_host_executor_drop(host, executor);
}

void framework_tasks_done(struct tasks *tasks)
{
        struct task *task, *next_task;
        HASH_ITER(hh, tasks->table, task, next_task)
        framework_tasks_drop(tasks, task);
        struct host *host, *next_host;
        HASH_ITER(hh, tasks->hosts, host, next_host)
        {
                executors_done(host);
                framework_tasks_host_tidy(tasks, host);
        }
}
