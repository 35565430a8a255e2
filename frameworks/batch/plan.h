/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BATCH_PLAN_H
#define BATCH_PLAN_H

#include "job.h"

/* What of a job runs when: a task is ready when all it depends on is done; one that has failed for good takes
 * with it, as never run, all that depend on it; the rest goes on. Pure. */
enum plan_state {
        PLAN_WAITING, /* for others */
        PLAN_READY,   /* for a place */
        PLAN_RUNNING,
        PLAN_DONE,
        PLAN_FAILED,
        PLAN_SKIPPED, /* never to run: something it needs has failed, or the job was cancelled */
        PLAN_STATE_COUNT,
};

struct plan;

/* `job` is borrowed until plan_free(). */
struct plan *plan_new(const struct job *job);
void plan_free(struct plan *plan); /* NULL is fine */

/* The ready tasks in the order in which they became so: the first, and the next after `index`; -1 if there is
 * none. `index` may have been begun in between. */
long plan_first_ready(const struct plan *plan);
long plan_next_ready(const struct plan *plan, long index);

/* READY → RUNNING. Returns the attempt's number, 1 for the first. */
unsigned plan_begin(struct plan *plan, size_t index);
/* RUNNING → DONE, READY (again, while there are retries) or FAILED. What follows from it for others is done
 * too. Returns the new state. */
enum plan_state plan_end(struct plan *plan, size_t index, bool success);
/* Nothing begins any more: all that wait or are ready are skipped, and what ends badly is not repeated. */
void plan_cancel(struct plan *plan);

enum plan_state plan_state(const struct plan *plan, size_t index);
unsigned plan_attempt(const struct plan *plan, size_t index); /* 0: never begun */
size_t plan_count(const struct plan *plan, enum plan_state state);
/* Nothing runs and nothing ever will. */
bool plan_is_over(const struct plan *plan);
const char *plan_state_name(enum plan_state state);

#endif
