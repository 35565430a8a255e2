/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_OUTBOX_H
#define NET_OUTBOX_H

#include "core/mail.h"
#include "core/spin.h"
#include "net/body.h"
#include "net/cache.h"
#include "net/frame.h"
#include "net/intern.h"
#include "net/limits.h"
#include "net/type_table.h"

#include <pthread.h>

/* Where the senders themselves pack plain messages for a peer, so that the bridge has whole frames to
 * send and touches no message. There is one outbox a peer; it is open while the bridge could send at
 * once whatever came: an open link, nothing waiting before, room in the window.
 *
 * Order. Only messages that nobody has to be told about are packed here; every other mail goes by the
 * post box. An outbox that begins to fill posts its marker, so what was packed before a mail was posted
 * comes before it. While posted mail for the peer is still to be routed (`posted`) nothing is packed, so
 * what is sent after a posted mail comes after it. */
enum { MAIL_OUTBOX = 0xff }; /* the kind of a marker; `to.peer` says whose */

struct packed {
        struct packed *next;
        struct frame_buffer frame; /* begun, not ended */
        uint32_t count;
};

struct outbox {
        /* What the usual message needs. */
        struct spin lock;    /* of all but `posted` */
        atomic_bool is_open; /* written under the lock, by the bridge */
        _Atomic uint32_t posted;
        const struct actor_type
                *same_type;  /* of the last message, if the next can be as that one; else NULL */
        struct packed *last; /* is being filled */
        struct actor_ref last_to, last_from;
        uint32_t body_max;
        /* What the others need. */
        bool is_marked; /* the marker is in the post box */
        struct packed *first;
        const struct actor_type *last_type;
        size_t full_bytes, size_before; /* of all but the last; the newest frame's when it was taken, as a
                                           guess for the next */
        struct mail marker;
};

/* A message on its way into an outbox: plain, and nobody has to be told of its fate. */
struct outgoing {
        struct actor_ref to, from;
        uint64_t trace_id;
        const void *body;
};

struct frame_pool;
enum { OUTBOXES_CHUNK = 1024, OUTBOXES_CHUNKS = NET_PEERS_MAX / OUTBOXES_CHUNK + 1 };

struct outboxes {
        struct intern *names;
        struct type_table *types;
        struct frame_pool *frames;
        pthread_mutex_t lock; /* of making */
        _Atomic(_Atomic(struct outbox *) *) chunks[OUTBOXES_CHUNKS];
};
struct outboxes *outboxes_new(struct intern *names, struct type_table *types, struct frame_pool *frames);
void outboxes_free(struct outboxes *outboxes);

/* Of a peer's index; made before anything is sent to it. Any thread. */
void outboxes_make(struct outboxes *outboxes, uint32_t peer);
/* NULL if none was made. */
static inline struct outbox *outboxes_at(struct outboxes *outboxes, uint32_t peer)
{
        if (unlikely(peer / OUTBOXES_CHUNK >= OUTBOXES_CHUNKS))
                return NULL;
        _Atomic(struct outbox *) *chunk =
                atomic_load_explicit(&outboxes->chunks[peer / OUTBOXES_CHUNK], memory_order_acquire);
        return likely(chunk) ? atomic_load_explicit(&chunk[peer % OUTBOXES_CHUNK], memory_order_acquire)
                             : NULL;
}

enum outbox_result { OUTBOX_NO, OUTBOX_PACKED, OUTBOX_BEGUN, OUTBOX_FULL };

/* Packs a message if that may be done here; its body stays the caller's. BEGUN: the marker is to be posted.
 * FULL: a whole frame is ready, and this is the first of the next. Any thread. */
enum outbox_result outbox_pack(struct outboxes *outboxes, struct outbox *outbox,
                               const struct outgoing *message);

/* The outbox is locked. Whether a message is of the sender, the receiver and the type of the one before it.
 */
static inline bool outbox_is_same(const struct outbox *outbox, struct actor_ref from, struct actor_ref to,
                                  const void *msg)
{
        return envelope_of(msg)->type == outbox->same_type && actor_ref_equal(to, outbox->last_to) &&
               actor_ref_equal(from, outbox->last_from);
}

/* What outbox_pack() does with most messages: those are as the one before in all but their bodies, of `size`
 * bytes, and under no trace. False: this one is another, or there is no room. */
static inline bool outbox_pack_same(struct outbox *outbox, struct actor_ref from, struct actor_ref to,
                                    const void *msg, size_t size)
{
        enum { BYTES_AHEAD = 512 };
        bool fits = false;
        spin_lock(&outbox->lock);
        if (likely(outbox_is_same(outbox, from, to, msg) && size <= outbox->body_max &&
                   atomic_load(&outbox->posted) == 0)) {
                struct packed *packed = outbox->last;
                struct frame_buffer *frame = &packed->frame;
                fits = frame->size + FRAME_SAME_BYTES_MAX + size <= frame->capacity;
                if (likely(fits)) {
                        uint8_t *at = frame_put_same(frame->data + frame->size, size);
                        frame->size = (size_t) (at - frame->data) + size;
                        packed->count++;
                        cache_write_ahead(at + size, BYTES_AHEAD, size);
                        body_pack(msg, at);
                }
        }
        spin_unlock(&outbox->lock);
        return fits;
}

/* ---- on the bridge's thread --------------------------------------------------------------------- */

/* `body_max`: the largest body that the peer accepts. */
void outbox_open(struct outbox *outbox, uint64_t body_max);
void outbox_close(struct outbox *outbox);
/* The chain of frames packed since the last time; the marker may be posted anew. */
struct packed *outbox_take(struct outbox *outbox);
void packed_free(struct packed *packed);

#endif
