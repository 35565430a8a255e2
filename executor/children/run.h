/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHILDREN_RUN_H
#define CHILDREN_RUN_H

#include "children/plan.h"

#include <troupe/executor.h>

/* How a task becomes a process: child_plan_command() or child_plan_process(). */
typedef int (*child_plan_fn)(const V1__TaskInfo *task, const struct child_context *context,
                             struct child_plan **ret, struct actor_error *error);

/* An executor that runs each task as the process `plan` makes of it: fills in config->callbacks and
 * config->data. The state lives until the driver calls `ended`. Tasks get the descriptor limit that this
 * process has now. */
void children_executor(child_plan_fn plan, struct troupe_executor_config *config);

#endif
