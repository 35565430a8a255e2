/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"

#include <assert.h>

/* timers.c: an actor's timers on its worker's wheel. The wheel knows when; the actor's own list knows
 * whose. A fired timer sends a mail that carries only its number, and is looked up anew when the mail
 * is handled: so a timer cancelled in between is silent, and a periodic one has never more than one
 * mail on its way, however slow its actor is.
 *
 * A number is generation, index and worker: 32, 24 and 8 bits. */
enum { NS_A_MS = 1000000, INDEX_BITS = 24, WORKER_BITS = 8, TIMERS_MAX = 1 << INDEX_BITS };
_Static_assert(WORKERS_MAX <= 1 << WORKER_BITS, "a worker's index fits into a timer's number");

static uint64_t number_of(const struct timer *timer, const struct worker *worker)
{
        return (uint64_t) timer->generation << 32 | (uint64_t) timer->index << WORKER_BITS | worker->index;
}

static struct worker *worker_of(struct actor *a, uint64_t number)
{
        unsigned index = (unsigned) (number & (WORKERS_MAX - 1));
        return index < a->node->worker_count ? &a->node->workers[index] : NULL;
}

/* The wheel's lock is held. NULL where the number is spent, unknown or another's. */
static inline struct timer *find(struct actor *a, struct worker *worker, uint64_t number)
{
        uint32_t index = (uint32_t) number >> WORKER_BITS;
        struct timer *timer = wheel_find(&worker->wheel, index, (uint32_t) (number >> 32));
        return likely(timer != NULL) && likely(actor_ref_equal(timer->owner, cell_ref(a))) ? timer : NULL;
}

static inline void own(struct actor *a, struct timer *timer)
{
        timer->own_next = a->timers;
        timer->own_link = &a->timers;
        if (a->timers != NULL)
                a->timers->own_link = &timer->own_next;
        a->timers = timer;
}

static inline void disown(struct timer *timer)
{
        *timer->own_link = timer->own_next;
        if (timer->own_next != NULL)
                timer->own_next->own_link = timer->own_link;
}

int64_t timers_deadline(struct actor *a, int64_t delay_ms)
{
        const int64_t far_ms = INT64_MAX / 4;
        int64_t now_ms = (worker_now_ns(a->node, a->worker) + NS_A_MS - 1) / NS_A_MS;
        return delay_ms > far_ms ? far_ms : now_ms + delay_ms;
}

uint64_t timers_arm(struct actor *a, int64_t deadline_ms, int64_t period_ms, const void *msg_take,
                    uint64_t ask_id)
{
        assert(period_ms >= 0);
        struct worker *worker = a->worker != NULL ? a->worker : &a->node->workers[0];
        spin_lock(&worker->wheel_lock);
        struct timer *timer = wheel_new(&worker->wheel);
        assert(timer->index < TIMERS_MAX);
        timer->period_ms = period_ms;
        timer->owner = cell_ref(a);
        timer->worker = worker->index;
        timer->msg = msg_take;
        timer->ask_id = ask_id;
        wheel_arm(&worker->wheel, timer, deadline_ms);
        uint64_t number = number_of(timer, worker);
        spin_unlock(&worker->wheel_lock);
        own(a, timer);
        if (unlikely(a->worker == NULL) && a->node->sim == NULL)
                sched_kick(worker); /* it may sleep beyond the new deadline */
        return number;
}

uint64_t actor_after(struct actor *self, int64_t delay_ms, void *msg_take)
{
        assert(msg_take != NULL && delay_ms >= 0);
        return timers_arm(self, timers_deadline(self, delay_ms), 0, msg_take, 0);
}

uint64_t actor_every(struct actor *self, int64_t period_ms, void *msg_take)
{
        assert(msg_take != NULL && period_ms > 0);
        return timers_arm(self, timers_deadline(self, period_ms), period_ms, msg_take, 0);
}

void actor_timer_cancel(struct actor *self, uint64_t number)
{
        struct worker *worker = worker_of(self, number);
        if (number == 0 || unlikely(worker == NULL))
                return;
        const void *msg = NULL;
        spin_lock(&worker->wheel_lock);
        struct timer *timer = find(self, worker, number);
        if (likely(timer != NULL)) {
                disown(timer);
                msg = timer->msg;
                wheel_free(&worker->wheel, timer);
        }
        spin_unlock(&worker->wheel_lock);
        actor_msg_unref(msg);
}

/* The next multiple of the period that lies ahead: what was missed is not made up for. */
static int64_t next_deadline(const struct timer *timer, int64_t now_ms)
{
        int64_t next = timer->deadline_ms + timer->period_ms;
        if (next <= now_ms)
                next += (now_ms - next) / timer->period_ms * timer->period_ms + timer->period_ms;
        return next;
}

bool timers_take(struct actor *a, uint64_t number, void **ret_msg, uint64_t *ret_ask_id)
{
        struct worker *worker = worker_of(a, number);
        assert(worker != NULL);
        int64_t now_ms = node_now_ns(a->node) / NS_A_MS;
        bool elsewhere = false;
        spin_lock(&worker->wheel_lock);
        struct timer *timer = find(a, worker, number);
        if (timer != NULL) {
                assert(timer->place == TIMER_FIRED);
                *ret_ask_id = timer->ask_id;
                *ret_msg = (void *) (uintptr_t) timer->msg;
                if (timer->period_ms > 0) {
                        actor_msg_ref(timer->msg);
                        wheel_arm(&worker->wheel, timer, next_deadline(timer, now_ms));
                        elsewhere = worker != a->worker;
                } else {
                        disown(timer);
                        wheel_free(&worker->wheel, timer);
                }
        }
        spin_unlock(&worker->wheel_lock);
        if (elsewhere)
                sched_kick(worker);
        return timer != NULL;
}

void timers_drop_all(struct actor *a)
{
        while (a->timers != NULL) {
                struct timer *timer = a->timers;
                actor_timer_cancel(a, number_of(timer, &a->node->workers[timer->worker]));
        }
}

void timers_fire(struct actor_node *node, struct worker *worker, struct worker *wheel_of, int64_t now_ms)
{
        struct mail *first = NULL;
        _Atomic(struct mail *) *end = NULL;
        spin_lock(&wheel_of->wheel_lock);
        for (struct timer *timer = wheel_advance(&wheel_of->wheel, now_ms); timer != NULL;
             timer = timer->next) {
                struct mail *mail = mail_make(MAIL_TIMER, timer->owner, timer->owner);
                mail->ask_id = number_of(timer, wheel_of);
                atomic_store_explicit(&mail->next, NULL,
                                      memory_order_relaxed); /* mail_make() leaves it unset */
                if (end == NULL)
                        first = mail;
                else
                        atomic_store_explicit(end, mail, memory_order_relaxed);
                end = &mail->next;
        }
        spin_unlock(&wheel_of->wheel_lock);
        while (first != NULL) {
                struct mail *mail = first;
                first = atomic_load_explicit(&mail->next, memory_order_relaxed);
                (void) deliver(node, worker, mail);
        }
}
