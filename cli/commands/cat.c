/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "sandbox_command.h"

#include <unistd.h>

#define CAT_FLAGS(FLAG) SANDBOX_FLAGS(FLAG)
CLI_FLAG_SET(cat_flags, CAT_FLAGS, "troupe cat", "Prints a file of a task's sandbox.", "TASK [FILE=stdout]")

static int print(struct session *session, const struct sandbox *sandbox, int argc, char **argv, const void *flags,
                 struct actor_error *error)
{
        return sandbox_copy(session, sandbox, argc > 1 ? argv[1] : "stdout", 0, STDOUT_FILENO, NULL, error);
}

int cat_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        if (!cli_parse(&cat_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        struct sandbox_command command = {"cat", SESSION_OF(&flags), flags.framework, 1, 2, print, &flags};
        exit = sandbox_command_run(&command, argc - rest, argv + rest);
        actor_flags_done(&cat_flags, &flags);
        return exit;
}
