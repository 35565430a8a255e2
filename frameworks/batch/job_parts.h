/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BATCH_JOB_PARTS_H
#define BATCH_JOB_PARTS_H

#include "job.h"

#include <jansson.h>

/* The steps of job_read(). */

/* The line on which each element of the top-level list "tasks" begins, up to `max` of them; returns how many
 * were found. The text is JSON already; lines count from 1. */
size_t job_lines(const char *text, size_t size, unsigned *ret, size_t max);

/* The list "constraints" of a job or a task; *ret is left alone if there is none. */
int job_read_constraints(struct job *job, const json_t *object, const char *const **ret, struct actor_error *error);
/* Puts the tasks with the same constraints into a group. */
void job_index_groups(struct job *job);

/* All of a task but what names other tasks. */
int job_read_task(struct job *job, size_t index, const json_t *json, struct actor_error *error);
/* What names other tasks: depends and inputs. After all ids are known. */
int job_read_links(struct job *job, size_t index, const json_t *json, struct actor_error *error);
/* Sorts by_id; two tasks of one id are an error. */
int job_index(struct job *job, struct actor_error *error);
/* A circle of dependencies is an error that names it: a → b → a. */
int job_check_circles(const struct job *job, struct actor_error *error);

/* An object may have only keys of `known` (NULL-terminated); another one is named, with the nearest known. */
int job_check_keys(const json_t *object, const char *const *known, struct actor_error *error);

#endif
