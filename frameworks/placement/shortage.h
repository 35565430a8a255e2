/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLACEMENT_SHORTAGE_H
#define PLACEMENT_SHORTAGE_H

#include "group.h"

/* What is missing when a task finds no place: why each agent does not do, counted, a line for each reason:
 *
 *     3 of 6 agents: rack:UNIQUE, a task is there already (r1, r2, r3)
 *     2 of 6 agents: rack:UNIQUE, they have no rack (agent-4, agent-5)
 *     1 of 6 agents: too little free (agent-6)
 *
 * Counted are the agents that have offered something and are not gone. `tell` is called for each line. */
void shortage_tell(const struct roster *roster, struct group *group, void (*tell)(void *arg, const char *line), void *arg);

#endif
