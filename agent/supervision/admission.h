/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_ADMISSION_H
#define AGENT_SUPERVISION_ADMISSION_H

#include "supervision/settings.h"
#include <actor/error.h>
#include <proto/types.h>

/* Which tasks this agent takes. The master has judged them before; ids are judged again because
 * directories are named after them. Pure. */

/* 0, or -EINVAL with a sentence for the framework: an id that is none, command and executor both or
 * neither, a kind of executor or container unknown here. */
int admission_task(const V1__TaskInfo *task, struct actor_error *error);
/* The same for a framework's id. */
int admission_framework(const V1__FrameworkInfo *framework, struct actor_error *error);

/* An executor's id may be used again only for the very same ExecutorInfo. -EINVAL with a sentence. */
int admission_same_executor(const V1__ExecutorInfo *running, const V1__ExecutorInfo *wanted,
                            struct actor_error *error);

/* The user a command runs as: CommandInfo.user, or the framework's. *ret_user is NULL where no
 * switch is needed or wanted. -EPERM with a sentence where the agent cannot switch. */
int admission_user(const struct supervision_settings *settings, const V1__FrameworkInfo *framework,
                   const V1__CommandInfo *command, const char **ret_user, struct actor_error *error);

#endif
