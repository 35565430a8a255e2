/* SPDX-License-Identifier: Apache-2.0 */
/* inbound.c — frames to mail, and what a lost peer leaves behind.
 *
 * An envelope that breaks the format ends its link: after it nothing on that connection can be
 * trusted to be what it seems. A message that is well enveloped but cannot be understood (unknown
 * type, a body that is not one of that type) or finds nobody costs only itself, and its sender is
 * told where the kind asks for it. */
#include "net/body.h"
#include "net/peers_private.h"

#include <actor/log.h>
#include <assert.h>
#include <errno.h>
#include <string.h>

static const uint8_t mail_kinds[FRAME_KIND_COUNT] = {
        [FRAME_MESSAGE] = MAIL_MESSAGE, [FRAME_ASK] = MAIL_ASK,
        [FRAME_REPLY] = MAIL_REPLY,     [FRAME_UNDELIVERED] = MAIL_UNDELIVERED,
        [FRAME_MONITOR] = MAIL_MONITOR, [FRAME_DEMONITOR] = MAIL_DEMONITOR,
        [FRAME_DOWN] = MAIL_DOWN,
};

/* The answer to an item that cannot be delivered, made of the item itself: its body may be of a type
 * unknown here and still goes back whole. */
static void refuse(struct link *link, const struct frame_item *item, int error)
{
        struct frame_item answer = {.to = item->from, .from = item->to, .ask_id = item->ask_id};
        if (item->from.generation == 0)
                return;
        if (item->kind == FRAME_ASK) {
                answer.kind = FRAME_REPLY;
                answer.error = error;
        } else if (item->kind == FRAME_MONITOR) {
                answer.kind = FRAME_DOWN;
                answer.reason = error == -ESRCH ? ACTOR_DOWN_NOT_FOUND : ACTOR_DOWN_UNREACHABLE;
        } else if (item->kind == FRAME_MESSAGE && item->returnable) {
                answer.kind = FRAME_UNDELIVERED;
                answer.error = error;
                answer.type = item->type;
                answer.body_size = item->body_size;
        }
        if (answer.kind)
                link_gather(link, &answer, item->body);
}

static bool find_receiver(struct peers *peers, const struct frame_item *item, struct actor_ref *ret)
{
        if (!item->to.name) {
                *ret = (struct actor_ref){0, item->to.slot, item->to.generation};
                return true;
        }
        char name[ACTOR_NAME_MAX + 1];
        memcpy(name, item->to.name, item->to.name_size);
        name[item->to.name_size] = '\0';
        return node_find(peers->config.node, name, ret);
}

static struct actor_ref sender_of(struct link *link, const struct frame_item *item)
{
        uint32_t peer = link->peer->index;
        if (!item->from.name)
                return (struct actor_ref){peer, item->from.slot, item->from.generation};
        char name[ACTOR_NAME_MAX + 1];
        memcpy(name, item->from.name, item->from.name_size);
        name[item->from.name_size] = '\0';
        /* Only answers come from names, and only from those that were asked under them. */
        return (struct actor_ref){peer, intern_find(link->peers->names, name), 0};
}

/* 0 and the body (NULL if the item has none), or why there is none. */
static int unpack(struct peers *peers, const struct frame_item *item, void **ret)
{
        *ret = NULL;
        if (item->type == 0)
                return 0;
        if (item->body_size > peers->config.message_max)
                return -EMSGSIZE;
        const struct actor_type *type = type_table_find(peers->types, item->type);
        if (!type)
                return -EPROTO;
        *ret = body_unpack(type, item->body, item->body_size);
        return *ret ? 0 : -EPROTO;
}

/* What begins or ends between the two nodes by this mail's arrival. False: it is about nothing that
 * is known here, and not for delivery. */
static bool note_arrival(struct peer *peer, struct mail *mail)
{
        struct crossing crossing = {.near = mail->from, .far = mail->to, .id = mail->ask_id};
        switch (mail->kind) {
        case MAIL_MONITOR:
                crossings_add(&peer->watches_in, &crossing);
                return true;
        case MAIL_DEMONITOR:
                if (!crossings_remove(&peer->watches_in, mail->from, mail->ask_id, &crossing))
                        return false;
                mail->to = crossing.far;
                return true;
        case MAIL_DOWN:
                if (!crossings_remove(&peer->watches_out, mail->to, mail->ask_id, &crossing))
                        return false;
                mail->from = crossing.far;
                return true;
        case MAIL_REPLY:
                if (crossings_remove(&peer->asks, mail->to, mail->ask_id, &crossing) ||
                    crossings_remove(&peer->asks_older, mail->to, mail->ask_id, &crossing))
                        mail->from = crossing.far;
                return true;
        }
        return true;
}

static void arrive(struct peers *peers, struct mail *mail)
{
        atomic_store_explicit(peers->arrived_end, mail, memory_order_relaxed);
        peers->arrived_end = &mail->next;
}

static void hand_over(struct peers *peers)
{
        struct mail *first = peers->arrived;
        peers->arrived = NULL;
        peers->arrived_end = &peers->arrived;
        if (first)
                node_deliver_chain(peers->config.node, first);
}

static void deliver(struct link *link, const struct frame_item *item, struct actor_ref to, void *body_take)
{
        struct mail *mail = mail_new();
        mail->kind = mail_kinds[item->kind];
        mail->body = body_take;
        mail->to = to;
        mail->from = sender_of(link, item);
        mail->ask_id = item->ask_id;
        mail->trace_id = item->trace_id;
        mail->returnable = item->returnable;
        mail->reason = item->reason;
        mail->error = item->error;
        COUNT(link->peers->counters.received, 1);
        if (note_arrival(link->peer, mail))
                arrive(link->peers, mail);
        else
                mail_free(mail);
}

static void on_item(struct link *link, const struct frame_item *item)
{
        struct peers *peers = link->peers;
        struct actor_ref to = ACTOR_NOBODY;
        void *body;
        int r = unpack(peers, item, &body);
        if (r != 0) {
                peers_count_rejected(peers);
                refuse(link, item, r);
                return;
        }
        bool found = item->kind == FRAME_DEMONITOR || find_receiver(peers, item, &to);
        bool full = item->kind == FRAME_MONITOR && link->peer->watches_in.count >= NET_WATCHES_MAX;
        if (found && !full) {
                deliver(link, item, to, body);
                return;
        }
        actor_msg_unref(body);
        refuse(link, item, full ? -ENOBUFS : -ESRCH);
}

void link_on_data(struct link *link, const struct frame_header *header, const uint8_t *data, size_t size)
{
        if (header->sequence != link->received.frames + 1) {
                link_end(link, "a frame was lost");
                return;
        }
        struct frame_reader reader;
        struct frame_item item;
        frame_reader_init(&reader, data, size, header);
        int r;
        while ((r = frame_reader_next(&reader, &item)) == 0)
                on_item(link, &item);
        hand_over(link->peers);
        if (r != FRAME_E_END) {
                peers_count_rejected(link->peers);
                link_end(link, "it sent a malformed frame");
                return;
        }
        link->received.frames++;
        link->received.bytes += size;
        link_mark_dirty(link);
}

static void on_alive(struct link *link, const struct frame_header *header, const uint8_t *data, size_t size)
{
        struct frame_alive alive;
        struct frame_alive *read = &link->sent_read;
        if (frame_alive_decode(data, size, &alive) != 0 || alive.frames > link->sent.frames ||
            alive.bytes > link->sent.bytes || alive.frames < read->frames || alive.bytes < read->bytes) {
                peers_count_rejected(link->peers);
                link_end(link, "it acknowledges what was not sent");
        } else if (header->sequence != link->received.frames) {
                link_end(link, "a frame was lost");
        } else {
                *read = alive;
                peer_drain(link->peers, link->peer);
        }
}

static void on_error(struct link *link, const uint8_t *data, size_t size)
{
        char text[256];
        frame_error_decode(data, size, text, sizeof text);
        actor_log_print(node_log(link->peers->config.node), ACTOR_LOG_WARN,
                        "net: peer %s of %s refuses: \"%s\"", link->peer ? link->peer->endpoint : "inbound",
                        node_name(link->peers->config.node), text);
        link_end(link, "it refuses");
}

static void dispatch(struct link *link, const struct frame_header *header, const uint8_t *data, size_t size)
{
        if (header->type == FRAME_GOODBYE) {
                link_end(link, "it said goodbye");
        } else if (header->type == FRAME_ERROR) {
                on_error(link, data, size);
        } else if (link->state != LINK_OPEN) {
                link_on_handshake(link, header, data, size);
        } else if (header->type == FRAME_DATA) {
                link_on_data(link, header, data, size);
        } else if (header->type == FRAME_ALIVE) {
                on_alive(link, header, data, size);
        } else {
                peers_count_rejected(link->peers);
                link_end(link, "it does not keep to the handshake");
        }
}

void peers_receive(struct link *link, const uint8_t *data, size_t size)
{
        struct peers *peers = link->peers;
        struct frame_header header;
        COUNT(peers->counters.frames_in, 1);
        COUNT(peers->counters.bytes_in, size);
        link->heard_ns = node_now_ns(peers->config.node);
        if (frame_header_decode(data, size, &header) == 0) {
                dispatch(link, &header, data, size);
                return;
        }
        peers_count_rejected(peers);
        link_end(link, "it sent a malformed frame");
}

/* ---- loss --------------------------------------------------------------------------------------- */

static struct mail *mail_about(const struct crossing *crossing, enum mail_kind kind)
{
        struct mail *mail = mail_new();
        mail->kind = (uint8_t) kind;
        mail->to = crossing->near;
        mail->from = crossing->far;
        mail->ask_id = crossing->id;
        return mail;
}

static void end_watch_out(struct peers *peers, const struct crossing *watch)
{
        struct mail *mail = mail_about(watch, MAIL_DOWN);
        mail->reason = ACTOR_DOWN_UNREACHABLE;
        node_deliver(peers->config.node, mail);
}

static void end_watch_in(struct peers *peers, const struct crossing *watch)
{
        struct mail *mail = mail_about(watch, MAIL_DEMONITOR);
        mail->to = watch->far;
        mail->from = watch->near;
        node_deliver(peers->config.node, mail);
}

static void end_ask(struct peers *peers, const struct crossing *ask)
{
        struct mail *mail = mail_about(ask, MAIL_REPLY);
        mail->error = -EHOSTUNREACH;
        node_deliver(peers->config.node, mail);
}

static void end_all(struct peers *peers, struct crossings *crossings,
                    void (*end)(struct peers *peers, const struct crossing *crossing))
{
        for (size_t i = 0; i < crossings->cell_count; i++)
                if (crossings->cells[i].id != 0)
                        end(peers, &crossings->cells[i]);
        crossings_done(crossings);
}

void peer_end_crossings(struct peers *peers, struct peer *peer)
{
        end_all(peers, &peer->watches_out, end_watch_out);
        end_all(peers, &peer->watches_in, end_watch_in);
        end_all(peers, &peer->asks_older, end_ask);
        end_all(peers, &peer->asks, end_ask);
}
