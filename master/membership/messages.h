/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_MEMBERSHIP_MESSAGES_H
#define MASTER_MEMBERSHIP_MESSAGES_H

#include <actor/actor.h>
#include <stdbool.h>
#include <stddef.h>

/* What sessions say to membership. Agent sessions send it framework_agent_left when their agent has left,
 * which it passes on to every framework session. Local types. */

/* A framework's session → membership: the framework has ended (it is in the registry already). */
struct membership_framework_ended {
        const char *framework_id;
};

/* An ask: what is known of agents, for reconciliation. Answered by membership_agents. */
struct membership_find_agents {
        const char *const *agent_ids; /* NULL elements: no agent was named */
        size_t count;
};
enum membership_agent_state {
        MEMBERSHIP_AGENT_UNKNOWN,
        MEMBERSHIP_AGENT_RECOVERED, /* in the registry, has not registered with this master yet */
        MEMBERSHIP_AGENT_REGISTERED,
        MEMBERSHIP_AGENT_UNREACHABLE,
        MEMBERSHIP_AGENT_GONE,
};
struct membership_agent {
        enum membership_agent_state state;
        int64_t unreachable_ns; /* wall, for UNREACHABLE */
};
struct membership_agents {
        const struct membership_agent *agents; /* in the order asked */
        size_t count;
        bool any_recovered; /* some agent may still register with tasks nobody knows yet */
};

extern const struct actor_type membership_framework_ended_type;
extern const struct actor_type membership_find_agents_type, membership_agents_type;

#endif
