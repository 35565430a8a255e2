/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLACEMENT_CONSTRAINT_H
#define PLACEMENT_CONSTRAINT_H

#include "pattern.h"

/* One rule about where tasks may run, as its person writes it: FIELD:OPERATOR[:VALUE]. Pure.
 *
 *     hostname:UNIQUE     no two tasks on one hostname
 *     rack:CLUSTER:r1     all of them in rack r1
 *     rack:GROUP_BY       as many in each rack as in any other, give or take one
 *     rack:GROUP_BY:4     so, over 4 racks or more
 *     rack:LIKE:r[1-3]    racks whose whole name matches
 *     rack:UNLIKE:r[1-3]  all but those, and agents without a rack
 *     rack:MAX_PER:2      two in a rack at most
 *
 * FIELD is "hostname", "region", "zone" (of the agent's fault domain, if it has one) or an attribute's name.
 * The operators are those of the established frameworks for this kind of cluster. */
enum constraint_operator {
        CONSTRAINT_UNIQUE,
        CONSTRAINT_CLUSTER,
        CONSTRAINT_GROUP_BY,
        CONSTRAINT_LIKE,
        CONSTRAINT_UNLIKE,
        CONSTRAINT_MAX_PER,
};

struct constraint {
        char *text;  /* as written */
        char *field;
        enum constraint_operator op;
        char *value;             /* CLUSTER: a number, ranges or a set as an agent's would be printed */
        unsigned number;         /* MAX_PER; GROUP_BY: 0 where none is given */
        struct pattern *pattern; /* LIKE, UNLIKE */
};

#define CONSTRAINT_NUMBER_MAX 1000000

/* Reads one into *ret, to be freed with constraint_clear(). 0, or -EINVAL with a sentence that quotes it and says
 * what would be right. */
ACTOR_MUST_CHECK
int constraint_parse(const char *text, struct constraint *ret, struct actor_error *error);
void constraint_clear(struct constraint *constraint); /* all zero is fine */

#endif
