/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_COMMAND_H
#define PROTO_COMMAND_H

#include <actor/system.h>
#include <proto/types.h>

/* How a CommandInfo and the limits of its container become a process: once, for agents, which start
 * executors, and for executors, which start tasks. Pure; results lie in the arena of `msg`. */

/* NULL-terminated: "/bin/sh", "-c", VALUE for a shell command (the default), else VALUE with the arguments. As
 * in v1, arguments[0] is what the program is told as its own name, so the others begin at 1.
 * 0, or -EINVAL with a sentence where there is no value. */
int command_argv(void *msg, const V1__CommandInfo *command, const char ***ret, struct actor_error *error);

/* The argv of `/bin/sh -c text`. */
const char **command_shell_argv(void *msg, const char *text) __attribute__((returns_nonnull));

/* The limits, with room for one more behind them; `info` NULL gives none. A limit has soft and hard, or neither: no
 * limit. 0, or -EINVAL with a sentence that names the limit. */
int rlimits_from_v1(void *msg, const V1__RLimitInfo *info, size_t *ret_count, struct actor_process_rlimit **ret,
                    struct actor_error *error);

#endif
