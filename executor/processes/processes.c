/* SPDX-License-Identifier: Apache-2.0 */
#include "processes.h"

#include "children/run.h"

void processes_executor(struct troupe_executor_config *config)
{
        children_executor(child_plan_process, config);
}
