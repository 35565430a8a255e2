/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TROUPE_THREAD_TASK_H
#define TROUPE_THREAD_TASK_H

#include <stdbool.h>
#include <stddef.h>

/* What a plugin of the threads executor is: a shared object with a function of this type. A task names it
 * with TaskInfo.data {"library": "/path/plugin.so", "symbol": "work", "argument": "any text"}. The function
 * runs on a thread of the executor's process, beside others, and may block. */
struct troupe_thread_task {
        const char *task_id;
        const char *argument; /* "" if none */
        /* The task is to be killed: end soon, whatever is returned then. */
        bool (*is_killed)(const struct troupe_thread_task *task);
        /* Becomes readable (poll(2)) when the task is to be killed; -1 if there is none. */
        int kill_fd;
        char message[256]; /* told with the task's end; "" at first */
};

/* 0: TASK_FINISHED; anything else: TASK_FAILED. */
typedef int (*troupe_thread_function)(struct troupe_thread_task *task);

#endif
