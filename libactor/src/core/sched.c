/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include "sim/sim.h"
#include <assert.h>
#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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
        PACED_NS = 10000, /* a worker's pace is worked out that often, at most */
        INJECT_TICK = 61, /* the inject list goes first once in so many turns */
        SPIN_NS = 40000,
        SHORT_MESSAGE_NS = 300,
        TRIAL_SENDS = 1000,
        TRIAL_PAUSE_MIN_NS = 1000000,
        TRIAL_PAUSE_MAX_NS = 256000000,
        CONGESTED_IN_PAUSE_NS = 1000000,
        CONGESTED_NS = 50000, /* work that would wait that long in a ring is for others to take */
        WAKE_KICKED = 1,      /* look around: a timer, the end */
        WAKE_TO_SEARCH = 2,   /* and be the one that searches */
        WAKE_RETURNED = 4,    /* the worker was borrowed, and has work */
        BORROWED_NS = 200000,
        BORROWED_HANDLER_NS = 20000,
        BORROWER_LOOKS = 100, /* some microseconds */
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

static bool has_work(struct actor_node *node)
{
        if (atomic_load(&node->inject_count) > 0 || !post_box_is_empty(&node->box))
                return true;
        for (unsigned i = 0; i < node->worker_count; i++) {
                if (!ring_is_empty(&node->workers[i].ring))
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

static void add_sleeper(struct worker *worker)
{
        struct actor_node *node = worker->node;
        pthread_mutex_lock(&node->idle_lock);
        uint32_t count = atomic_load_explicit(&node->idle_count, memory_order_relaxed);
        node->idle[count] = worker;
        worker->awaits = false;
        atomic_store(&node->idle_count, count + 1);
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
                if (!has_work(node)) /* else: a worker may have gone to sleep while we barred others */
                        return;
        }
}

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

/* Whether there is work to share: some have to wait long; or there are several, and the last try did not fail
 * a short while ago. */
static bool is_worth_sharing(const struct worker *worker, int64_t now_ns)
{
        uint32_t count = ring_count(&worker->ring);
        uint64_t wait_ns = (uint64_t) count * CELL_GET(worker->pace_ns);
        if (now_ns >= CELL_GET(worker->node->trial_at_ns))
                return count >= 2 || wait_ns >= CONGESTED_NS;
        return wait_ns >= CONGESTED_IN_PAUSE_NS;
}

static void push(struct worker *worker, struct actor *a)
{
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
            (CELL_GET(worker->ready_slowly) || is_worth_sharing(worker, worker->now_ns)))
                sched_wake_one(worker->node);
}

void sched_inject(struct actor_node *node, struct actor *a)
{
        inject_chain(node, a, a, 1);
        sched_wake_one(node);
}

void sched_ready_slowly(struct actor_node *node, struct worker *worker, struct actor *a)
{
        if (node->sim != NULL) {
                sim_ready(node->sim, a);
        } else if (worker == NULL) {
                sched_inject(node, a);
        } else if (CELL_GET(worker->ready_slowly)) {
                push(worker, a);
        } else {
                /* An exchange: sched_rescue() may take whoever is there, in the middle of this handler. */
                struct actor *before = atomic_exchange_explicit(&worker->next, a, memory_order_acq_rel);
                if (before != NULL)
                        push(worker, before);
        }
}

/* ---- rescue ---------------------------------------------------------------------------------------- */

/* From the ring anybody may take, but nobody need have been woken for it. */
static void rescue_ring(struct worker *worker)
{
        struct ring loot = {.head = 0};
        while (ring_steal(&loot, &worker->ring) > 0)
                for (struct actor *a; (a = ring_pop(&loot)) != NULL;)
                        sched_inject(worker->node, a);
}

/* The slot is its worker's, which reads and writes it without a barrier, having first looked at
 * is_rescued. We raise that, and the barrier makes it two cases: the worker has been in the handler since,
 * and will see it raised; or its turn has ended before, and we see that. (membarrier(2); no barrier, no
 * rescue: then whoever is in the slot waits for the handler.) */
void sched_rescue(struct worker *worker, uint64_t turns)
{
        rescue_ring(worker);
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0)
                return;
        atomic_store(&worker->is_rescued, true);
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0 ||
            atomic_load(&worker->turns) != turns) {
                atomic_store(&worker->is_rescued, false);
                return;
        }
        struct actor *a = atomic_exchange(&worker->next, NULL), *gift = atomic_exchange(&worker->gifts, NULL);
        atomic_store(&worker->is_rescued, false);
        if (a != NULL)
                sched_inject(worker->node, a);
        for (; (a = gift) != NULL; sched_inject(worker->node, a))
                gift = a->run_link;
        sched_wake_one(worker->node); /* the ring is there for everybody */
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

static struct actor *take_next(struct worker *worker)
{
        atomic_signal_fence(
                memory_order_seq_cst); /* with the barrier in sched_rescue(): turns, then is_rescued */
        while (atomic_load_explicit(&worker->is_rescued, memory_order_relaxed))
                sched_yield(); /* the rescuer is between two system calls */
        struct actor *a = atomic_load_explicit(&worker->next, memory_order_acquire);
        if (a != NULL)
                CELL_SET(worker->next, NULL);
        return a;
}

/* ---- whether to work side by side ------------------------------------------------------------------ */

void sched_init(struct actor_node *node)
{
        atomic_init(&node->trial_pause_ns, TRIAL_PAUSE_MIN_NS);
}

/* Some worker that is awake, NULL: none but this one. */
static struct worker *other_awake(struct worker *worker)
{
        struct actor_node *node = worker->node;
        struct worker *other = NULL;
        pthread_mutex_lock(&node->idle_lock);
        uint32_t idle = atomic_load_explicit(&node->idle_count, memory_order_relaxed);
        for (unsigned i = 1; i < node->worker_count && other == NULL; i++) {
                other = &node->workers[(worker->index + i) % node->worker_count];
                for (uint32_t j = 0; j < idle && other != NULL; j++)
                        other = node->idle[j] == other ? NULL : other;
        }
        pthread_mutex_unlock(&node->idle_lock);
        return other;
}

/* The other takes it when it looks around, or is about to sleep. */
static void give(struct worker *to, struct actor *a)
{
        struct actor *first = atomic_load_explicit(&to->gifts, memory_order_relaxed);
        do {
                a->run_link = first;
        } while (!atomic_compare_exchange_weak(&to->gifts, &first, a));
}

static void take_gifts(struct worker *worker)
{
        struct actor *a = atomic_load_explicit(&worker->gifts, memory_order_relaxed);
        if (a != NULL)
                a = atomic_exchange(&worker->gifts, NULL);
        for (struct actor *next; a != NULL; a = next) {
                next = a->run_link;
                push(worker, a);
        }
}

/* Gives all it has to a worker that is awake. */
static void retreat(struct worker *worker)
{
        struct worker *to = other_awake(worker);
        if (to == NULL)
                return;
        struct actor *next = take_next(worker), *a;
        if (next != NULL)
                give(to, next);
        while ((a = ring_pop(&worker->ring)) != NULL)
                give(to, a);
        if (atomic_load(&worker->node->idle_count) > 0)
                sched_kick(to); /* it may have gone to sleep meanwhile */
}

/* Short handlers that write to each other from two processors spend most of their time on the way between
 * these. Whoever notices it first gives way, and the longer the more often it happens. */
static void judge_trial(struct worker *worker)
{
        struct actor_node *node = worker->node;
        int64_t pause_ns = CELL_GET(node->trial_pause_ns), at_ns = CELL_GET(node->trial_at_ns);
        uint64_t messages = worker->sends + worker->handled_since_judged;
        bool is_close = worker->sends_away > worker->sends / 4 &&
                        (uint64_t) worker->busy_since_judged_ns / messages < SHORT_MESSAGE_NS;
        bool was_on_trial = worker->on_trial;
        worker->sends = worker->sends_away = worker->handled_since_judged = 0;
        worker->busy_since_judged_ns = 0;
        worker->on_trial = worker->now_ns >= at_ns && atomic_load(&node->idle_count) < node->worker_count - 1;
        if (!worker->on_trial || !was_on_trial)
                return;
        if (!is_close) {
                CELL_SET(node->trial_pause_ns, TRIAL_PAUSE_MIN_NS);
        } else if (atomic_compare_exchange_strong(&node->trial_at_ns, &at_ns, worker->now_ns + pause_ns)) {
                CELL_SET(node->trial_pause_ns, pause_ns < TRIAL_PAUSE_MAX_NS ? pause_ns * 2 : pause_ns);
                retreat(worker);
        }
}

/* What was before is no measure any more. */
static void begin_pace(struct worker *worker)
{
        worker->now_ns = worker->paced_ns = ticks_now_ns(&worker->ticks);
        worker->paced_turns = CELL_GET(worker->turns);
        worker->handled_then = CELL_GET(worker->counters.handled);
}

static void work_out_pace(struct worker *worker)
{
        uint64_t turns = CELL_GET(worker->turns) - worker->paced_turns;
        uint64_t handled = CELL_GET(worker->counters.handled) - worker->handled_then;
        int64_t spent_ns = worker->now_ns - worker->paced_ns;
        if (spent_ns < PACED_NS || turns == 0)
                return;
        int64_t pace_ns = spent_ns / (int64_t) turns;
        CELL_SET(worker->pace_ns, pace_ns < UINT32_MAX ? (uint32_t) pace_ns : UINT32_MAX);
        worker->paced_turns += turns;
        worker->handled_then += handled;
        worker->paced_ns = worker->now_ns;
        worker->busy_since_judged_ns += spent_ns;
        worker->handled_since_judged += handled;
        if (worker->sends >= TRIAL_SENDS && worker->node->worker_count > 1)
                judge_trial(worker);
}

/* ---- taking turns ---------------------------------------------------------------------------------- */

/* The run-next slot has had its share, or is empty: everybody else's turn. */
static struct actor *find_own(struct worker *worker)
{
        if (worker->node->boxed)
                deliver_boxed(worker);
        take_gifts(worker);
        struct actor *a = NULL, *next = take_next(worker);
        worker->quick = NEXT_STREAK_MAX;
        if (++worker->tick % INJECT_TICK == 0)
                a = take_injected(worker);
        if (a == NULL)
                a = ring_pop(&worker->ring);
        if (a == NULL)
                a = next != NULL ? next : take_injected(worker);
        else if (next != NULL)
                push(worker, next);
        return a;
}

/* A ring is left alone while its worker will get round to all in it soon, as far as we can see. */
static bool may_rob(const struct worker *thief, const struct worker *victim, bool patient)
{
        if (is_worth_sharing(victim, thief->now_ns))
                return true;
        bool stands_still = !patient && ring_head(&victim->ring) == thief->heads_seen[victim->index];
        return stands_still &&
               (thief->now_ns >= CELL_GET(victim->node->trial_at_ns) || CELL_GET(victim->ready_slowly));
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
        struct actor *a = find_own(worker);
        return a != NULL ? a : steal(worker, patient);
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("yield");
#endif
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
                        relax();
                a = find_anywhere(worker, true);
        }
        if (a == NULL) /* whoever has not moved all the while is in a long turn */
                a = find_anywhere(worker, false);
        stop_searching(worker);
        if (a != NULL && has_work(node))
                sched_wake_one(node);
        return a;
}

static bool shutdown_is_pending(struct actor_node *node)
{
        return atomic_load(&node->shutdown_asked) != 0 && !atomic_load(&node->shutdown_seen);
}

/* Somebody has taken this worker from the list of sleepers: to make it the searcher, or to borrow it. */
static void await_return(struct worker *worker)
{
        uint32_t seen;
        while (((seen = atomic_load(&worker->wake)) & (WAKE_TO_SEARCH | WAKE_RETURNED)) == 0)
                futex_wait(&worker->wake, seen, INT64_MAX);
        worker->searching = (seen & WAKE_TO_SEARCH) != 0;
}

static void sleep_until_woken(struct worker *worker)
{
        struct actor_node *node = worker->node;
        (void) atomic_exchange(&worker->wake, 0);
        add_sleeper(worker);
        if (!has_work(node) && atomic_load(&worker->gifts) == NULL && !atomic_load(&node->quit) &&
            !shutdown_is_pending(node)) {
                int64_t next_ms = CELL_GET(worker->wheel.next_ms);
                CELL_SET(worker->counters.parks, CELL_GET(worker->counters.parks) + 1);
                futex_wait(&worker->wake, 0, next_ms > INT64_MAX / 2000000 ? INT64_MAX : next_ms * 1000000);
        }
        if (!remove_sleeper(worker))
                await_return(worker);
        begin_pace(worker);
        if (atomic_load(&node->watchdog.parked))
                watchdog_unpark(node);
}

/* ---- the loop ------------------------------------------------------------------------------------ */

/* What is seldom due; false: the end. */
static bool look_around(struct worker *worker)
{
        struct actor_node *node = worker->node;
        if (atomic_load_explicit(&node->attention, memory_order_relaxed)) {
                if (atomic_load(&node->quit))
                        return false;
                if (shutdown_is_pending(node))
                        node_poll_shutdown(node);
        }
        timers_run(node, worker, worker, worker->now_ns);
        work_out_pace(worker);
        return true;
}

/* The watchdog sees whose turn it is as long as it lasts, and by the number of turns when it has ended. */
static bool take_turn(struct worker *worker, struct actor *a)
{
        CELL_SET(worker->running, a);
        bool has_more = turn_run(worker, a);
        CELL_SET(worker->running, NULL);
        return has_more;
}

void *sched_main(void *arg)
{
        struct worker *worker = arg;
        begin_pace(worker);
        blocks_use(&worker->blocks);
        for (;;) {
                struct actor *a = worker->quick > 0 ? take_next(worker) : NULL;
                if (a != NULL) {
                        worker->quick--;
                } else {
                        if (!look_around(worker))
                                return NULL;
                        a = worker->searching ? NULL : find_own(worker);
                        if (a == NULL)
                                a = search(worker);
                        if (a == NULL) {
                                sleep_until_woken(worker);
                                continue;
                        }
                }
                if (take_turn(worker, a))
                        push(worker, a);
                atomic_store_explicit(&worker->turns, CELL_GET(worker->turns) + 1, memory_order_release);
        }
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
                relax();
        atomic_store_explicit(&node->borrower_waits, false, memory_order_relaxed);
}

struct worker *sched_borrow(struct actor_node *node)
{
        hurry_the_searcher(node);
        struct worker *worker = all_sleep(node) ? take_sleeper(node) : NULL;
        if (worker == NULL)
                return NULL;
        begin_pace(worker);
        if (atomic_load(&node->watchdog.parked))
                watchdog_unpark(node);
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
        if (sleeps) {
                uint32_t count = atomic_load_explicit(&node->idle_count, memory_order_relaxed);
                node->idle[count] = worker;
                atomic_store(&node->idle_count, count + 1);
        }
        pthread_mutex_unlock(&node->idle_lock);
        if (sleeps && CELL_GET(worker->wheel.next_ms) < next_ms)
                wake(worker, WAKE_KICKED); /* it would sleep beyond the new deadline */
        return sleeps;
}

/* The lender has other things to do: what is not known to be done quickly is left to the worker. */
static bool may_be_slow(struct actor *a)
{
        const struct kind *kind = CELL_GET(a->kind);
        unsigned first = turn_first_row(a);
        if (first <= kind->row_count && CELL_GET(kind->times[first].timed) < TIMED_FIRST)
                return true;
        for (unsigned row = 0; row <= kind->row_count; row++)
                if (CELL_GET(kind->times[row].average_ns) > BORROWED_HANDLER_NS)
                        return true;
        return false;
}

void sched_run_borrowed(struct worker *worker)
{
        struct actor_node *node = worker->node;
        struct block_cache *lender_blocks = worker->lender_blocks;
        int64_t next_ms = CELL_GET(worker->wheel.next_ms), until_ns = worker->now_ns + BORROWED_NS;
        struct actor *a;
        while (worker->now_ns < until_ns && (a = find_own(worker)) != NULL) {
                bool slow = may_be_slow(a);
                if (slow || take_turn(worker, a))
                        push(worker, a);
                if (slow)
                        break;
                CELL_SET(worker->turns, CELL_GET(worker->turns) + 1);
                worker->now_ns = ticks_now_ns(&worker->ticks);
        }
        blocks_use(lender_blocks);
        if (!lie_down(worker, next_ms))
                wake(worker, WAKE_RETURNED);
        else if (has_work(node) || shutdown_is_pending(node) || atomic_load(&node->quit))
                sched_wake_one(node);
}
