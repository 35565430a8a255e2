/* SPDX-License-Identifier: Apache-2.0 */
#include "state/messages.h"

static void agent_fini(void *body)
{
        resources_free(((struct state_agent *) body)->total);
}

const struct actor_type state_agent_type = {
        .name = "state_agent", .size = sizeof(struct state_agent), .fini = agent_fini};
ACTOR_LOCAL_TYPE(state_framework_type, struct state_framework);

static void task_fini(void *body)
{
        struct state_task *event = body;
        for (size_t i = 0; i < event->held_count; i++)
                actor_msg_unref(event->held[i]);
}

const struct actor_type state_task_type = {
        .name = "state_task", .size = sizeof(struct state_task), .fini = task_fini};
ACTOR_LOCAL_TYPE(state_executor_type, struct state_executor);
ACTOR_LOCAL_TYPE(state_offer_type, struct state_offer);
ACTOR_LOCAL_TYPE(state_weight_type, struct state_weight);
