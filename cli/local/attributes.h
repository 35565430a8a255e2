/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LOCAL_ATTRIBUTES_H
#define CLI_LOCAL_ATTRIBUTES_H

#include <actor/error.h>

/* The attributes of each agent of a local cluster, from one text: lists for agent 1, 2, 3, … with '|' between
 * them, which begin again when there are more agents than lists; "%n" in them is the agent's number. So "rack:r1" is
 * for all, "rack:r%n" gives each a rack of its own, "rack:r1|rack:r2" two racks in turn. Pure. */

/* Those of agent `number`, from 1. NULL: none. actor_malloc'ed. */
char *local_attributes(const char *text, unsigned number);

/* 0, or -EINVAL with a sentence: those of some agent are no attributes. */
ACTOR_MUST_CHECK
int local_attributes_check(const char *text, unsigned agents, struct actor_error *error);

#endif
