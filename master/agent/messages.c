/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/messages.h"

ACTOR_LOCAL_TYPE(agent_join_type, struct agent_join);
