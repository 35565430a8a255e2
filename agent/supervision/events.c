/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/events.h"

#include "arena.h"
#include <actor/actor.h>
#include <proto/copy.h>

static Exec__Event *event_make(Exec__Event__Type type)
{
        Exec__Event *event = actor_msg_new(&exec_event_type);
        event->has_type = true;
        event->type = type;
        return event;
}

Exec__Event *event_subscribed(const V1__ExecutorInfo *executor, const V1__FrameworkInfo *framework,
                              const V1__AgentInfo *agent, const char *container_id)
{
        Exec__Event *event = event_make(EXEC__EVENT__TYPE__SUBSCRIBED);
        event->subscribed = ARENA_NEW(event, Exec__Event__Subscribed, exec__event__subscribed);
        event->subscribed->executor_info = proto_copy(event, executor);
        event->subscribed->framework_info = proto_copy(event, framework);
        event->subscribed->agent_info = proto_copy(event, agent);
        event->subscribed->container_id = ARENA_NEW(event, V1__ContainerID, v1__container_id);
        event->subscribed->container_id->value = actor_msg_strdup(event, container_id);
        return event;
}

Exec__Event *event_launch(const void *held, const V1__TaskInfo *task)
{
        Exec__Event *event = event_make(EXEC__EVENT__TYPE__LAUNCH);
        actor_msg_hold(event, held);
        event->launch = ARENA_NEW(event, Exec__Event__Launch, exec__event__launch);
        event->launch->task = (V1__TaskInfo *) task;
        return event;
}

Exec__Event *event_launch_command(const void *held, const V1__TaskInfo *task,
                                  const struct environment_facts *facts, const char *user)
{
        Exec__Event *event = event_launch(held, task);
        V1__TaskInfo *copy = ARENA_NEW(event, V1__TaskInfo, v1__task_info);
        *copy = *task;
        /* The facts may be gone before the event is packed: what points into them is copied. */
        struct environment_facts kept = *facts;
        kept.container_id = actor_msg_strdup(event, facts->container_id);
        kept.directory = actor_msg_strdup(event, facts->directory);
        kept.agent_id = actor_msg_strdup(event, facts->agent_id);
        kept.executor_id = actor_msg_strdup(event, facts->executor_id);
        V1__FrameworkInfo framework = V1__FRAMEWORK_INFO__INIT;
        framework.id = proto_framework_id(event, facts->framework->id->value);
        kept.framework = &framework;
        copy->command = environment_of_task(event, &kept, task->command);
        copy->command->user = actor_msg_strdup(event, user);
        event->launch->task = copy;
        return event;
}

Exec__Event *event_kill(const char *task_id, const void *held, const V1__KillPolicy *policy)
{
        Exec__Event *event = event_make(EXEC__EVENT__TYPE__KILL);
        if (held)
                actor_msg_hold(event, held);
        event->kill = ARENA_NEW(event, Exec__Event__Kill, exec__event__kill);
        event->kill->task_id = proto_task_id(event, task_id);
        event->kill->kill_policy = (V1__KillPolicy *) policy;
        return event;
}

Exec__Event *event_acknowledged(const char *task_id, ProtobufCBinaryData uuid)
{
        Exec__Event *event = event_make(EXEC__EVENT__TYPE__ACKNOWLEDGED);
        event->acknowledged = ARENA_NEW(event, Exec__Event__Acknowledged, exec__event__acknowledged);
        event->acknowledged->task_id = proto_task_id(event, task_id);
        event->acknowledged->uuid.len = uuid.len;
        event->acknowledged->uuid.data = actor_msg_memdup(event, uuid.data, uuid.len);
        return event;
}

Exec__Event *event_message(const void *held, ProtobufCBinaryData data)
{
        Exec__Event *event = event_make(EXEC__EVENT__TYPE__MESSAGE);
        actor_msg_hold(event, held);
        event->message = ARENA_NEW(event, Exec__Event__Message, exec__event__message);
        event->message->data = data;
        return event;
}

Exec__Event *event_error(const char *message)
{
        Exec__Event *event = event_make(EXEC__EVENT__TYPE__ERROR);
        event->error = ARENA_NEW(event, Exec__Event__Error, exec__event__error);
        event->error->message = actor_msg_strdup(event, message);
        return event;
}

Exec__Event *event_shutdown(void)
{
        return event_make(EXEC__EVENT__TYPE__SHUTDOWN);
}
