/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sched_private.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

/* share.c: how actors come to other workers than the one that made them runnable. Whether they should,
 * judge.c decides. */
enum {
        PACED_NS = 10000,        /* a worker's pace is worked out that often, at most */
        EVENED_OUT_NS = 1000000, /* at most that often */
        CONGESTED_NS = 50000,    /* work that would wait that long in a ring is for others to take */
};

/* Whether there is work to share: several wait, or one has to wait long. */
bool share_is_worth_it(const struct worker *worker)
{
        if (CELL_GET(worker->node->sharing.home) != NULL)
                return false;
        uint32_t count = ring_count(&worker->ring);
        return count >= 2 || (uint64_t) count * CELL_GET(worker->pace_ns) >= CONGESTED_NS;
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

/* Where one worker is to have all, the others give it what they have, once. */
static void go_home(struct worker *worker)
{
        struct sharing *sharing = &worker->node->sharing;
        uint32_t epoch = atomic_load_explicit(&sharing->epoch, memory_order_acquire);
        if (epoch == worker->epoch)
                return;
        worker->epoch = epoch;
        struct worker *home = CELL_GET(sharing->home);
        if (home == NULL || home == worker)
                return;
        struct actor *next = sched_take_next(worker);
        if (next != NULL)
                give(home, next);
        give_from_ring(worker, home, RING_SIZE);
}

/* Rings that differ in length wait differently long, and nobody steals while all have work: so now and then
 * the longer one gives. */
static void even_out(struct worker *worker)
{
        struct actor_node *node = worker->node;
        uint32_t own = ring_count(&worker->ring), least = own;
        struct worker *to = NULL;
        if (worker->now_ns < worker->evened_out_ns + EVENED_OUT_NS || CELL_GET(node->sharing.home) != NULL ||
            atomic_load(&node->idle_count) > 0)
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

static void add_to_lap(struct worker *worker, struct lap *lap)
{
        uint64_t sent = CELL_GET(worker->counters.sent), done = sent + CELL_GET(worker->counters.handled);
        uint64_t did = done - worker->done_then, parks = CELL_GET(worker->counters.parks);
        bool slept = parks != worker->parks_then;
        worker->done_then = done;
        worker->parks_then = parks;
        lap->sent += sent;
        lap->away += CELL_GET(worker->sends_away);
        lap->done += did;
        if (lap->busiest == NULL || did > lap->most) {
                lap->most = did;
                lap->busiest = worker;
                lap->sleeps = slept;
        }
}

static struct lap end_lap(struct worker *worker)
{
        struct actor_node *node = worker->node;
        struct sharing *sharing = &node->sharing;
        const struct worker *home = CELL_GET(sharing->home);
        struct lap lap = {.now_ns = ticks_now_ns(&worker->ticks)};
        for (unsigned i = 0; i < node->worker_count; i++)
                add_to_lap(&node->workers[i], &lap);
        lap.spent_ns = lap.now_ns - sharing->counted_ns;
        lap.waits = home != NULL && ring_count(&home->ring) >= 2;
        sharing->counted_ns = lap.now_ns;
        uint64_t sent = lap.sent, away = lap.away; /* ever, so far */
        lap.sent -= sharing->sent;
        lap.away -= sharing->away;
        sharing->sent = sent;
        sharing->away = away;
        return lap;
}

/* One worker counts for all: whoever comes by first when it is time. */
static void count_laps(struct worker *worker)
{
        struct sharing *sharing = &worker->node->sharing;
        if (worker->now_ns < CELL_GET(sharing->count_at_ns) ||
            atomic_exchange_explicit(&sharing->judging, true, memory_order_acquire))
                return;
        struct lap lap = end_lap(worker);
        CELL_SET(sharing->count_at_ns, lap.now_ns + JUDGE_LAP_NS);
        bool was_shared = CELL_GET(sharing->home) == NULL;
        judge_lap(sharing, &lap);
        if (!was_shared && CELL_GET(sharing->home) == NULL)
                sched_wake_one(worker->node); /* for what nobody was woken for */
        atomic_store_explicit(&sharing->judging, false, memory_order_release);
}

/* What was before is no measure any more. */
void share_begin_pace(struct worker *worker)
{
        worker->now_ns = worker->paced_ns = ticks_now_ns(&worker->ticks);
        worker->paced_turns = CELL_GET(worker->turns);
}

void share_work_out_pace(struct worker *worker)
{
        uint64_t turns = CELL_GET(worker->turns) - worker->paced_turns;
        int64_t spent_ns = worker->now_ns - worker->paced_ns;
        if (worker->node->worker_count == 1 || spent_ns < PACED_NS || turns == 0)
                return;
        int64_t pace_ns = spent_ns / (int64_t) turns;
        CELL_SET(worker->pace_ns, pace_ns < UINT32_MAX ? (uint32_t) pace_ns : UINT32_MAX);
        worker->paced_turns += turns;
        worker->paced_ns = worker->now_ns;
        count_laps(worker);
        go_home(worker);
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
