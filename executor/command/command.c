/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include "children/run.h"

void command_executor(struct troupe_executor_config *config)
{
        children_executor(child_plan_command, config);
}
