/* SPDX-License-Identifier: Apache-2.0 */
/* zmq_sockets.c — connections as ZeroMQ has them.
 *
 * Whoever dials us comes in through the one ROUTER, which tells connections apart by a routing id;
 * each peer we dial has a DEALER of its own. A DEALER is used for one connection only (no
 * reconnecting of libzmq's): so a link is a connection, nothing is silently sent again or lost in
 * between, and when to dial anew is decided by the peers logic with its own dice.
 *
 * Accepted connections are kept by their routing id. That one has ended we hear from the ROUTER's
 * monitor, which names it by descriptor; every message tells the descriptor too, so each descriptor
 * is noted with the connection that greeted on it last. A descriptor may be used anew at once, and the
 * ROUTER reads its connections in turn: frames of the old one may come after the new one's greeting. They
 * bear the old id, so they reach the old connection, which is believed ended only when all that
 * arrived has been read. */
#include "net/zmq_private.h"
#include "net/handshake_trouble.h"
#include "net/limits.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void set_int(void *socket, int option, int value)
{
        int r = zmq_setsockopt(socket, option, &value, sizeof value);
        assert(r == 0);
}

static int descriptor_of(void *socket)
{
        int fd = -1;
        size_t size = sizeof fd;
        int r = zmq_getsockopt(socket, ZMQ_FD, &fd, &size);
        assert(r == 0);
        return fd;
}

/* What both kinds of socket have in common. */
static void *socket_open(struct zmq_driver *driver, int type)
{
        const struct net_config *config = &driver->net->config;
        void *socket = zmq_socket(driver->context, type);
        if (!socket)
                return NULL;
        int64_t frame_max = (int64_t) config->message_max + NET_ENVELOPE_BYTES_MAX;
        int silence_ms = (int) (config->heartbeat_ms * config->heartbeats_missed_max);
        int r = zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max);
        assert(r == 0);
        set_int(socket, ZMQ_IPV6, 1);
        set_int(socket, ZMQ_LINGER, NET_LINGER_MS);
        set_int(socket, ZMQ_SNDHWM, NET_ZMQ_SEND_MAX);
        set_int(socket, ZMQ_RCVHWM, NET_ZMQ_RECEIVE_MAX);
        set_int(socket, ZMQ_HANDSHAKE_IVL, silence_ms);
        return socket;
}

/* The end of `socket` that tells of its connections' ends. */
static void *monitor_open(struct zmq_driver *driver, void *socket, int events)
{
        char name[64];
        snprintf(name, sizeof name, "inproc://monitor-%llu", (unsigned long long) driver->monitor_count++);
        if (zmq_socket_monitor(socket, name, events) != 0)
                return NULL;
        void *monitor = zmq_socket(driver->context, ZMQ_PAIR);
        if (monitor && zmq_connect(monitor, name) == 0)
                return monitor;
        if (monitor)
                zmq_close(monitor);
        zmq_socket_monitor(socket, NULL, 0);
        return NULL;
}

static void socket_forget(struct zmq_driver *driver, void *socket, int linger_ms)
{
        epoll_ctl(driver->epoll_fd, EPOLL_CTL_DEL, descriptor_of(socket), NULL);
        set_int(socket, ZMQ_LINGER, linger_ms);
        zmq_close(socket);
}

/* Ends a monitored socket. The monitor's own end first: libzmq closes the other by itself. */
static void monitored_close(struct zmq_driver *driver, void *socket, void *monitor, int linger_ms)
{
        if (monitor) {
                zmq_socket_monitor(socket, NULL, 0);
                socket_forget(driver, monitor, 0);
        }
        socket_forget(driver, socket, linger_ms);
}

int zmq_router_open(struct zmq_driver *driver)
{
        if (driver->router)
                return 0;
        void *router = socket_open(driver, ZMQ_ROUTER);
        if (!router)
                return -errno;
        int silence_ms = (int) (driver->net->config.heartbeat_ms * driver->net->config.heartbeats_missed_max);
        set_int(router, ZMQ_ROUTER_MANDATORY, 1);
        set_int(router, ZMQ_BACKLOG, NET_BACKLOG);
        /* libzmq gives us no means to end one connection of a ROUTER; its own heartbeats do, for
         * those that are silent below our frames too. */
        set_int(router, ZMQ_HEARTBEAT_IVL, silence_ms);
        set_int(router, ZMQ_HEARTBEAT_TIMEOUT, silence_ms);
        void *monitor = monitor_open(driver, router,
                                     ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                             ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
        if (!monitor || zmq_watch(driver, descriptor_of(router), &driver->router_source) != 0 ||
            zmq_watch(driver, descriptor_of(monitor), &driver->router_monitor_source) != 0) {
                int r = -errno;
                monitored_close(driver, router, monitor, 0);
                return r;
        }
        driver->router = router;
        driver->router_monitor = monitor;
        zmq_on_router_monitor(driver); /* a socket never read from does not signal */
        return 0;
}

/* ---- accepted connections ---------------------------------------------------------------------- */

static struct connection *accepted_by_id(struct zmq_driver *driver, const void *id, size_t id_size)
{
        struct connection *connection = driver->heard_last;
        if (likely(connection && connection->id_size == id_size) && memcmp(connection->id, id, id_size) == 0)
                return connection;
        HASH_FIND(hh, driver->accepted, id, id_size, connection);
        driver->heard_last = connection;
        return connection;
}

static struct connection *accepted_by_fd(struct zmq_driver *driver, int fd)
{
        return fd >= 0 && (size_t) fd < driver->by_fd_count ? driver->by_fd[fd] : NULL;
}

static void note_descriptor(struct zmq_driver *driver, struct connection *connection)
{
        size_t count = driver->by_fd_count ? driver->by_fd_count : 64;
        while (count <= (size_t) connection->fd)
                count *= 2;
        if (count > driver->by_fd_count) {
                driver->by_fd = actor_realloc_array(driver->by_fd, count, sizeof(*driver->by_fd));
                memset(driver->by_fd + driver->by_fd_count, 0,
                       (count - driver->by_fd_count) * sizeof(*driver->by_fd));
                driver->by_fd_count = count;
        }
        driver->by_fd[connection->fd] = connection;
}

static void accepted_forget(struct zmq_driver *driver, struct connection *connection)
{
        HASH_DEL(driver->accepted, connection);
        if (driver->heard_last == connection)
                driver->heard_last = NULL;
        if (accepted_by_fd(driver, connection->fd) == connection)
                driver->by_fd[connection->fd] = NULL;
}

/* ---- the driver port --------------------------------------------------------------------------- */

const char *zmq_driver_key(void *driver, const struct connection *connection)
{
        (void) driver;
        return connection->key;
}

static void connection_close(struct connection *connection, int linger_ms)
{
        struct zmq_driver *driver = connection->driver;
        bool may_linger = connection->heard && !connection->ending;
        connection->link = NULL;
        if (connection->dealer)
                monitored_close(driver, connection->dealer, connection->monitor, may_linger ? linger_ms : 0);
        else
                accepted_forget(driver, connection);
        connection->next_closed = driver->closed;
        driver->closed = connection;
}

void zmq_driver_close(void *driver, struct connection *connection)
{
        (void) driver;
        connection_close(connection, NET_LINGER_MS);
}

struct connection *zmq_driver_dial(void *driver_arg, const char *endpoint, struct link *link)
{
        struct zmq_driver *driver = driver_arg;
        void *dealer = socket_open(driver, ZMQ_DEALER);
        if (!dealer)
                return NULL;
        struct connection *connection = actor_zalloc(sizeof *connection);
        *connection = (struct connection){.driver = driver, .link = link, .dealer = dealer};
        connection->dealer_source = (struct zmq_source){SOURCE_DEALER, connection};
        connection->monitor_source = (struct zmq_source){SOURCE_DEALER_MONITOR, connection};
        const char *key = keyring_demand(driver->net->keyring, endpoint);
        assert(key); /* the peers logic has asked the same */
        snprintf(connection->key, sizeof connection->key, "%s", key);
        keyring_arm_dialer(driver->net->keyring, dealer, key);
        /* Never, in effect. (-1 would mean never too, but then libzmq drops what has arrived and was not
         * yet read when the connection ends.) */
        set_int(dealer, ZMQ_RECONNECT_IVL, NET_ZMQ_RECONNECT_MS);
        connection->monitor = monitor_open(
                driver, dealer,
                ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                        ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
        if (!connection->monitor ||
            zmq_watch(driver, descriptor_of(dealer), &connection->dealer_source) != 0 ||
            zmq_watch(driver, descriptor_of(connection->monitor), &connection->monitor_source) != 0 ||
            zmq_connect(dealer, endpoint) != 0) {
                connection_close(connection, 0);
                return NULL;
        }
        zmq_on_dealer_monitor(connection); /* a socket never read from does not signal */
        return connection;
}

void zmq_mark_ending(struct connection *connection)
{
        struct zmq_driver *driver = connection->driver;
        if (connection->ending)
                return;
        connection->ending = true;
        if (connection->dealer) {
                zmq_mark_ready(connection);
                return;
        }
        connection->next_ending = driver->ending;
        driver->ending = connection;
        driver->router_ready = true;
}

/* ---- frames ------------------------------------------------------------------------------------ */

static void drop_kept(struct kept_frame *kept)
{
        zmq_msg_close((zmq_msg_t *) (void *) kept->room);
}

void zmq_driver_keep(void *driver_arg, struct kept_frame *ret)
{
        struct zmq_driver *driver = driver_arg;
        _Static_assert(sizeof(zmq_msg_t) <= sizeof ret->room, "a message of libzmq has room in it");
        zmq_msg_t *room = (zmq_msg_t *) (void *) ret->room;
        zmq_msg_init(room);
        zmq_msg_move(room, driver->in_hand);
        ret->drop = drop_kept;
}

static void receive(struct connection *connection, zmq_msg_t *body, const struct frame_trailer *trailer)
{
        connection->driver->in_hand = body;
        peers_receive(connection->link, zmq_msg_data(body), zmq_msg_size(body), trailer);
}

/* The first frame of a connection; or a late one of a connection that we have closed, which the peers
 * logic refuses: that takes nobody's descriptor. */
static void greet(struct zmq_driver *driver, int fd, zmq_msg_t *id, zmq_msg_t *body)
{
        zmq_on_router_monitor(
                driver); /* an end that lies before this greeting is of the descriptor's former holder */
        struct connection *connection = actor_zalloc(sizeof *connection);
        connection->driver = driver;
        connection->fd = fd;
        connection->heard = true;
        connection->id_size = (uint8_t) zmq_msg_size(id);
        memcpy(connection->id, zmq_msg_data(id), connection->id_size);
        HASH_ADD(hh, driver->accepted, id, connection->id_size, connection);
        if (!zap_key_of(driver->net->keyring, body, connection->key)) {
                denials_note(driver->net->denials, "a peer", "it came in without proving a key");
                connection_close(connection, 0);
                return;
        }
        struct link *link =
                peers_accept(driver->net->peers, connection, zmq_msg_data(body), zmq_msg_size(body));
        if (accepted_by_id(driver, zmq_msg_data(id), zmq_msg_size(id)) != connection)
                return; /* refused and closed already */
        if (!link) {
                connection_close(connection, 0);
                return;
        }
        connection->link = link;
        struct connection *former = accepted_by_fd(driver, fd);
        if (former)
                zmq_mark_ending(former);
        note_descriptor(driver, connection);
}

static void on_router_frame(struct zmq_driver *driver, zmq_msg_t *id, zmq_msg_t *body)
{
        size_t id_size = zmq_msg_size(id);
        struct connection *connection = accepted_by_id(driver, zmq_msg_data(id), id_size);
        if (connection) {
                receive(connection, body, NULL);
                return;
        }
        int fd = zmq_msg_get(body, ZMQ_SRCFD); /* libzmq reads it from a text, each time anew */
        if (fd < 0 || fd >= NET_CONNECTIONS_MAX || id_size == 0 || id_size > 255)
                peers_count_rejected(driver->net->peers);
        else
                greet(driver, fd, id, body);
}

/* Reads on to the end of a message; says whether there was more than the part in hand. */
static bool skip_rest(void *socket, zmq_msg_t *part)
{
        bool skipped = false;
        while (zmq_msg_more(part)) {
                skipped = true;
                if (zmq_msg_recv(part, socket, ZMQ_DONTWAIT) < 0)
                        break;
        }
        return skipped;
}

/* The part behind a frame, of a message that has more. False: it has more still. */
static bool read_trailer(void *socket, zmq_msg_t *ret)
{
        zmq_msg_init(ret);
        return zmq_msg_recv(ret, socket, ZMQ_DONTWAIT) >= 0 && !skip_rest(socket, ret);
}

static void receive_trailed(struct connection *connection, zmq_msg_t *body, zmq_msg_t *part, bool is_last)
{
        struct frame_trailer trailer = {zmq_msg_data(part), zmq_msg_size(part)};
        if (is_last)
                receive(connection, body, &trailer);
        else
                peers_malformed(connection->link, "it sent more than a frame and its trailer");
}

/* Who is not known is answered by the frame alone; no greeting has a trailer. */
static void on_router_trailed(struct zmq_driver *driver, zmq_msg_t *id, zmq_msg_t *body)
{
        zmq_msg_t part;
        bool is_last = read_trailer(driver->router, &part);
        struct connection *connection = accepted_by_id(driver, zmq_msg_data(id), zmq_msg_size(id));
        if (!connection) {
                on_router_frame(driver, id, body);
                connection = accepted_by_id(driver, zmq_msg_data(id), zmq_msg_size(id));
                if (connection)
                        peers_malformed(connection->link, "it greeted with a trailer");
        } else {
                receive_trailed(connection, body, &part, is_last);
        }
        zmq_msg_close(&part);
}

/* One message from the ROUTER: the routing id, a frame, and its trailer if it has one. False if there is
 * none.
 */
static bool router_read(struct zmq_driver *driver)
{
        zmq_msg_t id, body;
        zmq_msg_init(&id);
        zmq_msg_init(&body);
        bool got = zmq_msg_recv(&id, driver->router, ZMQ_DONTWAIT) >= 0;
        bool whole = got && zmq_msg_more(&id) && zmq_msg_recv(&body, driver->router, ZMQ_DONTWAIT) >= 0;
        if (whole && !zmq_msg_more(&body))
                on_router_frame(driver, &id, &body);
        else if (whole)
                on_router_trailed(driver, &id, &body);
        else if (got)
                peers_count_rejected(driver->net->peers);
        zmq_msg_close(&id);
        zmq_msg_close(&body);
        return got;
}

static bool dealer_read(struct connection *connection)
{
        zmq_msg_t body, part;
        zmq_msg_init(&body);
        bool got = zmq_msg_recv(&body, connection->dealer, ZMQ_DONTWAIT) >= 0;
        connection->heard |= got;
        if (got && zmq_msg_more(&body)) {
                bool is_last = read_trailer(connection->dealer, &part);
                receive_trailed(connection, &body, &part, is_last);
                zmq_msg_close(&part);
        } else if (got) {
                receive(connection, &body, NULL);
        }
        zmq_msg_close(&body);
        return got;
}

/* ---- monitors ---------------------------------------------------------------------------------- */

/* The next event of a monitor: its kind, and the descriptor it is about or the code of an error. False if
 * there is none. */
static bool monitor_read(void *monitor, uint16_t *ret_event, int *ret_value)
{
        zmq_msg_t part;
        zmq_msg_init(&part);
        bool got = zmq_msg_recv(&part, monitor, ZMQ_DONTWAIT) >= 0;
        if (got && zmq_msg_size(&part) >= sizeof(uint16_t) + sizeof(uint32_t)) {
                uint32_t value;
                memcpy(ret_event, zmq_msg_data(&part), sizeof *ret_event);
                memcpy(&value, (const uint8_t *) zmq_msg_data(&part) + sizeof *ret_event, sizeof value);
                *ret_value = (int) value;
        }
        if (got)
                skip_rest(monitor, &part);
        zmq_msg_close(&part);
        return got;
}

void zmq_on_router_monitor(struct zmq_driver *driver)
{
        uint16_t event = 0;
        int value = -1;
        while (monitor_read(driver->router_monitor, &event, &value)) {
                const char *why = handshake_denied(driver->net->keyring, event, value);
                struct connection *connection =
                        event == ZMQ_EVENT_DISCONNECTED ? accepted_by_fd(driver, value) : NULL;
                if (connection)
                        zmq_mark_ending(connection);
                else if (why)
                        denials_note(driver->net->denials, "a peer", why);
        }
}

void zmq_on_dealer_monitor(struct connection *connection)
{
        uint16_t event = 0;
        int value = -1;
        while (monitor_read(connection->monitor, &event, &value)) {
                handshake_failed(connection->driver->net->keyring, event, value, &connection->trouble,
                                 &connection->unwelcome);
                zmq_mark_ending(connection); /* every event we asked for is an end */
        }
}

/* ---- reading ----------------------------------------------------------------------------------- */

/* What the first frame after a while has been answered with leaves before we look for a second: that look is
 * then also the one that each send asks for. */
static void answer_at_once(struct zmq_driver *driver)
{
        if (net_take_posts(driver->net))
                peers_flush(driver->net->peers);
}

void zmq_mark_ready(struct connection *connection)
{
        if (connection->ready)
                return;
        connection->ready = true;
        connection->next_ready = connection->driver->ready;
        connection->driver->ready = connection;
}

static bool read_router(struct zmq_driver *driver)
{
        for (int i = 0; i < NET_READ_FRAMES_MAX; i++) {
                if (router_read(driver)) {
                        if (unlikely(!zmq_hand_over(driver)))
                                return false;
                        if (i == 0)
                                answer_at_once(driver);
                        continue;
                }
                driver->router_ready = false;
                while (unlikely(driver->ending)) {
                        struct connection *connection = driver->ending;
                        driver->ending = connection->next_ending;
                        if (connection->link)
                                peers_broken(connection->link, "its connection has ended");
                }
                break;
        }
        return true;
}

static void tell_end(struct connection *connection)
{
        if (connection->trouble)
                peers_unwelcome(connection->link, connection->trouble, connection->unwelcome);
        else
                peers_broken(connection->link, "its connection has ended");
}

/* The first of the round has been read. */
static void leave_round(struct zmq_driver *driver)
{
        struct connection *connection = driver->round;
        driver->round = connection->next_ready;
        connection->ready = false;
}

static bool read_dealer(struct zmq_driver *driver, struct connection *connection)
{
        for (int i = 0; i < NET_READ_FRAMES_MAX && connection->link; i++) {
                if (dealer_read(connection)) {
                        if (unlikely(!zmq_hand_over(driver)))
                                return false;
                        if (i == 0)
                                answer_at_once(driver);
                        continue;
                }
                leave_round(driver);
                if (unlikely(connection->ending))
                        tell_end(connection);
                return true;
        }
        leave_round(driver);
        if (connection->link)
                zmq_mark_ready(connection);
        return true;
}

bool zmq_read_ready(struct zmq_driver *driver)
{
        if (driver->router_ready && !read_router(driver))
                return false;
        if (!driver->round) {
                driver->round = driver->ready;
                driver->ready = NULL;
        }
        while (driver->round)
                if (!read_dealer(driver, driver->round))
                        return false;
        return true;
}

/* ---- the end ----------------------------------------------------------------------------------- */

void zmq_reap(struct zmq_driver *driver)
{
        struct connection **at = &driver->closed;
        while (*at) {
                struct connection *connection = *at;
                bool listed =
                        connection->ready || (connection->ending && !connection->dealer && driver->ending);
                if (listed) {
                        at = &connection->next_closed;
                        continue;
                }
                *at = connection->next_closed;
                free(connection);
        }
}

void zmq_close_all(struct zmq_driver *driver, int linger_ms)
{
        for (size_t i = 0; i < driver->ipc_count; i++) {
                (void) unlink(driver->ipc_paths[i]); /* gone already is as good */
                free(driver->ipc_paths[i]);
        }
        free(driver->ipc_paths);
        if (driver->router)
                monitored_close(driver, driver->router, driver->router_monitor, linger_ms);
        driver->heard_last = NULL;
        HASH_CLEAR(hh, driver->accepted); /* each was closed with its link, and is freed below */
        driver->ready = driver->round = driver->ending = NULL;
        while (driver->closed) {
                struct connection *connection = driver->closed;
                driver->closed = connection->next_closed;
                free(connection);
        }
}
