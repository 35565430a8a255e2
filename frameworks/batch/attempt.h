/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BATCH_ATTEMPT_H
#define BATCH_ATTEMPT_H

#include "job.h"
#include "placement/placement.h"

/* One attempt at a task of a job, as the cluster knows it. Pure. */

/* "NAME.ID", and from the second attempt on "NAME.ID~2". actor_malloc'ed. */
char *attempt_id(const char *name, const char *task_id, unsigned attempt);
/* The task (-1: none) and the attempt's number in such an id. */
long attempt_parse(const char *name, const struct job *job, const char *id, unsigned *ret_attempt);

/* Where a task's files are: of its last attempt. */
struct attempt_place {
        const struct roster_agent *agent; /* NULL: never begun */
        const char *id;                   /* the attempt's */
};

/* The CommandInfo of a task in the arena of `msg`; `places` are those of all tasks, of which its inputs are
 * read. */
V1__CommandInfo *attempt_command(void *msg, const struct job_task *task, const char *framework_id,
                                 const char *user, const struct attempt_place *places);

/* What a task needs. The caller frees the resources. */
struct resources *attempt_need(const struct job_task *task);

#endif
