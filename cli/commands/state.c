/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster.h"
#include "command.h"

#define STATE_FLAGS(FLAG) CLI_COMMON_FLAGS(FLAG)
CLI_FLAG_SET(state_flags, STATE_FLAGS, "troupe state", "Prints the cluster's whole state as JSON.", NULL)

int state_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        if (!cli_parse(&state_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        struct cluster cluster;
        exit = cluster_open(&cluster, "state", SESSION_OF(&flags));
        if (exit == CLI_OK)
                exit = cluster_print_json(cluster.state);
        cluster_close(&cluster);
        actor_flags_done(&state_flags, &flags);
        return exit;
}
