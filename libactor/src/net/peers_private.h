/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_PEERS_PRIVATE_H
#define NET_PEERS_PRIVATE_H

/* What the files of the peers logic share: peers.c (table, time, loss), handshake.c (which connection
 * counts), outbound.c (mail to frames), inbound.c (frames to mail). Nobody else includes this. */
#include "net/crossings.h"
#include "net/limits.h"
#include "net/peers.h"
#include "net/type_table.h"

enum link_state {
        LINK_DIALED,   /* HELLO sent, waiting for the answer */
        LINK_ACCEPTED, /* WELCOME sent, waiting for CONFIRM */
        LINK_OPEN,
};

struct link {
        struct peers *peers;
        struct link *next, *previous; /* all links */
        struct link *next_dirty;
        bool dirty;  /* in peers->dirty: has gathered items, or owes an acknowledgement */
        bool dialed; /* by us */
        enum link_state state;
        struct connection *connection;     /* the driver's */
        struct peer *peer;                 /* NULL while ACCEPTED */
        uint64_t incarnation, message_max; /* the other node's, from its greeting */
        int64_t silence_max_ns;
        char *claimed_endpoint; /* ACCEPTED: where the other node says it listens */
        int64_t began_ns, sent_ns, heard_ns;
        /* DATA frames and their bytes: sent, and read by the other side; read here, and told. */
        struct frame_alive sent, sent_read, received, received_told;
        struct frame_buffer gather;
        uint32_t gather_count;
        /* Large bodies (cuts.h): going out, in turn; held for them; coming in. */
        struct cut *cuts;
        size_t held_bytes, held_count;
        uint32_t cut_number;
        bool part_is_due;
        struct join *joins;
};

/* A mail, or a frame of plain messages that senders have packed. */
struct waiting {
        struct mail *mail;
        struct packed *packed; /* NULL: a mail */
        size_t body_size;      /* in bytes on the wire, near enough */
};

struct peer {
        uint32_t index;
        const char *endpoint;
        bool is_stranger; /* has no endpoint: only it can connect */
        bool is_self;
        bool was_connected;
        struct outbox *outbox;
        char key[ACTOR_KEY_SIZE + 1]; /* of who bears its incarnation; "" without CURVE */
        struct peer *alias_of;        /* the entry whose open link leads to the same node */
        uint32_t alias_count;
        struct link *link, *dialing;
        struct waiting *queue; /* a ring of queue_capacity, a power of two */
        size_t queue_first, queue_count, queue_capacity, queue_bytes;
        int64_t waiting_since_ns; /* for a link, with mail; meaningful while queue_count > 0 */
        int64_t dial_at_ns;       /* not before */
        int64_t left_ns;          /* a stranger's last link ended */
        unsigned dials_failed;
        struct crossings watches_out, watches_in;
        struct crossings asks, asks_older; /* two generations: see outbound.c */
};

struct peers_counters {
        _Atomic uint64_t sent, received, frames_out, frames_in, bytes_out, bytes_in, connected, reconnects;
        _Atomic uint64_t rejected, refused; /* by any thread */
};
/* The bridge alone writes to most; what any thread may count is COUNT_SHARED. */
#define COUNT_SHARED(counter, amount) atomic_fetch_add_explicit(&(counter), (amount), memory_order_relaxed)
#define COUNT(counter, amount)                                                                               \
        atomic_store_explicit(&(counter), atomic_load_explicit(&(counter), memory_order_relaxed) + (amount), \
                              memory_order_relaxed)

struct peers {
        struct net_config config;
        struct intern *endpoints, *names;
        struct keyring *keyring;
        struct denials *denials;
        struct identities *identities;
        const struct net_driver *ops;
        void *driver;
        struct type_table *types;
        struct outboxes *outboxes;
        _Atomic(struct mail *) arrived, *arrived_end; /* what is to be passed on */
        struct peer **table;                          /* by index; NULL where nothing has happened yet */
        uint64_t *incarnations; /* by index, beside the table so that a search runs fast */
        uint32_t table_count;
        char **own_endpoints;
        size_t own_count, own_capacity;
        struct link *links, *dirty;
        size_t link_count, waiting_count; /* peers with mail and no link */
        int64_t deadline_ns;              /* nothing is due before */
        int64_t silence_max_ns;
        int64_t looked_ns; /* when peers_tick() was last called */
        struct peers_counters counters;
};

/* ---- peers.c ----------------------------------------------------------------------------------- */

/* The entry of an index (made on first mention), or what it is an alias of. */
struct peer *peer_at(struct peers *peers, uint32_t index);
struct peer *peer_resolve(struct peer *peer);
struct peer *peer_stranger(struct peers *peers, uint64_t incarnation); /* NULL if the table is full */
/* The first entry of an incarnation from `from` on; NULL if there is none. */
struct peer *peer_by_incarnation(struct peers *peers, uint64_t incarnation, uint32_t from);
void peer_set_incarnation(struct peers *peers, struct peer *peer, uint64_t incarnation);
/* The same with the key of a link's other end. */
void peer_identify(struct peer *peer, const struct link *link);
/* The key that a connection's other end has proved to hold. */
const char *connection_key(const struct peers *peers, const struct connection *connection);
void peers_due_by(struct peers *peers, int64_t at_ns);
/* Mail has begun to wait and there is no link: sees that one comes. */
void peer_want_link(struct peers *peers, struct peer *peer);
/* A try to reach the peer has failed: the next one later. */
void peer_dial_failed(struct peers *peers, struct peer *peer);

struct link *link_new(struct peers *peers, struct connection *connection, bool dialed);
/* Ends a link. If it was open its peer is told lost; if it was our dial it counts as failed. */
void link_end(struct link *link, const char *why);
/* Ends a link that never carried data and that nobody misses. */
void link_drop(struct link *link);
/* Ends a dial that was not welcome: see peers_unwelcome(). */
void link_refused(struct link *link, const char *why, bool for_good);
/* Sends a control frame without content, or ALIVE. */
void link_say(struct link *link, enum frame_type type);

/* ---- handshake.c ------------------------------------------------------------------------------- */

void peers_dial(struct peers *peers, struct peer *peer);
/* A control frame of the handshake; may end the link. */
void link_on_handshake(struct link *link, const struct frame_header *header, const uint8_t *data,
                       size_t size);

/* ---- outbound.c -------------------------------------------------------------------------------- */

void peers_route(struct peers *peers, struct mail *mail_take);
/* Tells the sender of a mail, where its kind asks for it, that it will not arrive. */
void peers_bounce(struct peers *peers, struct mail *mail_take, int error);
/* Sends from the queue while the window allows. */
void peer_drain(struct peers *peers, struct peer *peer);
void peer_fail_waiting(struct peers *peers, struct peer *peer, int error);
/* Moves the mail waiting at an alias to the entry that has the link. */
void peer_move_waiting(struct peers *peers, struct peer *from, struct peer *to);
void link_gather(struct link *link, const struct frame_item *item, const uint8_t *body);
void link_mark_dirty(struct link *link);
/* The item alone of a mail whose body follows in parts. */
void link_gather_cut(struct link *link, const struct waiting *waiting, uint32_t cut);
bool link_has_room(const struct link *link);
/* Sends what is gathered / a DATA frame that is complete but for its number. */
void link_flush(struct link *link);
void link_send_data(struct link *link, struct frame_buffer *frame_take, uint32_t count,
                    const struct lent_bytes *trailer_take);
/* Sends what is gathered, and with it a piece of a body that was cut. */
void link_send_part(struct link *link, uint32_t cut, const struct lent_bytes *piece_take);
/* Puts into the queue, before all that waits. */
void peer_put_back(struct peer *peer, const struct waiting *waiting);
/* Sends a finished frame, and its trailer (NULL: none). */
void link_send(struct link *link, struct frame_buffer *frame_take, const struct lent_bytes *trailer_take);

/* ---- inbound.c --------------------------------------------------------------------------------- */

/* A DATA frame; may end the link. */
void link_on_data(struct link *link, const struct frame_header *header, const uint8_t *data, size_t size,
                  const struct frame_trailer *trailer);
/* Ends, for the actors here, what they had under way with a peer that is lost. */
void peer_end_crossings(struct peers *peers, struct peer *peer);

#endif
