/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_ENVIRONMENT_H
#define AGENT_SUPERVISION_ENVIRONMENT_H

#include "supervision/settings.h"
#include <proto/types.h>

/* What executors and command tasks find in their environment (docs/protocol.md, "Environment").
 * Pure; everything lies in the arena of `msg`. */
struct environment_facts {
        const struct supervision_settings *settings;
        const V1__FrameworkInfo *framework; /* id set */
        const char *agent_id, *executor_id, *container_id, *directory;
};

/* An executor's: the agent's executor environment, ours, then its command's own (which wins).
 * NULL-terminated "NAME=value". `info` may lack a command. */
const char **environment_of_executor(void *msg, const struct environment_facts *facts,
                                     const V1__ExecutorInfo *info);

/* A command task's: a CommandInfo like `command`, with our variables before its own. */
V1__CommandInfo *environment_of_task(void *msg, const struct environment_facts *facts,
                                     const V1__CommandInfo *command);

#endif
