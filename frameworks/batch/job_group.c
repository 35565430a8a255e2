/* SPDX-License-Identifier: Apache-2.0 */
#include "job_parts.h"
#include "placement/constraint.h"

#include <actor/memory.h>
#include <actor/message.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int read_constraint(struct job *job, size_t index, const json_t *json, const char **ret,
                           struct actor_error *error)
{
        const char *text = json_string_value(json);
        if (text == NULL)
                return actor_error_set(error, -EINVAL,
                                       "\"constraints\"[%zu] must be a string, e.g. \"hostname:UNIQUE\"",
                                       index);
        struct constraint constraint;
        int r = constraint_parse(text, &constraint, error);
        if (r != 0)
                return actor_error_prefix(error, r, "\"constraints\"[%zu]", index);
        constraint_clear(&constraint);
        *ret = actor_msg_strdup(job->arena, text);
        return 0;
}

int job_read_constraints(struct job *job, const json_t *object, const char *const **ret,
                         struct actor_error *error)
{
        const json_t *list = json_object_get(object, "constraints");
        size_t count = json_array_size(list);
        if (list == NULL)
                return 0;
        if (!json_is_array(list) || count > JOB_CONSTRAINTS_MAX)
                return actor_error_set(error, -EINVAL, "\"constraints\" must be a list of at most %d strings",
                                       JOB_CONSTRAINTS_MAX);
        const char **constraints = actor_msg_alloc(job->arena, (count + 1) * sizeof *constraints);
        for (size_t i = 0; i < count; i++) {
                int r = read_constraint(job, i, json_array_get(list, i), &constraints[i], error);
                if (r != 0)
                        return r;
        }
        *ret = constraints;
        return 0;
}

/* ---- who shares them ------------------------------------------------------------------------------ */

static int compare_lists(const char *const *a, const char *const *b)
{
        if (a == b)
                return 0;
        for (size_t i = 0;; i++) {
                if (a[i] == NULL || b[i] == NULL)
                        return (a[i] != NULL) - (b[i] != NULL);
                int order = strcmp(a[i], b[i]);
                if (order != 0)
                        return order;
        }
}

static int compare_tasks(const void *a, const void *b)
{
        const struct job_task *const *x = a, *const *y = b;
        return compare_lists((*x)->constraints, (*y)->constraints);
}

void job_index_groups(struct job *job)
{
        CLEANUP(actor_freep)
        struct job_task **tasks = actor_zalloc(job->task_count * sizeof(struct job_task *));
        for (size_t i = 0; i < job->task_count; i++)
                tasks[i] = &job->tasks[i];
        qsort(tasks, job->task_count, sizeof *tasks, compare_tasks);
        for (size_t i = 0; i < job->task_count; i++) {
                job->group_count += i == 0 || compare_tasks(&tasks[i - 1], &tasks[i]) != 0;
                tasks[i]->group = job->group_count - 1;
        }
        job->groups = actor_msg_alloc(job->arena, job->group_count * sizeof *job->groups);
        for (size_t i = 0; i < job->task_count; i++)
                job->groups[tasks[i]->group] = tasks[i]->constraints;
}
