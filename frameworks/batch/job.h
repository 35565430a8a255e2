/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BATCH_JOB_H
#define BATCH_JOB_H

#include <actor/error.h>
#include <stdbool.h>
#include <stddef.h>

/* A job as its file describes it, validated: ids are unique, what is depended upon exists, nothing waits
 * for itself. Pure.
 *
 *     {"name": "wordcount", "tasks": [
 *        {"id": "map", "command": "wc -w < /etc/passwd", "cpus": 0.1, "mem": 32},
 *        {"id": "sum", "argv": ["awk", "{s += $1} END {print s}", "in/map"], "depends": ["map"],
 *         "inputs": [{"task": "map", "path": "stdout", "as": "in/map"}], "retries": 2, "env": {"LANG": "C"},
 *         "constraints": ["rack:UNIQUE"]}]}
 *
 * "constraints" (placement/constraint.h) may stand beside "tasks" too, for all tasks that have none of their own. Tasks with the
 * same list are a group: they are counted together. */
#define JOB_SIZE_MAX (16u << 20)
#define JOB_TASKS_MAX 100000
#define JOB_DEPENDS_MAX 100000 /* of one task */
#define JOB_ID_MAX 100         /* bytes of a task's id and of the job's name */
#define JOB_RETRIES_MAX 1000
#define JOB_CONSTRAINTS_MAX 100 /* of one task */

struct job_input {
        size_t task;      /* an index */
        const char *path; /* in that task's sandbox */
        const char *as;   /* in this one's */
};

struct job_task {
        const char *id;
        const char **command; /* one: a line for the shell; several: program and arguments. NULL-terminated */
        double cpus, mem;     /* mem and disk in megabytes */
        double disk;
        size_t *depends; /* indices, each once, those of the inputs included */
        size_t depend_count;
        struct job_input *inputs;
        size_t input_count;
        unsigned retries;         /* after the first attempt */
        const char **environment; /* "NAME=value", NULL-terminated */
        const char *const *constraints; /* NULL-terminated */
        size_t group;             /* of the tasks with these constraints */
        unsigned line;            /* where it begins in the file; 0 unknown */
};

struct job {
        const char *name;
        struct job_task *tasks;
        size_t task_count;
        size_t *by_id; /* indices in the order of ids */
        const char *const **groups; /* the constraints of each group that has a task */
        size_t group_count;
        void *arena;   /* all of it lives here */
};

/* Reads a job file's text (any bytes). Returns 0 and the job in *ret, or -EINVAL with a sentence that says
 * where: a line for what is no JSON, "task \"sum\" (line 4): …" for the rest. */
ACTOR_MUST_CHECK
int job_read(const char *text, size_t size, struct job **ret, struct actor_error *error);
void job_done(struct job *job); /* frees it; NULL is fine */

/* The index of a task, or -1. */
long job_find(const struct job *job, const char *id);

#endif
