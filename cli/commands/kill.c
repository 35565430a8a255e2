/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "session.h"

#include <actor/memory.h>
#include <proto/copy.h>
#include <stdio.h>

#define KILL_FLAGS(FLAG)                                                                                  \
        CLI_COMMON_FLAGS(FLAG)                                                                            \
        FLAG(framework, string, NULL, "", "The framework's id, where several use the same task id.")
CLI_FLAG_SET(kill_flags, KILL_FLAGS, "troupe kill", "Kills tasks, whoever launched them.", "TASK…")

static int kill_one(struct session *session, const char *task, const char *framework, struct actor_error *error)
{
        Troupe__OperatorKill *msg = actor_msg_new(&operator_kill_type);
        msg->task_id = proto_task_id(msg, task);
        if (framework != NULL)
                msg->framework_id = proto_framework_id(msg, framework);
        CLEANUP(actor_freep) char *address = actor_asprintf("master@%s", session_master(session));
        void *answer;
        int r = session_ask(session, address, msg, &operator_result_type, &answer, error);
        if (r != 0)
                return r;
        const Troupe__OperatorResult *result = answer;
        if (!result->done)
                r = actor_error_set(error, SESSION_E_REFUSED, "%s",
                                    result->message != NULL ? result->message : "refused");
        actor_msg_unref(answer);
        return r;
}

static int kill_all(struct session *session, const struct flags *flags, char **tasks)
{
        int exit = CLI_OK;
        for (; *tasks != NULL; tasks++) {
                struct actor_error error;
                int r = kill_one(session, *tasks, flags->framework, &error);
                if (r < 0)
                        return cli_fail(CLI_UNREACHABLE, "kill", "%s", error.text);
                if (r != 0)
                        exit = cli_fail(CLI_NO, "kill", "%s: %s", *tasks, error.text);
                else if (flags->json)
                        cli_print_object("{s:s, s:b}", "task", *tasks, "killing", 1);
                else
                        printf("%s: killing\n", *tasks);
        }
        return exit;
}

int kill_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        if (!cli_parse(&kill_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        struct session *session;
        struct actor_error error;
        if (rest == argc) {
                exit = cli_fail(CLI_USAGE, "kill", "which task? usage: troupe kill TASK…");
        } else if (session_open(SESSION_OF(&flags), &session, &error) == 0) {
                exit = kill_all(session, &flags, argv + rest);
                session_close(session);
        } else {
                exit = cli_fail(CLI_USAGE, "kill", "%s", error.text);
        }
        actor_flags_done(&kill_flags, &flags);
        return exit;
}
