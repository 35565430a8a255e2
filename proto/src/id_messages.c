/* SPDX-License-Identifier: Apache-2.0 */
#include <proto/copy.h>

/* Each id message has its own C type of the same shape. */
#define DEFINE_ID(function, c_type, init)                      \
        c_type *function(void *msg, const char *value)         \
        {                                                      \
                c_type *id = actor_msg_alloc(msg, sizeof *id); \
                init(id);                                      \
                id->value = actor_msg_strdup(msg, value);      \
                return id;                                     \
        }

DEFINE_ID(proto_framework_id, V1__FrameworkID, v1__framework_id__init)
DEFINE_ID(proto_agent_id, V1__AgentID, v1__agent_id__init)
DEFINE_ID(proto_task_id, V1__TaskID, v1__task_id__init)
DEFINE_ID(proto_executor_id, V1__ExecutorID, v1__executor_id__init)
DEFINE_ID(proto_offer_id, V1__OfferID, v1__offer_id__init)
