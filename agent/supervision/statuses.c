/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/statuses.h"

#include "arena.h"
#include <assert.h>
#include <errno.h>
#include <proto/copy.h>
#include <proto/ids.h>
#include <proto/known_enums.h>
#include <proto/task_state.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static double seconds(int64_t wall_ns)
{
        return (double) wall_ns / 1e9;
}

static void add_container(Troupe__StatusUpdate *update, const char *container_id)
{
        V1__TaskStatus *status = update->status;
        if (container_id == NULL)
                return;
        V1__ContainerStatus *container = ARENA_NEW(update, V1__ContainerStatus, v1__container_status);
        if (status->container_status)
                *container = *status->container_status;
        if (container->container_id == NULL) {
                container->container_id = ARENA_NEW(update, V1__ContainerID, v1__container_id);
                container->container_id->value = actor_msg_strdup(update, container_id);
        }
        status->container_status = container;
}

static struct update_new *wrap(const struct status_subject *subject, Troupe__StatusUpdate *update_take,
                               bool from_executor)
{
        struct update_new *msg = actor_msg_new(&update_new_type);
        msg->update = update_take;
        if (subject->framework->has_checkpoint && subject->framework->checkpoint)
                msg->framework = proto_copy(msg, subject->framework);
        msg->from_executor = from_executor;
        return msg;
}

struct update_new *status_from_agent(struct actor *self, const struct status_subject *subject,
                                     const struct status_cause *cause)
{
        Troupe__StatusUpdate *update = actor_msg_new(&status_update_type);
        V1__TaskStatus *status = ARENA_NEW(update, V1__TaskStatus, v1__task_status);
        update->status = status;
        update->framework_id = proto_framework_id(update, subject->framework->id->value);
        status->task_id = proto_task_id(update, subject->task_id);
        status->agent_id = proto_agent_id(update, subject->agent_id);
        if (subject->executor_id)
                status->executor_id = proto_executor_id(update, subject->executor_id);
        status->state = subject->precise ? cause->state : task_state_for(subject->framework, cause->state);
        status->has_source = status->has_reason = status->has_timestamp = status->has_uuid = true;
        status->source = V1__TASK_STATUS__SOURCE__SOURCE_AGENT;
        status->reason = cause->reason;
        status->message = actor_msg_strdup(update, cause->message);
        status->timestamp = seconds(actor_wall_ns(self));
        status->uuid.len = UUID_SIZE;
        status->uuid.data = actor_msg_alloc(update, UUID_SIZE);
        uuid_make(actor_random(self), actor_random(self), status->uuid.data);
        add_container(update, subject->container_id);
        return wrap(subject, update, false);
}

struct update_new *status_from_executor(struct actor *self, const struct status_subject *subject,
                                        const Exec__Call *call, const V1__TaskStatus *status)
{
        Troupe__StatusUpdate *update = actor_msg_new(&status_update_type);
        update->status = actor_msg_memdup(update, status, sizeof *status);
        actor_msg_hold(update, call);
        update->framework_id = call->framework_id;
        update->status->agent_id = proto_agent_id(update, subject->agent_id);
        update->status->executor_id = strcmp(call->executor_id->value, subject->executor_id) == 0
                                              ? call->executor_id
                                              : proto_executor_id(update, subject->executor_id);
        update->status->has_source = true;
        update->status->source = V1__TASK_STATUS__SOURCE__SOURCE_EXECUTOR;
        if (!status->has_timestamp) {
                update->status->has_timestamp = true;
                update->status->timestamp = seconds(actor_wall_ns(self));
        }
        add_container(update, subject->container_id);
        return wrap(subject, update, true);
}

int status_validate(const V1__TaskStatus *status, const char *executor_id, struct actor_error *error)
{
        if (!status->has_uuid || !uuid_is_valid(status->uuid.data, status->uuid.len))
                return actor_error_set(error, -EINVAL,
                                       "update of task \"%.80s\": uuid must be 16 bytes, version 1-5",
                                       status->task_id->value);
        if (status->has_source && status->source != V1__TASK_STATUS__SOURCE__SOURCE_EXECUTOR)
                return actor_error_set(error, -EINVAL,
                                       "update of task \"%.80s\": source must be SOURCE_EXECUTOR",
                                       status->task_id->value);
        if (status->state == V1__TASK_STATE__TASK_STAGING)
                return actor_error_set(error, -EINVAL,
                                       "update of task \"%.80s\": TASK_STAGING is not an executor's to send",
                                       status->task_id->value);
        if (status->executor_id && executor_id && strcmp(status->executor_id->value, executor_id) != 0)
                return actor_error_set(error, -EINVAL,
                                       "update of task \"%.80s\": executor id \"%.80s\" is not \"%.80s\"",
                                       status->task_id->value, status->executor_id->value, executor_id);
        int r = enums_validate(status, "TaskStatus", error);
        return r == 0 ? 0 : actor_error_prefix(error, r, "update of task \"%.80s\"", status->task_id->value);
}

void status_describe_exit(bool known, int status, char *ret, size_t size)
{
        if (!known)
                snprintf(ret, size, "ended with unknown status");
        else if (WIFSIGNALED(status))
                snprintf(ret, size, "was killed by signal %d (%s)", WTERMSIG(status),
                         sigabbrev_np(WTERMSIG(status)));
        else
                snprintf(ret, size, "exited with status %d", WEXITSTATUS(status));
}
