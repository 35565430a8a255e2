/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int run(const struct agent_flags *flags, struct actor_error *error)
{
        enum actor_log_level level;
        int r = actor_log_level_parse(flags->log_level, &level);
        if (r != 0)
                return r;
        struct actor_log *log = actor_log_new(STDERR_FILENO, level, flags->log_json);
        struct agent_daemon *agent = NULL;
        r = agent_daemon_new(flags, log, &agent, error);
        int status = r == 0 ? agent_daemon_wait(agent) : 1;
        agent_daemon_free(agent);
        actor_log_free(log);
        return r != 0 ? r : status;
}

/* The node's threads inherit the mask; the signals room reads the signals from a descriptor. */
static void block_signals(void)
{
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigprocmask(SIG_BLOCK, &set, NULL);
        signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
        struct agent_flags flags;
        struct actor_error error = {""};
        int rest = 0;
        int r = actor_flags_parse(&agent_flag_set, argc, argv, &flags, &rest, &error);
        if (actor_flags_answer(&agent_flag_set, r, TROUPE_VERSION))
                return 0;
        if (r == 0) {
                block_signals();
                r = run(&flags, &error);
                actor_flags_done(&agent_flag_set, &flags);
        }
        if (r < 0 && error.text[0])
                fprintf(stderr, "troupe-agent: %s\n", error.text);
        return r == 0 ? 0 : 1;
}
