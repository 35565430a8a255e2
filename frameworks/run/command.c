/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <actor/memory.h>
#include <ctype.h>
#include <errno.h>
#include <proto/copy.h>
#include <proto/ids.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LENGTH_MAX 24

char *run_make_name(const char *const *command, uint64_t dice)
{
        char word[NAME_LENGTH_MAX + 1];
        const char *text = command[0] + strspn(command[0], " \t");
        size_t size = strcspn(text, " \t"), used = 0;
        for (const char *slash; (slash = memchr(text, '/', size)) != NULL;) {
                size -= (size_t) (slash + 1 - text);
                text = slash + 1;
        }
        for (size_t i = 0; i < size && used < NAME_LENGTH_MAX; i++)
                if (isalnum((unsigned char) text[i]) || text[i] == '-' || text[i] == '_')
                        word[used++] = text[i];
        word[used] = '\0';
        return actor_asprintf("%s-%04x", used > 0 ? word : "run", (unsigned) (dice & 0xffff));
}

char *run_task_id(const char *name, unsigned index)
{
        return actor_asprintf("%s.%u", name, index);
}

long run_task_index(const char *name, const char *task_id, unsigned count)
{
        size_t size = strlen(name);
        if (strncmp(task_id, name, size) != 0 || task_id[size] != '.' || !isdigit((unsigned char) task_id[size + 1]))
                return -1;
        char *end;
        unsigned long index = strtoul(task_id + size + 1, &end, 10);
        return *end == '\0' && index < count ? (long) index : -1;
}

/* ---- the command ---------------------------------------------------------------------------------- */

static void add_variable(void *msg, V1__Environment *environment, const char *name, const char *value)
{
        V1__Environment__Variable *variable = actor_msg_alloc(msg, sizeof *variable);
        *variable = (V1__Environment__Variable) V1__ENVIRONMENT__VARIABLE__INIT;
        variable->name = name;
        variable->value = value;
        PROTO_APPEND(msg, environment->n_variables, environment->variables, variable);
}

static void add_ports(void *msg, V1__Environment *environment, V1__Resource *const *resources, size_t count)
{
        unsigned number = 0;
        for (size_t i = 0; i < count; i++) {
                const V1__Value__Ranges *ranges = resources[i]->ranges;
                if (strcmp(resources[i]->name, "ports") != 0 || ranges == NULL)
                        continue;
                for (size_t k = 0; k < ranges->n_range; k++)
                        for (uint64_t port = ranges->range[k]->begin; port <= ranges->range[k]->end; port++)
                                add_variable(msg, environment, actor_msg_printf(msg, "PORT%u", number++),
                                             actor_msg_printf(msg, "%llu", (unsigned long long) port));
        }
}

V1__CommandInfo *run_command(void *msg, const struct run_config *config, V1__Resource *const *resources, size_t count)
{
        V1__CommandInfo *command = actor_msg_alloc(msg, sizeof *command);
        *command = (V1__CommandInfo) V1__COMMAND_INFO__INIT;
        command->value = actor_msg_strdup(msg, config->command[0]);
        command->has_shell = true;
        command->shell = config->command[1] == NULL;
        for (size_t i = 0; !command->shell && config->command[i] != NULL; i++)
                PROTO_APPEND(msg, command->n_arguments, command->arguments, actor_msg_strdup(msg, config->command[i]));
        if (config->user != NULL && *config->user != '\0')
                command->user = actor_msg_strdup(msg, config->user);
        command->environment = actor_msg_alloc(msg, sizeof *command->environment);
        *command->environment = (V1__Environment) V1__ENVIRONMENT__INIT;
        add_ports(msg, command->environment, resources, count);
        for (size_t i = 0; config->environment != NULL && config->environment[i] != NULL; i++) {
                char *name = actor_msg_strdup(msg, config->environment[i]);
                char *value = strchr(name, '=');
                *value = '\0';
                add_variable(msg, command->environment, name, value + 1);
        }
        return command;
}

/* ---- judging -------------------------------------------------------------------------------------- */

int run_check(const struct run_config *config, struct actor_error *error)
{
        int r = 0;
        if (config->command == NULL || config->command[0] == NULL || config->command[0][0] == '\0')
                return actor_error_set(error, -EINVAL, "no command: put it after \"--\", e.g. troupe run -- echo hello");
        if (config->name != NULL && (r = id_validate("--name", config->name, error)) != 0)
                return r;
        if (config->name != NULL && strlen(config->name) > 200)
                return actor_error_set(error, -EINVAL, "--name has %zu bytes: at most 200, the task ids are longer",
                                       strlen(config->name));
        if ((r = role_validate(config->role, error)) != 0)
                return actor_error_prefix(error, r, "--role");
        if (config->cpus < 0.001 && config->mem < 1)
                return actor_error_set(error, -EINVAL,
                                       "--cpus and --mem are both nothing: a task needs some resources");
        for (size_t i = 0; config->environment != NULL && config->environment[i] != NULL; i++) {
                const char *assignment = config->environment[i];
                if (strchr(assignment, '=') == NULL || assignment[0] == '=')
                        return actor_error_set(error, -EINVAL, "--env \"%s\": expected NAME=VALUE", assignment);
        }
        return 0;
}

int run_take_repeated(int *argc, char **argv, const struct run_repeated *flag, const char **ret,
                      struct actor_error *error)
{
        int kept = 0, i = 0;
        size_t count = 0, size = strlen(flag->name);
        for (; i < *argc && strcmp(argv[i], "--") != 0; i++) {
                if (strncmp(argv[i], flag->name, size) == 0 && argv[i][size] == '=') {
                        ret[count++] = argv[i] + size + 1;
                } else if (strcmp(argv[i], flag->name) == 0) {
                        if (i + 1 >= *argc || strcmp(argv[i + 1], "--") == 0)
                                return actor_error_set(error, -EINVAL, "%s: expected %s after it", flag->name,
                                                       flag->value);
                        ret[count++] = argv[++i];
                } else {
                        argv[kept++] = argv[i];
                }
        }
        while (i < *argc)
                argv[kept++] = argv[i++];
        argv[kept] = NULL;
        *argc = kept;
        ret[count] = NULL;
        return 0;
}
