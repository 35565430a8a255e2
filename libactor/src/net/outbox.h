/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_OUTBOX_H
#define NET_OUTBOX_H

#include "core/mail.h"
#include "core/spin.h"
#include "net/frame.h"
#include "net/intern.h"
#include "net/type_table.h"

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
        struct spin lock;    /* of all but `posted` */
        atomic_bool is_open; /* written under the lock, by the bridge */
        _Atomic uint32_t posted;
        struct mail marker;
        bool is_marked; /* the marker is in the post box */
        uint64_t body_max;
        struct packed *first, *last; /* the last is being filled */
        size_t bytes,
                size_before; /* all of them; the newest frame's when it was taken, as a guess for the next */
        struct actor_ref last_to, last_from;
        const struct actor_type *last_type;
};

struct outboxes;
struct frame_pool;
struct outboxes *outboxes_new(struct intern *names, struct type_table *types, struct frame_pool *frames);
void outboxes_free(struct outboxes *outboxes);

/* Of a peer's index; made before anything is sent to it. Any thread. */
void outboxes_make(struct outboxes *outboxes, uint32_t peer);
struct outbox *outboxes_at(struct outboxes *outboxes, uint32_t peer); /* NULL if none was made */

enum outbox_result { OUTBOX_NO, OUTBOX_PACKED, OUTBOX_BEGUN, OUTBOX_FULL };

/* Packs a mail, and takes it, if that may be done here. BEGUN: the marker is to be posted. FULL: a whole
 * frame is ready, and this is the first of the next. Any thread. */
enum outbox_result outbox_pack(struct outboxes *outboxes, struct outbox *outbox, struct mail *mail);

/* ---- on the bridge's thread --------------------------------------------------------------------- */

/* `body_max`: the largest body that the peer accepts. */
void outbox_open(struct outbox *outbox, uint64_t body_max);
void outbox_close(struct outbox *outbox);
/* The chain of frames packed since the last time; the marker may be posted anew. */
struct packed *outbox_take(struct outbox *outbox);
void packed_free(struct packed *packed);

#endif
