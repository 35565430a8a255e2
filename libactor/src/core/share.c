/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sched_private.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

/* share.c: when one worker's actors are better run by another.
 *
 * A runnable actor that waits in a ring may be stolen, but moving it costs as much as many short turns, and
 * those it writes to stay behind. So work is shared for a try where there are several to run, at once where
 * they would wait long, and not for a while after a try in which most messages went between workers
 * and were short: then the one that notices it first gives all it has to the other. */
enum {
        PACED_NS = 10000, /* a worker's pace is worked out that often, at most */
        SHORT_MESSAGE_NS = 300,
        EVENED_OUT_NS = 1000000, /* at most that often */
        TRIAL_SENDS = 1000,
        TRIAL_PAUSE_MIN_NS = 1000000,
        TRIAL_PAUSE_MAX_NS = 256000000,
        CONGESTED_NS = 50000, /* work that would wait that long in a ring is for others to take */
        CONGESTED_IN_PAUSE_NS = 1000000,
};

/* Whether there is work to share: some have to wait long; or there are several, and the last try did not fail
 * a short while ago. */
bool share_is_worth_it(const struct worker *worker, int64_t now_ns)
{
        uint32_t count = ring_count(&worker->ring);
        uint64_t wait_ns = (uint64_t) count * CELL_GET(worker->pace_ns);
        if (now_ns >= CELL_GET(worker->node->trial_at_ns))
                return count >= 2 || wait_ns >= CONGESTED_NS;
        return wait_ns >= CONGESTED_IN_PAUSE_NS;
}

void share_init(struct actor_node *node)
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

void share_take_gifts(struct worker *worker)
{
        struct actor *a = atomic_load_explicit(&worker->gifts, memory_order_relaxed);
        if (a != NULL)
                a = atomic_exchange(&worker->gifts, NULL);
        for (struct actor *next; a != NULL; a = next) {
                next = a->run_link;
                sched_push(worker, a);
        }
}

/* Gives so many from its ring, if there are. */
static void give_from_ring(struct worker *worker, struct worker *to, uint32_t count)
{
        for (struct actor *a; count > 0 && (a = ring_pop(&worker->ring)) != NULL; count--)
                give(to, a);
        if (atomic_load(&worker->node->idle_count) > 0)
                sched_kick(to); /* it may have gone to sleep meanwhile */
}

/* Gives all it has to a worker that is awake. */
static void retreat(struct worker *worker)
{
        struct worker *to = other_awake(worker);
        if (to == NULL)
                return;
        struct actor *next = sched_take_next(worker);
        if (next != NULL)
                give(to, next);
        give_from_ring(worker, to, RING_SIZE);
}

/* Rings that differ in length wait differently long, and nobody steals while all have work: so now and then
 * the longer one gives. */
static void even_out(struct worker *worker)
{
        struct actor_node *node = worker->node;
        uint32_t own = ring_count(&worker->ring), least = own;
        struct worker *to = NULL;
        if (worker->now_ns < worker->evened_out_ns + EVENED_OUT_NS ||
            worker->now_ns < CELL_GET(node->trial_at_ns) || atomic_load(&node->idle_count) > 0)
                return;
        worker->evened_out_ns = worker->now_ns;
        for (unsigned i = 0; i < node->worker_count; i++) {
                uint32_t count = ring_count(&node->workers[i].ring);
                if (count < least) {
                        least = count;
                        to = &node->workers[i];
                }
        }
        uint32_t surplus = (own - least) / 2;
        if (surplus >= 2)
                give_from_ring(worker, to, surplus);
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
void share_begin_pace(struct worker *worker)
{
        worker->now_ns = worker->paced_ns = ticks_now_ns(&worker->ticks);
        worker->paced_turns = CELL_GET(worker->turns);
        worker->handled_then = CELL_GET(worker->counters.handled);
}

void share_work_out_pace(struct worker *worker)
{
        uint64_t turns = CELL_GET(worker->turns) - worker->paced_turns;
        uint64_t handled = CELL_GET(worker->counters.handled) - worker->handled_then;
        int64_t spent_ns = worker->now_ns - worker->paced_ns;
        if (worker->node->worker_count == 1 || spent_ns < PACED_NS || turns == 0)
                return;
        int64_t pace_ns = spent_ns / (int64_t) turns;
        CELL_SET(worker->pace_ns, pace_ns < UINT32_MAX ? (uint32_t) pace_ns : UINT32_MAX);
        worker->paced_turns += turns;
        worker->handled_then += handled;
        worker->paced_ns = worker->now_ns;
        worker->busy_since_judged_ns += spent_ns;
        worker->handled_since_judged += handled;
        if (worker->sends >= TRIAL_SENDS)
                judge_trial(worker);
        even_out(worker);
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
 * is_rescued, between two turns. We raise that, and the barrier makes it two cases: the worker has been in
 * the handler since, and will see it raised; or its turn has ended before, and we see that. (membarrier(2);
 * no barrier, no rescue: then whoever is in the slot waits for the handler.) */
void sched_rescue(struct worker *worker, uint64_t turns)
{
        rescue_ring(worker);
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0)
                return;
        atomic_store(&worker->is_rescued, true);
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0 ||
            CELL_GET(worker->running) == NULL || atomic_load(&worker->turns) != turns) {
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
