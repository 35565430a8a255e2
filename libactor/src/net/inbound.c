/* SPDX-License-Identifier: Apache-2.0 */
/* inbound.c — frames to mail, and what a lost peer leaves behind.
 *
 * An envelope that breaks the format ends its link: after it nothing on that connection can be
 * trusted to be what it seems. A message that is well enveloped but cannot be understood (unknown
 * type, a body that is not one of that type) or finds nobody costs only itself, and its sender is
 * told where the kind asks for it. */
#include "net/body.h"
#include "net/cuts.h"
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

/* What the items of a frame have in common is looked up once. */
struct reading {
        struct link *link;
        struct actor_ref to, from;
        bool found;
        const struct actor_type *type;
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

static struct actor_ref sender_of(struct link *link, const struct frame_address *from)
{
        uint32_t peer = link->peer->index;
        if (!from->name)
                return (struct actor_ref){peer, from->slot, from->generation};
        char name[ACTOR_NAME_MAX + 1];
        memcpy(name, from->name, from->name_size);
        name[from->name_size] = '\0';
        /* Only answers come from names, and only from those that were asked under them. */
        return (struct actor_ref){peer, intern_find(link->peers->names, name), 0};
}

static void look_up(struct reading *reading, const struct frame_item *item)
{
        struct peers *peers = reading->link->peers;
        if (!item->same_to)
                reading->to = find_receiver(peers, &item->to, &reading->found);
        if (!item->same_from)
                reading->from = sender_of(reading->link, &item->from);
        if (!item->same_type)
                reading->type = item->type ? type_table_find(peers->types, item->type) : NULL;
}

/* 0 and the body (NULL if the item has none), or why there is none. */
static int unpack(const struct reading *reading, const struct frame_item *item, void **ret)
{
        *ret = NULL;
        if (item->type == 0)
                return 0;
        if (item->body_size > reading->link->peers->config.message_max)
                return -EMSGSIZE;
        if (!reading->type)
                return -EPROTO;
        *ret = body_unpack(reading->type, item->body, item->body_size);
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
        atomic_store_explicit(&mail->next, NULL, memory_order_relaxed);
        atomic_store_explicit(peers->arrived_end, mail, memory_order_relaxed);
        peers->arrived_end = &mail->next;
}

struct mail *peers_take_arrived(struct peers *peers)
{
        struct mail *first = peers->arrived;
        peers->arrived = NULL;
        peers->arrived_end = &peers->arrived;
        return first;
}

static struct mail *mail_of(const struct reading *reading, const struct frame_item *item, void *body_take)
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

static void deliver(const struct reading *reading, const struct frame_item *item, void *body_take)
{
        struct link *link = reading->link;
        struct mail *mail = mail_of(reading, item, body_take);
        if (note_arrival(link->peer, mail))
                arrive(link->peers, mail);
        else
                mail_free(mail);
}

static void on_item(struct reading *reading, const struct frame_item *item)
{
        struct link *link = reading->link;
        void *body;
        look_up(reading, item);
        int r = unpack(reading, item, &body);
        if (r != 0) {
                peers_count_rejected(link->peers);
                refuse(link, item, r);
                return;
        }
        /* Whom a watch was on is known here; what is ended has no need to be found. */
        bool found = item->kind == FRAME_DEMONITOR || reading->found;
        bool full = item->kind == FRAME_MONITOR && link->peer->watches_in.count >= NET_WATCHES_MAX;
        if (found && !full) {
                deliver(reading, item, body);
                return;
        }
        actor_msg_unref(body);
        refuse(link, item, full ? -ENOBUFS : -ESRCH);
}

/* An item, a part, or the announcement of parts. 0 or FRAME_E_MALFORMED. */
static int on_any(struct reading *reading, const struct frame_item *item)
{
        struct frame_item whole;
        struct reading alone = {.link = reading->link};
        if (item->cut_size) {
                look_up(reading, item); /* the next may have it in common */
                return joins_announced(reading->link, item);
        }
        if (item->kind != FRAME_PART) {
                on_item(reading, item);
                return 0;
        }
        int r = joins_part(reading->link, item, &whole);
        if (r != JOIN_DONE)
                return r;
        on_item(&alone, &whole);
        joins_drop_done(reading->link);
        return 0;
}

void link_on_data(struct link *link, const struct frame_header *header, const uint8_t *data, size_t size)
{
        if (header->sequence != link->received.frames + 1) {
                link_end(link, "a frame was lost");
                return;
        }
        struct reading reading = {.link = link};
        struct frame_reader reader;
        struct frame_item item;
        frame_reader_init(&reader, data, size, header);
        int r;
        while ((r = frame_reader_next(&reader, &item)) == 0 && (r = on_any(&reading, &item)) == 0)
                ;
        COUNT(link->peers->counters.received, header->count - reader.items_left);
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
                link->part_is_due = true;
                if (link->cuts)
                        link_mark_dirty(link);
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

/* What a peer has said comes before the news that it is lost. */
static void deliver_arrived(struct peers *peers)
{
        for (struct mail *mail = peers_take_arrived(peers), *next; mail; mail = next) {
                next = atomic_load_explicit(&mail->next, memory_order_relaxed);
                atomic_store_explicit(&mail->next, NULL, memory_order_relaxed);
                node_deliver(peers->config.node, mail);
        }
}

void peer_end_crossings(struct peers *peers, struct peer *peer)
{
        deliver_arrived(peers);
        end_all(peers, &peer->watches_out, end_watch_out);
        end_all(peers, &peer->watches_in, end_watch_in);
        end_all(peers, &peer->asks_older, end_ask);
        end_all(peers, &peer->asks, end_ask);
}
