/* SPDX-License-Identifier: Apache-2.0 */
#include "framework/messages.h"

ACTOR_LOCAL_TYPE(framework_subscribe_type, struct framework_subscribe);
ACTOR_LOCAL_TYPE(framework_agent_joined_type, struct framework_agent_joined);
ACTOR_LOCAL_TYPE(framework_agent_known_type, struct framework_agent_known);
ACTOR_LOCAL_TYPE(framework_agent_left_type, struct framework_agent_left);
ACTOR_LOCAL_TYPE(framework_launch_refused_type, struct framework_launch_refused);
ACTOR_LOCAL_TYPE(framework_teardown_type, struct framework_teardown);
ACTOR_LOCAL_TYPE(framework_find_task_type, struct framework_find_task);
ACTOR_LOCAL_TYPE(framework_task_found_type, struct framework_task_found);
