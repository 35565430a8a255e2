/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* ask.c: questions under way. An actor keeps one entry a question; whichever comes first, the answer
 * or the timer, takes the entry and calls the continuation. The other one finds nothing. */

void actor_ask(struct actor *self, struct actor_ref to, void *msg_take, int64_t timeout_ms,
               actor_reply_fn reply, void *arg)
{
        assert(timeout_ms > 0 && reply != NULL);
        struct ask *ask = actor_malloc(sizeof *ask);
        uint64_t id = ++cell_bonds(self)->counter;
        *ask = (struct ask){reply, arg, timers_arm(self, timeout_ms, 0, NULL, id), trace_of(self)};
        map_put(&cell_bonds(self)->asks, id, ask);

        struct mail *mail = mail_with(MAIL_ASK, cell_ref(self), to, msg_take);
        mail->ask_id = id;
        mail->trace_id = trace_of(self);
        mail->from_node = cell_has(self, CELL_HIDDEN);  /* then it asks for a foreign thread */
        (void) deliver(self->node, self->worker, mail); /* a refusal comes back as an answer */
}

/* The continuation goes on with the trace in which the question was asked. */
static void complete(struct actor *a, struct ask *ask_take, struct actor_mail *view, const struct mail *mail)
{
        static const struct actor_type no_answer = {.name = "(no answer)"};
        struct ask ask = *ask_take;
        struct worker *worker = a->worker;
        const struct actor_type *type = mail->body != NULL ? actor_msg_type(mail->body) : NULL;
        free(ask_take);
        if (type == NULL)
                COUNT(a->node, a->worker, sent); /* the runtime's own word, counted when it is heard */
        const struct kind *kind = CELL_GET(a->kind);
        unsigned row = kind->row_count;
        int64_t begin_ns = turn_is_timed(worker, &kind->rows[row]) ? turn_begin_timing(a, row) : -1;
        CELL_SET(worker->unlisted, type != NULL ? type : &no_answer);
        worker->trace_id = view->trace_id = ask.trace_id;
        int64_t traced_ns = trace_begin_ns(a);
        int r = ask.reply(a->state, view, mail->body, ask.arg);
        if (worker->trace_id != 0)
                trace_handled(a, mail, type, traced_ns);
        CELL_SET(worker->unlisted, NULL);
        turn_count_call(worker, a);
        if (begin_ns >= 0)
                turn_end_timing(a, row, begin_ns);
        if (r != 0 || a->exit_called)
                turn_outcome(a, r);
}

void ask_on_reply(struct actor *a, const struct mail *mail)
{
        struct ask *ask = a->bonds != NULL ? map_take(&a->bonds->asks, mail->ask_id) : NULL;
        if (ask == NULL) {
                if (mail->body != NULL) {
                        COUNT(a->node, a->worker, late_replies);
                        COUNT(a->node, a->worker, dropped);
                }
                return;
        }
        actor_timer_cancel(a, ask->timer);
        struct actor_mail view = {.self = a,
                                  .from = mail->from,
                                  .now_ns = a->worker->now_ns,
                                  .error = mail->body ? 0 : mail->error};
        complete(a, ask, &view, mail);
}

void ask_on_timeout(struct actor *a, uint64_t ask_id)
{
        struct ask *ask = map_take(&cell_bonds(a)->asks, ask_id);
        if (ask == NULL)
                return;
        struct actor_mail view = {.self = a, .now_ns = a->worker->now_ns, .error = -ETIMEDOUT};
        struct mail nothing = {.kind = MAIL_REPLY, .ask_id = ask_id, .error = -ETIMEDOUT};
        complete(a, ask, &view, &nothing);
}

void ask_drop_all(struct actor *a)
{
        uint64_t id;
        void *ask;
        while (a->bonds != NULL && map_take_any(&a->bonds->asks, &id, &ask)) {
                actor_timer_cancel(a, ((struct ask *) ask)->timer);
                free(ask);
        }
}
