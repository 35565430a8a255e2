/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt.h"

#include "sandbox/sandbox.h"

#include <actor/memory.h>
#include <assert.h>
#include <proto/copy.h>
#include <stdlib.h>
#include <string.h>

char *attempt_id(const char *name, const char *task_id, unsigned attempt)
{
        return attempt > 1 ? actor_asprintf("%s.%s~%u", name, task_id, attempt)
                           : actor_asprintf("%s.%s", name, task_id);
}

long attempt_parse(const char *name, const struct job *job, const char *id, unsigned *ret_attempt)
{
        size_t size = strlen(name);
        if (strncmp(id, name, size) != 0 || id[size] != '.')
                return -1;
        const char *mark = strrchr(id + size, '~');
        CLEANUP(actor_freep)
        char *task_id = mark != NULL ? actor_strndup(id + size + 1, (size_t) (mark - id) - size - 1)
                                     : actor_strdup(id + size + 1);
        *ret_attempt = mark != NULL ? (unsigned) strtoul(mark + 1, NULL, 10) : 1;
        return job_find(job, task_id);
}

struct resources *attempt_need(const struct job_task *task)
{
        struct resources *need = NULL;
        CLEANUP(actor_freep)
        char *text = actor_asprintf("cpus:%.3f;mem:%.3f;disk:%.3f", task->cpus, task->mem, task->disk);
        int r = resources_parse(text, NULL, &need, NULL);
        assert(r == 0); /* the amounts were judged when the job was read */
        return need;
}

static void add_input(void *msg, V1__CommandInfo *command, const struct job_input *input,
                      const struct attempt_place *place, const char *framework_id)
{
        CLEANUP(actor_freep) char *path = sandbox_task_path(framework_id, place->id, input->path);
        V1__CommandInfo__URI *uri = actor_msg_alloc(msg, sizeof *uri);
        *uri = (V1__CommandInfo__URI) V1__COMMAND_INFO__URI__INIT;
        uri->value = actor_msg_printf(msg, "troupe://%s%s", place->agent->endpoint, path);
        uri->output_file = actor_msg_strdup(msg, input->as);
        uri->has_extract = true;
        uri->extract = false;
        PROTO_APPEND(msg, command->n_uris, command->uris, uri);
}

static void add_variable(void *msg, V1__Environment *environment, const char *assignment)
{
        V1__Environment__Variable *variable = actor_msg_alloc(msg, sizeof *variable);
        *variable = (V1__Environment__Variable) V1__ENVIRONMENT__VARIABLE__INIT;
        char *name = actor_msg_strdup(msg, assignment), *equals = strchr(name, '=');
        *equals = '\0';
        variable->name = name;
        variable->value = equals + 1;
        PROTO_APPEND(msg, environment->n_variables, environment->variables, variable);
}

V1__CommandInfo *attempt_command(void *msg, const struct job_task *task, const char *framework_id,
                                 const char *user, const struct attempt_place *places)
{
        V1__CommandInfo *command = actor_msg_alloc(msg, sizeof *command);
        *command = (V1__CommandInfo) V1__COMMAND_INFO__INIT;
        command->value = actor_msg_strdup(msg, task->command[0]);
        command->has_shell = true;
        command->shell = task->command[1] == NULL;
        for (size_t i = 0; !command->shell && task->command[i] != NULL; i++)
                PROTO_APPEND(msg, command->n_arguments, command->arguments,
                             actor_msg_strdup(msg, task->command[i]));
        if (user != NULL && *user != '\0')
                command->user = actor_msg_strdup(msg, user);
        command->environment = actor_msg_alloc(msg, sizeof *command->environment);
        *command->environment = (V1__Environment) V1__ENVIRONMENT__INIT;
        for (size_t i = 0; task->environment[i] != NULL; i++)
                add_variable(msg, command->environment, task->environment[i]);
        for (size_t i = 0; i < task->input_count; i++)
                add_input(msg, command, &task->inputs[i], &places[task->inputs[i].task], framework_id);
        return command;
}
