/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXECUTOR_COMMAND_H
#define EXECUTOR_COMMAND_H

#include <troupe/executor.h>

/* The executor of tasks that name none: each task's CommandInfo becomes a process in the task's own sandbox.
 * One such executor serves all command tasks of a framework and user on an agent, so that a task costs one
 * process start and nothing more. Fills in config->callbacks and config->data. */
void command_executor(struct troupe_executor_config *config);

#endif
