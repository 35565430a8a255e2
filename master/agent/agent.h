/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_AGENT_AGENT_H
#define MASTER_AGENT_AGENT_H

#include <actor/actor.h>

/* One actor per agent, named agent/ID: the master's side of the session with it. It pings the agent,
 * passes on what framework sessions and the agent say to each other, and declares the agent
 * unreachable. Spawned by membership with a struct agent_start; it ends when the agent has left.
 * What it receives is messages.h. */
extern const struct actor_class agent_class;

#endif
