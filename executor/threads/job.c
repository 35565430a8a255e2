/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include "functions.h"

#include <actor/memory.h>
#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static bool is_killed(const struct troupe_thread_task *task)
{
        const struct job *job = (const struct job *) ((const char *) task - offsetof(struct job, task));
        return atomic_load_explicit(&job->killed, memory_order_relaxed);
}

static struct job *job_new(const char *task_id)
{
        struct job *job = actor_zalloc(sizeof *job);
        job->entry.id = actor_strdup(task_id);
        atomic_init(&job->killed, false);
        atomic_init(&job->kill_fd, -1);
        job->task.task_id = job->entry.id;
        job->task.argument = "";
        job->task.is_killed = is_killed;
        job->task.kill_fd = -1;
        return job;
}

void job_free(struct job *job)
{
        if (job == NULL)
                return;
        int fd = atomic_load(&job->kill_fd);
        if (fd >= 0)
                close(fd);
        free((char *) job->entry.id);
        free(job->library);
        free(job->symbol);
        free(job->argument);
        free(job);
}

/* ---- from JSON ------------------------------------------------------------------------------------ */

static int parse_builtin(struct job *job, const json_t *json, const char *name, struct actor_error *error)
{
        const struct thread_function *function = thread_function_find(name);
        if (function == NULL) {
                char names[128] = "";
                for (const struct thread_function *f = thread_functions; f->name != NULL; f++) {
                        size_t used = strlen(names);
                        snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "", f->name);
                }
                return actor_error_set(error, -EINVAL, "task data: no function \"%s\"; there are %s", name,
                                       names);
        }
        job->run = function->run;
        job->brief = function->brief;
        return function->parse != NULL ? function->parse(json, &job->argument, error) : 0;
}

static int parse_plugin(struct job *job, const json_t *json, struct actor_error *error)
{
        const char *library = json_string_value(json_object_get(json, "library"));
        const char *symbol = json_string_value(json_object_get(json, "symbol"));
        const json_t *argument = json_object_get(json, "argument");
        if (library == NULL || symbol == NULL || (argument != NULL && !json_is_string(argument)))
                return actor_error_set(error, -EINVAL,
                                       "task data: expected \"function\", or \"library\" and \"symbol\" (and "
                                       "\"argument\"), all strings");
        job->library = actor_strdup(library);
        job->symbol = actor_strdup(symbol);
        job->argument = actor_strdup(argument != NULL ? json_string_value(argument) : "");
        return 0;
}

static int parse_json(struct job *job, const void *data, size_t size, struct actor_error *error)
{
        json_error_t where;
        json_t *json = json_loadb(data, size, JSON_REJECT_DUPLICATES, &where);
        if (json == NULL)
                return actor_error_set(error, -EINVAL, "task data is not JSON: line %d: %s", where.line,
                                       where.text);
        const json_t *function = json_object_get(json, "function");
        int r = json_is_string(function) ? parse_builtin(job, json, json_string_value(function), error)
                                         : parse_plugin(job, json, error);
        json_decref(json);
        return r;
}

int job_parse(const char *task_id, const void *data, size_t size, struct job **ret, struct actor_error *error)
{
        struct job *job = job_new(task_id);
        int r = 0;
        if (size == 0)
                r = parse_builtin(job, NULL, "noop", error);
        else
                r = parse_json(job, data, size, error);
        if (r != 0) {
                job_free(job);
                return r;
        }
        if (job->argument != NULL)
                job->task.argument = job->argument;
        *ret = job;
        return 0;
}

static char *text_copy(const char *text)
{
        return text != NULL ? actor_strdup(text) : NULL;
}

struct job *job_like(const struct job *job, const char *task_id)
{
        struct job *like = job_new(task_id);
        like->brief = job->brief;
        like->run = job->library == NULL ? job->run : NULL;
        like->library = text_copy(job->library);
        like->symbol = text_copy(job->symbol);
        like->argument = text_copy(job->argument);
        if (like->argument != NULL)
                like->task.argument = like->argument;
        return like;
}

/* ---- on its thread -------------------------------------------------------------------------------- */

static bool find_plugin(struct job *job)
{
        /* Never closed: other tasks use the library too, and loading it again would be the cost. */
        void *library = dlopen(job->library, RTLD_NOW | RTLD_LOCAL);
        void *symbol = library != NULL ? dlsym(library, job->symbol) : NULL;
        if (symbol == NULL) {
                const char *why = dlerror();
                snprintf(job->task.message, sizeof job->task.message, "%s",
                         why != NULL ? why : "no such symbol");
                return false;
        }
        memcpy(&job->run, &symbol, sizeof symbol); /* ISO C has no cast from object to function */
        return true;
}

/* Publishes the descriptor first and looks at `killed` after: job_kill() does it the other way round,
 * so that one of both sees the other (both sequentially consistent). */
static void arm_kill_fd(struct job *job)
{
        if (job->brief)
                return;
        int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        job->task.kill_fd = fd;
        atomic_store(&job->kill_fd, fd);
}

void job_run(struct job *job)
{
        arm_kill_fd(job);
        job->result = -1;
        if (atomic_load(&job->killed))
                return;
        if (job->run != NULL || find_plugin(job))
                job->result = job->run(&job->task);
}

void job_kill(struct job *job)
{
        atomic_store(&job->killed, true);
        int fd = atomic_load(&job->kill_fd);
        uint64_t one = 1;
        if (fd >= 0 && write(fd, &one, sizeof one) < 0)
                assert(false && "an eventfd takes a one");
}
