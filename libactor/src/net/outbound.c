/* SPDX-License-Identifier: Apache-2.0 */
/* outbound.c — mail to frames.
 *
 * A mail for a peer with an open link and room in its window is packed at once into the link's
 * gathering frame, which leaves when it is large enough or when nothing more waits (peers_flush()).
 * Otherwise the mail waits in the peer's queue. The window counts what the other side has not yet
 * said it has read, so a peer that does not read holds up nothing but its own queue, and never the
 * driver.
 *
 * Asks are remembered so that a loss answers them at once. A question that is never answered would
 * be remembered for ever, hence two generations: when the younger is full the older is forgotten,
 * and its askers hear from their own timeouts. */
#include "net/body.h"
#include "net/cuts.h"
#include "net/peers_private.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- answers for what cannot go --------------------------------------------------------------- */

static struct mail *answer_new(const struct mail *mail, enum mail_kind kind, int error)
{
        struct mail *answer = mail_new();
        answer->kind = (uint8_t) kind;
        answer->to = mail->from;
        answer->from = mail->to;
        answer->error = error;
        answer->trace_id = mail->trace_id;
        if (kind != MAIL_UNDELIVERED)
                answer->ask_id = mail->ask_id;
        return answer;
}

static struct mail *answer_to(const struct mail *mail, int error)
{
        struct mail *answer = NULL;
        if (mail->kind == MAIL_ASK) {
                answer = answer_new(mail, MAIL_REPLY, error);
        } else if (mail->kind == MAIL_MONITOR) {
                answer = answer_new(mail, MAIL_DOWN, 0);
                answer->reason = error == -ESRCH ? ACTOR_DOWN_NOT_FOUND : ACTOR_DOWN_UNREACHABLE;
        } else if (mail->kind == MAIL_MESSAGE && mail->returnable) {
                answer = answer_new(mail, MAIL_UNDELIVERED, error);
                answer->body = actor_msg_ref(mail->body);
        }
        return answer;
}

void peers_bounce(struct peers *peers, struct mail *mail_take, int error)
{
        assert(error < 0);
        struct mail *answer = answer_to(mail_take, error);
        peers_count_refused(peers);
        mail_free(mail_take);
        if (answer && answer->to.peer == 0)
                node_deliver(peers->config.node, answer);
        else
                mail_free(answer);
}

/* ---- one mail as an item ------------------------------------------------------------------------ */

static const uint8_t wire_kinds[] = {
        [MAIL_MESSAGE] = FRAME_MESSAGE, [MAIL_ASK] = FRAME_ASK,
        [MAIL_REPLY] = FRAME_REPLY,     [MAIL_UNDELIVERED] = FRAME_UNDELIVERED,
        [MAIL_MONITOR] = FRAME_MONITOR, [MAIL_DEMONITOR] = FRAME_DEMONITOR,
        [MAIL_DOWN] = FRAME_DOWN,
};

static uint8_t wire_kind(const struct mail *mail)
{
        return mail->kind < sizeof wire_kinds ? wire_kinds[mail->kind] : 0;
}

/* 0, or why this mail cannot leave the node. */
static int check_mail(const struct peers *peers, const struct mail *mail, size_t *ret_body_size)
{
        uint8_t kind = wire_kind(mail);
        *ret_body_size = 0;
        bool by_name_only_to_begin = kind == FRAME_REPLY || kind == FRAME_UNDELIVERED || kind == FRAME_DOWN;
        bool needs_sender = kind == FRAME_ASK || kind == FRAME_MONITOR || kind == FRAME_DEMONITOR;
        if (kind == 0 || (by_name_only_to_begin && mail->to.generation == 0))
                return -EINVAL;
        if (needs_sender && mail->from.generation == 0)
                return -EINVAL;
        if (mail->to.generation == 0 && !intern_text(peers->names, mail->to.slot))
                return -ESRCH;
        if (!mail->body)
                return kind == FRAME_MESSAGE || kind == FRAME_ASK || kind == FRAME_UNDELIVERED ? -EINVAL : 0;
        if (!body_travels(mail->body))
                return -EPROTO;
        *ret_body_size = body_size(mail->body);
        return *ret_body_size > peers->config.message_max ? -EMSGSIZE : 0;
}

static struct frame_address address_of(const struct peers *peers, struct actor_ref ref)
{
        if (ref.generation != 0)
                return (struct frame_address){.slot = ref.slot, .generation = ref.generation};
        const char *name = intern_text(peers->names, ref.slot);
        if (!name)
                return (struct frame_address){0};
        return (struct frame_address){.name = name, .name_size = (uint8_t) strlen(name)};
}

static void describe(struct peers *peers, const struct waiting *waiting, struct frame_item *ret)
{
        const struct mail *mail = waiting->mail;
        uint8_t kind = wire_kind(mail);
        *ret = (struct frame_item){
                .kind = kind,
                .returnable = mail->returnable && kind == FRAME_MESSAGE,
                .to = address_of(peers, mail->to),
                .trace_id = mail->trace_id,
                .body_size = waiting->body_size,
        };
        if (mail->from.peer == 0 && mail->from.generation != 0)
                ret->from =
                        (struct frame_address){.slot = mail->from.slot, .generation = mail->from.generation};
        if (kind != FRAME_MESSAGE && kind != FRAME_UNDELIVERED)
                ret->ask_id = mail->ask_id;
        if (kind == FRAME_REPLY || kind == FRAME_UNDELIVERED || kind == FRAME_DOWN)
                ret->error = mail->error;
        if (kind == FRAME_DOWN)
                ret->reason = mail->reason ? mail->reason : ACTOR_DOWN_UNREACHABLE;
        if (kind == FRAME_UNDELIVERED && ret->error >= 0)
                ret->error = -ESRCH;
        if (mail->body && kind != FRAME_DOWN)
                ret->type = type_table_hash(peers->types, actor_msg_type(mail->body));
}

/* ---- gathering ---------------------------------------------------------------------------------- */

void link_mark_dirty(struct link *link)
{
        if (link->dirty)
                return;
        link->dirty = true;
        link->next_dirty = link->peers->dirty;
        link->peers->dirty = link;
}

void link_send(struct link *link, struct frame_buffer *frame_take, const struct lent_bytes *trailer_take)
{
        struct peers *peers = link->peers;
        COUNT(peers->counters.frames_out, 1);
        COUNT(peers->counters.bytes_out, frame_take->size + (trailer_take ? trailer_take->size : 0));
        link->sent_ns = node_now_ns(peers->config.node);
        peers->ops->send(peers->driver, link->connection, frame_take, trailer_take);
}

void link_say(struct link *link, enum frame_type type)
{
        struct frame_buffer frame = {0};
        if (type == FRAME_ALIVE) {
                frame_alive_encode(&frame, &link->received);
                link->received_told = link->received;
        } else {
                frame_begin(&frame, type);
        }
        frame_end(&frame, 0, link->sent.frames);
        link_send(link, &frame, NULL);
}

void link_send_data(struct link *link, struct frame_buffer *frame_take, uint32_t count,
                    const struct lent_bytes *trailer_take)
{
        link->sent.frames++;
        link->sent.bytes += frame_take->size + (trailer_take ? trailer_take->size : 0);
        frame_end(frame_take, count, link->sent.frames);
        link_send(link, frame_take, trailer_take);
}

static void send_gathered(struct link *link, const struct lent_bytes *trailer_take)
{
        struct frame_buffer frame = link->gather;
        uint32_t count = link->gather_count;
        link->gather = (struct frame_buffer){0};
        link->gather_count = 0;
        link_send_data(link, &frame, count, trailer_take);
}

void link_flush(struct link *link)
{
        if (link->gather_count > 0)
                send_gathered(link, NULL);
}

void link_send_part(struct link *link, uint32_t cut, const struct lent_bytes *piece_take)
{
        if (link->gather_count == 0)
                frame_begin(&link->gather, FRAME_DATA);
        link->gather_count++;
        frame_part_encode(&link->gather, cut, piece_take->size);
        send_gathered(link, piece_take);
}

static uint8_t *gather(struct link *link, const struct frame_item *item)
{
        if (link->gather_count == 0)
                frame_begin(&link->gather, FRAME_DATA);
        link->gather_count++;
        link_mark_dirty(link);
        COUNT(link->peers->counters.sent, 1);
        return frame_item_encode(&link->gather, item);
}

void link_gather(struct link *link, const struct frame_item *item, const uint8_t *body)
{
        uint8_t *at = gather(link, item);
        if (item->body_size > 0)
                memcpy(at, body, item->body_size);
}

/* ---- sending ------------------------------------------------------------------------------------ */

static void remember_ask(struct peer *peer, const struct crossing *ask)
{
        if (peer->asks.count >= NET_ASKS_MAX) {
                crossings_done(&peer->asks_older);
                peer->asks_older = peer->asks;
                peer->asks = (struct crossings){0};
        }
        crossings_add(&peer->asks, ask);
}

/* What has begun or ended between the two nodes by this mail's leaving. */
static void note_leaving(struct peer *peer, const struct mail *mail)
{
        struct crossing crossing = {.near = mail->from, .far = mail->to, .id = mail->ask_id};
        switch (mail->kind) {
        case MAIL_ASK:
                remember_ask(peer, &crossing);
                break;
        case MAIL_MONITOR:
                crossings_add(&peer->watches_out, &crossing);
                break;
        case MAIL_DEMONITOR:
                crossings_remove(&peer->watches_out, mail->from, mail->ask_id, NULL);
                break;
        case MAIL_DOWN:
                crossings_remove(&peer->watches_in, mail->to, mail->ask_id, NULL);
                break;
        }
}

void link_gather_cut(struct link *link, const struct waiting *waiting, uint32_t cut)
{
        struct frame_item item;
        describe(link->peers, waiting, &item);
        item.body_size = 0;
        item.cut = cut;
        item.cut_size = (uint32_t) waiting->body_size;
        (void) gather(link, &item);
        note_leaving(link->peer, waiting->mail);
}

/* Packs a mail into the link's frame, and takes it. */
static void send_mail(struct peers *peers, struct link *link, const struct waiting *waiting)
{
        struct mail *mail = waiting->mail;
        if (waiting->body_size > link->message_max) {
                peers_bounce(peers, mail, -EMSGSIZE);
                return;
        }
        if (link->cuts && cut_holds(link, waiting))
                return;
        if (waiting->body_size > NET_WHOLE_BYTES_MAX) {
                cut_begin(link, waiting);
                return;
        }
        struct frame_item item;
        describe(peers, waiting, &item);
        if (link->gather_count > 0 && link->gather.size + frame_item_size(&item) > NET_GATHER_BYTES)
                link_flush(link);
        uint8_t *at = gather(link, &item);
        if (waiting->body_size > 0)
                body_pack(mail->body, at);
        note_leaving(link->peer, mail);
        mail_free(mail);
        if (link->gather.size >= NET_GATHER_BYTES)
                link_flush(link);
}

bool link_has_room(const struct link *link)
{
        return link->sent.frames - link->sent_read.frames < NET_WINDOW_FRAMES &&
               link->sent.bytes - link->sent_read.bytes < NET_WINDOW_BYTES;
}

/* ---- the queue ---------------------------------------------------------------------------------- */

static struct waiting *queue_at(const struct peer *peer, size_t index)
{
        return &peer->queue[(peer->queue_first + index) & (peer->queue_capacity - 1)];
}

static void queue_grow(struct peer *peer)
{
        size_t capacity = peer->queue_capacity ? peer->queue_capacity * 2 : 16;
        struct waiting *queue = actor_realloc_array(NULL, capacity, sizeof *queue);
        for (size_t i = 0; i < peer->queue_count; i++)
                queue[i] = *queue_at(peer, i);
        free(peer->queue);
        peer->queue = queue;
        peer->queue_first = 0;
        peer->queue_capacity = capacity;
}

static void queue_push(struct peer *peer, const struct waiting *waiting)
{
        if (peer->queue_count == peer->queue_capacity)
                queue_grow(peer);
        *queue_at(peer, peer->queue_count++) = *waiting;
        peer->queue_bytes += waiting->body_size;
}

void peer_put_back(struct peer *peer, const struct waiting *waiting)
{
        if (peer->queue_count == peer->queue_capacity)
                queue_grow(peer);
        peer->queue_first = (peer->queue_first - 1) & (peer->queue_capacity - 1);
        peer->queue_count++;
        *queue_at(peer, 0) = *waiting;
        peer->queue_bytes += waiting->body_size;
}

static struct waiting queue_pop(struct peer *peer)
{
        assert(peer->queue_count > 0);
        struct waiting waiting = *queue_at(peer, 0);
        peer->queue_first = (peer->queue_first + 1) & (peer->queue_capacity - 1);
        peer->queue_bytes -= waiting.body_size;
        if (--peer->queue_count == 0 && peer->queue_capacity > 1024) {
                free(peer->queue);
                peer->queue = NULL;
                peer->queue_capacity = 0;
        }
        return waiting;
}

/* What waits cannot go: its senders are told, where there is anybody to tell. */
static void give_up(struct peers *peers, const struct waiting *waiting, int error)
{
        if (!waiting->packed) {
                peers_bounce(peers, waiting->mail, error);
                return;
        }
        COUNT_SHARED(peers->counters.refused, waiting->packed->count);
        packed_free(waiting->packed);
}

static void send_packed(struct peers *peers, struct link *link, struct packed *packed)
{
        link_flush(link);
        COUNT(peers->counters.sent, packed->count);
        link_send_data(link, &packed->frame, packed->count, NULL);
        packed_free(packed);
}

static void send_waiting(struct peers *peers, struct link *link, const struct waiting *waiting)
{
        if (likely(waiting->packed))
                send_packed(peers, link, waiting->packed);
        else
                send_mail(peers, link, waiting);
}

void peer_drain(struct peers *peers, struct peer *peer)
{
        while (peer->queue_count > 0 && link_has_room(peer->link)) {
                struct waiting waiting = queue_pop(peer);
                send_waiting(peers, peer->link, &waiting);
        }
        if (peer->queue_count == 0 && !peer->link->cuts && link_has_room(peer->link))
                outbox_open(peer->outbox, peer->link->message_max < peers->config.message_max
                                                  ? peer->link->message_max
                                                  : peers->config.message_max);
}

void peer_fail_waiting(struct peers *peers, struct peer *peer, int error)
{
        assert(!peer->link && peer->queue_count > 0);
        peers->waiting_count--;
        while (peer->queue_count > 0) {
                struct waiting waiting = queue_pop(peer);
                give_up(peers, &waiting, error);
        }
}

static void enqueue(struct peers *peers, struct peer *peer, const struct waiting *waiting)
{
        if (peer->queue_count >= NET_QUEUE_MAILS_MAX ||
            (peer->queue_count > 0 && peer->queue_bytes + waiting->body_size > NET_QUEUE_BYTES_MAX)) {
                give_up(peers, waiting, -ENOBUFS);
                return;
        }
        queue_push(peer, waiting);
        outbox_close(peer->outbox);
        if (peer->queue_count == 1 && !peer->link)
                peer_want_link(peers, peer);
}

/* Mail for this node under one of its own endpoints. */
static void deliver_here(struct peers *peers, struct mail *mail)
{
        struct actor_ref to = mail->to;
        to.peer = 0;
        if (to.generation == 0) {
                const char *name = intern_text(peers->names, to.slot);
                if (!name || !node_find(peers->config.node, name, &to)) {
                        peers_bounce(peers, mail, -ESRCH);
                        return;
                }
        }
        mail->to = to;
        node_deliver(peers->config.node, mail);
}

static void route_checked(struct peers *peers, struct peer *peer, const struct waiting *waiting)
{
        struct mail *mail = waiting->mail;
        if (unlikely(peer->is_self) && waiting->packed)
                give_up(peers, waiting, -ESRCH); /* made for the node that was there before */
        else if (unlikely(peer->is_self))
                deliver_here(peers, mail);
        else if (likely(peer->link && peer->queue_count == 0 && link_has_room(peer->link)))
                send_waiting(peers, peer->link, waiting);
        else if (mail && mail->kind == MAIL_DEMONITOR && !peer->link && peer->queue_count == 0)
                mail_free(mail); /* the watch ended with the link */
        else
                enqueue(peers, peer, waiting);
}

void peers_route(struct peers *peers, struct mail *mail_take)
{
        struct waiting waiting = {.mail = mail_take};
        if (mail_take->to.peer > intern_count(peers->endpoints) || mail_take->to.peer == 0) {
                peers_bounce(peers, mail_take, -ESRCH);
                return;
        }
        struct peer *peer = peer_resolve(peer_at(peers, mail_take->to.peer));
        int r = peer->is_self ? 0 : check_mail(peers, mail_take, &waiting.body_size);
        if (r != 0)
                peers_bounce(peers, mail_take, r);
        else
                route_checked(peers, peer, &waiting);
}

void peer_move_waiting(struct peers *peers, struct peer *from, struct peer *to)
{
        assert(!from->link);
        peers->waiting_count -= from->queue_count > 0;
        for (size_t i = from->queue_count; i > 0; i--) {
                struct waiting waiting = queue_pop(from);
                route_checked(peers, to, &waiting);
        }
}

static void take_outbox(struct peers *peers, struct peer *peer)
{
        for (struct packed *packed = outbox_take(peer->outbox), *next; packed; packed = next) {
                struct waiting waiting = {.packed = packed, .body_size = packed->frame.size};
                next = packed->next;
                if (likely(packed->count > 0))
                        route_checked(peers, peer_resolve(peer), &waiting);
                else
                        packed_free(packed);
        }
}

static void route_posted(struct peers *peers, struct mail *mail)
{
        struct outbox *outbox = outboxes_at(peers->outboxes, mail->to.peer);
        if (likely(mail->kind == MAIL_OUTBOX)) {
                take_outbox(peers, peer_at(peers, mail->to.peer));
                return;
        }
        peers_route(peers, mail);
        if (outbox)
                atomic_fetch_sub(&outbox->posted, 1);
}

void peers_post(struct peers *peers, struct mail *chain_take)
{
        for (struct mail *mail = chain_take, *next; mail; mail = next) {
                next = atomic_load_explicit(&mail->next, memory_order_relaxed);
                atomic_store_explicit(&mail->next, NULL, memory_order_relaxed);
                route_posted(peers, mail);
        }
}

/* Sends what is due on one link. */
static void flush_one(struct link *link)
{
        const struct frame_alive *received = &link->received, *told = &link->received_told;
        bool owes = received->frames - told->frames >= NET_ACK_FRAMES ||
                    received->bytes - told->bytes >= NET_ACK_BYTES;
        cuts_send(link);
        link_flush(link);
        if (unlikely(owes))
                link_say(link, FRAME_ALIVE);
}

void peers_flush(struct peers *peers)
{
        struct link *dirty = peers->dirty;
        peers->dirty = NULL;
        for (struct link *link = dirty, *next; link; link = next) {
                next = link->next_dirty;
                link->dirty = false;
                flush_one(link);
        }
}
