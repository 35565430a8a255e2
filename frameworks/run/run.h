/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "console/console.h"

#include <troupe/scheduler.h>

/* The framework behind `troupe run`: so many tasks of one command, placed as offers come, watched to
 * their ends. */
enum run_exit {
        RUN_EXIT_FINISHED = 0,      /* all tasks finished */
        RUN_EXIT_FAILED = 1,        /* some did not */
        RUN_EXIT_USAGE = 2,
        RUN_EXIT_UNREACHABLE = 3,   /* no master, or it refuses the framework */
        RUN_EXIT_NO_RESOURCES = 4,  /* tasks still waited for resources when --timeout was over */
        RUN_EXIT_INTERRUPTED = 130, /* SIGINT or SIGTERM */
};

struct run_config {
        const char *master;
        const char *curve_key, *curve_server_key; /* key files; NULL: the default ones */
        unsigned instances;
        double cpus, mem, disk;
        unsigned ports;
        const char *name; /* NULL: made from the command and chance */
        const char *role, *user;
        const char *const *environment; /* "NAME=value", NULL-terminated; NULL: none */
        const char *const *constraints; /* placement/constraint.h, NULL-terminated; NULL: none. They count all its tasks,
                                         * ended ones too */
        const char *const *command;     /* one: for the shell; several: program and arguments. NULL-terminated */
        int64_t timeout_ms, connect_timeout_ms;
        bool output;
        bool trace; /* the first launch */
        struct console *console;
        int interrupt_fd;        /* interrupt_open(), or -1 */
        struct actor_node *node; /* NULL: a node of its own */
        struct actor_log *log;
};

struct run;

/* Judges the configuration, which is borrowed until run_free(), and makes the framework. 0, -EINVAL with a sentence,
 * or -errno. */
ACTOR_MUST_CHECK
int run_new(const struct run_config *config, struct run **ret, struct actor_error *error);
void run_free(struct run *run); /* NULL is fine */
/* Its driver: run it, or start it. */
struct troupe_scheduler *run_driver(struct run *run);
/* How it went, once the driver has ended. */
enum run_exit run_result(const struct run *run);

#endif
