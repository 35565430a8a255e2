/* SPDX-License-Identifier: Apache-2.0 */
/* inbound.c — frames to mail, and what a lost peer leaves behind.
 *
 * An envelope that breaks the format ends its link: after it nothing on that connection can be
 * trusted to be what it seems. A message that is well enveloped but cannot be understood (unknown
 * type, a body that is not one of that type) or finds nobody costs only itself, and its sender is
 * told where the kind asks for it. */
#include "net/body.h"
#include "net/cuts.h"
#include "net/parcel.h"
#include "net/reading.h"

#include <actor/log.h>
#include <assert.h>
#include <errno.h>
#include <string.h>

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

/* Items of a frame of a link. */
struct items {
        struct link *link;
        struct reading reading;
};

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

static void deliver(const struct items *items, const struct frame_item *item, void *body_take)
{
        struct link *link = items->link;
        struct mail *mail = reading_mail(&items->reading, item, body_take);
        if (note_arrival(link->peer, mail))
                arrive(link->peers, mail);
        else
                mail_free(mail);
}

static struct items items_of(struct link *link)
{
        return (struct items){.link = link, .reading = {.peers = link->peers, .peer = link->peer->index}};
}

/* One that was looked up, with its body. */
static void on_read(struct items *items, const struct frame_item *item, void *body_take)
{
        struct link *link = items->link;
        /* Whom a watch was on is known here; what is ended has no need to be found. */
        bool found = item->kind == FRAME_DEMONITOR || items->reading.found;
        bool full = item->kind == FRAME_MONITOR && link->peer->watches_in.count >= NET_WATCHES_MAX;
        if (found && !full) {
                deliver(items, item, body_take);
                return;
        }
        refuse(link, item, full ? -ENOBUFS : -ESRCH); /* the item's bytes may lie in the body */
        actor_msg_unref(body_take);
}

/* One that was looked up and is still to be unpacked. */
static void on_packed(struct items *items, const struct frame_item *item)
{
        struct link *link = items->link;
        void *body;
        int r = reading_unpack(&items->reading, item, &body);
        if (r == 0) {
                on_read(items, item, body);
                return;
        }
        peers_count_rejected(link->peers);
        refuse(link, item, r);
}

/* An item whose body is complete. Where that is bytes, it is not copied again. */
static void on_joined(struct link *link, struct join *join)
{
        struct items alone = items_of(link);
        reading_look_up(&alone.reading, &join->item);
        const struct actor_type *type = alone.reading.type;
        if (!type || !type->is_bytes) {
                on_packed(&alone, &join->item);
                return;
        }
        void *body = body_become(type, join->bytes);
        join->bytes = NULL;
        on_read(&alone, &join->item, body);
}

/* An item, a part, or the announcement of parts. 0 or FRAME_E_MALFORMED. */
static int on_any(struct items *items, const struct frame_item *item)
{
        struct join *done = NULL;
        int r = 0;
        if (item->kind == FRAME_PART) {
                r = joins_part(items->link, item, &done);
        } else {
                reading_look_up(&items->reading, item); /* the next may have it in common */
                if (item->cut_size)
                        r = joins_announced(items->link, item);
                else
                        on_packed(items, item);
        }
        if (done) {
                on_joined(items->link, done);
                join_free(done);
        }
        return r;
}

/* Whether a worker will see to the whole frame. */
static bool arrives_packed(struct link *link, const struct frame_header *header, const uint8_t *data,
                           size_t size)
{
        struct peers *peers = link->peers;
        if (!peers->ops->keep || !node_takes_parcel(peers->config.node))
                return false;
        struct mail *parcel = parcel_of_frame(link, header, data, size);
        if (parcel)
                arrive(peers, parcel);
        return parcel != NULL;
}

/* The mails of a frame; 0, FRAME_E_MALFORMED or FRAME_E_TRAILER. */
static int read_items(struct link *link, const struct frame_header *header, const uint8_t *data, size_t size,
                      const struct frame_trailer *trailer)
{
        struct items items = items_of(link);
        struct frame_reader reader;
        struct frame_item item;
        frame_reader_init(&reader, data, size, header, trailer);
        int r;
        while ((r = frame_reader_next(&reader, &item)) == 0 && (r = on_any(&items, &item)) == 0)
                ;
        bool had_part = trailer && !reader.trailer; /* which is no message */
        COUNT(link->peers->counters.received, header->count - reader.items_left - had_part);
        return r == FRAME_E_END ? 0 : r;
}

void link_on_data(struct link *link, const struct frame_header *header, const uint8_t *data, size_t size,
                  const struct frame_trailer *trailer)
{
        if (header->sequence != link->received.frames + 1) {
                link_end(link, "a frame was lost");
                return;
        }
        int r = 0;
        if (!trailer && arrives_packed(link, header, data, size))
                COUNT(link->peers->counters.received, header->count);
        else
                r = read_items(link, header, data, size, trailer);
        if (r != 0) {
                peers_malformed(link, r == FRAME_E_TRAILER
                                              ? "it sent a trailer that is not what its frame says, or none"
                                              : "it sent a malformed frame");
                return;
        }
        link->received.frames++;
        link->received.bytes += size + (trailer ? trailer->size : 0);
        link_mark_dirty(link);
}

static void on_alive(struct link *link, const struct frame_header *header, const uint8_t *data, size_t size)
{
        struct frame_alive alive;
        struct frame_alive *read = &link->sent_read;
        if (frame_alive_decode(data, size, &alive) != 0 || alive.frames > link->sent.frames ||
            alive.bytes > link->sent.bytes || alive.frames < read->frames || alive.bytes < read->bytes) {
                peers_malformed(link, "it acknowledges what was not sent");
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

static void dispatch(struct link *link, const struct frame_header *header, const uint8_t *data, size_t size,
                     const struct frame_trailer *trailer)
{
        if (header->type == FRAME_GOODBYE) {
                link_end(link, "it said goodbye");
        } else if (header->type == FRAME_ERROR) {
                on_error(link, data, size);
        } else if (link->state != LINK_OPEN) {
                link_on_handshake(link, header, data, size);
        } else if (header->type == FRAME_DATA) {
                link_on_data(link, header, data, size, trailer);
        } else if (header->type == FRAME_ALIVE) {
                on_alive(link, header, data, size);
        } else {
                peers_malformed(link, "it does not keep to the handshake");
        }
}

void peers_malformed(struct link *link, const char *why)
{
        peers_count_rejected(link->peers);
        link_end(link, why);
}

void peers_receive(struct link *link, const uint8_t *data, size_t size, const struct frame_trailer *trailer)
{
        struct peers *peers = link->peers;
        struct frame_header header;
        COUNT(peers->counters.frames_in, 1);
        COUNT(peers->counters.bytes_in, size + (trailer ? trailer->size : 0));
        link->heard_ns = node_now_ns(peers->config.node);
        if (frame_header_decode(data, size, &header) != 0)
                peers_malformed(link, "it sent a malformed frame");
        else if (trailer && header.type != FRAME_DATA)
                peers_malformed(link, "it sent a trailer with a frame that has none");
        else
                dispatch(link, &header, data, size, trailer);
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
