/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"

#include "inspect/inspect.h"
#include "system/system.h"
#include <actor/log.h>
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>

/* turn.c: one turn of one actor: takes mail out, finds the handler, calls it, looks at the outcome.
 * A turn ends after as many messages as were waiting when it began, but at most TURN_MESSAGES, and
 * after TURN_NS: an actor that writes to itself, or is written to faster than it reads, waits like
 * everybody else. */

const struct actor_type actor_undelivered_type = {.name = "actor_undelivered",
                                                  .size = sizeof(struct actor_undelivered)};

enum { ENDED_AT_ONCE = 32 }; /* children, before the next message */

/* An actor is also one of its node. */
enum { FROM_ITSELF = ACTOR_FROM_SELF | ACTOR_FROM_LOCAL };

/* ---- calling handlers ---------------------------------------------------------------------------- */

/* Whoever takes that long on average, or is not known yet, hands work to others at once. */
enum { SLOW_HANDLER_NS = 20000 };

int64_t turn_begin_timing(struct actor *a, unsigned row)
{
        struct worker *worker = a->worker;
        struct actor_node *node = a->node;
        worker->now_ns = worker_now_ns(node, worker);
        if (node->kinds.untimed) {
                worker->untimed = TIMED_ONE_IN;
                return -1;
        }
        const struct handler_times *times = &CELL_GET(a->kind)->rows[row].times;
        if (node->sim == NULL) {
                bool slow =
                        CELL_GET(times->average_ns) > SLOW_HANDLER_NS || CELL_GET(times->timed) < TIMED_FIRST;
                if (slow)
                        sched_call_help(worker);
        }
        return worker->now_ns;
}

void turn_end_timing(struct actor *a, unsigned row, int64_t begin_ns)
{
        struct worker *worker = a->worker;
        unsigned weight = worker->untimed == 0 ? TIMED_ONE_IN : 1;
        worker->untimed += worker->untimed == 0 ? TIMED_ONE_IN : 0;
        CELL_SET(worker->ready_slowly, a->node->sim != NULL);
        worker->now_ns = worker_now_ns(a->node, worker);
        uint64_t spent_ns = (uint64_t) (worker->now_ns - begin_ns), spent_us = spent_ns / 1000;
        CELL_SET(a->busy_ns, CELL_GET(a->busy_ns) + spent_ns * weight);
        if (spent_us >= CELL_GET(a->slowest_us)) {
                CELL_SET(a->slowest_us, spent_us < UINT32_MAX ? (uint32_t) spent_us : UINT32_MAX);
                CELL_SET(a->slowest_row, (uint16_t) (row + 1));
        }
        kind_note(CELL_GET(a->kind), row, spent_ns, weight);
}

void turn_outcome(struct actor *a, int r)
{
        if (r != 0)
                life_fail(a, r < 0 ? r : -EINVAL);
        else if (a->exit_called && a->error != 0)
                life_fail(a, a->error);
        else if (a->exit_called)
                life_end(a, ACTOR_DOWN_FINISHED, 0);
}

/* The row of a type, or the row that ends them, which has no type. */
static unsigned find_row(struct actor *a, const struct kind *kind, const struct actor_type *type)
{
        unsigned row = 0;
        while (row < kind->row_count && kind->rows[row].type != type)
                row++;
        CELL_SET(a->last_row, (uint16_t) row);
        return row;
}

static inline unsigned row_of(struct actor *a, const struct kind *kind, const struct actor_type *type)
{
        unsigned last = CELL_GET(a->last_row);
        return likely(kind->rows[last].type == type) ? last : find_row(a, kind, type);
}

/* Who this mail comes from, in the terms of a handler's row. */
static unsigned origin_of(struct actor *a, const struct mail *mail)
{
        if (actor_ref_is_remote(mail->from))
                return ACTOR_FROM_REMOTE;
        if (actor_ref_equal(mail->from, cell_ref(a)))
                return FROM_ITSELF;
        struct actor_ref from = mail->from_node ? ACTOR_NOBODY : mail->from;
        bool parent = actor_ref_equal(from, cell_parent(a));
        return ACTOR_FROM_LOCAL | (parent ? ACTOR_FROM_PARENT : 0u);
}

/* A message without a row, or from somebody whom the row does not allow. */
static void drop(struct actor *a, const struct mail *mail, const struct actor_type *type, bool known)
{
        CELL_SET(a->dropped, CELL_GET(a->dropped) + 1);
        COUNT(a->node, a->worker, dropped);
        if (mail->trace_id != 0)
                trace_lost(a->node, a->worker, mail, -EPROTO);
        if (bonds_first_unknown(a, type)) {
                char text[ACTOR_NAME_MAX + ACTOR_ENDPOINT_MAX + 2], from[sizeof text];
                actor_node_describe(a->node, cell_ref(a), text, sizeof text);
                actor_node_describe(a->node, mail->from, from, sizeof from);
                actor_log_warn(a, "actor: %s (%s) dropped a %s from %s: %s", text, cell_class(a)->name,
                               type->name, from,
                               known ? "not allowed to send it" : "no handler for that type");
        }
        if (mail->kind == MAIL_ASK) {
                struct mail *answer = mail_make(MAIL_REPLY, cell_ref(a), mail->from);
                answer->ask_id = mail->ask_id;
                answer->error = -EPROTO;
                (void) deliver(a->node, a->worker, answer);
        } else if (mail->kind == MAIL_MESSAGE && mail->returnable) {
                struct mail *answer = mail_make(MAIL_UNDELIVERED, mail->to, mail->from);
                answer->body = actor_msg_ref(mail->body);
                answer->error = -EPROTO;
                (void) deliver(a->node, a->worker, answer);
        }
}

static bool is_allowed(struct actor *a, const struct mail *mail, unsigned from, unsigned origin)
{
        return (from & (origin != 0 ? origin : origin_of(a, mail))) != 0;
}

/* Calls the handler of a row. Returns what is due for turn_outcome(). */
static inline __attribute__((always_inline)) int call(struct worker *worker, struct actor *a,
                                                      const struct kind_row *row, struct mail *mail)
{
        int64_t traced_ns = worker->now_ns;
        worker->trace_id = mail->trace_id;
        if (unlikely(mail->trace_id != 0))
                traced_ns = node_now_ns(a->node);
        mail->view.self = a;
        mail->view.now_ns = worker->now_ns;
        int r = row->handle(a->state, &mail->view, mail->body);
        if (unlikely(worker->trace_id != 0)) /* the message's, or the handler has begun one */
                trace_handled(a, mail, actor_msg_type(mail->body), traced_ns);
        turn_count_call(worker, a);
        return r;
}

static __attribute__((noinline)) int call_timed(struct worker *worker, struct actor *a,
                                                const struct kind_row *row, struct mail *mail)
{
        unsigned index = (unsigned) (row - CELL_GET(a->kind)->rows);
        int64_t begin_ns = turn_begin_timing(a, index);
        int r = call(worker, a, row, mail);
        if (begin_ns >= 0)
                turn_end_timing(a, index, begin_ns);
        return r;
}

static inline __attribute__((always_inline)) int call_row(struct worker *worker, struct actor *a,
                                                          const struct kind_row *row, struct mail *mail)
{
        return turn_is_timed(worker, row) ? call_timed(worker, a, row, mail) : call(worker, a, row, mail);
}

/* Hands a body to its handler, or drops it; `origin` 0: whoever sent the mail. */
static int dispatch(struct actor *a, struct mail *mail, unsigned origin)
{
        const struct kind *kind = CELL_GET(a->kind);
        const struct actor_type *type = actor_msg_type(mail->body);
        unsigned row = row_of(a, kind, type);
        bool known = row < kind->row_count;
        actor_handler_fn handle = kind->rows[row].handle;
        if (handle == NULL || (known && !is_allowed(a, mail, kind->rows[row].from, origin))) {
                drop(a, mail, type, known);
                return 0;
        }
        if (mail->kind > MAIL_ASK) { /* whose number and error are not what the view calls so */
                mail->ask_id = 0;
                mail->error = 0;
        }
        CELL_SET(a->worker->unlisted, known ? NULL : type);
        int r = call_row(a->worker, a, &kind->rows[row], mail);
        CELL_SET(a->worker->unlisted, NULL);
        return r;
}

/* What the runtime itself has to say; counted as sent when it is heard, so that totals add up. */
static void dispatch_own(struct actor *a, struct mail *mail, unsigned origin)
{
        COUNT(a->node, a->worker, sent);
        int r = dispatch(a, mail, origin);
        if (r != 0 || a->exit_called)
                turn_outcome(a, r);
}

/* The same about something that no mail brought, under a trace. */
static void dispatch_news(struct actor *a, void *body_take, uint64_t trace_id, unsigned origin)
{
        struct mail mail = {.kind = MAIL_SYSTEM, .body = body_take, .trace_id = trace_id};
        if (origin == FROM_ITSELF)
                mail.from = cell_ref(a);
        dispatch_own(a, &mail, origin);
        actor_msg_unref(body_take);
}

void turn_dispatch_down(struct actor *a, const struct actor_down *down)
{
        struct actor_down *body = actor_msg_new(&actor_down_type);
        *body = *down;
        dispatch_news(a, body, 0, ACTOR_FROM_SYSTEM);
}

static void on_undelivered(struct actor *a, struct mail *mail)
{
        struct actor_undelivered *body = actor_msg_new(&actor_undelivered_type);
        *body = (struct actor_undelivered){mail->from, mail->error, mail->body};
        if (mail->body != NULL)
                actor_msg_hold(body, mail->body);
        dispatch_news(a, body, mail->trace_id, ACTOR_FROM_SYSTEM);
}

static void on_timer(struct actor *a, const struct mail *mail)
{
        void *msg = NULL;
        uint64_t ask_id = 0;
        if (!timers_take(a, mail->ask_id, &msg, &ask_id))
                return;
        if (msg == NULL)
                ask_on_timeout(a, ask_id);
        else
                dispatch_news(a, msg, 0, FROM_ITSELF);
}

static void on_system(struct actor *a, struct mail *mail)
{
        bool own = actor_ref_equal(mail->from, cell_ref(a));
        if (system_still_wanted(a, mail))
                dispatch_own(a, mail, own ? FROM_ITSELF : ACTOR_FROM_SYSTEM);
}

/* ---- taking mail out ----------------------------------------------------------------------------- */

/* The mail stays its mailbox's (cell_take) or the caller's: only its body is let go, and before the outcome,
 * which may be the end of actor and mailbox. */
static void handle_ordinary(struct actor *a, struct mail *mail)
{
        bool is_stop = mail->kind == MAIL_STOP;
        int r = 0;
        if (mail->to.generation != a->tenant || a->phase == CELL_ENDING || a->phase == CELL_EMPTY) {
                deliver_dead_in_place(a->node, a->worker, mail, -ESRCH);
                return;
        }
        if (!is_stop)
                r = dispatch(a, mail, 0);
        mail_finish(mail);
        if (is_stop)
                life_stop(a);
        else if (r != 0 || a->exit_called)
                turn_outcome(a, r);
}

/* What only an actor with a state can hear. */
static void handle_for_state(struct actor *a, struct mail *mail)
{
        if (a->phase == CELL_ENDING || a->phase == CELL_RESTARTING) {
                if (mail->kind == MAIL_REPLY && mail->body != NULL) {
                        COUNT(a->node, a->worker, late_replies);
                        COUNT(a->node, a->worker, dropped);
                }
                return;
        }
        switch (mail->kind) {
        case MAIL_REPLY:
                ask_on_reply(a, mail);
                break;
        case MAIL_UNDELIVERED:
                on_undelivered(a, mail);
                break;
        case MAIL_DOWN:
                bonds_on_down(a, mail);
                break;
        case MAIL_SYSTEM:
                on_system(a, mail);
                break;
        case MAIL_TIMER:
                on_timer(a, mail);
                break;
        }
}

static void handle_system(struct actor *a, struct mail *mail)
{
        if (mail->to.generation != a->tenant || a->phase == CELL_EMPTY) {
                deliver_dead(a->node, a->worker, mail, -ESRCH);
                return;
        }
        if (mail->kind == MAIL_REPLY && a->phase == CELL_ALIVE) { /* what most of it is */
                ask_on_reply(a, mail);
                mail_done(mail);
                return;
        }
        switch (mail->kind) {
        case MAIL_MONITOR:
                bonds_on_monitor(a, mail);
                break;
        case MAIL_DEMONITOR:
                bonds_on_demonitor(a, mail);
                break;
        case MAIL_LINK:
                bonds_on_link(a, mail);
                break;
        case MAIL_UNLINK:
                bonds_on_unlink(a, mail);
                break;
        case MAIL_EXIT:
                bonds_on_exit(a, mail);
                break;
        case MAIL_INSPECT:
                inspect_tell_bonds(a, mail);
                break;
        default:
                handle_for_state(a, mail);
        }
        mail_done(mail);
}

/* The next system mail, or NULL. Children that have ended are let go on the way: not of the turn's messages.
 */
static struct mail *take_system(struct actor *a)
{
        struct mail *mail = NULL;
        for (unsigned left = ENDED_AT_ONCE; left > 0 && cell_has_system(a); left--) {
                mail = cell_pop_system(a);
                struct actor *child = cell_ended_child(mail);
                if (child == NULL)
                        return mail;
                life_child_ended(a, child);
        }
        return NULL;
}

static struct mail *copy_in_place(struct mail *mail)
{
        struct mail contents;
        mail_extract(&contents, mail);
        mail_finish(mail);
        return mail_copy(&contents);
}

/* Where senders may drop mail from the mailbox meanwhile, nothing of it is used in place. */
static bool take_from_shared(struct actor *a)
{
        struct mail contents;
        if (!cell_pop(a, &contents))
                return false;
        struct mail *mail = mail_copy(&contents);
        if (a->phase == CELL_RESTARTING) {
                cell_stash(a, mail);
                return true;
        }
        handle_ordinary(a, mail);
        mail_free(mail);
        return true;
}

static bool has_stash(const struct actor *a)
{
        return a->bonds != NULL && a->bonds->stash != NULL && a->phase != CELL_RESTARTING;
}

/* Takes the next ordinary mail and handles it, or puts it by while the actor is being restarted. */
static bool take_ordinary(struct actor *a)
{
        if (has_stash(a)) {
                struct mail *mail = cell_unstash(a);
                handle_ordinary(a, mail);
                mail_free(mail);
                return true;
        }
        if (a->drops_oldest)
                return take_from_shared(a);
        bool alone = a->is_alone; /* in case the actor is gone afterwards */
        struct mail *mail = cell_take(a);
        if (mail == NULL)
                return false;
        if (a->phase == CELL_RESTARTING)
                cell_stash(a, copy_in_place(mail));
        else
                handle_ordinary(a, mail);
        if (alone)
                mail_free(mail);
        return true;
}

unsigned turn_first_row(struct actor *a)
{
        const struct kind *kind = CELL_GET(a->kind);
        const struct mail *mail = cell_first(a);
        if (cell_has_system(a))
                return kind->row_count;
        if (mail == NULL || mail == cell_stub(a) || mail->kind > MAIL_ASK)
                return kind->row_count + 1;
        return row_of(a, kind, envelope_of(mail->body)->type);
}

/* The row of a message, where that takes all of this node's, or of others'; NULL: not so. */
static inline __attribute__((always_inline)) const struct kind_row *
usual_row(struct actor *a, const struct kind *kind, const struct mail *mail)
{
        if (unlikely(mail->kind > MAIL_ASK || mail->to.generation != a->tenant))
                return NULL;
        const struct kind_row *row = &kind->rows[row_of(a, kind, envelope_of(mail->body)->type)];
        if (unlikely(actor_ref_is_remote(mail->from)))
                return row->takes_remote ? row : NULL;
        return likely(row->takes_local) ? row : NULL;
}

/* As many as wait; one, where that is none of those that are counted. */
static inline uint32_t budget_of(const struct worker *worker, struct actor *a)
{
        uint32_t depth = cell_depth(a);
        if (unlikely(depth > CELL_GET(a->depth_most)))
                CELL_SET(a->depth_most, depth);
        if (unlikely(depth == 0))
                return 1;
        return likely(depth < worker->turn_messages) ? depth : worker->turn_messages;
}

/* Of a paused actor: what passes ordinary mail. */
static bool run_paused(struct actor *a)
{
        while (cell_has(a, CELL_PAUSED) && cell_has_system(a)) {
                struct mail *system = take_system(a);
                if (system != NULL)
                        handle_system(a, system);
        }
        if (a->phase != CELL_EMPTY && cell_has(a, CELL_PAUSED))
                return !cell_rest(a);
        if (a->is_paused)
                pause_forget(a);
        return !cell_release(a);
}

/* What is seldom due at the end. */
static __attribute__((noinline)) bool end_turn_slowly(struct actor *a)
{
        if (CELL_GET(a->kind)->pauses && cell_has(a, CELL_AWAITED) &&
            cell_depth(a) <= CELL_GET(a->mailbox_max) / 2)
                pause_end_of(a);
        if (a->is_paused)
                return run_paused(a);
        return has_stash(a) || !cell_release(a);
}

/* The rest of a turn in which not only plain messages are to be handled. */
static __attribute__((noinline)) bool run_mixed(struct worker *worker, struct actor *a, uint32_t left,
                                                int64_t until_ns)
{
        for (; left > 0 && worker->now_ns < until_ns && !a->is_paused; left--) {
                struct mail *system = cell_has_system(a) ? take_system(a) : NULL;
                if (system != NULL)
                        handle_system(a, system);
                else if (!take_ordinary(a))
                        break;
        }
        if (cell_has(a, CELL_ALONE) && a->is_plain && !CELL_GET(a->kind)->pauses && !cell_has_system(a))
                return !cell_release_alone(a);
        return end_turn_slowly(a);
}

static inline __attribute__((always_inline)) struct mail *take(struct actor *a, bool alone)
{
        return alone ? cell_take_alone(a) : cell_take_shared(a);
}

/* Whether plain messages are all that waits, when children that have ended are let go. */
static inline __attribute__((always_inline)) bool has_plain_only(struct actor *a)
{
        return likely(a->is_plain) &&
               (likely(CELL_GET(a->system) == NULL) ||
                (cell_ended_child(CELL_GET(a->system)) != NULL && life_let_ended_go(a)));
}

/* The usual turn handles plain messages and nothing else, and all that it does is written out here: most
 * turns are of one message. `alone` is known to the compiler. */
static inline __attribute__((always_inline)) bool run(struct worker *worker, struct actor *a, bool alone)
{
        const int64_t until_ns = worker->now_ns + TURN_NS;
        const struct kind *kind = CELL_GET(a->kind);
        uint32_t left = budget_of(worker, a);
        while (has_plain_only(a)) {
                struct mail *mail = take(a, alone);
                if (unlikely(mail == NULL))
                        break;
                const struct kind_row *row = usual_row(a, kind, mail);
                left--;
                if (likely(row != NULL)) {
                        int r = call_row(worker, a, row, mail);
                        if (alone)
                                mail_done(mail);
                        else
                                mail_finish(mail);
                        if (unlikely(r != 0 || a->exit_called))
                                turn_outcome(a, r);
                } else {
                        handle_ordinary(a, mail);
                        if (alone)
                                mail_free(mail);
                }
                if (likely(left == 0) || unlikely(worker->now_ns >= until_ns))
                        break;
        }
        if (unlikely(kind->pauses) || !has_plain_only(a))
                return run_mixed(worker, a, left, until_ns);
        return alone ? !cell_release_alone(a) : !cell_release(a);
}

bool turn_run(struct worker *worker, struct actor *a)
{
        a->worker = worker;
        if (a->is_alone)
                return run(worker, a, true);
        if (unlikely(CELL_GET(a->ran_on) != worker->index))
                CELL_SET(a->ran_on, (uint8_t) worker->index);
        return run(worker, a, false);
}
