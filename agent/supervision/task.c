/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/task.h"

#include <assert.h>
#include <proto/task_state.h>

struct task *task_find(const struct task_register *tasks, const char *task_id)
{
        struct task *task;
        HASH_FIND(by_id, tasks->by_id, task_id, strlen(task_id), task);
        return task;
}

struct task *task_find_number(const struct task_register *tasks, uint64_t number)
{
        struct task *task;
        HASH_FIND(by_number, tasks->by_number, &number, sizeof number, task);
        return task;
}

struct task *task_add(struct task_register *tasks, const V1__TaskInfo *info, const void *held)
{
        const char *id = info->task_id->value;
        if (task_find(tasks, id))
                return NULL;
        struct task *task = actor_zalloc(sizeof *task);
        task->info = info;
        task->held = actor_msg_ref(held);
        task->state = V1__TASK_STATE__TASK_STAGING;
        task->number = ++tasks->number_last;
        HASH_ADD_KEYPTR(by_id, tasks->by_id, id, strlen(id), task);
        HASH_ADD(by_number, tasks->by_number, number, sizeof task->number, task);
        tasks->live++;
        return task;
}

void task_end(struct task_register *tasks, struct task *task, V1__TaskState state)
{
        assert(task_state_is_terminal(state));
        if (task->stage == TASK_ENDED)
                return;
        assert(tasks->live > 0);
        tasks->live--;
        task->stage = TASK_ENDED;
        task->state = state;
}

void task_forget(struct task_register *tasks, struct task *task)
{
        if (task->stage != TASK_ENDED)
                tasks->live--;
        HASH_DELETE(by_id, tasks->by_id, task);
        HASH_DELETE(by_number, tasks->by_number, task);
        actor_msg_unref(task->held);
        actor_freep(&task);
}

void task_register_done(struct task_register *tasks)
{
        struct task *task, *next;
        HASH_ITER(by_number, tasks->by_number, task, next)
        {
                task_forget(tasks, task);
        }
}
