/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox_command.h"

#include "command.h"

#include <string.h>

/* "TASK:PATH" as cp takes it: the task's name ends at the colon. */
static void task_name(const char *argument, char *ret, size_t size)
{
        size_t length = strcspn(argument, ":");
        length = length < size ? length : size - 1;
        memcpy(ret, argument, length);
        ret[length] = '\0';
}

static int act(const struct sandbox_command *command, struct session *session, int argc, char **argv,
               struct actor_error *error)
{
        char task[ACTOR_NAME_MAX + 1];
        task_name(argv[0], task, sizeof task);
        struct sandbox sandbox = {NULL, NULL};
        int r = sandbox_find(session, task, command->framework, &sandbox, error);
        if (r == 0)
                r = command->act(session, &sandbox, argc, argv, command->flags, error);
        sandbox_done(&sandbox);
        return r;
}

int sandbox_command_run(const struct sandbox_command *command, int argc, char **argv)
{
        if (argc < command->arguments_min || argc > command->arguments_max)
                return cli_fail(CLI_USAGE, command->name, "takes %d to %d arguments, not %d; see `troupe help %s`",
                                command->arguments_min, command->arguments_max, argc, command->name);
        struct session *session;
        struct actor_error error;
        if (session_open(command->session, &session, &error) < 0)
                return cli_fail(CLI_USAGE, command->name, "%s", error.text);
        int r = act(command, session, argc, argv, &error);
        session_close(session);
        if (r == 0)
                return CLI_OK;
        return cli_fail(r > 0 ? CLI_NO : CLI_UNREACHABLE, command->name, "%s", error.text);
}
