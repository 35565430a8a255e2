/* SPDX-License-Identifier: Apache-2.0 */
#include "command/command.h"
#include "processes/processes.h"
#include "threads/threads.h"

#include <actor/flags.h>
#include <actor/log.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct executor_flags {
#define FLAG(field, type, def, accepts, help) flag_##type field;
#include "flags.def"
};

static const struct actor_flag flag_table[] = {
#define FLAG(field, type, def, accepts, help) \
        {#field, offsetof(struct executor_flags, field), FLAG_##type, def, accepts, help},
#include "flags.def"
        ACTOR_FLAG_END};

static const struct actor_flag_set flag_set = {
        .program = "troupe-executor",
        .purpose = "Runs tasks for an agent, which starts it; its address comes in TROUPE_EXECUTOR_ADDRESS.",
        .env_prefix = "TROUPE_EXECUTOR_",
        .flags = flag_table,
};

/* A running task costs a descriptor here; tasks themselves get the limit as it was. */
static void raise_descriptors(void)
{
        struct rlimit limit;
        if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
                return;
        limit.rlim_cur = limit.rlim_max;
        (void) setrlimit(RLIMIT_NOFILE, &limit);
}

static void choose(const struct executor_flags *flags, struct troupe_executor_config *config)
{
        if (strcmp(flags->kind, "threads") == 0)
                threads_executor((unsigned) flags->workers, config);
        else if (strcmp(flags->kind, "processes") == 0)
                processes_executor(config);
        else
                command_executor(config);
}

static int run(const struct executor_flags *flags, struct actor_error *error)
{
        enum actor_log_level level;
        int r = actor_log_level_parse(flags->log_level, &level);
        if (r != 0)
                return r;
        struct actor_log *log = actor_log_new(STDERR_FILENO, level, false);
        struct troupe_executor_config config = {.log = log};
        struct troupe_executor *executor = NULL;
        choose(flags, &config);
        raise_descriptors();
        r = troupe_executor_new(&config, &executor, error);
        if (r == 0 && (r = troupe_executor_run(executor)) != 0)
                actor_error_set(error, r, "ended by an error: %s", strerror(-r));
        troupe_executor_free(executor);
        actor_log_free(log);
        return r;
}

int main(int argc, char **argv)
{
        struct executor_flags flags;
        struct actor_error error = {""};
        int rest = 0;
        int r = actor_flags_parse(&flag_set, argc, argv, &flags, &rest, &error);
        if (actor_flags_answer(&flag_set, r, TROUPE_VERSION))
                return 0;
        if (r != 0) {
                fprintf(stderr, "troupe-executor: %s\n", error.text);
                return 2;
        }
        r = run(&flags, &error);
        if (r != 0)
                fprintf(stderr, "troupe-executor: %s\n", error.text);
        actor_flags_done(&flag_set, &flags);
        return r == 0 ? 0 : 1;
}
