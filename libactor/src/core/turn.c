/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

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

/* An actor is also one of its node. */
enum { FROM_ITSELF = ACTOR_FROM_SELF | ACTOR_FROM_LOCAL };

/* ---- calling handlers ---------------------------------------------------------------------------- */

void turn_after_call(struct actor *a, const struct actor_type *type, int r)
{
        int64_t now_ns = node_now_ns(a->node);
        uint64_t spent_ns = (uint64_t) (now_ns - a->now_ns);
        a->now_ns = now_ns;
        CELL_SET(a->handled, CELL_GET(a->handled) + 1);
        CELL_SET(a->busy_ns, CELL_GET(a->busy_ns) + spent_ns);
        if (spent_ns > CELL_GET(a->slowest_ns) || CELL_GET(a->slowest_type) == NULL) {
                CELL_SET(a->slowest_ns, spent_ns);
                CELL_SET(a->slowest_type, type != NULL ? type->name : "(no answer)");
        }
        COUNT(a->node, a->worker, handled);
        if (r != 0)
                life_fail(a, r < 0 ? r : -EINVAL);
        else if (a->exit_called && a->exit_reason != 0)
                life_fail(a, a->exit_reason);
        else if (a->exit_called)
                life_end(a, ACTOR_DOWN_FINISHED, 0);
}

static const struct actor_handler *row_of(struct actor *a, const struct actor_type *type)
{
        const struct actor_handler *rows = cell_class(a)->handlers;
        if (rows == NULL)
                return NULL;
        if (rows[a->last_row].type == type)
                return &rows[a->last_row];
        for (uint32_t i = 0; rows[i].type != NULL; i++) {
                if (rows[i].type == type) {
                        a->last_row = i;
                        return &rows[i];
                }
        }
        return NULL;
}

/* Who this mail comes from, in the terms of a handler's row. */
static unsigned origin_of(const struct actor *a, const struct mail *mail)
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

static bool dispatch(struct actor *a, const struct mail *mail, const void *body, unsigned origin)
{
        const struct actor_type *type = actor_msg_type(body);
        const struct actor_handler *row = row_of(a, type);
        bool allowed = row != NULL && (row->from & origin) != 0;
        actor_handler_fn handle = row != NULL ? row->handle : cell_class(a)->handle_other;
        if (handle == NULL || (row != NULL && !allowed)) {
                drop(a, mail, type, row != NULL);
                return false;
        }
        bool ordinary = mail->kind == MAIL_MESSAGE || mail->kind == MAIL_ASK;
        struct actor_mail view = {.self = a,
                                  .from = mail->from,
                                  .now_ns = a->now_ns,
                                  .ask_id = ordinary ? mail->ask_id : 0,
                                  .trace_id = mail->trace_id};
        a->trace_id = mail->trace_id;
        turn_after_call(a, type, handle(a->state, &view, body));
        return true;
}

/* What the runtime itself has to say; counted as sent when it is heard, so that totals add up. */
static void dispatch_own(struct actor *a, const struct mail *mail, const void *body, unsigned origin)
{
        COUNT(a->node, a->worker, sent);
        (void) dispatch(a, mail, body, origin);
}

void turn_dispatch_down(struct actor *a, const struct actor_down *down)
{
        struct actor_down *body = actor_msg_new(&actor_down_type);
        struct mail mail = {.kind = MAIL_SYSTEM};
        *body = *down;
        dispatch_own(a, &mail, body, ACTOR_FROM_SYSTEM);
        actor_msg_unref(body);
}

static void on_undelivered(struct actor *a, struct mail *mail)
{
        struct actor_undelivered *body = actor_msg_new(&actor_undelivered_type);
        struct mail view = {.kind = MAIL_SYSTEM, .trace_id = mail->trace_id};
        *body = (struct actor_undelivered){mail->from, mail->error, mail->body};
        if (mail->body != NULL)
                actor_msg_hold(body, mail->body);
        dispatch_own(a, &view, body, ACTOR_FROM_SYSTEM);
        actor_msg_unref(body);
}

static void on_timer(struct actor *a, const struct mail *mail)
{
        const void *msg = NULL;
        uint64_t ask_id = 0;
        if (!timers_take(a, mail->timer, &msg, &ask_id))
                return;
        if (msg == NULL) {
                ask_on_timeout(a, ask_id);
                return;
        }
        dispatch_own(a, mail, msg, FROM_ITSELF);
        actor_msg_unref(msg);
}

static void on_system(struct actor *a, const struct mail *mail)
{
        if (mail->timer != 0) {
                on_timer(a, mail);
                return;
        }
        bool own = actor_ref_equal(mail->from, cell_ref(a));
        if (system_still_wanted(a, mail))
                dispatch_own(a, mail, mail->body, own ? FROM_ITSELF : ACTOR_FROM_SYSTEM);
}

/* ---- taking mail out ----------------------------------------------------------------------------- */

static void handle_ordinary(struct actor *a, struct mail *mail)
{
        if (mail->to.generation != a->born || a->phase == CELL_ENDING || a->phase == CELL_EMPTY) {
                deliver_dead(a->node, a->worker, mail_copy(mail), -ESRCH);
                return;
        }
        if (mail->kind == MAIL_STOP)
                life_stop(a);
        else
                (void) dispatch(a, mail, mail->body, origin_of(a, mail));
        actor_msg_unref(mail->body);
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
        }
}

static void handle_system(struct actor *a, struct mail *mail)
{
        if (mail->to.generation != a->born || a->phase == CELL_EMPTY) {
                deliver_dead(a->node, a->worker, mail, -ESRCH);
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
        case MAIL_CHILD_ENDED:
                life_child_ended(a, mail);
                break;
        default:
                handle_for_state(a, mail);
        }
        mail_free(mail);
}

/* Takes the next ordinary mail and handles it, or puts it by while the actor is being restarted. */
static bool take_ordinary(struct actor *a)
{
        struct mail mail = {.next = NULL};
        if (a->phase != CELL_RESTARTING && cell_unstash(a, &mail)) {
                handle_ordinary(a, &mail);
                return true;
        }
        if (!cell_pop(a, &mail))
                return false;
        if (a->phase == CELL_RESTARTING)
                cell_stash(a, &mail);
        else
                handle_ordinary(a, &mail);
        return true;
}

static uint64_t budget_of(struct actor *a)
{
        uint64_t depth = cell_depth(a);
        if (depth > CELL_GET(a->depth_most))
                CELL_SET(a->depth_most, depth < UINT32_MAX ? (uint32_t) depth : UINT32_MAX);
        if (a->node->sim != NULL)
                return TURN_MESSAGES_SIM;
        return depth == 0 ? 1 : depth < TURN_MESSAGES ? depth : TURN_MESSAGES;
}

bool turn_run(struct worker *worker, struct actor *a)
{
        a->worker = worker;
        a->now_ns = worker->now_ns;
        int64_t until_ns = a->now_ns + TURN_NS;
        for (uint64_t left = budget_of(a); left > 0 && a->now_ns < until_ns; left--) {
                struct mail *mail = cell_pop_system(a);
                if (mail != NULL)
                        handle_system(a, mail);
                else if (!take_ordinary(a))
                        break;
        }
        worker->now_ns = a->now_ns;
        bool has_stash = a->stash != NULL && a->phase != CELL_RESTARTING;
        return has_stash || !cell_release(a);
}
