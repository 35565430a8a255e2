/* SPDX-License-Identifier: Apache-2.0 */
#include "run/command.h"

#include <actor/curve.h>
#include <actor/flags.h>
#include <actor/log.h>
#include <actor/memory.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct run_flags {
#define FLAG(field, type, def, accepts, help) flag_##type field;
#include "flags.def"
};

static const struct actor_flag flag_table[] = {
#define FLAG(field, type, def, accepts, help)                                                              \
        {#field, offsetof(struct run_flags, field), FLAG_##type, def, accepts, help},
#include "flags.def"
        ACTOR_FLAG_END};

static const struct actor_flag_set flag_set = {
        .program = "troupe-run",
        .purpose = "Runs a command on the cluster, once or many times, and waits for it. One argument after \"--\" is "
                   "a line for the shell, several are a program and its arguments. Exit codes: 0 all tasks finished, 1 "
                   "some did not, 2 usage, 3 no master or refused by it, 4 not enough resources before --timeout, 130 "
                   "interrupted.",
        .env_prefix = "TROUPE_RUN_",
        .arguments = "-- COMMAND [ARG…]",
        .flags = flag_table,
};

/* What may be given more than once. */
struct lists {
        const char **environment, **constraints;
};

static int run_flags(const struct run_flags *flags, const struct lists *lists, char **command)
{
        struct console console;
        struct actor_error error = {""};
        struct run *run = NULL;
        console_init(&console, "troupe-run", stdout, stderr, flags->json);
        console.headings = flags->instances > 1;
        if (flags->instances > 1)
                console.states = stdout;
        struct run_config config = {.master = flags->master,
                                    .curve_key = flags->curve_key,
                                    .curve_server_key = flags->curve_server_key,
                                    .instances = (unsigned) flags->instances,
                                    .cpus = flags->cpus,
                                    .mem = flags->mem,
                                    .disk = flags->disk,
                                    .ports = (unsigned) flags->ports,
                                    .name = flags->name,
                                    .role = flags->role,
                                    .user = flags->user,
                                    .environment = lists->environment,
                                    .constraints = lists->constraints,
                                    .command = (const char *const *) command,
                                    .timeout_ms = flags->timeout / 1000000,
                                    .connect_timeout_ms = flags->connect_timeout / 1000000,
                                    .output = flags->output,
                                    .trace = flags->trace,
                                    .console = &console,
                                    .interrupt_fd = interrupt_open(),
                                    .log = actor_log_new(STDERR_FILENO, ACTOR_LOG_WARN, false)};
        int r = run_new(&config, &run, &error);
        if (r != 0) {
                fprintf(stderr, "troupe-run: %s\n", error.text);
                r = RUN_EXIT_USAGE;
        } else {
                troupe_scheduler_run(run_driver(run));
                r = run_result(run);
        }
        run_free(run);
        actor_log_free(config.log);
        return r;
}

static int take_lists(int *argc, char **argv, struct lists *lists, struct actor_error *error)
{
        static const struct run_repeated env = {"--env", "NAME=VALUE"};
        static const struct run_repeated constraint = {"--constraint", "FIELD:OPERATOR[:VALUE]"};
        int r = run_take_repeated(argc, argv, &env, lists->environment, error);
        return r == 0 ? run_take_repeated(argc, argv, &constraint, lists->constraints, error) : r;
}

/* From the environment comes one at most. */
static void add_one(const char **list, const char *item)
{
        while (*list != NULL)
                list++;
        *list = item;
}

static int run_arguments(int argc, char **argv, struct lists *lists)
{
        struct run_flags flags;
        struct actor_error error = {""};
        int rest = 0;
        int r = take_lists(&argc, argv, lists, &error);
        if (r == 0)
                r = actor_flags_parse(&flag_set, argc, argv, &flags, &rest, &error);
        if (!actor_flags_answer(&flag_set, r, TROUPE_VERSION) && r != 0)
                fprintf(stderr, "troupe-run: %s\n", error.text);
        if (r != 0)
                return r > 0 ? 0 : RUN_EXIT_USAGE;
        add_one(lists->environment, flags.env);
        add_one(lists->constraints, flags.constraint);
        r = run_flags(&flags, lists, argv + rest);
        actor_flags_done(&flag_set, &flags);
        return r;
}

int main(int argc, char **argv)
{
        size_t most = (size_t) argc + 2;
        struct lists lists = {actor_zalloc(most * sizeof(char *)), actor_zalloc(most * sizeof(char *))};
        int r = run_arguments(argc, argv, &lists);
        free(lists.environment);
        free(lists.constraints);
        return r;
}
