/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXECUTOR_PROCESSES_H
#define EXECUTOR_PROCESSES_H

#include <troupe/executor.h>

/* A custom executor that runs many tasks as processes in one sandbox, its own: TaskInfo.data says what
 * (children/plan.h), the output goes to stdout.TASK and stderr.TASK. Fills in config->callbacks and
 * config->data. */
void processes_executor(struct troupe_executor_config *config);

#endif
