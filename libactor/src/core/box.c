/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"

#include <assert.h>

/* box.c: where other threads leave mail for the workers.
 *
 * A parcel is a frame of plain messages that whoever takes it out makes into mail: so each message is made,
 * handled and released by one thread, its memory warm and its own. One worker at a time takes things out, and
 * no more than one parcel between two turns, so that their order holds and few messages wait unpacked. While
 * a parcel is in the box, what the network brings afterwards goes there too. */
/* Whether a mailbox would not take it: as exact as can be known from outside. */
static bool is_refused(struct actor_node *node, const struct actor *a, const struct mail *mail)
{
        if (mail->kind > MAIL_ASK)
                return false;
        bool is_full = (int32_t) (CELL_GET(a->pushed) - CELL_GET(a->limit)) >= 0;
        return (is_full && !cell_has(a, CELL_DROPS_OLDEST)) ||
               atomic_load_explicit(&node->box.count, memory_order_relaxed) >= BOXED_MAX;
}

/* What does not even get into the box has been dealt with, and *ret says how. */
static bool is_left_out(struct actor_node *node, struct mail *mail, int *ret)
{
        struct worker *nobody = NULL;
        struct actor *a = cells_find(node, mail->to);
        if (a != NULL && !is_refused(node, a, mail))
                return false;
        if (deliver_counts(mail))
                COUNT(node, nobody, sent);
        *ret = a == NULL ? deliver_elsewhere(node, NULL, mail) : deliver_refused(node, NULL, a, mail);
        return true;
}

static void leave(struct actor_node *node, struct mail *newest, struct mail *oldest, size_t count)
{
        if (post_box_push_chain(&node->box, newest, oldest, count))
                sched_wake_one(node);
}

int box_leave(struct actor_node *node, struct mail *mail)
{
        int r = 0;
        if (!is_left_out(node, mail, &r))
                leave(node, mail, mail, 1);
        return r;
}

void box_leave_chain(struct actor_node *node, struct mail *first)
{
        struct mail *newest = NULL, *oldest = NULL;
        size_t count = 0;
        int r;
        for (struct mail *mail = first, *next; mail != NULL; mail = next) {
                next = atomic_load_explicit(&mail->next, memory_order_relaxed);
                if (mail->kind != MAIL_PARCEL && is_left_out(node, mail, &r))
                        continue;
                atomic_store_explicit(&mail->next, newest, memory_order_relaxed);
                newest = mail;
                oldest = oldest != NULL ? oldest : mail;
                count++;
        }
        if (count == 0)
                return;
        if (!node->boxed)
                atomic_fetch_add_explicit(&node->from_net, (uint32_t) count, memory_order_relaxed);
        leave(node, newest, oldest, count);
}

/* ---- parcels --------------------------------------------------------------------------------------- */

bool box_is_ahead(struct actor_node *node)
{
        /* Acquire: what was delivered from there comes before what is delivered next. */
        return atomic_load_explicit(&node->from_net, memory_order_acquire) > 0;
}

void box_open_parcel(struct worker *worker, struct mail *parcel)
{
        net_unpack(worker->node->net, parcel->body, worker);
        mail_free(parcel);
        atomic_fetch_sub_explicit(&worker->node->parcels, 1, memory_order_relaxed);
        worker->now_ns = worker_now_ns(worker->node, worker);
}

void node_unpacked(struct actor_node *node, struct worker *worker, struct mail *mail_take)
{
        (void) deliver_here(node, worker, mail_take);
}

static void unpacked_one_by_one(struct actor_node *node, struct worker *worker, struct mail *first)
{
        for (struct mail *mail = first, *next; mail != NULL; mail = next) {
                next = atomic_load_explicit(&mail->next, memory_order_relaxed);
                atomic_store_explicit(&mail->next, NULL, memory_order_relaxed);
                (void) deliver_here(node, worker, mail);
        }
}

void node_unpacked_chain(struct actor_node *node, struct worker *worker, const struct mail_chain *chain_take)
{
        const uint32_t count = chain_take->count;
        struct actor *a = cells_find(node, chain_take->first->to);
        bool alone = a != NULL && cell_has(a, CELL_ALONE);
        if (unlikely(a == NULL || !cell_count_all(a, count, alone))) {
                unpacked_one_by_one(node, worker, chain_take->first);
                return;
        }
        CELL_SET(worker->counters.sent, CELL_GET(worker->counters.sent) + count);
        if (!alone && CELL_GET(a->ran_on) != worker->index)
                CELL_SET(worker->sends_away, CELL_GET(worker->sends_away) + count);
        if (cell_push_chain(a, chain_take->first, chain_take->last, alone))
                sched_ready(node, worker, a);
}

/* ---- taking out ------------------------------------------------------------------------------------ */

static bool is_empty(struct actor_node *node)
{
        return atomic_load_explicit(&node->unboxed, memory_order_relaxed) == NULL &&
               post_box_is_empty(&node->box);
}

/* What is taken out next; NULL: nothing is left. The caller alone takes things out. */
static struct mail *peek(struct actor_node *node)
{
        if (CELL_GET(node->unboxed) == NULL)
                CELL_SET(node->unboxed, post_box_take(&node->box));
        return CELL_GET(node->unboxed);
}

static void take(struct actor_node *node, const struct mail *first)
{
        CELL_SET(node->unboxed, atomic_load_explicit(&first->next, memory_order_relaxed));
}

static void empty(struct worker *worker, bool open)
{
        struct actor_node *node = worker->node;
        for (struct mail *mail; (mail = peek(node)) != NULL;) {
                bool is_parcel = mail->kind == MAIL_PARCEL;
                if (is_parcel && !open)
                        return;
                take(node, mail);
                if (is_parcel)
                        box_open_parcel(worker, mail);
                else
                        (void) deliver_here(node, worker, mail);
                if (!node->boxed)
                        atomic_fetch_sub_explicit(&node->from_net, 1, memory_order_release);
                if (is_parcel)
                        return;
        }
}

void box_empty(struct worker *worker, bool open)
{
        struct actor_node *node = worker->node;
        if (likely(is_empty(node)) || atomic_exchange_explicit(&node->unboxing, true, memory_order_acquire))
                return;
        empty(worker, open);
        /* Who went to sleep meanwhile has relied on us; we may be long in coming back. */
        atomic_store(&node->unboxing, false);
        if (!is_empty(node))
                sched_wake_one(node);
}

void box_empty_whole(struct worker *worker)
{
        while (box_has_work(worker->node))
                box_empty(worker, true);
}

bool box_has_work(struct actor_node *node)
{
        return !atomic_load(&node->unboxing) && !is_empty(node);
}

void box_done(struct actor_node *node)
{
        for (struct mail *mail; (mail = peek(node)) != NULL; mail_free(mail))
                take(node, mail);
}
