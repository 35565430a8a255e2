/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"

#include <assert.h>
#include <errno.h>

/* ask.c: questions under way. An actor keeps one entry a question; whichever comes first, the answer
 * or the timeout, takes the entry and calls the continuation. The other one finds nothing.
 *
 * Most questions are answered long before their deadline, so an answer leaves the timer alone: it rings for
 * whoever is the first in line by then, if anybody is, and is armed anew for the next one. */
enum { NS_A_MS = 1000000, TIMEOUTS_AT_ONCE = 32 };

static __attribute__((noinline)) void arm_for(struct actor *a, struct asks *asks, const struct ask *first)
{
        if (asks->timer != 0)
                actor_timer_cancel(a, asks->timer);
        asks->timer_ms = first->deadline_ms;
        asks->timer = timers_arm(a, first->deadline_ms, 0, NULL, 0);
}

/* The line's timer rings in time for its first. */
static inline void arm_for_first(struct actor *a, struct asks *asks)
{
        const struct ask *first = asks_first(asks);
        if (first != NULL && unlikely(asks->timer == 0 || asks->timer_ms > first->deadline_ms))
                arm_for(a, asks, first);
}

void actor_ask(struct actor *self, struct actor_ref to, void *msg_take, int64_t timeout_ms,
               actor_reply_fn reply, void *arg)
{
        assert(timeout_ms > 0 && reply != NULL);
        struct bonds *bonds = likely(self->bonds != NULL) ? self->bonds : cell_bonds(self);
        struct worker *worker = self->worker;
        struct asks *asks = &bonds->asks;
        struct ask *ask = asks_add(asks, ++bonds->counter);
        uint64_t id = ask->id, trace_id = trace_of(self);
        ask->reply = reply;
        ask->arg = arg;
        ask->trace_id = trace_id;
        ask->deadline_ms = timers_deadline(self, timeout_ms);
        if (likely(asks_line_up(asks, ask)))
                arm_for_first(self, asks);
        else
                ask->timer = timers_arm(self, ask->deadline_ms, 0, NULL, id);

        struct mail *mail = mail_with(MAIL_ASK, cell_ref(self), to, msg_take);
        mail->ask_id = id;
        mail->trace_id = trace_id;
        mail->from_node = cell_has(self, CELL_HIDDEN); /* then it asks for a foreign thread */
        if (likely(worker != NULL))                    /* a refusal comes back as an answer */
                (void) deliver_ask(self->node, worker, mail);
        else
                (void) deliver(self->node, NULL, mail);
}

static const struct actor_type no_answer = {.name = "(no answer)"};

/* The continuation goes on with the trace in which the question was asked. The mail becomes what it is shown;
 * `type` is its body's, or no_answer. */
static inline __attribute__((always_inline)) void complete(struct actor *a, struct ask *ask_take,
                                                           struct mail *mail, const struct actor_type *type)
{
        struct worker *worker = a->worker;
        const struct kind *kind = CELL_GET(a->kind);
        unsigned row = kind->row_count;
        actor_reply_fn reply = ask_take->reply;
        void *arg = ask_take->arg;
        uint64_t id = ask_take->id;
        worker->trace_id = mail->trace_id = ask_take->trace_id;
        asks_remove(&a->bonds->asks, ask_take);
        int64_t begin_ns = unlikely(turn_is_timed(worker, &kind->rows[row])) ? turn_begin_timing(a, row) : -1;
        CELL_SET(worker->unlisted, type);
        int64_t traced_ns = trace_begin_ns(a);
        mail->ask_id = 0; /* of a view: to be answered */
        mail->view.self = a;
        mail->view.now_ns = worker->now_ns;
        int r = reply(a->state, &mail->view, mail->body, arg);
        mail->ask_id = id;
        if (unlikely(worker->trace_id != 0))
                trace_handled(a, mail, type != &no_answer ? type : NULL, traced_ns);
        CELL_SET(worker->unlisted, NULL);
        turn_count_call(worker, a);
        if (unlikely(begin_ns >= 0))
                turn_end_timing(a, row, begin_ns);
        if (unlikely(r != 0 || a->exit_called))
                turn_outcome(a, r);
}

/* One that came too late, or twice. */
static __attribute__((noinline, cold)) void ignore(struct actor *a, const struct mail *mail)
{
        if (mail->body == NULL)
                return;
        COUNT(a->node, a->worker, late_replies);
        COUNT(a->node, a->worker, dropped);
}

/* No answer is the runtime's own word, counted as sent when it is heard. */
static __attribute__((noinline)) void complete_without(struct actor *a, struct ask *ask_take,
                                                       struct mail *mail)
{
        COUNT(a->node, a->worker, sent);
        complete(a, ask_take, mail, &no_answer);
}

void ask_on_reply(struct actor *a, struct mail *mail)
{
        struct ask *ask = likely(a->bonds != NULL) ? asks_find(&a->bonds->asks, mail->ask_id) : NULL;
        if (unlikely(ask == NULL)) {
                ignore(a, mail);
                return;
        }
        if (ask->timer != 0)
                actor_timer_cancel(a, ask->timer);
        if (unlikely(mail->body == NULL)) {
                complete_without(a, ask, mail);
                return;
        }
        mail->error = 0;
        complete(a, ask, mail, envelope_of(mail->body)->type);
}

static void time_out(struct actor *a, struct ask *ask_take)
{
        struct mail nothing = {.kind = MAIL_REPLY, .error = -ETIMEDOUT};
        complete_without(a, ask_take, &nothing);
}

/* Of a large crowd that is due the others have to wait until the timer rings again, at once. A continuation
 * may be the last thing that the actor does, or its last before it is restarted. */
static void time_out_line(struct actor *a)
{
        int64_t now_ms = worker_now_ns(a->node, a->worker) / NS_A_MS;
        a->bonds->asks.timer = 0;
        for (unsigned left = TIMEOUTS_AT_ONCE; left > 0 && a->bonds != NULL; left--) {
                struct ask *first = asks_first(&a->bonds->asks);
                if (first == NULL || first->deadline_ms > now_ms)
                        break;
                time_out(a, first);
        }
        if (a->bonds != NULL)
                arm_for_first(a, &a->bonds->asks);
}

void ask_on_timeout(struct actor *a, uint64_t ask_id)
{
        struct ask *ask = asks_find(&a->bonds->asks, ask_id);
        if (ask != NULL)
                time_out(a, ask);
        else if (ask_id == 0)
                time_out_line(a);
}
