/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_PEERS_H
#define NET_PEERS_H

#include "net/denials.h"
#include "net/frame_control.h"
#include "net/identities.h"
#include "net/intern.h"
#include "net/keyring.h"
#include "net/net.h"
#include "net/outbox.h"

/* Who the other nodes are and what is between them and us: the same logic over every driver. It
 * opens connections when mail waits, agrees with the other side which connection counts, turns mail
 * into frames and frames into mail, notices silence, and ends for both sides what a lost connection
 * has cut. All on one thread, the driver's; nothing here blocks.
 *
 * A link is one connection's life. Its end is final: nothing is sent again, what was under way is
 * told lost, and a new connection is a new link. What still waits in the peer's queue was not sent
 * and goes out on the next one, in order. */
struct peers;
struct link;

/* A frame that is read after peers_receive() has returned: the driver's own, in room made for it. */
struct kept_frame {
        _Alignas(16) char room[64];
        void (*drop)(struct kept_frame *kept); /* any thread */
};

/* The trailer of a frame that leaves: bytes of a message (of actor/message.h), which is not copied; the
 * driver lets go of its one reference once they have left or are dropped, on any thread. */
struct lent_bytes {
        const uint8_t *data;
        size_t size;
        void *holder;
};

/* ---- the driver's side, beneath ---------------------------------------------------------------- */

/* Defined by the driver: one connection. */
struct connection;

struct net_driver {
        /* Begins a connection for `link`; NULL if that cannot even be tried. Later the driver calls
         * peers_receive() and, at its end, peers_broken(); never from inside dial or send. */
        struct connection *(*dial)(void *driver, const char *endpoint, struct link *link);
        /* Sends a frame, whose memory it takes, and its trailer (NULL: none). Where the connection is gone or
         * does not read, both are dropped and peers_broken() follows, after what has arrived was received. */
        void (*send)(void *driver, struct connection *connection, struct frame_buffer *frame_take,
                     const struct lent_bytes *trailer_take);
        /* Forgets a connection, after sending what was given; it is not mentioned to peers_* again. */
        void (*close)(void *driver, struct connection *connection);
        /* The key that the other end has proved to hold, "" if it was not asked for one. NULL: nobody ever
         * is. */
        const char *(*key)(void *driver, const struct connection *connection);
        /* Keeps the frame that peers_receive() is being called with; its bytes stay where they are. NULL: it
         * cannot be kept. */
        void (*keep)(void *driver, struct kept_frame *ret);
};

struct peers_config {
        const struct net_config *net; /* copied */
        /* Shared with the front of the room. */
        struct intern *endpoints, *names;
        struct type_table *types;
        struct outboxes *outboxes;
        struct keyring *keyring; /* NULL: no CURVE */
        struct denials *denials;
        struct identities *identities;
        const struct net_driver *ops;
        void *driver;
};

struct peers *peers_new(const struct peers_config *config);
/* Frees without a word to anybody; mail that waits is released. */
void peers_free(struct peers *peers);

/* A frame on a connection the driver has not seen before. Returns the link, or NULL if the frame is
 * no greeting (it has been answered where that helps; the driver forgets the connection). */
struct link *peers_accept(struct peers *peers, struct connection *connection, const uint8_t *data,
                          size_t size);
/* A frame on a link's connection, and its trailer (NULL: none). The link may be gone afterwards: then close()
 * was called. */
void peers_receive(struct link *link, const uint8_t *data, size_t size, const struct frame_trailer *trailer);
/* Something on a link's connection that is no frame: ends the link. `why` says what. */
void peers_malformed(struct link *link, const char *why);
/* The mail that frames have brought since the last time, for node_deliver_chain(); NULL if none. The driver
 * passes it on after each frame, at a moment when the handlers that may then run are in nobody's way. */
struct mail *peers_take_arrived(struct peers *peers);
/* The connection has ended. Calls close(). */
void peers_broken(struct link *link, const char *why);
/* The same for one that we dialed and that the other side, or we, would not have. `for_good`: trying again is
 * of little use, and mail waiting for it is answered at once; as it is where the same happens twice in a row.
 */
void peers_unwelcome(struct link *link, const char *why, bool for_good);

/* ---- the room's side, above -------------------------------------------------------------------- */

/* Routes a chain of mails (post_box_take()); takes them. */
void peers_post(struct peers *peers, struct mail *chain_take);
/* Sends what was gathered: after each batch of posts, receives and ticks. */
void peers_flush(struct peers *peers);
/* Does what time has made due / says when there will be something, INT64_MAX for never. */
void peers_tick(struct peers *peers);
int64_t peers_deadline(const struct peers *peers);

/* An endpoint at which this node now listens: mail for it stays here. The first is told to peers. */
void peers_listening(struct peers *peers, const char *endpoint);
/* Ends the links of those who are not let in any more. */
void peers_revise(struct peers *peers);
/* Whether nothing waits that a connection could still carry. */
bool peers_are_drained(const struct peers *peers);
/* Says goodbye on every link and closes it. */
void peers_goodbye(struct peers *peers);
/* A frame too large, or garbage the driver itself has refused. Any thread. */
void peers_count_rejected(struct peers *peers);
/* A message dropped before the bridge saw it. Any thread. */
void peers_count_refused(struct peers *peers);
void peers_totals(const struct peers *peers, struct actor_node_totals *ret); /* any thread */

#endif
