/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLACEMENT_GROUP_H
#define PLACEMENT_GROUP_H

#include "constraint.h"
#include "roster.h"

/* Tasks that are placed by the same constraints, counted together: how many there are on each hostname, in
 * each rack. Placing goes one task after the other; none that is placed is moved to make room for another. Pure. */
struct group;

enum group_reason {
        GROUP_ALLOWED,
        GROUP_NO_VALUE,  /* the agent has no such field */
        GROUP_TAKEN,     /* UNIQUE */
        GROUP_ELSEWHERE, /* CLUSTER */
        GROUP_AHEAD,     /* GROUP_BY: more tasks than where there are fewest */
        GROUP_TOO_FEW,   /* GROUP_BY:n: so many, and values are not known yet */
        GROUP_NO_MATCH,  /* LIKE */
        GROUP_MATCH,     /* UNLIKE */
        GROUP_FULL,      /* MAX_PER */
        GROUP_TOO_COSTLY, /* LIKE, UNLIKE: given up, see pattern.h */
        GROUP_REASON_COUNT,
};

/* Why an agent is not for one more task. Borrowed from the group and the agent. */
struct group_refusal {
        enum group_reason reason;
        const struct constraint *constraint;
        const char *value; /* of the agent's field; NULL: it has none */
};

/* `constraints`: texts, NULL-terminated; NULL: none, any agent will do. 0 and the group in *ret, or -EINVAL with a
 * sentence. */
ACTOR_MUST_CHECK
int group_new(const char *const *constraints, struct group **ret, struct actor_error *error);
void group_free(struct group *group); /* NULL is fine */

/* Learns what the roster knows. Before group_allows(), whenever the roster may have changed: then it costs. */
void group_prepare(struct group *group, const struct roster *roster);
/* May one more task go to this agent of that roster? If not, *ret says why. */
bool group_allows(struct group *group, const struct roster_agent *agent, struct group_refusal *ret);

/* A task is on that agent; it no longer is. */
void group_enter(struct group *group, const struct roster_agent *agent);
void group_leave(struct group *group, const struct roster_agent *agent);

#endif
