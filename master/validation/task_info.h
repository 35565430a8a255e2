/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_VALIDATION_TASK_INFO_H
#define MASTER_VALIDATION_TASK_INFO_H

#include <actor/error.h>
#include <proto/resources.h>
#include <proto/types.h>

/* A task and an executor as their framework describes them, judged by themselves: what they say, not
 * whether the offer suffices. Pure; any thread. 0, or -EINVAL with a sentence. */

/* `agent_id` is the one whose offers were accepted. `in_group`: a task of a LAUNCH_GROUP, whose
 * executor is named beside the group and which may name none itself. */
int task_info_validate(const V1__TaskInfo *task, const char *agent_id, bool in_group,
                       struct actor_error *error);

int executor_info_validate(const V1__ExecutorInfo *executor, const char *framework_id,
                           struct actor_error *error);

int task_group_validate(const V1__ExecutorInfo *executor, const V1__TaskGroupInfo *group,
                        struct actor_error *error);

/* The resources of a task or executor, allocated to `role` (that of the offers), in *ret. */
int launch_resources(V1__Resource *const *list, size_t count, const char *role, struct resources **ret,
                     struct actor_error *error);

#endif
