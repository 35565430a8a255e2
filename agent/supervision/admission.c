/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/admission.h"

#include <errno.h>
#include <proto/copy.h>
#include <proto/ids.h>
#include <proto/json.h>
#include <string.h>

int admission_framework(const V1__FrameworkInfo *framework, struct actor_error *error)
{
        if (framework->id == NULL)
                return actor_error_set(error, -EINVAL, "framework \"%.80s\" has no id", framework->name);
        return id_validate("framework id", framework->id->value, error);
}

static int executor_is_known_kind(const V1__ExecutorInfo *executor, struct actor_error *error)
{
        int r = id_validate("executor id", executor->executor_id->value, error);
        if (r != 0)
                return r;
        if (executor->has_type && executor->type == V1__EXECUTOR_INFO__TYPE__DEFAULT)
                return actor_error_set(
                        error, -EINVAL,
                        "executor \"%.80s\": this agent has no default executor; give a command",
                        executor->executor_id->value);
        if (executor->command == NULL || executor->command->value == NULL ||
            *executor->command->value == '\0')
                return actor_error_set(error, -EINVAL, "executor \"%.80s\" has no command value",
                                       executor->executor_id->value);
        return 0;
}

static int container_is_known_kind(const V1__ContainerInfo *container, struct actor_error *error)
{
        if (container && container->type != V1__CONTAINER_INFO__TYPE__MESOS)
                return actor_error_set(
                        error, -EINVAL, "container type %s is not known to this agent; use MESOS",
                        proto_enum_name(&v1__container_info__type__descriptor, (int) container->type));
        if (container && container->mesos && container->mesos->image)
                return actor_error_set(error, -EINVAL, "container images are not known to this agent");
        return 0;
}

int admission_task(const V1__TaskInfo *task, struct actor_error *error)
{
        int r = id_validate("task id", task->task_id->value, error);
        if (r != 0)
                return r;
        if ((task->command != NULL) == (task->executor != NULL))
                return actor_error_set(error, -EINVAL,
                                       "task must have either a command or an executor, not %s",
                                       task->command ? "both" : "neither");
        if (task->executor)
                r = executor_is_known_kind(task->executor, error);
        if (r == 0)
                r = container_is_known_kind(task->executor ? task->executor->container : task->container,
                                            error);
        return r;
}

int admission_same_executor(const V1__ExecutorInfo *running, const V1__ExecutorInfo *wanted,
                            struct actor_error *error)
{
        if (proto_equal(running, wanted))
                return 0;
        return actor_error_set(
                error, -EINVAL,
                "executor \"%.80s\" runs already with another ExecutorInfo; use the same or another id",
                wanted->executor_id->value);
}

int admission_user(const struct supervision_settings *settings, const V1__FrameworkInfo *framework,
                   const V1__CommandInfo *command, const char **ret_user, struct actor_error *error)
{
        const char *user = command && command->user && *command->user ? command->user : framework->user;
        *ret_user = NULL;
        if (!settings->switch_user || user == NULL || *user == '\0' || strcmp(user, settings->own_user) == 0)
                return 0;
        if (strchr(user, '/') || id_validate("user", user, NULL) != 0)
                return actor_error_set(error, -EINVAL, "user \"%.80s\" is no user name", user);
        if (!settings->is_root)
                return actor_error_set(
                        error, -EPERM,
                        "the agent runs as \"%.80s\" and cannot switch to user \"%.80s\": start it as root "
                        "or with --no-switch_user",
                        settings->own_user, user);
        *ret_user = user;
        return 0;
}
