/* SPDX-License-Identifier: Apache-2.0 */
#include "membership/messages.h"

ACTOR_LOCAL_TYPE(membership_framework_ended_type, struct membership_framework_ended);
ACTOR_LOCAL_TYPE(membership_find_agents_type, struct membership_find_agents);
ACTOR_LOCAL_TYPE(membership_agents_type, struct membership_agents);
