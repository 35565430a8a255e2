/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_READY_H
#define CORE_READY_H

#include "core/worker.h"

/* What the scheduler (sched.c, park.c, share.c) offers the rest of the core. `worker` is the calling thread's
 * own, or NULL on a thread that is not a worker. */

void sched_ready_slowly(struct actor_node *node, struct worker *worker, struct actor *a);
void sched_ready_first(struct worker *worker, struct actor *a); /* before who is in the slot */
void sched_inject(struct actor_node *node, struct actor *a);
void sched_call_help(struct worker *worker);  /* a slow handler begins: others are to see to who waits behind it */
void sched_wake_one(struct actor_node *node); /* if anybody sleeps, and nobody searches */
void *sched_main(void *worker);
void sched_kick(struct worker *worker);
/* Tells the network's thread of what was sent quietly. Any thread. */
void sched_wake_net(struct actor_node *node);
/* The calling thread, which is none of the workers, becomes one of them if all sleep (else NULL) / runs
 * what that worker has to do for a while, and is it no more. */
struct worker *sched_borrow(struct actor_node *node);
void sched_run_borrowed(struct worker *worker);
/* Lets others run whom a worker's blocked handler wrote to last, if it has been blocked since its turn number
 * `turns`. From a thread that is no worker. */
void sched_rescue(struct worker *worker, uint64_t turns);

/* The caller owns the actor, who has something to do. */
static inline void sched_ready(struct actor_node *node, struct worker *worker, struct actor *a)
{
        if (unlikely(worker == NULL || CELL_GET(worker->ready_slowly)))
                sched_ready_slowly(node, worker, a);
        else if (CELL_GET(worker->next) == NULL)
                atomic_store_explicit(&worker->next, a, memory_order_release);
        else
                sched_ready_first(worker, a);
}

#endif
