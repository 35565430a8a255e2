/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"
#include "core/envelope.h"

#include <assert.h>

/* send.c: what an actor says to others, and what it is told about itself. */

static inline struct mail *mail_of(struct actor *self, enum mail_kind kind, struct actor_ref to,
                                   void *msg_take)
{
        struct mail *mail = mail_with(kind, cell_ref(self), to, msg_take);
        mail->trace_id = trace_of(self);
        return mail;
}

/* To another node: packed at once, without a mail, where that may be. */
static inline bool send_packed(struct actor *self, struct actor_ref to, void *msg_take)
{
        struct actor_node *node = self->node;
        struct worker *worker = self->worker;
        if (worker == NULL || worker->trace_id != 0 || node->net == NULL)
                return false;
        enum net_packed packed = net_pack(node->net, cell_ref(self), to, msg_take);
        if (unlikely(packed == NET_UNPACKED))
                return false;
        COUNT(node, worker, sent);
        envelope_done(envelope_of(msg_take));
        if (unlikely(packed == NET_PACKED_UNTOLD))
                deliver_tell_net(node, worker);
        return true;
}

static __attribute__((noinline)) int send_by_mail(struct actor *self, struct actor_ref to, void *msg_take)
{
        return deliver(self->node, self->worker, mail_of(self, MAIL_MESSAGE, to, msg_take));
}

static __attribute__((noinline)) int send_otherwise(struct actor *self, struct actor_ref to, void *msg_take)
{
        if (actor_ref_is_remote(to) && likely(send_packed(self, to, msg_take)))
                return 0;
        return send_by_mail(self, to, msg_take);
}

/* deliver() of the usual message: to this node, from one of its workers, of one owner, under no trace. */
int actor_send(struct actor *self, struct actor_ref to, void *msg_take)
{
        struct actor_node *node = self->node;
        struct worker *worker = self->worker;
        struct envelope *envelope = envelope_of(msg_take);
        if (unlikely(worker == NULL || worker->trace_id != 0 || actor_ref_is_remote(to) ||
                     atomic_load_explicit(&envelope->refs, memory_order_acquire) != 1))
                return send_otherwise(self, to, msg_take);
        struct mail *mail = mail_envelop(envelope, MAIL_MESSAGE, cell_ref(self), to);
        struct actor *a = cells_find(node, to);
        COUNT(node, worker, sent);
        return likely(a != NULL) ? deliver_to(node, worker, a, mail) : deliver_elsewhere(node, worker, mail);
}

int actor_send_returnable(struct actor *self, struct actor_ref to, void *msg_take)
{
        struct mail *mail = mail_of(self, MAIL_MESSAGE, to, msg_take);
        mail->returnable = true;
        return deliver(self->node, self->worker, mail);
}

static inline int reply(struct actor *self, struct actor_ref asker, uint64_t ask_id, void *msg_take)
{
        if (ask_id == 0)
                return actor_send(self, asker, msg_take);
        struct mail *mail = mail_of(self, MAIL_REPLY, asker, msg_take);
        mail->ask_id = ask_id;
        return self->worker != NULL ? deliver_reply(self->node, self->worker, mail)
                                    : deliver(self->node, NULL, mail);
}

int actor_reply_to(struct actor *self, struct actor_asker asker, void *msg_take)
{
        return reply(self, asker.from, asker.ask_id, msg_take);
}

int actor_reply(const struct actor_mail *mail, void *msg_take)
{
        return reply(mail->self, mail->from, mail->ask_id, msg_take);
}

void actor_stop(struct actor *self, struct actor_ref who)
{
        assert(!actor_ref_is_remote(who));
        (void) deliver(self->node, self->worker, mail_make(MAIL_STOP, cell_ref(self), who));
}

int64_t actor_now_ns(struct actor *self)
{
        return node_now_ns(self->node);
}

int64_t actor_wall_ns(struct actor *self)
{
        return node_wall_ns(self->node);
}

uint64_t actor_random(struct actor *self)
{
        return node_dice(self->node, self->worker);
}

struct actor_ref actor_self(struct actor *self)
{
        return cell_ref(self);
}

struct actor_ref actor_parent(struct actor *self)
{
        return cell_parent(self);
}

struct actor_node *actor_node(struct actor *self)
{
        return self->node;
}
