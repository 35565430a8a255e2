/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_ZMQ_PRIVATE_H
#define NET_ZMQ_PRIVATE_H

/* What the files of the ZeroMQ driver share: zmq_driver.c (the bridge thread), zmq_sockets.c
 * (connections), zmq_send.c (what leaves), zmq_listen.c (binding). */
#include "net/endpoint.h"
#include "net/duty.h"
#include "net/net_private.h"
#include "net/zap.h"

#include <actor/hash_table.h>
#include <pthread.h>
#include <zmq.h>

/* What the bridge sleeps on: the descriptor of one socket, or the wake-up. */
enum zmq_source_kind {
        SOURCE_WAKE,
        SOURCE_TIMER,
        SOURCE_ROUTER,
        SOURCE_ROUTER_MONITOR,
        SOURCE_DEALER,
        SOURCE_DEALER_MONITOR
};
struct zmq_source {
        enum zmq_source_kind kind;
        struct connection *connection; /* of a DEALER */
};

struct connection {
        struct zmq_driver *driver;
        struct link *link; /* NULL once closed */
        struct connection *next_closed, *next_ready, *next_ending;
        bool ready;                   /* in driver->ready or driver->round: there may be something to read */
        bool ending;                  /* the connection has ended; what has arrived is still to be read */
        bool heard;                   /* something has arrived on it */
        char key[ACTOR_KEY_SIZE + 1]; /* proved by the other end; "": not asked for */
        const char *trouble;          /* why the handshake beneath has failed */
        bool unwelcome;               /* and it would fail again */
        /* Dialed: sockets of its own. */
        void *dealer, *monitor;
        struct zmq_source dealer_source, monitor_source;
        /* Accepted: its place in the ROUTER. */
        int fd;
        uint8_t id_size;
        uint8_t id[255];
        UT_hash_handle hh;
};

/* A listen that a thread waits for. */
struct zmq_request {
        const struct endpoint *endpoint;
        const char *to_bind; /* the same with a numeric host */
        int result;
        char bound[ACTOR_ENDPOINT_MAX + 1]; /* what peers are told */
        bool done;
};

struct zmq_driver {
        struct net *net;
        pthread_mutex_t lock; /* of started, request and its end */
        pthread_cond_t answered;
        bool started;
        struct zmq_request *request;
        atomic_bool asked, stopping; /* look at request / at the end */
        atomic_bool revised;         /* look at who is still let in */
        atomic_bool asleep;          /* the bridge is, or is about to be: wake it */
        int wake_fd, timer_fd, epoll_fd;
        struct duty duty;
        void *context;
        struct zap *zap; /* started with the first endpoint under CURVE */
        /* The bridge's own from here on: whoever of its two threads has the duty. */
        void *router, *router_monitor;
        bool router_ready;
        zmq_msg_t *in_hand; /* the frame being received */
        struct zmq_source wake_source, timer_source, router_source, router_monitor_source;
        struct connection *ready, *round;   /* to be read: in the next round, in this one */
        struct connection *closed, *ending; /* ending: accepted ones only */
        struct connection *accepted;        /* a hash table, by routing id */
        struct connection *heard_last;      /* of them; NULL: it is no more */
        struct connection **by_fd;          /* accepted ones, by the descriptor they greeted on last */
        size_t by_fd_count;
        char **ipc_paths; /* what we bound, to be removed at the end: libzmq leaves it */
        size_t ipc_count, ipc_capacity;
        uint64_t monitor_count; /* names the monitors */
        unsigned turns_without_events;
        int64_t stop_by_ns;
        int64_t timer_ns; /* when the timer will go off; INT64_MAX: it is not set */
};

/* ---- zmq_sockets.c ----------------------------------------------------------------------------- */

/* Makes the ROUTER on first use. 0 or -errno. */
int zmq_router_open(struct zmq_driver *driver);
struct connection *zmq_driver_dial(void *driver, const char *endpoint, struct link *link);
void zmq_driver_close(void *driver, struct connection *connection);
void zmq_driver_keep(void *driver, struct kept_frame *ret);
const char *zmq_driver_key(void *driver, const struct connection *connection);
/* Reads what is there, at most NET_READ_FRAMES_MAX frames a socket; what has more stays ready. False: the
 * duty is another thread's now. */
bool zmq_read_ready(struct zmq_driver *driver);
void zmq_on_router_monitor(struct zmq_driver *driver);
void zmq_on_dealer_monitor(struct connection *connection);
void zmq_mark_ready(struct connection *connection);
/* The connection is over; it is told broken once what has arrived on it was read. */
void zmq_mark_ending(struct connection *connection);
/* Frees what was closed since the last time. */
void zmq_reap(struct zmq_driver *driver);
/* Closes everything, giving what was sent `linger_ms` to leave. */
void zmq_close_all(struct zmq_driver *driver, int linger_ms);
int zmq_watch(struct zmq_driver *driver, int fd, struct zmq_source *source);

/* ---- zmq_send.c -------------------------------------------------------------------------------- */

void zmq_driver_send(void *driver, struct connection *connection, struct frame_buffer *frame_take,
                     const struct lent_bytes *trailer_take);

/* ---- zmq_listen.c ------------------------------------------------------------------------------ */

int zmq_driver_listen(struct net *net, const char *endpoint, char *bound, size_t bound_size,
                      struct actor_error *error);
/* On the bridge: binds the ROUTER for a request. */
void zmq_bind_request(struct zmq_driver *driver, struct zmq_request *request);

/* ---- zmq_driver.c ------------------------------------------------------------------------------ */

void zmq_start(struct net *net);
/* Passes on what a frame has brought. Handlers may run here, while the duty is lent: the caller holds on to
 * nothing that is the bridge's. False: the duty is another thread's now. */
bool zmq_hand_over(struct zmq_driver *driver);
void zmq_wake(struct zmq_driver *driver);

#endif
