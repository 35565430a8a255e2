/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THREADS_JOB_H
#define THREADS_JOB_H

#include "driver/task_table.h"

#include <actor/error.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <troupe/thread_task.h>

/* A task of the threads executor: what TaskInfo.data asks for, and how it went. Made and freed by the
 * executor's actor; while it runs a thread writes `task` and `result`. */
enum job_state { JOB_WAITING, JOB_RUNNING };

struct job {
        struct task_entry entry; /* first: an entry is its job */
        struct job *next;        /* in the queue, or in what one thread got to do */
        enum job_state state;
        bool brief; /* a built-in that never blocks: several are done in one go */
        troupe_thread_function run;
        char *library, *symbol; /* a plugin's; run is found when the job runs */
        char *argument;
        struct troupe_thread_task task;
        _Atomic bool killed;
        _Atomic int kill_fd; /* eventfd while it runs and may block, else -1 */
        int result;
};

/* Reads TaskInfo.data: {"function": "noop|sleep|echo|sum|fail", …} or {"library", "symbol", "argument"};
 * no data is a noop. Returns 0 and the job in *ret, or -EINVAL with a sentence. Pure. */
int job_parse(const char *task_id, const void *data, size_t size, struct job **ret,
              struct actor_error *error);
/* Another that does the same, for another task. */
struct job *job_like(const struct job *job, const char *task_id) __attribute__((returns_nonnull));
void job_free(struct job *job); /* NULL is fine */

/* Runs it, on any one thread. */
void job_run(struct job *job);
/* Tells a job to end: before, while or after it runs; another thread than the one that runs it. */
void job_kill(struct job *job);

#endif
