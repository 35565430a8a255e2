/* SPDX-License-Identifier: Apache-2.0 */
#include "net/parcel.h"
#include "core/envelope.h"
#include "net/cache.h"
#include "net/reading.h"

/* How far ahead of the reader memory is asked for: the next items' beginnings, where all are of one size /
 * all bytes. Without that nearly every item waits for another processor's cache. */
enum { HEADS_AHEAD = 8, BYTES_AHEAD = 1024 };

struct parcel {
        uint32_t peer;
        struct frame_header header;
        const uint8_t *data;
        size_t size;
        struct kept_frame frame;
};

static void parcel_fini(void *body)
{
        struct parcel *parcel = body;
        parcel->frame.drop(&parcel->frame);
}

static const struct actor_type parcel_type = {"struct parcel", sizeof(struct parcel), NULL, parcel_fini,
                                              false};

/* Passes over what is as the message before. */
static void skip_same(struct frame_reader *reader)
{
        struct frame_reader at = *reader; /* in registers */
        const uint8_t *body;
        size_t size;
        while (frame_reader_same(&at, &body, &size))
                cache_read_ahead(at.at, HEADS_AHEAD * size, 1);
        *reader = at;
}

/* Whether all items are messages whose senders need not be told of anything. */
static bool is_plain(const struct frame_header *header, const uint8_t *data, size_t size)
{
        struct frame_reader reader;
        struct frame_item item;
        int r;
        frame_reader_init(&reader, data, size, header, NULL);
        do {
                skip_same(&reader);
                r = frame_reader_next(&reader, &item);
                if (r == 0 && (item.kind != FRAME_MESSAGE || item.returnable || item.cut_size > 0))
                        return false;
        } while (r == 0);
        return r == FRAME_E_END;
}

struct mail *parcel_of_frame(struct link *link, const struct frame_header *header, const uint8_t *data,
                             size_t size)
{
        if (header->count < NET_PARCEL_ITEMS_MIN || !is_plain(header, data, size))
                return NULL;
        struct parcel *parcel = actor_msg_new(&parcel_type);
        *parcel = (struct parcel){.peer = link->peer->index, .header = *header, .data = data, .size = size};
        link->peers->ops->keep(link->peers->driver, &parcel->frame);
        return mail_with(MAIL_PARCEL, ACTOR_NOBODY, ACTOR_NOBODY, parcel);
}

/* One message. */
static void unpack_one(const struct reading *reading, const struct frame_item *item, struct worker *worker)
{
        void *body;
        if (reading_unpack(reading, item, &body) != 0)
                peers_count_rejected(reading->peers);
        else if (!reading->found)
                actor_msg_unref(body);
        else
                node_unpacked(reading->peers->config.node, worker, reading_mail(reading, item, body));
}

/* The mail of a message, NULL if its body is not of that type. */
static inline struct mail *make_mail(const struct reading *reading, const uint8_t *data, size_t size)
{
        if (likely(reading->type->is_bytes))
                return mail_envelop(envelope_of_bytes(reading->type, data, size), MAIL_MESSAGE, reading->from,
                                    reading->to);
        void *body = actor_msg_unpack(reading->type, data, size);
        return body ? mail_with(MAIL_MESSAGE, reading->from, reading->to, body) : NULL;
}

/* Those after it that are as the one before: what they have in common is seen to once, and they reach the
 * mailbox as a chain. */
static void unpack_same(const struct reading *reading, struct frame_reader *reader, struct worker *worker)
{
        struct frame_reader at = *reader; /* in registers */
        struct mail_chain chain = {0};
        const size_t size_max = reading->peers->config.message_max;
        const uint8_t *data;
        size_t size;
        while (frame_reader_same(&at, &data, &size)) {
                cache_read_ahead(at.at, BYTES_AHEAD, size);
                struct mail *mail = likely(size <= size_max) ? make_mail(reading, data, size) : NULL;
                if (likely(mail))
                        mail_chain_add(&chain, mail);
                else
                        peers_count_rejected(reading->peers);
        }
        *reader = at;
        if (chain.count > 0)
                node_unpacked_chain(reading->peers->config.node, worker, &chain);
}

void parcel_unpack(const struct parcel *parcel, struct peers *peers, struct worker *worker)
{
        struct reading reading = {.peers = peers, .peer = parcel->peer};
        struct frame_reader reader;
        struct frame_item item;
        frame_reader_init(&reader, parcel->data, parcel->size, &parcel->header, NULL);
        while (frame_reader_next(&reader, &item) == 0) {
                reading_look_up(&reading, &item);
                unpack_one(&reading, &item, worker);
                if (likely(reading.found && reading.type))
                        unpack_same(&reading, &reader, worker);
        }
}
