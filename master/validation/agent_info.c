/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_info.h"

#include <errno.h>
#include <proto/ids.h>
#include <proto/known_enums.h>
#include <proto/resources.h>

int agent_info_validate(const V1__AgentInfo *info, bool has_id, struct actor_error *error)
{
        if (info->hostname == NULL || info->hostname[0] == '\0')
                return actor_error_set(error, -EINVAL,
                                       "AgentInfo.hostname is empty; it must name the machine");
        if (has_id && info->id == NULL)
                return actor_error_set(
                        error, -EINVAL,
                        "AgentInfo.id is missing; an agent that registers again must give its id");
        int r = has_id ? id_validate("agent id", info->id->value, error) : 0;
        if (r != 0)
                return r;
        CLEANUP(resources_freep) struct resources *total = NULL;
        r = resources_from_v1(info->resources, info->n_resources, &total, error);
        if (r != 0)
                return actor_error_prefix(error, r, "AgentInfo.resources");
        return enums_validate(info, "AgentInfo", error);
}
