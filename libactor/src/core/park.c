/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"
#include "core/depot.h"
#include "core/sched_private.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* park.c: how workers sleep, how they are woken, and how another thread takes the place of one that sleeps.
 *
 * No wake-up is lost: the maker publishes work, then looks at idle_count; the sleeper raises idle_count, then
 * looks for work again; both sequentially consistent (tests/model/sleep.pml). */
enum {
        WAKE_KICKED = 1,    /* look around: a timer, the end */
        WAKE_TO_SEARCH = 2, /* and be the one that searches */
        WAKE_RETURNED = 4,  /* the worker was borrowed, and has work */
        BORROWED_NS = 200000,
        BORROWED_HANDLER_NS = 20000,
        BORROWER_LOOKS = 100, /* some microseconds */
        BURST_SLABS = 16,     /* mapped since the last burst */
};

/* ---- sleeping ------------------------------------------------------------------------------------ */

static void futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t until_ns)
{
        struct timespec until = {until_ns / 1000000000, until_ns % 1000000000};
        (void) syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value,
                       until_ns == INT64_MAX ? NULL : &until, NULL, FUTEX_BITSET_MATCH_ANY);
}

static void wake(struct worker *worker, uint32_t bit)
{
        atomic_fetch_or(&worker->wake, bit);
        (void) syscall(SYS_futex, &worker->wake, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Async-signal-safe: actor_node_shutdown() needs that. */
void sched_kick(struct worker *worker)
{
        wake(worker, WAKE_KICKED);
}

bool sched_has_work(struct actor_node *node)
{
        if (atomic_load(&node->inject_count) > 0 || box_has_work(node))
                return true;
        /* Where one worker has all, what lies in a ring is its worker's to run, unless a slow handler keeps
         * it. */
        bool shared = atomic_load(&node->sharing.home) == NULL;
        for (unsigned i = 0; i < node->worker_count; i++) {
                struct worker *worker = &node->workers[i];
                if (!ring_is_empty(&worker->ring) && (shared || atomic_load(&worker->ready_slowly)))
                        return true;
        }
        return false;
}

static struct worker *take_sleeper(struct actor_node *node)
{
        struct worker *worker = NULL;
        pthread_mutex_lock(&node->idle_lock);
        uint32_t count = atomic_load_explicit(&node->idle_count, memory_order_relaxed);
        if (count > 0) {
                worker = node->idle[count - 1];
                atomic_store(&node->idle_count, count - 1);
        }
        pthread_mutex_unlock(&node->idle_lock);
        return worker;
}

/* All sleep, and the lock keeps them from waking up. After a burst the few blocks that each keeps, and the
 * depot for exchange, lie in as many slabs: they go home. */
static void tidy_up(struct actor_node *node)
{
        size_t slabs = depot_slabs_ever(node->depot);
        if (slabs - node->slabs_tidied < BURST_SLABS)
                return;
        node->slabs_tidied = slabs;
        for (unsigned i = 0; i < node->worker_count; i++)
                blocks_done(&node->workers[i].blocks);
        depot_empty(node->depot);
}

/* The lock is held. Returns how many sleep now. */
static uint32_t push_sleeper(struct worker *worker)
{
        struct actor_node *node = worker->node;
        uint32_t count = atomic_load_explicit(&node->idle_count, memory_order_relaxed);
        node->idle[count] = worker;
        atomic_store(&node->idle_count, count + 1);
        return count + 1;
}

static void add_sleeper(struct worker *worker)
{
        struct actor_node *node = worker->node;
        pthread_mutex_lock(&node->idle_lock);
        worker->awaits = false;
        if (push_sleeper(worker) == node->worker_count)
                tidy_up(node);
        pthread_mutex_unlock(&node->idle_lock);
}

/* False: somebody else has taken it, and is going to wake it. */
static bool remove_sleeper(struct worker *worker)
{
        struct actor_node *node = worker->node;
        bool found = false;
        pthread_mutex_lock(&node->idle_lock);
        uint32_t count = atomic_load_explicit(&node->idle_count, memory_order_relaxed);
        for (uint32_t i = 0; i < count && !found; i++) {
                if (node->idle[i] != worker)
                        continue;
                node->idle[i] = node->idle[count - 1];
                atomic_store(&node->idle_count, count - 1);
                found = true;
        }
        worker->awaits = !found;
        pthread_mutex_unlock(&node->idle_lock);
        return found;
}

void sched_wake_one(struct actor_node *node)
{
        while (atomic_load(&node->idle_count) > 0) {
                uint32_t none = 0;
                if (!atomic_compare_exchange_strong(&node->searchers, &none, 1))
                        return;
                struct worker *worker = take_sleeper(node);
                if (worker != NULL) {
                        wake(worker, WAKE_TO_SEARCH);
                        return;
                }
                atomic_store(&node->searchers, 0);
                if (!sched_has_work(node)) /* else: a worker may have gone to sleep while we barred others */
                        return;
        }
}

/* Somebody has taken this worker from the list of sleepers: to make it the searcher, or to borrow it. */
static void await_return(struct worker *worker)
{
        uint32_t seen;
        while (((seen = atomic_load(&worker->wake)) & (WAKE_TO_SEARCH | WAKE_RETURNED)) == 0)
                futex_wait(&worker->wake, seen, INT64_MAX);
        worker->searching = (seen & WAKE_TO_SEARCH) != 0;
}

void sched_sleep(struct worker *worker)
{
        struct actor_node *node = worker->node;
        (void) atomic_exchange(&worker->wake, 0);
        add_sleeper(worker);
        if (!sched_has_work(node) && atomic_load(&worker->gifts) == NULL && !atomic_load(&node->quit) &&
            !sched_shutdown_is_pending(node)) {
                int64_t next_ms = CELL_GET(worker->wheel.next_ms);
                CELL_SET(worker->counters.parks, CELL_GET(worker->counters.parks) + 1);
                futex_wait(&worker->wake, 0, next_ms > INT64_MAX / 2000000 ? INT64_MAX : next_ms * 1000000);
        }
        if (!remove_sleeper(worker))
                await_return(worker);
        share_begin_pace(worker);
        if (atomic_load(&node->watchdog.parked))
                watchdog_unpark(node);
}

/* ---- borrowing ------------------------------------------------------------------------------------
 *
 * While all workers sleep, the thread that brings mail from other nodes runs what it has woken, as one of
 * them: two hops between threads less on the way of a message that arrives alone, and of many the bodies
 * are still in this processor's cache. The worker's own thread cannot wake up meanwhile. */

static bool all_sleep(struct actor_node *node)
{
        return atomic_load(&node->idle_count) == node->worker_count && atomic_load(&node->searchers) == 0;
}

/* The last worker awake looks for work that is only now coming: it may as well lie down. */
static void hurry_the_searcher(struct actor_node *node)
{
        if (atomic_load(&node->idle_count) + 1 != node->worker_count || atomic_load(&node->searchers) == 0)
                return;
        atomic_store_explicit(&node->borrower_waits, true, memory_order_relaxed);
        for (unsigned i = 0; i < BORROWER_LOOKS && !all_sleep(node); i++)
                sched_relax();
        atomic_store_explicit(&node->borrower_waits, false, memory_order_relaxed);
}

struct worker *sched_borrow(struct actor_node *node)
{
        if (node->watchdog.limit_ns == 0) /* nobody would see that the lender does not come back */
                return NULL;
        hurry_the_searcher(node);
        struct worker *worker = all_sleep(node) ? take_sleeper(node) : NULL;
        if (worker == NULL)
                return NULL;
        share_begin_pace(worker);
        if (atomic_load(&node->watchdog.parked))
                watchdog_unpark(node);
        CELL_SET(worker->is_borrowed, true);
        worker->lender_blocks = blocks_own;
        blocks_use(&worker->blocks);
        return worker;
}

/* Whether the worker could go back to sleep as if nothing had been. */
static bool lie_down(struct worker *worker, int64_t next_ms)
{
        struct actor_node *node = worker->node;
        pthread_mutex_lock(&node->idle_lock);
        bool sleeps = !worker->awaits && CELL_GET(worker->next) == NULL && ring_is_empty(&worker->ring) &&
                      atomic_load(&worker->gifts) == NULL;
        if (sleeps)
                (void) push_sleeper(worker);
        pthread_mutex_unlock(&node->idle_lock);
        if (sleeps && CELL_GET(worker->wheel.next_ms) < next_ms)
                wake(worker, WAKE_KICKED); /* it would sleep beyond the new deadline */
        return sleeps;
}

/* The lender has other things to do: what is not known to be done quickly is left to the worker. (Where that
 * proves wrong the watchdog sees to the lender's work: net_relieve().) */
static bool may_be_slow(struct actor *a)
{
        const struct kind *kind = CELL_GET(a->kind);
        unsigned first = turn_first_row(a);
        if (first <= kind->row_count && CELL_GET(kind->rows[first].times.timed) < TIMED_FIRST)
                return true;
        for (unsigned row = 0; row <= kind->row_count; row++)
                if (CELL_GET(kind->rows[row].times.average_ns) > BORROWED_HANDLER_NS)
                        return true;
        return false;
}

void sched_run_borrowed(struct worker *worker)
{
        struct actor_node *node = worker->node;
        int64_t next_ms = CELL_GET(worker->wheel.next_ms), until_ns = worker->now_ns + BORROWED_NS;
        struct actor *a;
        while (worker->now_ns < until_ns && (a = sched_find_own(worker)) != NULL) {
                bool slow = may_be_slow(a);
                if (slow || sched_take_turn(worker, a))
                        sched_push(worker, a);
                if (slow)
                        break;
                CELL_SET(worker->turns, CELL_GET(worker->turns) + 1);
                worker->now_ns = ticks_now_ns(&worker->ticks);
        }
        blocks_use(worker->lender_blocks);
        CELL_SET(worker->is_borrowed, false);
        if (!lie_down(worker, next_ms))
                wake(worker, WAKE_RETURNED);
        else if (sched_has_work(node) || sched_shutdown_is_pending(node) || atomic_load(&node->quit))
                sched_wake_one(node);
}
