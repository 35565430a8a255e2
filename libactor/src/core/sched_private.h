/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_SCHED_PRIVATE_H
#define CORE_SCHED_PRIVATE_H

/* What the files of the scheduler share: sched.c (who runs next), park.c (sleeping, waking, borrowing),
 * share.c (what is better run elsewhere). Nobody else includes this. `worker` is the calling thread's own,
 * unless said otherwise. */
#include "core/inside.h"

#include <sched.h>

/* ---- sched.c ------------------------------------------------------------------------------------- */

/* Into the ring, where others may take it; wakes one of them where that is worth it. */
void sched_push(struct worker *worker, struct actor *a);
/* The run-next slot has had its share, or is empty: everybody else's turn. NULL: nothing to do here. */
struct actor *sched_find_own(struct worker *worker);

/* Whom the last handler wrote to, or NULL. */
static inline struct actor *sched_take_next(struct worker *worker)
{
        atomic_signal_fence(
                memory_order_seq_cst); /* with the barrier in sched_rescue(): turns, then is_rescued */
        while (unlikely(atomic_load_explicit(&worker->is_rescued, memory_order_relaxed)))
                sched_yield(); /* the rescuer is between two system calls */
        struct actor *a = atomic_load_explicit(&worker->next, memory_order_acquire);
        CELL_SET(worker->next, NULL);
        return a;
}

/* The watchdog sees whose turn it is as long as it lasts, and by the number of turns when it has ended. */
static inline bool sched_take_turn(struct worker *worker, struct actor *a)
{
        CELL_SET(worker->running, a);
        atomic_signal_fence(
                memory_order_seq_cst); /* with the barrier in sched_rescue(): next, then running */
        bool has_more = turn_run(worker, a);
        CELL_SET(worker->running, NULL);
        return has_more;
}

static inline bool sched_shutdown_is_pending(struct actor_node *node)
{
        return atomic_load(&node->shutdown_asked) != 0 && !atomic_load(&node->shutdown_seen);
}

static inline void sched_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("yield");
#endif
}

/* ---- park.c -------------------------------------------------------------------------------------- */

/* Whether anybody could find something to run, slots and gifts aside. Any thread. */
bool sched_has_work(struct actor_node *node);
void sched_sleep(struct worker *worker);

/* ---- share.c ------------------------------------------------------------------------------------- */

/* Whether there is work to share in any worker's ring. Any thread. */
bool share_is_worth_it(const struct worker *worker);
/* What others gave it goes into its ring. */
void share_take_gifts(struct worker *worker);
/* What was before is no measure any more / how long turns take of late, and what follows from that. */
void share_begin_pace(struct worker *worker);
void share_work_out_pace(struct worker *worker);

#endif
