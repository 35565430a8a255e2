/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include "job_parts.h"

#include <actor/memory.h>
#include <actor/message.h>
#include <errno.h>
#include <proto/ids.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The job and all it points to live in one message, used as an arena. */
static ACTOR_LOCAL_TYPE(job_type, struct job);

/* ---- ids ------------------------------------------------------------------------------------------ */

static int compare_ids(const void *a, const void *b, void *arg)
{
        const struct job *job = arg;
        return strcmp(job->tasks[*(const size_t *) a].id, job->tasks[*(const size_t *) b].id);
}

int job_index(struct job *job, struct actor_error *error)
{
        job->by_id = actor_msg_alloc(job->arena, (job->task_count + 1) * sizeof *job->by_id);
        for (size_t i = 0; i < job->task_count; i++)
                job->by_id[i] = i;
        qsort_r(job->by_id, job->task_count, sizeof *job->by_id, compare_ids, job);
        for (size_t i = 1; i < job->task_count; i++) {
                const struct job_task *a = &job->tasks[job->by_id[i - 1]], *b = &job->tasks[job->by_id[i]];
                if (strcmp(a->id, b->id) == 0)
                        return actor_error_set(
                                error, -EINVAL, "two tasks have the id \"%s\": lines %u and %u", a->id,
                                a->line < b->line ? a->line : b->line, a->line < b->line ? b->line : a->line);
        }
        return 0;
}

long job_find(const struct job *job, const char *id)
{
        size_t low = 0, high = job->task_count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(job->tasks[job->by_id[middle]].id, id);
                if (order == 0)
                        return (long) job->by_id[middle];
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return -1;
}

/* ---- circles -------------------------------------------------------------------------------------- */

/* How many dependencies of each task are left when all that can be run has been. */
static size_t *unresolved(const struct job *job)
{
        size_t n = job->task_count, total = 0, done = 0, ready = 0;
        size_t *left = actor_zalloc((n + 1) * sizeof *left), *first = actor_zalloc((n + 2) * sizeof *first);
        size_t *order = actor_zalloc((n + 1) * sizeof *order);
        for (size_t i = 0; i < n; i++) {
                left[i] = job->tasks[i].depend_count;
                for (size_t k = 0; k < left[i]; k++)
                        first[job->tasks[i].depends[k] + 2]++;
                total += left[i];
        }
        size_t *dependents = actor_zalloc((total + 1) * sizeof *dependents);
        for (size_t i = 2; i <= n; i++)
                first[i] += first[i - 1];
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < job->tasks[i].depend_count; k++)
                        dependents[first[job->tasks[i].depends[k] + 1]++] = i;
        for (size_t i = 0; i < n; i++)
                if (left[i] == 0)
                        order[ready++] = i;
        for (; done < ready; done++)
                for (size_t k = first[order[done]]; k < first[order[done] + 1]; k++)
                        if (--left[dependents[k]] == 0)
                                order[ready++] = dependents[k];
        free(first);
        free(order);
        free(dependents);
        return left;
}

static size_t stuck_dependency(const struct job *job, const size_t *left, size_t index)
{
        const struct job_task *task = &job->tasks[index];
        size_t k = 0;
        while (left[task->depends[k]] == 0)
                k++;
        return task->depends[k];
}

/* Following one stuck dependency after the other, from any stuck task, must come back to some task. */
static int name_circle(const struct job *job, const size_t *left, size_t start, struct actor_error *error)
{
        CLEANUP(actor_freep) bool *seen = actor_zalloc(job->task_count);
        size_t at = start;
        for (; !seen[at]; at = stuck_dependency(job, left, at))
                seen[at] = true;
        char path[400];
        size_t used = (size_t) snprintf(path, sizeof path, "%s", job->tasks[at].id), begin = at;
        do {
                at = stuck_dependency(job, left, at);
                if (used < sizeof path - 120)
                        used += (size_t) snprintf(path + used, sizeof path - used, " → %s",
                                                  job->tasks[at].id);
                else if (at == begin)
                        snprintf(path + used, sizeof path - used, " → …");
        } while (at != begin);
        return actor_error_set(error, -EINVAL, "tasks that wait for each other: %s", path);
}

int job_check_circles(const struct job *job, struct actor_error *error)
{
        CLEANUP(actor_freep) size_t *left = unresolved(job);
        for (size_t i = 0; i < job->task_count; i++)
                if (left[i] > 0)
                        return name_circle(job, left, i, error);
        return 0;
}

/* ---- the whole ------------------------------------------------------------------------------------ */

static int at_task(const struct job *job, size_t index, int r, struct actor_error *error)
{
        const struct job_task *task = &job->tasks[index];
        if (r == 0)
                return 0;
        if (task->id != NULL)
                return actor_error_prefix(error, r, "task \"%s\" (line %u)", task->id, task->line);
        return actor_error_prefix(error, r, "tasks[%zu] (line %u)", index, task->line);
}

static int read_tasks(struct job *job, const json_t *tasks, const char *const *constraints,
                      struct actor_error *error)
{
        int r = 0;
        for (size_t i = 0; i < job->task_count; i++)
                job->tasks[i].constraints = constraints;
        for (size_t i = 0; r == 0 && i < job->task_count; i++)
                r = at_task(job, i, job_read_task(job, i, json_array_get(tasks, i), error), error);
        if (r == 0)
                r = job_index(job, error);
        for (size_t i = 0; r == 0 && i < job->task_count; i++)
                r = at_task(job, i, job_read_links(job, i, json_array_get(tasks, i), error), error);
        if (r == 0)
                job_index_groups(job);
        return r != 0 ? r : job_check_circles(job, error);
}

static int read_job(struct job *job, const json_t *json, const char *text, size_t size,
                    struct actor_error *error)
{
        static const char *const keys[] = {"name", "tasks", "constraints", NULL};
        const json_t *tasks = json_object_get(json, "tasks");
        const char *name = json_string_value(json_object_get(json, "name"));
        if (!json_is_object(json))
                return actor_error_set(error, -EINVAL, "a job must be an object with \"name\" and \"tasks\"");
        int r = job_check_keys(json, keys, error);
        if (r == 0)
                r = name == NULL ? actor_error_set(error, -EINVAL, "\"name\" must be a string")
                                 : id_validate("\"name\"", name, error);
        if (r != 0)
                return r;
        if (strlen(name) > JOB_ID_MAX)
                return actor_error_set(error, -EINVAL, "\"name\": at most %d bytes", JOB_ID_MAX);
        job->name = actor_msg_strdup(job->arena, name);
        job->task_count = json_array_size(tasks);
        if (job->task_count == 0 || job->task_count > JOB_TASKS_MAX)
                return actor_error_set(error, -EINVAL, "\"tasks\" must be a list of 1 to %d tasks",
                                       JOB_TASKS_MAX);
        job->tasks = actor_msg_alloc(job->arena, job->task_count * sizeof *job->tasks);
        CLEANUP(actor_freep) unsigned *lines = actor_zalloc(job->task_count * sizeof *lines);
        size_t found = job_lines(text, size, lines, job->task_count);
        for (size_t i = 0; i < found; i++)
                job->tasks[i].line = lines[i];
        static const char *const nothing[] = {NULL};
        const char *const *constraints = nothing;
        r = job_read_constraints(job, json, &constraints, error);
        return r == 0 ? read_tasks(job, tasks, constraints, error) : r;
}

int job_read(const char *text, size_t size, struct job **ret, struct actor_error *error)
{
        json_error_t where;
        if (size > JOB_SIZE_MAX)
                return actor_error_set(error, -EINVAL, "the job is larger than %u bytes", JOB_SIZE_MAX);
        json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
        if (json == NULL)
                return actor_error_set(error, -EINVAL, "line %d, column %d: %s", where.line, where.column,
                                       where.text);
        struct job *job = actor_msg_new(&job_type);
        job->arena = job;
        int r = read_job(job, json, text, size, error);
        json_decref(json);
        if (r != 0) {
                job_done(job);
                return r;
        }
        *ret = job;
        return 0;
}

void job_done(struct job *job)
{
        actor_msg_unref(job);
}
