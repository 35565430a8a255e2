/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_VALIDATION_AGENT_INFO_H
#define MASTER_VALIDATION_AGENT_INFO_H

#include <actor/error.h>
#include <proto/types.h>
#include <stdbool.h>

/* What an agent says of itself, judged: hostname, resources, and with `has_id` its id. Pure; any
 * thread. 0, or -EINVAL with a sentence. */
int agent_info_validate(const V1__AgentInfo *info, bool has_id, struct actor_error *error);

#endif
