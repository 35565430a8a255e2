/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_HTTP_ROWS_H
#define MASTER_HTTP_ROWS_H

#include <jansson.h>
#include <proto/types.h>

/* Rows of the legacy JSON of /state (key inventory: docs/protocol.md). Pure; each returns a new
 * reference. */
json_t *row_agent(const MasterApi__Response__GetAgents__Agent *agent);
/* Without the lists tasks, unreachable_tasks, completed_tasks, offers and executors. */
json_t *row_framework(const MasterApi__Response__GetFrameworks__Framework *framework);
json_t *row_task(const V1__Task *task);
json_t *row_executor(const MasterApi__Response__GetExecutors__Executor *executor);
json_t *row_offer(const V1__Offer *offer);

/* A list of v1 resources as {"cpus":1.0,…}; what is not in order gives an empty one. */
json_t *row_resources(V1__Resource *const *list, size_t count);

#endif
