/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <actor/memory.h>
#include <actor/units.h>
#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <proto/command.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

ACTOR_LOCAL_TYPE(child_plan_type, struct child_plan);

/* ---- the environment ---------------------------------------------------------------------------- */

static bool is_variable(const char *assignment, const char *name, size_t name_size)
{
        return strncmp(assignment, name, name_size) == 0 && assignment[name_size] == '=';
}

const char **child_environment(void *msg, char *const *own, const char *hostname)
{
        static const char *const hidden[] = {"TROUPE_EXECUTOR_ADDRESS", "HOSTNAME"};
        size_t count = 0, used = 0;
        while (own[count] != NULL)
                count++;
        const char **ret = actor_msg_alloc(msg, (count + 2) * sizeof *ret);
        for (size_t i = 0; i < count; i++) {
                bool keep = true;
                for (size_t k = 0; k < sizeof hidden / sizeof hidden[0]; k++)
                        keep = keep && !is_variable(own[i], hidden[k], strlen(hidden[k]));
                if (keep)
                        ret[used++] = actor_msg_strdup(msg, own[i]);
        }
        ret[used] = actor_msg_printf(msg, "HOSTNAME=%s", hostname);
        return ret;
}

/* `base` overridden by `count` assignments of the task. */
static const char **merge_environment(void *msg, const char *const *base, const char *const *own,
                                      size_t count)
{
        size_t base_count = 0, used = 0;
        while (base[base_count] != NULL)
                base_count++;
        const char **ret = actor_msg_alloc(msg, (base_count + count + 1) * sizeof *ret);
        for (size_t i = 0; i < base_count; i++) {
                size_t name_size = strcspn(base[i], "="), k = 0;
                while (k < count && !is_variable(own[k], base[i], name_size))
                        k++;
                if (k == count)
                        ret[used++] = actor_msg_strdup(msg, base[i]);
        }
        for (size_t i = 0; i < count; i++)
                ret[used++] = own[i];
        return ret;
}

static int command_environment(struct child_plan *plan, const V1__Environment *environment,
                               const struct child_context *context, struct actor_error *error)
{
        size_t count = environment != NULL ? environment->n_variables : 0;
        const char **own = actor_msg_alloc(plan, (count + 1) * sizeof *own);
        for (size_t i = 0; i < count; i++) {
                const V1__Environment__Variable *variable = environment->variables[i];
                const char *value = variable->value != NULL ? variable->value : "";
                if (variable->name[0] == '\0' || strchr(variable->name, '=') != NULL)
                        return actor_error_set(
                                error, -EINVAL,
                                "environment variable \"%s\": a name is not empty and has no '='",
                                variable->name);
                own[i] = actor_msg_printf(plan, "%s=%s", variable->name, value);
                if (strcmp(variable->name, "MESOS_SANDBOX") == 0 && value[0] == '/')
                        plan->directory = actor_msg_strdup(plan, value);
        }
        plan->environment = merge_environment(plan, context->environment, own, count);
        return 0;
}

/* ---- a command task ----------------------------------------------------------------------------- */

/* The task's own limits behind the descriptors the executor began with: it raised that limit for itself. */
static int command_rlimits(struct child_plan *plan, const V1__RLimitInfo *info,
                           const struct child_context *context, struct actor_error *error)
{
        struct actor_process_rlimit *own;
        size_t count;
        int r = rlimits_from_v1(plan, info, &count, &own, error);
        if (r != 0)
                return r;
        plan->rlimits = actor_msg_alloc(plan, (count + 1) * sizeof *plan->rlimits);
        plan->rlimits[0] =
                (struct actor_process_rlimit){.resource = RLIMIT_NOFILE, .limit = context->descriptors};
        memcpy(plan->rlimits + 1, own, count * sizeof *own);
        plan->rlimit_count = count + 1;
        return 0;
}

static struct child_plan *plan_new(const V1__TaskInfo *task, const struct child_context *context)
{
        struct child_plan *plan = actor_msg_new(&child_plan_type);
        plan->task_id = actor_msg_strdup(plan, task->task_id->value);
        plan->directory = actor_msg_strdup(plan, context->sandbox);
        plan->grace_ms = CHILD_GRACE_MS;
        const V1__KillPolicy *policy = task->kill_policy;
        if (policy != NULL && policy->grace_period != NULL && policy->grace_period->nanoseconds >= 0)
                plan->grace_ms = policy->grace_period->nanoseconds / 1000000;
        if (task->max_completion_time != NULL && task->max_completion_time->nanoseconds > 0)
                plan->completion_max_ms = (task->max_completion_time->nanoseconds + 999999) / 1000000;
        return plan;
}

int child_plan_command(const V1__TaskInfo *task, const struct child_context *context, struct child_plan **ret,
                       struct actor_error *error)
{
        if (task->command == NULL)
                return actor_error_set(error, -EINVAL, "the task has no command");
        struct child_plan *plan = plan_new(task, context);
        int r = command_argv(plan, task->command, &plan->argv, error);
        if (r == 0)
                r = command_environment(plan, task->command->environment, context, error);
        if (r == 0)
                r = command_rlimits(plan, task->container != NULL ? task->container->rlimit_info : NULL,
                                    context, error);
        if (r != 0) {
                actor_msg_unref(plan);
                return r;
        }
        const char *user = task->command->user;
        if (context->switches_user && user != NULL && user[0] != '\0' && strcmp(user, "root") != 0)
                plan->user = actor_msg_strdup(plan, user);
        plan->stdout_path = actor_msg_printf(plan, "%s/stdout", plan->directory);
        plan->stderr_path = actor_msg_printf(plan, "%s/stderr", plan->directory);
        *ret = plan;
        return 0;
}

/* ---- a task of the processes executor ------------------------------------------------------------ */

static int json_argv(struct child_plan *plan, const json_t *json, struct actor_error *error)
{
        const json_t *argv = json_object_get(json, "argv"), *sh = json_object_get(json, "sh");
        if (json_is_string(sh) && argv == NULL) {
                plan->argv = command_shell_argv(plan, json_string_value(sh));
                return 0;
        }
        size_t count = json_array_size(argv);
        if (sh != NULL || !json_is_array(argv) || count == 0)
                return actor_error_set(
                        error, -EINVAL,
                        "task data: expected one of \"argv\": a list of strings, \"sh\": a string");
        plan->argv = actor_msg_alloc(plan, (count + 1) * sizeof *plan->argv);
        for (size_t i = 0; i < count; i++) {
                const char *argument = json_string_value(json_array_get(argv, i));
                if (argument == NULL)
                        return actor_error_set(error, -EINVAL, "task data: argv[%zu] is not a string", i);
                plan->argv[i] = actor_msg_strdup(plan, argument);
        }
        return 0;
}

static int json_environment(struct child_plan *plan, json_t *env, const struct child_context *context,
                            struct actor_error *error)
{
        const char **own = actor_msg_alloc(plan, (json_object_size(env) + 1) * sizeof *own);
        size_t count = 0;
        const char *name;
        json_t *value;
        if (env != NULL && !json_is_object(env))
                return actor_error_set(error, -EINVAL, "task data: \"env\" is not an object of strings");
        json_object_foreach(env, name, value)
        {
                if (!json_is_string(value) || *name == '\0' || strchr(name, '=') != NULL)
                        return actor_error_set(error, -EINVAL,
                                               "task data: env \"%s\" is not a name and a string", name);
                own[count++] = actor_msg_printf(plan, "%s=%s", name, json_string_value(value));
        }
        plan->environment = merge_environment(plan, context->environment, own, count);
        return 0;
}

static int plan_json(struct child_plan *plan, const char *text, const struct child_context *context,
                     struct actor_error *error)
{
        json_error_t where;
        json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &where);
        if (json == NULL)
                return actor_error_set(error, -EINVAL, "task data is not JSON: line %d: %s", where.line,
                                       where.text);
        int r = json_argv(plan, json, error);
        if (r == 0)
                r = json_environment(plan, json_object_get(json, "env"), context, error);
        json_decref(json);
        return r;
}

int child_plan_process(const V1__TaskInfo *task, const struct child_context *context, struct child_plan **ret,
                       struct actor_error *error)
{
        if (!task->has_data || task->data.len == 0 || memchr(task->data.data, '\0', task->data.len) != NULL)
                return actor_error_set(error, -EINVAL,
                                       "the task has no data, or data that is no text: expected a command");
        struct child_plan *plan = plan_new(task, context);
        CLEANUP(actor_freep) char *text = actor_strndup((const char *) task->data.data, task->data.len);
        int r = 0;
        if (text[strspn(text, " \t\r\n")] == '{') {
                r = plan_json(plan, text, context, error);
        } else {
                plan->argv = command_shell_argv(plan, text);
                plan->environment = merge_environment(plan, context->environment, NULL, 0);
        }
        if (r == 0)
                r = command_rlimits(plan, NULL, context, error);
        if (r != 0) {
                actor_msg_unref(plan);
                return r;
        }
        plan->stdout_path = actor_msg_printf(plan, "%s/stdout.%s", plan->directory, plan->task_id);
        plan->stderr_path = actor_msg_printf(plan, "%s/stderr.%s", plan->directory, plan->task_id);
        *ret = plan;
        return 0;
}

/* ---- the end -------------------------------------------------------------------------------------- */

static void describe_end(int status, char *ret, size_t size)
{
        if (WIFSIGNALED(status)) {
                const char *name = sigdescr_np(WTERMSIG(status));
                snprintf(ret, size, "Command terminated with signal %s%s",
                         name != NULL ? name : "of unknown name", WCOREDUMP(status) ? " (core dumped)" : "");
        } else {
                snprintf(ret, size, "Command exited with status %d", WEXITSTATUS(status));
        }
}

void child_judge(int status, enum child_demand demand, int64_t completion_max_ms, struct child_verdict *ret)
{
        *ret = (struct child_verdict){.state = V1__TASK_STATE__TASK_FAILED};
        describe_end(status, ret->message, sizeof ret->message);
        if (demand == CHILD_OUT_OF_TIME) {
                char limit[32];
                actor_duration_print(completion_max_ms * 1000000, limit, sizeof limit);
                ret->has_reason = true;
                ret->reason = V1__TASK_STATUS__REASON__REASON_MAX_COMPLETION_TIME_REACHED;
                snprintf(ret->message, sizeof ret->message,
                         "Command ran longer than its max_completion_time of %s", limit);
        } else if (demand == CHILD_TO_BE_KILLED) {
                ret->state = V1__TASK_STATE__TASK_KILLED;
        } else if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
                ret->state = V1__TASK_STATE__TASK_FINISHED;
        } else {
                ret->has_reason = true;
                ret->reason = V1__TASK_STATUS__REASON__REASON_COMMAND_EXECUTOR_FAILED;
        }
}
