/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXECUTOR_THREADS_H
#define EXECUTOR_THREADS_H

#include <troupe/executor.h>

/* A custom executor that runs many tasks as work on threads of one process: built-in functions
 * (functions.h) or plugins (troupe/thread_task.h), as TaskInfo.data says. At most `workers` (≥ 1) run at
 * once, the others wait their turn. Fills in config->callbacks, data and blocking_threads. */
void threads_executor(unsigned workers, struct troupe_executor_config *config);

#endif
