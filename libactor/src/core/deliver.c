/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"

#include "sim/sim.h"
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* deliver.c: the way of a mail from where it was made to a mailbox, to the network, or to nobody. */

/* The mail that tells the sender; NULL where it need not be told. */
static struct mail *answer_of(const struct mail *mail, int error)
{
        struct mail *answer;
        switch (mail->kind) {
        case MAIL_ASK:
        case MAIL_INSPECT:
                answer = mail_make(MAIL_REPLY, mail->to, mail->from);
                break;
        case MAIL_MONITOR:
                answer = mail_make(MAIL_DOWN, mail->to, mail->from);
                answer->reason = ACTOR_DOWN_NOT_FOUND;
                break;
        case MAIL_LINK:
                answer = mail_make(MAIL_EXIT, mail->to, mail->from);
                answer->reason = ACTOR_DOWN_NOT_FOUND;
                break;
        case MAIL_MESSAGE:
                if (!mail->returnable)
                        return NULL;
                answer = mail_make(MAIL_UNDELIVERED, mail->to, mail->from);
                answer->body = actor_msg_ref(mail->body);
                break;
        default:
                return NULL;
        }
        answer->ask_id = mail->ask_id;
        answer->trace_id = mail->trace_id;
        answer->error = error;
        return answer;
}

/* Answers a mail that its receiver cannot have. */
static void answer(struct actor_node *node, struct worker *worker, const struct mail *mail, int error)
{
        if (mail->trace_id != 0)
                trace_lost(node, worker, mail, error);
        struct mail *answer = actor_ref_is_nobody(mail->from) ? NULL : answer_of(mail, error);
        if (answer != NULL)
                (void) deliver(node, worker, answer);
}

void deliver_dead(struct actor_node *node, struct worker *worker, struct mail *mail_take, int error)
{
        if (deliver_counts(mail_take))
                COUNT(node, worker, dead_letters);
        answer(node, worker, mail_take, error);
        mail_free(mail_take);
}

void deliver_dead_in_place(struct actor_node *node, struct worker *worker, struct mail *mail, int error)
{
        if (deliver_counts(mail))
                COUNT(node, worker, dead_letters);
        answer(node, worker, mail, error);
        mail_finish(mail);
}

static void bury_oldest(struct actor_node *node, struct worker *worker, struct actor *a)
{
        struct mail oldest;
        if (!cell_drop_oldest(a, &oldest))
                return;
        if (oldest.kind == MAIL_STOP) { /* system mail is never dropped: it goes to the end */
                struct mail *stop = mail_make(MAIL_STOP, oldest.from, oldest.to);
                (void) deliver(node, worker, stop);
                return;
        }
        atomic_fetch_add_explicit(&a->refused, 1, memory_order_relaxed);
        COUNT(node, worker, dropped);
        answer(node, worker, &oldest, -ENOBUFS);
        actor_msg_unref(oldest.body);
}

/* A mail that the bound keeps out. Its sender is told by a mail where it asked for that, and by the
 * return value of deliver() otherwise. */
int deliver_refused(struct actor_node *node, struct worker *worker, struct actor *a, struct mail *mail_take)
{
        bool told = mail_take->kind == MAIL_ASK || mail_take->returnable;
        atomic_fetch_add_explicit(&a->refused, 1, memory_order_relaxed);
        if (actor_ref_is_remote(mail_take->from)) {
                deliver_dead(node, worker, mail_take, -ENOBUFS);
                return 0;
        }
        COUNT(node, worker, dropped);
        answer(node, worker, mail_take, -ENOBUFS);
        mail_free(mail_take);
        return told ? 0 : -ENOBUFS;
}

/* The running actor, where it sent this mail. */
static struct actor *sender_of(struct actor_node *node, const struct worker *worker, const struct mail *mail)
{
        if (worker == NULL || actor_ref_is_remote(mail->from) || actor_ref_is_nobody(mail->from))
                return NULL;
        struct actor *sender = cells_find(node, mail->from);
        return sender != NULL && sender->worker == worker ? sender : NULL;
}

/* The mailbox is full, and the mail already counted. False: it does not get in. */
static bool make_room(struct actor_node *node, struct worker *worker, struct actor *a,
                      const struct mail *mail)
{
        if (cell_has(a, CELL_DROPS_OLDEST)) {
                bury_oldest(node, worker, a);
                return true;
        }
        struct actor *sender = cell_has(a, CELL_PAUSES) ? sender_of(node, worker, mail) : NULL;
        bool gets_in = sender != NULL && sender != a;
        if (gets_in && sender->is_paused) /* by an earlier message of this handler */
                gets_in = cell_depth(a) <= 2 * CELL_GET(a->mailbox_max);
        else if (gets_in)
                gets_in = pause_sender(sender, a, mail->to.generation);
        if (gets_in)
                return true;
        cell_uncount_pushed(a);
        return false;
}

int deliver_to_full(struct actor_node *node, struct worker *worker, struct actor *a, struct mail *mail_take)
{
        if (mail_take->kind != MAIL_STOP && !make_room(node, worker, a, mail_take))
                return deliver_refused(node, worker, a, mail_take);
        if (cell_push(a, mail_take, cell_has(a, CELL_ALONE)))
                sched_ready(node, worker, a);
        return 0;
}

void deliver_tell_net(struct actor_node *node, struct worker *worker)
{
        if (worker == NULL || CELL_GET(worker->ready_slowly) || node->watchdog.limit_ns == 0)
                net_wake(node->net);
        else
                atomic_store_explicit(&node->net_waits, true, memory_order_release);
}

static void send_away(struct actor_node *node, struct worker *worker, struct mail *mail)
{
        if (net_post_quietly(node->net, mail))
                deliver_tell_net(node, worker);
}

int deliver_elsewhere(struct actor_node *node, struct worker *worker, struct mail *mail_take)
{
        if (actor_ref_is_remote(mail_take->to) && node->net != NULL)
                send_away(node, worker, mail_take);
        else
                deliver_dead(node, worker, mail_take, -ESRCH);
        return 0;
}

int deliver_here(struct actor_node *node, struct worker *worker, struct mail *mail)
{
        if (deliver_counts(mail))
                COUNT(node, worker, sent);
        if (mail->trace_id != 0)
                trace_sent(node, worker, mail);
        struct actor *a = actor_ref_is_remote(mail->to) ? NULL : cells_find(node, mail->to);
        if (a == NULL)
                return deliver_elsewhere(node, worker, mail);
        if (mail->kind <= MAIL_ASK || mail->kind == MAIL_STOP)
                return deliver_to(node, worker, a, mail);
        if (cell_push_system(a, mail)) /* passes ordinary mail */
                sched_ready(node, worker, a);
        return 0;
}

int deliver(struct actor_node *node, struct worker *worker, struct mail *mail_take)
{
        if (worker == NULL && node->boxed && !actor_ref_is_remote(mail_take->to))
                return box_leave(node, mail_take);
        return deliver_here(node, worker, mail_take);
}

/* ---- what the network room and the daemon room ask of the node ---------------------------------- */

void node_deliver(struct actor_node *node, struct mail *mail_take)
{
        assert(!actor_ref_is_remote(mail_take->to));
        if (!box_is_ahead(node)) {
                (void) deliver(node, NULL, mail_take);
                return;
        }
        atomic_store_explicit(&mail_take->next, NULL, memory_order_relaxed);
        box_leave_chain(node, mail_take);
}

static void deliver_each(struct actor_node *node, struct worker *worker, struct mail *first_take)
{
        for (struct mail *mail = first_take, *next; mail != NULL; mail = next) {
                next = atomic_load_explicit(&mail->next, memory_order_relaxed);
                atomic_store_explicit(&mail->next, NULL, memory_order_relaxed);
                assert(!actor_ref_is_remote(mail->to));
                (void) deliver(node, worker, mail);
        }
}

struct worker *node_deliver_chain(struct actor_node *node, struct mail *first_take)
{
        bool is_parcel = first_take->kind == MAIL_PARCEL;
        struct worker *worker = node->sim != NULL ? NULL : sched_borrow(node);
        if (is_parcel)
                atomic_fetch_add_explicit(&node->parcels, 1, memory_order_relaxed);
        if (worker != NULL)
                box_empty_whole(worker); /* mail of the same senders may lie there since just now */
        /* Or another worker, awake again, has it in hand: box_is_ahead() (tests/model/parcel.pml). */
        if (box_is_ahead(node) || (worker == NULL && (is_parcel || node->boxed)))
                box_leave_chain(node, first_take);
        else if (is_parcel)
                box_open_parcel(worker, first_take);
        else
                deliver_each(node, worker, first_take);
        return worker;
}

void node_run_borrowed(struct worker *worker)
{
        sched_run_borrowed(worker);
}

bool node_takes_parcel(struct actor_node *node)
{
        return atomic_load_explicit(&node->parcels, memory_order_relaxed) < PARCELS_MAX;
}

struct block_cache *node_lend_pools(struct actor_node *node)
{
        struct block_cache *pools = actor_zalloc(sizeof *pools);
        blocks_init(pools, node->depot);
        blocks_use(pools);
        return pools;
}

void node_return_pools(struct block_cache *pools)
{
        blocks_use(NULL);
        blocks_done(pools);
        free(pools);
}

int64_t node_now_ns(struct actor_node *node)
{
        if (node->sim != NULL)
                return sim_clock_ns(node->sim);
        struct timespec now;
        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t node_wall_ns(struct actor_node *node)
{
        if (node->sim != NULL)
                return sim_wall_ns(node->sim);
        struct timespec now;
        (void) clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

uint64_t node_random(struct actor_node *node)
{
        return node_dice(node, NULL);
}

struct actor_log *node_log(struct actor_node *node)
{
        return node->log;
}

const char *node_name(struct actor_node *node)
{
        return node->name;
}
