/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THREADS_WORKER_H
#define THREADS_WORKER_H

#include "job.h"

#include <actor/actor.h>

/* A worker is an actor that runs jobs on a thread of the blocking pool, one piece of work at a time. Its
 * parent sends work, and gets it back when all its jobs have run. */
struct work {
        struct job *first; /* borrowed: the parent owns the jobs and leaves them alone meanwhile */
        struct actor_ref worker;
};
extern const struct actor_type work_type, work_done_type; /* both struct work */

extern const struct actor_class worker_class;

#endif
