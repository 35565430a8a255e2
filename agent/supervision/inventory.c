/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/inventory.h"

#include "arena.h"
#include <proto/copy.h>

ACTOR_LOCAL_TYPE(inventory_type, struct inventory);

static V1__Task *task_make(void *msg, const struct task_entry *entry, const char *agent_id)
{
        const V1__TaskInfo *info = entry->info;
        V1__Task *task = ARENA_NEW(msg, V1__Task, v1__task);
        actor_msg_hold(msg, entry->held);
        task->name = info->name;
        task->task_id = info->task_id;
        task->framework_id = proto_framework_id(msg, entry->framework->info->id->value);
        task->executor_id = info->executor ? info->executor->executor_id : NULL;
        task->agent_id = proto_agent_id(msg, agent_id);
        task->state = entry->state;
        task->n_resources = info->n_resources;
        task->resources = info->resources;
        task->labels = info->labels;
        task->discovery = info->discovery;
        task->container = info->container;
        task->health_check = info->health_check;
        task->kill_policy = info->kill_policy;
        const V1__CommandInfo *command = info->executor ? info->executor->command : info->command;
        if (command && command->user)
                task->user = command->user;
        if (entry->latest) {
                actor_msg_hold(msg, entry->latest);
                task->n_statuses = 1;
                task->statuses = actor_msg_alloc(msg, sizeof *task->statuses);
                task->statuses[0] = entry->latest->status;
                task->has_status_update_state = true;
                task->status_update_state = entry->state;
                task->has_status_update_uuid = entry->latest->status->has_uuid;
                task->status_update_uuid = entry->latest->status->uuid;
        }
        return task;
}

struct inventory *inventory_make(const struct books *books, const char *agent_id)
{
        struct inventory *inventory = actor_msg_new(&inventory_type);
        struct framework_entry *framework;
        for (framework = books->frameworks; framework; framework = framework->hh.next) {
                if (framework->gone)
                        continue;
                V1__FrameworkInfo *info = proto_copy(inventory, framework->info);
                PROTO_APPEND(inventory, inventory->framework_count, inventory->frameworks, info);
                for (struct task_entry *task = framework->tasks; task; task = task->hh.next) {
                        V1__Task *made = task_make(inventory, task, agent_id);
                        PROTO_APPEND(inventory, inventory->task_count, inventory->tasks, made);
                }
        }
        for (struct executor_entry *e = books->executors; e; e = e->by_container.next) {
                if (e->user || e->framework->gone)
                        continue;
                V1__ExecutorInfo *info = proto_copy(inventory, e->info);
                if (info->framework_id == NULL)
                        info->framework_id = proto_framework_id(inventory, e->framework->info->id->value);
                PROTO_APPEND(inventory, inventory->executor_count, inventory->executors, info);
        }
        return inventory;
}
