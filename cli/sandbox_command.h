/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SANDBOX_COMMAND_H
#define CLI_SANDBOX_COMMAND_H

#include "sandbox.h"

/* The common course of cat, tail, ls and cp: check the count of arguments, connect, find the task
 * named first, act, and turn what happened into an exit code. */
#define SANDBOX_FLAGS(FLAG)                                                                               \
        CLI_COMMON_FLAGS(FLAG)                                                                            \
        FLAG(framework, string, NULL, "", "The framework's id, where several use the same task id.")

struct sandbox_command {
        const char *name;
        const struct session_config *session;
        const char *framework;
        int arguments_min, arguments_max;
        /* argv[0] is the task. 0, SESSION_E_REFUSED or < 0, with a sentence. */
        int (*act)(struct session *session, const struct sandbox *sandbox, int argc, char **argv, const void *flags,
                   struct actor_error *error);
        const void *flags; /* the command's own, handed to act */
};

/* Returns enum cli_exit; what went wrong is on standard error. */
int sandbox_command_run(const struct sandbox_command *command, int argc, char **argv);

#endif
