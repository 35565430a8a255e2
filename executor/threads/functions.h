/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THREADS_FUNCTIONS_H
#define THREADS_FUNCTIONS_H

#include <actor/error.h>
#include <jansson.h>
#include <stdbool.h>
#include <troupe/thread_task.h>

/* The functions that the threads executor brings along. */
struct thread_function {
        const char *name;
        bool brief; /* never blocks */
        troupe_thread_function run;
        /* Turns the task's JSON into the function's argument (actor_malloc'ed); NULL: no argument. */
        int (*parse)(const json_t *json, char **ret, struct actor_error *error);
        const char *help;
};
extern const struct thread_function thread_functions[]; /* ends with a NULL name */

/* NULL if there is none of that name. */
const struct thread_function *thread_function_find(const char *name);

#endif
