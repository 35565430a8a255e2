/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster.h"
#include "command.h"

#include <stdio.h>

#define VERSION_FLAGS(FLAG) CLI_COMMON_FLAGS(FLAG)
CLI_FLAG_SET(version_flags, VERSION_FLAGS, "troupe version", "Prints the versions of this program and of the master.",
             NULL)

static int print(struct session *session, const struct flags *flags)
{
        void *answer = NULL;
        struct actor_error error;
        int r = session_get(session, MASTER_API__CALL__TYPE__GET_VERSION, &answer, &error);
        const MasterApi__Response *response = answer;
        const char *master = r == 0 && response->get_version != NULL && response->get_version->version_info != NULL
                                     ? response->get_version->version_info->version
                                     : NULL;
        if (flags->json)
                cli_print_object("{s:s, s:s?}", "troupe", TROUPE_VERSION, "master", master);
        else if (master != NULL)
                printf("troupe %s\nmaster %s (%s)\n", TROUPE_VERSION, master, flags->master);
        else
                printf("troupe %s\nmaster: %s\n", TROUPE_VERSION, error.text);
        actor_msg_unref(answer);
        return CLI_OK;
}

int version_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        if (!cli_parse(&version_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        struct session *session;
        struct actor_error error;
        if (session_open(SESSION_OF(&flags), &session, &error) == 0) {
                exit = print(session, &flags);
                session_close(session);
        } else {
                exit = cli_fail(CLI_USAGE, "version", "%s", error.text);
        }
        actor_flags_done(&version_flags, &flags);
        return exit;
}
