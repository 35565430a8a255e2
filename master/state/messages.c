/* SPDX-License-Identifier: Apache-2.0 */
#include "state/messages.h"

static void agent_fini(void *body)
{
        resources_free(((struct state_agent *) body)->total);
}

const struct actor_type state_agent_type = {
        .name = "state_agent", .size = sizeof(struct state_agent), .fini = agent_fini};
ACTOR_LOCAL_TYPE(state_framework_type, struct state_framework);
ACTOR_LOCAL_TYPE(state_task_type, struct state_task);
ACTOR_LOCAL_TYPE(state_executor_type, struct state_executor);
ACTOR_LOCAL_TYPE(state_offer_type, struct state_offer);
ACTOR_LOCAL_TYPE(state_weight_type, struct state_weight);
