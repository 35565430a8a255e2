/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <actor/actorctl.h>

/* The nodes of a cluster are nodes like any other. */
_Static_assert((int) ACTORCTL_OK == (int) CLI_OK && (int) ACTORCTL_NO == (int) CLI_NO &&
                       (int) ACTORCTL_USAGE == (int) CLI_USAGE &&
                       (int) ACTORCTL_UNREACHABLE == (int) CLI_UNREACHABLE,
               "exit codes mean the same everywhere");

const struct actor_flag_set actors_flags = {
        .program = "troupe actors",
        .purpose = ACTORCTL_PURPOSE,
        .env_prefix = "TROUPE_",
        .arguments = ACTORCTL_ARGUMENTS,
        .flags = actorctl_flags,
};

int actors_run(int argc, char **argv)
{
        return actorctl_run(&actors_flags, argc, argv);
}
