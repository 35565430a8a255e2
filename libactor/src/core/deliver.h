/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_DELIVER_H
#define CORE_DELIVER_H

#include "core/inside.h"

/* box.c: what other threads leave for whichever worker comes by. Mail, in a node of one worker; in any node
 * parcels, and mail that must not overtake them. */
int box_leave(struct actor_node *node, struct mail *mail_take); /* 0 or -ENOBUFS */
void box_leave_chain(struct actor_node *node, struct mail *first_take);
/* Whether something of the network's lies there, in a node of several workers, that is not delivered yet. By
 * its thread. */
bool box_is_ahead(struct actor_node *node);
void box_open_parcel(struct worker *worker, struct mail *parcel_take);
/* Delivers what lies there, up to the first parcel or, if that is to be opened, with it; nothing while
 * another worker does. */
void box_empty(struct worker *worker, bool open);
void box_empty_whole(struct worker *worker);
/* Whether anything lies there that no worker sees to. Any thread. */
bool box_has_work(struct actor_node *node);
void box_done(struct actor_node *node);

/* deliver.c: mail on its way; takes it. Returns 0 or -ENOBUFS. */
int deliver(struct actor_node *node, struct worker *worker, struct mail *mail_take);
/* Mail that finds nobody: counted, and its sender told where the kind asks for it. Takes it. */
void deliver_dead(struct actor_node *node, struct worker *worker, struct mail *mail_take, int error);
/* deliver() on a thread that may write to mailboxes. */
int deliver_here(struct actor_node *node, struct worker *worker, struct mail *mail_take);

/* What deliver() does where the mailbox is full / is not here. */
int deliver_to_full(struct actor_node *node, struct worker *worker, struct actor *a, struct mail *mail_take);
int deliver_elsewhere(struct actor_node *node, struct worker *worker, struct mail *mail_take);
/* There is something to send, of which the network's thread does not know: it is woken once for all that is
 * sent in a while, unless this handler is slow, or nobody would see that it does not return. */
void deliver_tell_net(struct actor_node *node, struct worker *worker);
int deliver_refused(struct actor_node *node, struct worker *worker, struct actor *a, struct mail *mail_take);

/* What a handler would have seen: these are the mails that totals count. */
static inline bool deliver_counts(const struct mail *mail)
{
        return mail->kind <= MAIL_ASK || (mail->kind == MAIL_REPLY && mail->body != NULL);
}

/* Ordinary mail for an actor of this node. */
static inline int deliver_to(struct actor_node *node, struct worker *worker, struct actor *a,
                             struct mail *mail_take)
{
        bool alone = cell_has(a, CELL_ALONE);
        uint32_t before = cell_count_pushed(a, alone);
        if (unlikely((int32_t) (before - CELL_GET(a->limit)) >= 0))
                return deliver_to_full(node, worker, a, mail_take);
        if (!alone && worker != NULL && CELL_GET(a->ran_on) != worker->index)
                CELL_SET(worker->sends_away, CELL_GET(worker->sends_away) + 1);
        if (cell_push(a, mail_take, alone))
                sched_ready(node, worker, a);
        return 0;
}

/* What deliver() does first: it is counted and traced. Its receiver, or NULL where that is not here. */
static inline struct actor *deliver_begin(struct actor_node *node, struct worker *worker, struct mail *mail)
{
        COUNT(node, worker, sent);
        if (unlikely(mail->trace_id != 0))
                trace_sent(node, worker, mail);
        return actor_ref_is_remote(mail->to) ? NULL : cells_find(node, mail->to);
}

/* deliver() of a MAIL_ASK, by a worker. */
static inline int deliver_ask(struct actor_node *node, struct worker *worker, struct mail *mail_take)
{
        struct actor *a = deliver_begin(node, worker, mail_take);
        return likely(a != NULL) ? deliver_to(node, worker, a, mail_take)
                                 : deliver_elsewhere(node, worker, mail_take);
}

/* deliver() of a MAIL_REPLY with a body, by a worker. */
static inline int deliver_reply(struct actor_node *node, struct worker *worker, struct mail *mail_take)
{
        struct actor *a = deliver_begin(node, worker, mail_take);
        if (unlikely(a == NULL))
                return deliver_elsewhere(node, worker, mail_take);
        if (cell_push_system(a, mail_take))
                sched_ready(node, worker, a);
        return 0;
}

/* A mail that its mailbox keeps a while longer as its tail; only its body is let go. */
void deliver_dead_in_place(struct actor_node *node, struct worker *worker, struct mail *mail, int error);

#endif
