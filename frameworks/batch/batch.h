/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BATCH_BATCH_H
#define BATCH_BATCH_H

#include "console/console.h"
#include "job.h"

#include <troupe/scheduler.h>

/* The framework behind `troupe batch`: runs a job's tasks in the order of their dependencies, spread over
 * the agents, and again if they fail and may. */
enum batch_exit {
        BATCH_EXIT_DONE = 0,         /* all tasks are done */
        BATCH_EXIT_FAILED = 1,       /* some failed, or were not run because others did */
        BATCH_EXIT_USAGE = 2,        /* flags, or a job file that is not valid */
        BATCH_EXIT_UNREACHABLE = 3,  /* no master, or it refuses the framework */
        BATCH_EXIT_NO_RESOURCES = 4, /* nothing could be started for --timeout */
        BATCH_EXIT_INTERRUPTED = 130,
};

struct batch_config {
        const char *master;
        const char *curve_key, *curve_server_key; /* key files; NULL: the default ones */
        const char *role, *user;
        const struct job *job;
        const char *output; /* id of a task whose stdout is printed at the end, or NULL */
        int64_t timeout_ms, connect_timeout_ms;
        struct console *console;
        int interrupt_fd;        /* interrupt_open(), or -1 */
        struct actor_node *node; /* NULL: a node of its own */
        struct actor_log *log;
};

struct batch;

/* Judges the configuration, which is borrowed until batch_free(), and makes the framework. 0, -EINVAL with a
 * sentence, or -errno. */
ACTOR_MUST_CHECK
int batch_new(const struct batch_config *config, struct batch **ret, struct actor_error *error);
void batch_free(struct batch *batch); /* NULL is fine */
/* Its driver: run it, or start it. */
struct troupe_scheduler *batch_driver(struct batch *batch);
/* How it went, once the driver has ended. */
enum batch_exit batch_result(const struct batch *batch);

#endif
