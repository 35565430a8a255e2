/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_SUGGEST_H
#define ACTOR_SUGGEST_H

#include <actor/api.h>

ACTOR_API_BEGIN

/* The candidate (of a NULL-terminated array) that somebody who wrote `word` most likely meant: the
 * one with the fewest letters added, left out, changed or swapped with their neighbour; the first of
 * several. NULL where none is near, or the word is empty or longer than 64 bytes. The result is the
 * candidate itself. Pure; any thread. */
const char *actor_suggest(const char *word, const char *const *candidates);

ACTOR_API_END

#endif
