/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"

#include <assert.h>

/* send.c: what an actor says to others, and what it is told about itself. */

static inline struct mail *mail_of(struct actor *self, enum mail_kind kind, struct actor_ref to,
                                   void *msg_take)
{
        struct mail *mail = mail_with(kind, cell_ref(self), to, msg_take);
        mail->trace_id = trace_of(self);
        return mail;
}

int actor_send(struct actor *self, struct actor_ref to, void *msg_take)
{
        struct mail *mail = mail_of(self, MAIL_MESSAGE, to, msg_take);
        return self->worker != NULL ? deliver_message(self->node, self->worker, mail)
                                    : deliver(self->node, NULL, mail);
}

int actor_send_returnable(struct actor *self, struct actor_ref to, void *msg_take)
{
        struct mail *mail = mail_of(self, MAIL_MESSAGE, to, msg_take);
        mail->returnable = true;
        return deliver(self->node, self->worker, mail);
}

int actor_reply_to(struct actor *self, struct actor_asker asker, void *msg_take)
{
        if (asker.ask_id == 0)
                return actor_send(self, asker.from, msg_take);
        struct mail *mail = mail_of(self, MAIL_REPLY, asker.from, msg_take);
        mail->ask_id = asker.ask_id;
        return deliver(self->node, self->worker, mail);
}

int actor_reply(const struct actor_mail *mail, void *msg_take)
{
        return actor_reply_to(mail->self, actor_asker(mail), msg_take);
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
