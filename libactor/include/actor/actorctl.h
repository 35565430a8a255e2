/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_ACTORCTL_H
#define ACTOR_ACTORCTL_H

#include <actor/api.h>
#include <actor/flags.h>

ACTOR_API_BEGIN

/* `actorctl HOST:PORT`, as a function: shows a live node's actors, busiest handlers and bonds, or follows a
 * trace over all the nodes it touched. For programs that want it as a command of their own. */

/* What it ends with. */
enum actorctl_exit {
        ACTORCTL_OK = 0,          /* shown */
        ACTORCTL_NO = 1,          /* nothing of that trace is known there, or the file could not be written */
        ACTORCTL_USAGE = 2,       /* the command line is wrong; nothing was done */
        ACTORCTL_UNREACHABLE = 3, /* no inspector answered at that address */
};

/* What its flag set says, but for the program's own name and environment prefix. */
#define ACTORCTL_PURPOSE "Shows a live node's actors: mailboxes, ages, rates, busiest handlers, bonds; follows traces."
#define ACTORCTL_ARGUMENTS "HOST:PORT"

/* Its flags, for such a flag set. */
extern const struct actor_flag actorctl_flags[];

/* Runs it: parses argv by `set`, whose flags are actorctl_flags; prints on standard output and, what went wrong, on
 * standard error. Returns an enum actorctl_exit. Makes a node of its own. */
int actorctl_run(const struct actor_flag_set *set, int argc, char **argv);

ACTOR_API_END

#endif
