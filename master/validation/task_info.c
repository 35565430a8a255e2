/* SPDX-License-Identifier: Apache-2.0 */
#include "task_info.h"

#include <errno.h>
#include <math.h>
#include <proto/ids.h>
#include <proto/known_enums.h>
#include <string.h>

/* Entries in one task's or executor's list. */
#define RESOURCES_MAX 1024
/* The most seconds that int64 nanoseconds can hold. */
#define WAIT_SECONDS_MAX 9223372036.0
#define WAIT_RANGE "at least 0 and at most 292 years"

static int duration_validate(const V1__DurationInfo *duration, const char *where, struct actor_error *error)
{
        if (duration == NULL || duration->nanoseconds >= 0)
                return 0;
        return actor_error_set(error, -EINVAL, "%s is %lld ns; it must not be negative", where,
                               (long long) duration->nanoseconds);
}

static int secret_validate(const V1__Secret *secret, const char *name, struct actor_error *error)
{
        if (secret->value == NULL || !secret->has_type || secret->type != V1__SECRET__TYPE__VALUE)
                return 0;
        if (memchr(secret->value->data.data, '\0', secret->value->data.len) != NULL)
                return actor_error_set(error, -EINVAL,
                                       "environment variable '%s' has a secret with a null byte in it", name);
        return 0;
}

static int variable_validate(const V1__Environment__Variable *variable, struct actor_error *error)
{
        switch (variable->type) {
        case V1__ENVIRONMENT__VARIABLE__TYPE__VALUE:
                if (variable->value == NULL || variable->secret != NULL)
                        return actor_error_set(
                                error, -EINVAL,
                                "environment variable '%s' of type VALUE must have a value and no "
                                "secret",
                                variable->name);
                return 0;
        case V1__ENVIRONMENT__VARIABLE__TYPE__SECRET:
                if (variable->secret == NULL || variable->value != NULL)
                        return actor_error_set(
                                error, -EINVAL,
                                "environment variable '%s' of type SECRET must have a secret and no "
                                "value",
                                variable->name);
                return secret_validate(variable->secret, variable->name, error);
        default:
                return actor_error_set(error, -EINVAL,
                                       "environment variable '%s' must be of type VALUE or SECRET",
                                       variable->name);
        }
}

static int command_validate(const V1__CommandInfo *command, struct actor_error *error)
{
        const V1__Environment *environment = command->environment;
        for (size_t i = 0; environment != NULL && i < environment->n_variables; i++) {
                int r = variable_validate(environment->variables[i], error);
                if (r != 0)
                        return r;
        }
        return 0;
}

/* A check's command must say what to run. */
static int check_command_validate(const V1__CommandInfo *command, const char *where,
                                  struct actor_error *error)
{
        if (command->value == NULL)
                return actor_error_set(error, -EINVAL, "%s has a command without a 'value'", where);
        return command_validate(command, error);
}

static int path_validate(const char *path, const char *where, struct actor_error *error)
{
        if (path == NULL || path[0] == '/')
                return 0;
        return actor_error_set(error, -EINVAL, "%s is '%s'; it must start with '/'", where, path);
}

/* What a check waits: seconds, as the reference takes them. NaN is none of them. */
static bool is_wait(double seconds)
{
        return seconds >= 0 && seconds <= WAIT_SECONDS_MAX;
}

static int check_validate(const V1__CheckInfo *check, struct actor_error *error)
{
        if (!check->has_type || check->type == V1__CHECK_INFO__TYPE__UNKNOWN)
                return actor_error_set(error, -EINVAL, "the task's check needs a type: COMMAND, HTTP or TCP");
        if (check->type == V1__CHECK_INFO__TYPE__COMMAND && check->command == NULL)
                return actor_error_set(error, -EINVAL, "the task's check is COMMAND but has no 'command'");
        if (check->type == V1__CHECK_INFO__TYPE__HTTP && check->http == NULL)
                return actor_error_set(error, -EINVAL, "the task's check is HTTP but has no 'http'");
        if (check->type == V1__CHECK_INFO__TYPE__TCP && check->tcp == NULL)
                return actor_error_set(error, -EINVAL, "the task's check is TCP but has no 'tcp'");
        if (!is_wait(check->delay_seconds) || !is_wait(check->interval_seconds) ||
            !is_wait(check->timeout_seconds))
                return actor_error_set(error, -EINVAL, "the times of the task's check must be seconds, %s",
                                       WAIT_RANGE);
        if (check->command != NULL)
                return check_command_validate(check->command->command, "the task's check", error);
        return check->http ? path_validate(check->http->path, "the path of the task's check", error) : 0;
}

static int http_check_validate(const V1__HealthCheck__HTTPCheckInfo *http, struct actor_error *error)
{
        if (http->scheme != NULL && strcmp(http->scheme, "http") != 0 && strcmp(http->scheme, "https") != 0)
                return actor_error_set(
                        error, -EINVAL,
                        "the scheme of the task's health check is '%s'; it must be http or https",
                        http->scheme);
        return path_validate(http->path, "the path of the task's health check", error);
}

static int health_check_validate(const V1__HealthCheck *check, struct actor_error *error)
{
        if (!check->has_type || check->type == V1__HEALTH_CHECK__TYPE__UNKNOWN)
                return actor_error_set(error, -EINVAL,
                                       "the task's health check needs a type: COMMAND, HTTP or TCP");
        if (check->type == V1__HEALTH_CHECK__TYPE__COMMAND && check->command == NULL)
                return actor_error_set(error, -EINVAL,
                                       "the task's health check is COMMAND but has no 'command'");
        if (check->type == V1__HEALTH_CHECK__TYPE__HTTP && check->http == NULL)
                return actor_error_set(error, -EINVAL, "the task's health check is HTTP but has no 'http'");
        if (check->type == V1__HEALTH_CHECK__TYPE__TCP && check->tcp == NULL)
                return actor_error_set(error, -EINVAL, "the task's health check is TCP but has no 'tcp'");
        if (!is_wait(check->delay_seconds) || !is_wait(check->interval_seconds) ||
            !is_wait(check->timeout_seconds) || !is_wait(check->grace_period_seconds))
                return actor_error_set(error, -EINVAL,
                                       "the times of the task's health check must be seconds, %s",
                                       WAIT_RANGE);
        if (check->command != NULL)
                return check_command_validate(check->command, "the task's health check", error);
        return check->http ? http_check_validate(check->http, error) : 0;
}

static int limits_validate(const V1__TaskInfo *task, struct actor_error *error)
{
        for (size_t i = 0; i < task->n_limits; i++) {
                const V1__TaskInfo__LimitsEntry *limit = task->limits[i];
                if (strcmp(limit->key, "cpus") != 0 && strcmp(limit->key, "mem") != 0)
                        return actor_error_set(error, -EINVAL,
                                               "the task limits '%s'; only cpus and mem can be limited",
                                               limit->key);
                if (limit->value == NULL || isnan(limit->value->value) || limit->value->value < 0)
                        return actor_error_set(error, -EINVAL,
                                               "the task's limit of %s must be a number of at least 0",
                                               limit->key);
        }
        return 0;
}

static int work_validate(const V1__TaskInfo *task, bool in_group, struct actor_error *error)
{
        if (in_group) {
                if (task->executor != NULL)
                        return actor_error_set(error, -EINVAL,
                                               "a task of a group must not name an executor of its own");
                return task->command ? command_validate(task->command, error) : 0;
        }
        if ((task->executor != NULL) == (task->command != NULL))
                return actor_error_set(error, -EINVAL,
                                       "Task should have at least one (but not both) of CommandInfo or "
                                       "ExecutorInfo present");
        return task->command ? command_validate(task->command, error) : 0;
}

static int policies_validate(const V1__TaskInfo *task, struct actor_error *error)
{
        int r = duration_validate(task->kill_policy ? task->kill_policy->grace_period : NULL,
                                  "the task's kill_policy.grace_period", error);
        if (r == 0)
                r = duration_validate(task->max_completion_time, "the task's max_completion_time", error);
        if (r == 0 && task->check != NULL)
                r = check_validate(task->check, error);
        if (r == 0 && task->health_check != NULL)
                r = health_check_validate(task->health_check, error);
        return r == 0 ? limits_validate(task, error) : r;
}

/* Its executor, which thousands may share, is judged for itself. */
static int task_enums_validate(const V1__TaskInfo *task, struct actor_error *error)
{
        V1__TaskInfo alone = *task;
        alone.executor = NULL;
        return enums_validate(&alone, "TaskInfo", error);
}

int task_info_validate(const V1__TaskInfo *task, const char *agent_id, bool in_group,
                       struct actor_error *error)
{
        int r = id_validate("task id", task->task_id->value, error);
        if (r != 0)
                return r;
        if (strcmp(task->agent_id->value, agent_id) != 0)
                return actor_error_set(error, -EINVAL,
                                       "Task uses invalid agent '%s' while its offers are of agent '%s'",
                                       task->agent_id->value, agent_id);
        if (task->n_resources == 0)
                return actor_error_set(error, -EINVAL, "Task uses no resources; it must ask for some");
        r = work_validate(task, in_group, error);
        if (r == 0)
                r = policies_validate(task, error);
        return r == 0 ? task_enums_validate(task, error) : r;
}

static int default_executor_validate(const V1__ExecutorInfo *executor, struct actor_error *error)
{
        if (executor->command != NULL)
                return actor_error_set(error, -EINVAL,
                                       "'ExecutorInfo.command' must not be set for a DEFAULT executor");
        if (executor->container == NULL)
                return 0;
        if (executor->container->type != V1__CONTAINER_INFO__TYPE__MESOS)
                return actor_error_set(error, -EINVAL,
                                       "'ExecutorInfo.container.type' must be MESOS for a DEFAULT executor");
        if (executor->container->mesos != NULL && executor->container->mesos->image != NULL)
                return actor_error_set(
                        error, -EINVAL,
                        "'ExecutorInfo.container.mesos.image' must not be set for a DEFAULT executor");
        return 0;
}

static int executor_parts_validate(const V1__ExecutorInfo *executor, const char *framework_id,
                                   struct actor_error *error)
{
        int r = id_validate("executor id", executor->executor_id->value, error);
        if (r != 0)
                return r;
        if (executor->framework_id != NULL && strcmp(executor->framework_id->value, framework_id) != 0)
                return actor_error_set(error, -EINVAL,
                                       "ExecutorInfo.framework_id is '%s' and should be '%s', or unset",
                                       executor->framework_id->value, framework_id);
        r = duration_validate(executor->shutdown_grace_period, "ExecutorInfo.shutdown_grace_period", error);
        if (r != 0)
                return r;
        if (executor->has_type && executor->type == V1__EXECUTOR_INFO__TYPE__DEFAULT)
                return default_executor_validate(executor, error);
        if (executor->command == NULL)
                return actor_error_set(error, -EINVAL, "'ExecutorInfo.command' must be set for a %s executor",
                                       executor->has_type ? "CUSTOM" : "custom");
        return command_validate(executor->command, error);
}

int executor_info_validate(const V1__ExecutorInfo *executor, const char *framework_id,
                           struct actor_error *error)
{
        int r = executor_parts_validate(executor, framework_id, error);
        return r == 0 ? enums_validate(executor, "ExecutorInfo", error) : r;
}

static int group_task_validate(const V1__TaskInfo *task, struct actor_error *error)
{
        if (task->container != NULL && task->container->type == V1__CONTAINER_INFO__TYPE__DOCKER)
                return actor_error_set(
                        error, -EINVAL,
                        "task '%s' of the group uses a DOCKER container; groups need MESOS ones",
                        task->task_id->value);
        return 0;
}

int task_group_validate(const V1__ExecutorInfo *executor, const V1__TaskGroupInfo *group,
                        struct actor_error *error)
{
        if (group->n_tasks == 0)
                return actor_error_set(error, -EINVAL, "Task group cannot be empty");
        if (!executor->has_type || executor->type == V1__EXECUTOR_INFO__TYPE__UNKNOWN)
                return actor_error_set(
                        error, -EINVAL,
                        "'ExecutorInfo.type' must be set (DEFAULT or CUSTOM) for a task group");
        for (size_t i = 0; i < group->n_tasks; i++) {
                int r = group_task_validate(group->tasks[i], error);
                if (r != 0)
                        return r;
                for (size_t j = 0; j < i; j++) {
                        if (strcmp(group->tasks[i]->task_id->value, group->tasks[j]->task_id->value) == 0)
                                return actor_error_set(error, -EINVAL,
                                                       "Task group has the task id '%s' twice",
                                                       group->tasks[i]->task_id->value);
                }
        }
        return 0;
}

/* Revocable and other resources of one name must not meet in one task. */
static int revocable_validate(V1__Resource *const *list, size_t count, struct actor_error *error)
{
        for (size_t i = 0; i < count; i++) {
                for (size_t j = 0; j < i; j++) {
                        if (strcmp(list[i]->name, list[j]->name) == 0 &&
                            (list[i]->revocable != NULL) != (list[j]->revocable != NULL))
                                return actor_error_set(error, -EINVAL,
                                                       "revocable and non-revocable '%s' must not be mixed",
                                                       list[i]->name);
                }
        }
        return 0;
}

static int allocation_validate(V1__Resource *const *list, size_t count, const char *role,
                               struct actor_error *error)
{
        for (size_t i = 0; i < count; i++) {
                const V1__Resource__AllocationInfo *allocation = list[i]->allocation_info;
                if (allocation != NULL && allocation->role != NULL && strcmp(allocation->role, role) != 0)
                        return actor_error_set(error, -EINVAL,
                                               "resource '%s' is allocated to the role '%s' while the offers "
                                               "are of the role '%s'",
                                               list[i]->name, allocation->role, role);
        }
        return 0;
}

int launch_resources(V1__Resource *const *list, size_t count, const char *role, struct resources **ret,
                     struct actor_error *error)
{
        if (count > RESOURCES_MAX)
                return actor_error_set(error, -EINVAL, "%zu resources in one list; the most is %d", count,
                                       RESOURCES_MAX);
        int r = allocation_validate(list, count, role, error);
        if (r == 0)
                r = revocable_validate(list, count, error);
        CLEANUP(resources_freep) struct resources *all = NULL;
        if (r == 0)
                r = resources_from_v1(list, count, &all, error);
        if (r != 0)
                return r;
        resources_allocate(all, role);
        *ret = TAKE(all);
        return 0;
}
