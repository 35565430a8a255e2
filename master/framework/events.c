/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

#include <proto/copy.h>

#define NEW_PART(event, type_init, field) \
        ((event)->field = actor_msg_alloc((event), sizeof *(event)->field), type_init((event)->field))

static Sched__Event *event_new(Sched__Event__Type type)
{
        Sched__Event *event = actor_msg_new(&sched_event_type);
        event->has_type = true;
        event->type = type;
        return event;
}

Sched__Event *framework_event_subscribed(const char *framework_id, int64_t heartbeat_ms,
                                         const V1__MasterInfo *master)
{
        Sched__Event *event = event_new(SCHED__EVENT__TYPE__SUBSCRIBED);
        NEW_PART(event, sched__event__subscribed__init, subscribed);
        event->subscribed->framework_id = proto_framework_id(event, framework_id);
        event->subscribed->has_heartbeat_interval_seconds = true;
        event->subscribed->heartbeat_interval_seconds = (double) heartbeat_ms / 1000.0;
        event->subscribed->master_info = proto_copy(event, master);
        return event;
}

Sched__Event *framework_event_heartbeat(void)
{
        return event_new(SCHED__EVENT__TYPE__HEARTBEAT);
}

Sched__Event *framework_event_error(const char *message)
{
        Sched__Event *event = event_new(SCHED__EVENT__TYPE__ERROR);
        NEW_PART(event, sched__event__error__init, error);
        event->error->message = actor_msg_strdup(event, message);
        return event;
}

Sched__Event *framework_event_update(const V1__TaskStatus *status, const void *held)
{
        Sched__Event *event = event_new(SCHED__EVENT__TYPE__UPDATE);
        NEW_PART(event, sched__event__update__init, update);
        if (held != NULL)
                actor_msg_hold(event, held);
        event->update->status = (V1__TaskStatus *) status;
        return event;
}

Sched__Event *framework_event_rescind(const char *offer_id)
{
        Sched__Event *event = event_new(SCHED__EVENT__TYPE__RESCIND);
        NEW_PART(event, sched__event__rescind__init, rescind);
        event->rescind->offer_id = proto_offer_id(event, offer_id);
        return event;
}

Sched__Event *framework_event_message(const Troupe__ExecutorMessage *message)
{
        Sched__Event *event = event_new(SCHED__EVENT__TYPE__MESSAGE);
        NEW_PART(event, sched__event__message__init, message);
        actor_msg_hold(event, message);
        event->message->agent_id = message->agent_id;
        event->message->executor_id = message->executor_id;
        event->message->data = message->data;
        return event;
}

Sched__Event *framework_event_failure(const char *agent_id, const char *executor_id, int32_t status)
{
        Sched__Event *event = event_new(SCHED__EVENT__TYPE__FAILURE);
        NEW_PART(event, sched__event__failure__init, failure);
        event->failure->agent_id = proto_agent_id(event, agent_id);
        if (executor_id == NULL)
                return event;
        event->failure->executor_id = proto_executor_id(event, executor_id);
        event->failure->has_status = true;
        event->failure->status = status;
        return event;
}

Sched__Event *framework_event_master_update(const struct master_status *from)
{
        Sched__Event *event = framework_event_update(NULL, NULL);
        V1__TaskStatus *status = actor_msg_alloc(event, sizeof *status);
        v1__task_status__init(status);
        event->update->status = status;
        status->task_id = proto_task_id(event, from->task_id);
        status->state = from->state;
        status->has_source = true;
        status->source = V1__TASK_STATUS__SOURCE__SOURCE_MASTER;
        status->has_reason = true;
        status->reason = from->reason;
        status->has_timestamp = true;
        status->timestamp = (double) from->wall_ns / 1e9;
        if (from->message != NULL)
                status->message = actor_msg_strdup(event, from->message);
        if (from->agent_id != NULL)
                status->agent_id = proto_agent_id(event, from->agent_id);
        if (from->executor_id != NULL)
                status->executor_id = proto_executor_id(event, from->executor_id);
        if (from->unreachable_ns != 0) {
                status->unreachable_time = actor_msg_alloc(event, sizeof *status->unreachable_time);
                v1__time_info__init(status->unreachable_time);
                status->unreachable_time->nanoseconds = from->unreachable_ns;
        }
        return event;
}
