/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYSTEM_POOL_H
#define SYSTEM_POOL_H

#include "core/inside.h"

/* Threads for work that blocks. Any thread may call; a job's result is sent from the pool's thread. */
struct pool *pool_new(struct actor_node *node, unsigned threads_max);
void pool_stop(struct pool *pool); /* after all jobs have run */
void pool_free(struct pool *pool);

/* The line of jobs of one actor, and one more job in it: `work` gets the body of `result`, which is
 * then delivered. */
struct job_line *pool_line_new(void);
void pool_line_unref(struct job_line *line);
void pool_add(struct pool *pool, struct job_line *line, void (*work)(void *body), struct mail *result_take);

#endif
