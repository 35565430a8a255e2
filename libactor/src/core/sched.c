/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"
#include "core/sched_private.h"

#include "sim/sim.h"
#include <assert.h>
#include <sched.h>

/* sched.c: who runs where.
 *
 * An actor that becomes runnable goes to the worker that made it so: into its `next` slot, since the
 * message is still warm in that processor's cache; whoever was there moves to the ring, where others
 * may steal it. The slot is passed over after NEXT_STREAK_MAX uses in a row while others wait. Other
 * threads put actors into the inject list.
 *
 * A worker without work searches (at most one does), spins for SPIN_NS, then sleeps on its futex
 * until its wheel's next deadline. Making work looks for sleepers only while nobody searches. No wake-up
 * is lost: the maker publishes work, then looks at idle_count; the sleeper raises idle_count, then
 * looks for work again; both sequentially consistent. A searcher that finds something wakes the
 * next sleeper if there is more, so a burst spreads as a chain, not as a herd. */
enum {
        NEXT_STREAK_MAX = 32,
        INJECT_TICK = 2, /* the inject list goes first once in so many looks around */
        LOOK_NS = 50000, /* and these are due after NEXT_STREAK_MAX turns, or so long */
        PARCEL_TICK = 4, /* … a parcel is opened though others wait */
        SPIN_NS = 40000,
};

/* ---- making work --------------------------------------------------------------------------------- */

static void inject_chain(struct actor_node *node, struct actor *first, struct actor *last, uint32_t count)
{
        last->run_link = NULL;
        pthread_mutex_lock(&node->inject_lock);
        *node->inject_end = first;
        node->inject_end = &last->run_link;
        atomic_store(&node->inject_count,
                     atomic_load_explicit(&node->inject_count, memory_order_relaxed) + count);
        pthread_mutex_unlock(&node->inject_lock);
}

void sched_push(struct worker *worker, struct actor *a)
{
        if (worker->node->boxed && ring_push_alone(&worker->ring, a))
                return;
        if (!ring_push(&worker->ring, a)) { /* full: half of it goes where all can take it */
                struct actor *first = a, *last = a;
                uint32_t count = 1;
                for (struct actor *old; count <= RING_SIZE / 2 && (old = ring_pop(&worker->ring)) != NULL;
                     count++) {
                        old->run_link = first;
                        first = old;
                }
                inject_chain(worker->node, first, last, count);
        }
        if (atomic_load(&worker->node->idle_count) > 0 && atomic_load(&worker->node->searchers) == 0 &&
            (CELL_GET(worker->ready_slowly) || share_is_worth_it(worker)))
                sched_wake_one(worker->node);
}

void sched_call_help(struct worker *worker)
{
        struct actor_node *node = worker->node;
        atomic_store(&worker->ready_slowly, true); /* whoever lies down now sees it, or is seen */
        if (atomic_load(&node->idle_count) > 0 && ring_count(&worker->ring) > 0)
                sched_wake_one(node);
}

void sched_inject(struct actor_node *node, struct actor *a)
{
        inject_chain(node, a, a, 1);
        sched_wake_one(node);
}

void sched_ready_slowly(struct actor_node *node, struct worker *worker, struct actor *a)
{
        if (node->sim != NULL)
                sim_ready(node->sim, a);
        else if (worker == NULL)
                sched_inject(node, a);
        else
                sched_push(worker, a);
}

void sched_ready_first(struct worker *worker, struct actor *a)
{
        struct actor *before;
        if (worker->node->boxed) {
                before = CELL_GET(worker->next);
                CELL_SET(worker->next, a);
                if (likely(ring_push_alone(&worker->ring, before)))
                        return;
        } else {
                /* An exchange: sched_rescue() may take whoever is there, in the middle of this handler. */
                before = atomic_exchange_explicit(&worker->next, a, memory_order_acq_rel);
        }
        if (before != NULL)
                sched_push(worker, before);
}

/* ---- finding work -------------------------------------------------------------------------------- */

static struct actor *take_injected(struct worker *worker)
{
        struct actor_node *node = worker->node;
        if (atomic_load_explicit(&node->inject_count, memory_order_relaxed) == 0)
                return NULL;
        pthread_mutex_lock(&node->inject_lock);
        uint32_t count = atomic_load_explicit(&node->inject_count, memory_order_relaxed);
        uint32_t share = count / node->worker_count + 1;
        struct actor *first = node->inject_first, *a = first;
        uint32_t taken = 0;
        for (; a != NULL && taken < share && taken < RING_SIZE / 2; taken++) {
                struct actor *next = a->run_link;
                if (a != first && !ring_push(&worker->ring, a))
                        break;
                a = next;
        }
        node->inject_first = a;
        if (a == NULL)
                node->inject_end = &node->inject_first;
        atomic_store(&node->inject_count, count - taken);
        pthread_mutex_unlock(&node->inject_lock);
        /* Whoever injected the others may have told nobody, since we were searching: what now lies in our
         * ring must not wait for the first one's handler while somebody sleeps (tests/model/sleep.pml). */
        if (count > 1)
                sched_wake_one(node);
        return first;
}

/* ---- taking turns ---------------------------------------------------------------------------------- */

static inline struct actor *pop(struct worker *worker)
{
        return worker->node->boxed ? ring_pop_alone(&worker->ring) : ring_pop(&worker->ring);
}

void sched_wake_net(struct actor_node *node)
{
        if (atomic_load_explicit(&node->net_waits, memory_order_relaxed) &&
            atomic_exchange(&node->net_waits, false))
                net_wake(node->net);
}

/* The run-next slot has had its share, or is empty: everybody else's turn. */
struct actor *sched_find_own(struct worker *worker)
{
        /* Messages wait packed for as long as others wait here, within a bound. */
        bool idle = CELL_GET(worker->next) == NULL && ring_is_empty(&worker->ring);
        sched_wake_net(worker->node);
        box_empty(worker, idle || worker->tick % PARCEL_TICK == 0);
        share_take_gifts(worker);
        struct actor *a = NULL, *next = sched_take_next(worker);
        worker->quick = NEXT_STREAK_MAX;
        worker->look_at_ns = worker->now_ns + LOOK_NS;
        if (++worker->tick % INJECT_TICK == 0)
                a = take_injected(worker);
        if (a == NULL)
                a = pop(worker);
        if (a == NULL)
                a = next != NULL ? next : take_injected(worker);
        else if (next != NULL)
                sched_push(worker, next);
        return a;
}

/* Who runs next, without a look at anything else. NULL: nobody, or that look is due. */
static inline struct actor *take_quickly(struct worker *worker)
{
        if (unlikely(worker->quick == 0 || worker->now_ns >= worker->look_at_ns))
                return NULL;
        worker->quick--;
        struct actor *a = sched_take_next(worker);
        return a != NULL ? a : pop(worker);
}

/* A ring is left alone while its worker will get round to all in it soon, as far as we can see. */
static bool may_rob(const struct worker *thief, const struct worker *victim, bool patient)
{
        if (share_is_worth_it(victim))
                return true;
        bool stands_still = !patient && ring_head(&victim->ring) == thief->heads_seen[victim->index];
        return stands_still &&
               (CELL_GET(victim->node->sharing.home) == NULL || CELL_GET(victim->ready_slowly));
}

static struct actor *steal(struct worker *worker, bool patient)
{
        struct actor_node *node = worker->node;
        unsigned start = (unsigned) node_dice(node, worker) % node->worker_count;
        for (unsigned i = 0; i < node->worker_count; i++) {
                struct worker *victim = &node->workers[(start + i) % node->worker_count];
                if (victim == worker || !may_rob(worker, victim, patient))
                        continue;
                uint32_t count = ring_steal(&worker->ring, &victim->ring);
                if (count > 0) {
                        CELL_SET(worker->counters.steals, CELL_GET(worker->counters.steals) + count);
                        return ring_pop(&worker->ring);
                }
        }
        return NULL;
}

static void stop_searching(struct worker *worker)
{
        assert(worker->searching);
        worker->searching = false;
        atomic_store(&worker->node->searchers, 0);
}

static struct actor *find_anywhere(struct worker *worker, bool patient)
{
        struct actor_node *node = worker->node;
        worker->now_ns = ticks_now_ns(&worker->ticks);
        for (unsigned i = 0; i < node->worker_count; i++) /* a busy worker's timers are everybody's */
                timers_run(node, worker, &node->workers[i], worker->now_ns);
        struct actor *a = sched_find_own(worker);
        return a != NULL ? a : steal(worker, patient);
}

/* Looks everywhere for a while. The searcher that finds something makes room for the next one. */
static struct actor *search(struct worker *worker)
{
        struct actor_node *node = worker->node;
        uint32_t none = 0;
        if (!worker->searching && !atomic_compare_exchange_strong(&node->searchers, &none, 1))
                return NULL;
        worker->searching = true;
        for (unsigned i = 0; i < node->worker_count; i++)
                worker->heads_seen[i] = ring_head(&node->workers[i].ring);
        struct actor *a = find_anywhere(worker, true);
        int64_t until_ns = worker->now_ns + SPIN_NS;
        while (a == NULL && worker->now_ns < until_ns &&
               !atomic_load_explicit(&node->quit, memory_order_relaxed) &&
               !atomic_load_explicit(&node->borrower_waits, memory_order_relaxed)) {
                for (unsigned i = 0; i < 32; i++)
                        sched_relax();
                a = find_anywhere(worker, true);
        }
        if (a == NULL) /* whoever has not moved all the while is in a long turn */
                a = find_anywhere(worker, false);
        stop_searching(worker);
        if (a != NULL && sched_has_work(node))
                sched_wake_one(node);
        return a;
}

/* ---- the loop ------------------------------------------------------------------------------------ */

/* What is seldom due; false: the end. */
static bool look_around(struct worker *worker)
{
        struct actor_node *node = worker->node;
        if (atomic_load_explicit(&node->attention, memory_order_relaxed)) {
                if (atomic_load(&node->quit))
                        return false;
                if (sched_shutdown_is_pending(node))
                        node_poll_shutdown(node);
        }
        timers_run(node, worker, worker, worker->now_ns);
        share_work_out_pace(worker);
        return true;
}

void *sched_main(void *arg)
{
        struct worker *worker = arg;
        share_begin_pace(worker);
        blocks_use(&worker->blocks);
        for (;;) {
                struct actor *a = take_quickly(worker);
                if (unlikely(a == NULL)) {
                        if (!look_around(worker))
                                return NULL;
                        a = worker->searching ? NULL : sched_find_own(worker);
                        if (a == NULL)
                                a = search(worker);
                        if (a == NULL) {
                                sched_sleep(worker);
                                continue;
                        }
                }
                if (unlikely(sched_take_turn(worker, a)))
                        sched_push(worker, a);
                atomic_store_explicit(&worker->turns, CELL_GET(worker->turns) + 1, memory_order_release);
        }
}
