/* SPDX-License-Identifier: Apache-2.0 */
#include "unacknowledged.h"

#include <actor/memory.h>
#include <assert.h>
#include <proto/copy.h>
#include <proto/task_state.h>
#include <stdlib.h>
#include <string.h>

struct pending_update {
        struct pending_update *next;
        const Exec__Call *call; /* one reference */
};

struct pending_task {
        struct task_entry entry; /* first: an entry is its task */
        const void *message;     /* that the launch came in, one reference; NULL once acknowledged */
        const V1__TaskInfo *info;
        struct pending_update *first, **last;
        bool ended; /* a terminal update has been sent */
};

static struct pending_task *task_new(struct unacknowledged *u, const char *id)
{
        struct pending_task *task = actor_zalloc(sizeof *task);
        task->entry.id = actor_strdup(id);
        task->last = &task->first;
        task_table_add(&u->tasks, &task->entry);
        return task;
}

static void task_forget_launch(struct pending_task *task)
{
        task->message = actor_msg_unref(task->message);
        task->info = NULL;
}

static void task_pop_update(struct pending_task *task, struct pending_update **link)
{
        struct pending_update *update = *link;
        *link = update->next;
        if (task->last == &update->next)
                task->last = link;
        actor_msg_unref(update->call);
        free(update);
}

static void task_free(struct pending_task *task)
{
        while (task->first != NULL)
                task_pop_update(task, &task->first);
        task_forget_launch(task);
        free((char *) task->entry.id);
        free(task);
}

static struct pending_task *find(const struct unacknowledged *u, const char *id)
{
        return (struct pending_task *) task_table_find(&u->tasks, id);
}

bool unacknowledged_launch(struct unacknowledged *u, const void *message, const V1__TaskInfo *task)
{
        if (find(u, task->task_id->value) != NULL)
                return false;
        struct pending_task *pending = task_new(u, task->task_id->value);
        pending->message = actor_msg_ref(message);
        pending->info = task;
        return true;
}

bool unacknowledged_update(struct unacknowledged *u, const Exec__Call *call)
{
        const V1__TaskStatus *status = call->update->status;
        struct pending_task *task = find(u, status->task_id->value);
        if (task == NULL)
                task = task_new(u, status->task_id->value);
        if (task->ended)
                return false;
        struct pending_update *update = actor_zalloc(sizeof *update);
        update->call = actor_msg_ref(call);
        *task->last = update;
        task->last = &update->next;
        task->ended = task_state_is_terminal(status->state);
        return true;
}

static bool has_uuid(const struct pending_update *update, const ProtobufCBinaryData *uuid)
{
        const ProtobufCBinaryData *own = &update->call->update->status->uuid;
        return own->len == uuid->len && memcmp(own->data, uuid->data, uuid->len) == 0;
}

void unacknowledged_acknowledge(struct unacknowledged *u, const char *task_id,
                                const ProtobufCBinaryData *uuid)
{
        struct pending_task *task = find(u, task_id);
        if (task == NULL)
                return;
        struct pending_update **link = &task->first;
        while (*link != NULL && !has_uuid(*link, uuid))
                link = &(*link)->next;
        if (*link == NULL)
                return;
        task_pop_update(task, link);
        task_forget_launch(task);
        if (!task->ended || task->first != NULL)
                return;
        task_table_remove(&u->tasks, &task->entry);
        task_free(task);
}

bool unacknowledged_has_ended(const struct unacknowledged *u, const char *task_id)
{
        const struct pending_task *task = find(u, task_id);
        return task != NULL && task->ended;
}

static void fill_task(const struct pending_task *task, Exec__Call *call, Exec__Call__Subscribe *subscribe)
{
        if (task->info != NULL) {
                actor_msg_hold(call, task->message);
                PROTO_APPEND(call, subscribe->n_unacknowledged_tasks, subscribe->unacknowledged_tasks,
                             (V1__TaskInfo *) task->info);
        }
        for (const struct pending_update *update = task->first; update != NULL; update = update->next) {
                actor_msg_hold(call, update->call);
                PROTO_APPEND(call, subscribe->n_unacknowledged_updates, subscribe->unacknowledged_updates,
                             update->call->update);
        }
}

void unacknowledged_fill(const struct unacknowledged *u, Exec__Call *call, Exec__Call__Subscribe *subscribe)
{
        for (struct task_entry *entry = task_table_next(&u->tasks, NULL); entry != NULL;
             entry = task_table_next(&u->tasks, entry))
                fill_task((const struct pending_task *) entry, call, subscribe);
}

void unacknowledged_done(struct unacknowledged *u)
{
        struct task_entry *entry;
        while ((entry = task_table_pop(&u->tasks)) != NULL)
                task_free((struct pending_task *) entry);
        task_table_done(&u->tasks);
}
