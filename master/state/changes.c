/* SPDX-License-Identifier: Apache-2.0 */
#include "state/changes.h"
#include "state/answers.h"

#include <assert.h>
#include <proto/copy.h>

/* v1's DEFAULT_HEARTBEAT_INTERVAL. Native subscribers see the loss of their master as a DOWN at once. */
#define HEARTBEAT_SECONDS 15

static MasterApi__Event *new_event(MasterApi__Event__Type type, const void *holds)
{
        MasterApi__Event *event = actor_msg_new(&master_event_type);
        event->has_type = true;
        event->type = type;
        actor_msg_hold(event, holds);
        return event;
}

MasterApi__Event *change_of_agent(const struct model *model, const struct state_agent *event)
{
        bool known = model_knows_agent(model, event->info->id->value);
        if (known == !event->removed)
                return NULL;
        if (event->removed) {
                MasterApi__Event *gone = new_event(MASTER_API__EVENT__TYPE__AGENT_REMOVED, event);
                gone->agent_removed = proto_new(gone, &master_api__event__agent_removed__descriptor);
                gone->agent_removed->agent_id = event->info->id;
                return gone;
        }
        MasterApi__Event *added = new_event(MASTER_API__EVENT__TYPE__AGENT_ADDED, event);
        added->agent_added = proto_new(added, &master_api__event__agent_added__descriptor);
        added->agent_added->agent = answer_agent(added, event);
        return added;
}

MasterApi__Event *change_of_framework(const struct model *model, const struct state_framework *event)
{
        bool known = model_knows_framework(model, event->info->id->value);
        if (event->completed) {
                if (!known)
                        return NULL;
                MasterApi__Event *removed = new_event(MASTER_API__EVENT__TYPE__FRAMEWORK_REMOVED, event);
                removed->framework_removed =
                        proto_new(removed, &master_api__event__framework_removed__descriptor);
                removed->framework_removed->framework_info = (V1__FrameworkInfo *) event->info;
                return removed;
        }
        MasterApi__Event *change = new_event(known ? MASTER_API__EVENT__TYPE__FRAMEWORK_UPDATED
                                                   : MASTER_API__EVENT__TYPE__FRAMEWORK_ADDED,
                                             event);
        MasterApi__Response__GetFrameworks__Framework *framework = answer_framework(change, event);
        if (known) {
                change->framework_updated =
                        proto_new(change, &master_api__event__framework_updated__descriptor);
                change->framework_updated->framework = framework;
        } else {
                change->framework_added = proto_new(change, &master_api__event__framework_added__descriptor);
                change->framework_added->framework = framework;
        }
        return change;
}

static bool has_changed(const V1__Task *before, const V1__Task *now)
{
        return before->state != now->state || before->n_statuses != now->n_statuses;
}

/* The state as the last status tells it; a task that has none yet has only just been added. */
static MasterApi__Event *task_updated(const struct state_task *event)
{
        const V1__Task *task = event->task;
        MasterApi__Event *updated = new_event(MASTER_API__EVENT__TYPE__TASK_UPDATED, event);
        updated->task_updated = proto_new(updated, &master_api__event__task_updated__descriptor);
        updated->task_updated->framework_id = task->framework_id;
        updated->task_updated->state = task->state;
        updated->task_updated->status = task->statuses[task->n_statuses - 1];
        return updated;
}

MasterApi__Event *change_of_task(const struct model *model, const struct state_task *event)
{
        const V1__Task *task = event->task;
        const struct state_task *before =
                model_find_task(model, task->framework_id->value, task->task_id->value);
        if (before == NULL && event->completed)
                return NULL;
        if (before == NULL) {
                MasterApi__Event *added = new_event(MASTER_API__EVENT__TYPE__TASK_ADDED, event);
                added->task_added = proto_new(added, &master_api__event__task_added__descriptor);
                added->task_added->task = (V1__Task *) task;
                return added;
        }
        return task->n_statuses > 0 && has_changed(before->task, task) ? task_updated(event) : NULL;
}

MasterApi__Event *change_subscribed(const MasterApi__Response *state)
{
        assert(state->get_state != NULL);
        MasterApi__Event *event = new_event(MASTER_API__EVENT__TYPE__SUBSCRIBED, state);
        event->subscribed = proto_new(event, &master_api__event__subscribed__descriptor);
        event->subscribed->get_state = state->get_state;
        event->subscribed->has_heartbeat_interval_seconds = true;
        event->subscribed->heartbeat_interval_seconds = HEARTBEAT_SECONDS;
        return event;
}
