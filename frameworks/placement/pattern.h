/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLACEMENT_PATTERN_H
#define PLACEMENT_PATTERN_H

#include <actor/error.h>
#include <stddef.h>

/* Regular expressions of constraints (PCRE2's syntax), matched against whole values, in bounded time: patterns
 * such as (a+)+b would try more ways than anybody can wait for, so a match may take so many steps and no
 * more. Each value is tried once and its verdict kept. Pure, but not for several threads. */
#define PATTERN_SIZE_MAX 1000    /* bytes */
#define PATTERN_VALUE_MAX 4096   /* bytes: a step may look at all of them */
#define PATTERN_STEPS_MAX 100000 /* of one match: some milliseconds */

enum pattern_verdict {
        PATTERN_NO,
        PATTERN_YES,
        PATTERN_TOO_COSTLY, /* undecided after PATTERN_STEPS_MAX steps, or not tried on a value so long */
};

struct pattern;

/* Compiles `text` into *ret. 0, or -EINVAL with a sentence: empty, too long, or what is wrong with it and where. */
ACTOR_MUST_CHECK
int pattern_new(const char *text, struct pattern **ret, struct actor_error *error);
void pattern_free(struct pattern *pattern); /* NULL is fine */

/* Does the whole of `value` (any bytes) match? */
enum pattern_verdict pattern_match(struct pattern *pattern, const char *value);

#endif
