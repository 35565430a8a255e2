/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <troupe/scheduler.h>

/* Reads files of a task's sandbox from its agent, in pieces, through the agent's "files" actor. */
struct sandbox_file {
        const char *endpoint; /* the agent's "host:port" */
        const char *path;     /* "/framework/F/executor/E/latest/stdout" */
        size_t size_max;      /* most bytes wanted */
        bool tail;            /* the last ones instead of the first */
};

/* `error` is NULL, or a sentence: then `data` is what could be read, perhaps nothing. `data` is borrowed. */
typedef void (*sandbox_done_fn)(struct troupe_scheduler *s, void *arg, const char *data, size_t size,
                                const char *error);

/* Begins to read; `done` is called once, later, as a callback of the driver, also if the driver ends
 * first. In a callback. The file's description is copied. */
void sandbox_read(struct troupe_scheduler *s, const struct sandbox_file *file, sandbox_done_fn done, void *arg);

/* The path of a file of a command task, whose executor bears the task's id. actor_malloc'ed. */
char *sandbox_task_path(const char *framework_id, const char *task_id, const char *name);

#endif
