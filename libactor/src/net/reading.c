/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reading.h"
#include "net/body.h"

#include <errno.h>
#include <string.h>

static const uint8_t mail_kinds[FRAME_KIND_COUNT] = {
        [FRAME_MESSAGE] = MAIL_MESSAGE, [FRAME_ASK] = MAIL_ASK,
        [FRAME_REPLY] = MAIL_REPLY,     [FRAME_UNDELIVERED] = MAIL_UNDELIVERED,
        [FRAME_MONITOR] = MAIL_MONITOR, [FRAME_DEMONITOR] = MAIL_DEMONITOR,
        [FRAME_DOWN] = MAIL_DOWN,
};

static struct actor_ref find_receiver(struct peers *peers, const struct frame_address *to, bool *ret_found)
{
        struct actor_ref ref = {0, to->slot, to->generation};
        *ret_found = true;
        if (!to->name)
                return ref;
        char name[ACTOR_NAME_MAX + 1];
        memcpy(name, to->name, to->name_size);
        name[to->name_size] = '\0';
        *ret_found = node_find(peers->config.node, name, &ref);
        return ref;
}

static struct actor_ref sender_of(const struct reading *reading, const struct frame_address *from)
{
        if (likely(!from->name))
                return (struct actor_ref){reading->peer, from->slot, from->generation};
        char name[ACTOR_NAME_MAX + 1];
        memcpy(name, from->name, from->name_size);
        name[from->name_size] = '\0';
        /* Only answers come from names, and only from those that were asked under them. */
        return (struct actor_ref){reading->peer, intern_find(reading->peers->names, name), 0};
}

void reading_look_up(struct reading *reading, const struct frame_item *item)
{
        struct peers *peers = reading->peers;
        if (likely(!item->same_to))
                reading->to = find_receiver(peers, &item->to, &reading->found);
        if (likely(!item->same_from))
                reading->from = sender_of(reading, &item->from);
        if (likely(!item->same_type))
                reading->type = likely(item->type) ? type_table_find(peers->types, item->type) : NULL;
}

int reading_unpack(const struct reading *reading, const struct frame_item *item, void **ret)
{
        *ret = NULL;
        if (item->type == 0)
                return 0;
        if (unlikely(item->body_size > reading->peers->config.message_max))
                return -EMSGSIZE;
        if (unlikely(!reading->type))
                return -EPROTO;
        *ret = body_unpack(reading->type, item->body, item->body_size);
        return likely(*ret) ? 0 : -EPROTO;
}

struct mail *reading_mail(const struct reading *reading, const struct frame_item *item, void *body_take)
{
        struct mail *mail = body_take
                                    ? mail_with(mail_kinds[item->kind], reading->from, reading->to, body_take)
                                    : mail_make(mail_kinds[item->kind], reading->from, reading->to);
        mail->ask_id = item->ask_id;
        mail->trace_id = item->trace_id;
        mail->returnable = item->returnable;
        mail->reason = item->reason;
        mail->error = item->error;
        return mail;
}
