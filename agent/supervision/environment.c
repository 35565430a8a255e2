/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/environment.h"

#include "arena.h"
#include <actor/units.h>
#include <stdio.h>
#include <string.h>

struct pair {
        const char *name, *value;
};

#define COMMON_MAX 12
#define EXECUTOR_MAX 6

/* What executors and command tasks both get. */
static size_t common(void *msg, const struct environment_facts *f, struct pair ret[COMMON_MAX])
{
        const struct pair pairs[] = {
                {"HOSTNAME", f->settings->hostname},
                {"MESOS_FRAMEWORK_ID", f->framework->id->value},
                {"MESOS_EXECUTOR_ID", f->executor_id},
                {"MESOS_CONTAINER_ID", f->container_id},
                {"MESOS_SLAVE_ID", f->agent_id},
                {"MESOS_AGENT_ID", f->agent_id},
                {"MESOS_AGENT_ENDPOINT", f->settings->agent_endpoint},
                {"MESOS_DIRECTORY", f->directory},
                {"MESOS_SANDBOX", f->directory},
        };
        size_t count = sizeof pairs / sizeof *pairs;
        memcpy(ret, pairs, sizeof pairs);
        return count;
}

static size_t for_executor(void *msg, const struct environment_facts *f, const V1__ExecutorInfo *info,
                           struct pair ret[EXECUTOR_MAX])
{
        int64_t grace_ns = info->shutdown_grace_period ? info->shutdown_grace_period->nanoseconds
                                                       : f->settings->shutdown_grace_ms * 1000000;
        char grace[64], recovery[64];
        actor_duration_print(grace_ns, grace, sizeof grace);
        actor_duration_print(f->settings->recovery_timeout_ms * 1000000, recovery, sizeof recovery);
        const struct pair pairs[] = {
                {"MESOS_CHECKPOINT", f->framework->has_checkpoint && f->framework->checkpoint ? "1" : "0"},
                {"MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", actor_msg_strdup(msg, grace)},
                {"TROUPE_EXECUTOR_ADDRESS",
                 actor_msg_printf(msg, "executor/%s@%s", f->container_id, f->settings->executor_endpoint)},
                {"MESOS_RECOVERY_TIMEOUT", actor_msg_strdup(msg, recovery)},
        };
        memcpy(ret, pairs, sizeof pairs);
        return sizeof pairs / sizeof *pairs;
}

/* Sets a name, over an earlier value if there is one. */
static void list_set(void *msg, const char **list, size_t *count, const char *name, const char *value)
{
        size_t size = strlen(name), i = 0;
        while (i < *count && (strncmp(list[i], name, size) != 0 || list[i][size] != '='))
                i++;
        list[i] = actor_msg_printf(msg, "%s=%s", name, value);
        if (i == *count)
                (*count)++;
}

const char **environment_of_executor(void *msg, const struct environment_facts *f,
                                     const V1__ExecutorInfo *info)
{
        const V1__Environment *own = info->command ? info->command->environment : NULL;
        size_t base = 0, count = 0;
        while (f->settings->executor_environment[base])
                base++;
        const char **list = actor_msg_alloc(
                msg, (base + COMMON_MAX + EXECUTOR_MAX + (own ? own->n_variables : 0) + 1) * sizeof *list);
        for (; count < base; count++)
                list[count] = actor_msg_strdup(msg, f->settings->executor_environment[count]);

        struct pair pairs[COMMON_MAX + EXECUTOR_MAX];
        size_t n = common(msg, f, pairs);
        n += for_executor(msg, f, info, pairs + n);
        for (size_t i = 0; i < n; i++)
                list_set(msg, list, &count, pairs[i].name, pairs[i].value);
        for (size_t i = 0; own && i < own->n_variables; i++)
                if (own->variables[i]->value)
                        list_set(msg, list, &count, own->variables[i]->name, own->variables[i]->value);
        list[count] = NULL;
        return list;
}

V1__CommandInfo *environment_of_task(void *msg, const struct environment_facts *f,
                                     const V1__CommandInfo *command)
{
        V1__CommandInfo *copy = ARENA_NEW(msg, V1__CommandInfo, v1__command_info);
        *copy = *command;
        struct pair pairs[COMMON_MAX];
        size_t ours = common(msg, f, pairs);
        size_t own = command->environment ? command->environment->n_variables : 0;

        V1__Environment *environment = ARENA_NEW(msg, V1__Environment, v1__environment);
        environment->variables = actor_msg_alloc(msg, (ours + own) * sizeof *environment->variables);
        for (size_t i = 0; i < ours; i++) {
                V1__Environment__Variable *variable =
                        ARENA_NEW(msg, V1__Environment__Variable, v1__environment__variable);
                variable->name = pairs[i].name;
                variable->value = pairs[i].value;
                environment->variables[environment->n_variables++] = variable;
        }
        for (size_t i = 0; i < own; i++)
                environment->variables[environment->n_variables++] = command->environment->variables[i];
        copy->environment = environment;
        return copy;
}
