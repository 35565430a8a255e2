/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_OPTIONS_H
#define AGENT_OPTIONS_H

#include <actor/error.h>
#include <proto/types.h>

/* Flags that are more than a number, judged and turned into what the rooms take. -EINVAL with a
 * sentence naming the flag. Pure, except options_environment (reads this process's own). */

/* "a:1,b:2" into a NULL-terminated list. One malloc'ed block: free() it. */
int options_masters(const char *text, const char ***ret, struct actor_error *error);

/* The variables executors start with: those of the JSON object `text`, or where it is NULL this process's own
 * without the flags of Troupe's programs. One malloc'ed block: free() it. */
int options_environment(const char *text, char **environment, const char ***ret, struct actor_error *error);

#endif
