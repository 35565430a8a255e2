/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_REGISTRATION_MESSAGES_H
#define AGENT_REGISTRATION_MESSAGES_H

#include <actor/actor.h>
#include <proto/types.h>
#include <stdbool.h>

/* The agent's standing with the master, told to the rooms whenever it changes. */
struct agent_session {
        bool connected;             /* registered now; false: nothing sent to the master arrives */
        const V1__AgentInfo *agent; /* with its id once it has ever had one */
        const char *agent_id;       /* NULL until then */
        const char *master;         /* "host:port" of the master spoken to */
};
extern const struct actor_type agent_session_type;

/* Ends the agent in good order: from the signals room to "agent". */
struct agent_stop {
        int signal;
};
extern const struct actor_type agent_stop_type;

/* The durable record of who this agent is: a packed AgentInfo. */
#define REGISTRATION_RECORD "agent"

#endif
