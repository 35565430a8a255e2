/* SPDX-License-Identifier: Apache-2.0 */
/* http.c — the life of an exchange.
 *
 *     request ─ server's thread: collects, finds the route, suspends the connection
 *             ─ gateway actor: asks the route's actor, with a timeout
 *             ─ the reply (or why there is none): answers, resumes the connection
 *             ─ server's thread: writes the response
 *
 * The server's thread never waits for an actor and no handler ever waits for a socket. A suspended
 * connection must be resumed before the server may stop; so each waiting exchange is in a list, and
 * whoever moves it from WAITING to ANSWERED first answers it: the reply, the gateway's end, or
 * actor_http_stop(). The loser touches nothing but its own reference. */
#include "daemon/http_private.h"
#include "daemon/http_route.h"

#include <actor/memory.h>

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_MAX_DEFAULT ((size_t) 16 << 20)
#define BODIES_AT_ONCE 8 /* so many of the largest bodies may be on their way together */
#define CONNECTIONS_MAX_DEFAULT 1024
#define TIMEOUT_MS_DEFAULT 10000
#define LISTEN_BACKLOG 511

const char *actor_http_query(const struct actor_http_request *request, const char *key)
{
        for (const char *const *pair = request->query; pair && pair[0]; pair += 2)
                if (strcmp(pair[0], key) == 0)
                        return pair[1];
        return NULL;
}

/* ---- listening -------------------------------------------------------------------------------- */

static int bind_one(const struct addrinfo *address)
{
        int on = 1, off = 0;
        CLEANUP(actor_closep)
        int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (address->ai_family == AF_INET6) /* "::" serves both families */
                (void) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, LISTEN_BACKLOG) != 0)
                return -errno;
        int listening = fd;
        fd = -1;
        return listening;
}

static int listen_on(const char *host, uint16_t port, struct actor_error *error)
{
        char service[8];
        struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                        *found = NULL;
        snprintf(service, sizeof service, "%u", (unsigned) port);
        int r = getaddrinfo(host, service, &hints, &found);
        if (r != 0)
                return actor_error_set(error, -EINVAL, "http: there is no address \"%.128s\": %s", host,
                                       gai_strerror(r));
        int fd = -EINVAL;
        for (const struct addrinfo *address = found; address && fd < 0; address = address->ai_next)
                fd = bind_one(address);
        freeaddrinfo(found);
        if (fd < 0)
                return actor_error_set(error, fd, "http: cannot listen on %.128s port %u: %s", host,
                                       (unsigned) port, strerror(-fd));
        return fd;
}

static uint16_t port_of(int fd)
{
        union {
                struct sockaddr any;
                struct sockaddr_in v4;
                struct sockaddr_in6 v6;
        } address = {.v6 = {0}};
        socklen_t size = sizeof address;
        if (getsockname(fd, &address.any, &size) != 0)
                return 0;
        return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

/* ---- starting --------------------------------------------------------------------------------- */

static size_t on_unescape(void *cls, struct MHD_Connection *connection, char *text)
{
        return http_unescape(text);
}

static void copy_routes(struct actor_http *http, const struct actor_http_config *config)
{
        http->route_count = config->route_count;
        http->routes = actor_realloc_array(NULL, config->route_count, sizeof *http->routes);
        for (size_t i = 0; i < config->route_count; i++) {
                assert(config->routes[i].method && config->routes[i].path);
                http->routes[i] = config->routes[i];
                http->routes[i].method = actor_strdup(config->routes[i].method);
                http->routes[i].path = actor_strdup(config->routes[i].path);
        }
}

static struct actor_http *http_new(struct actor_node *node, const struct actor_http_config *config)
{
        struct actor_http *http = actor_zalloc(sizeof *http);
        http->node = node;
        http->body_max = config->body_max ? config->body_max : BODY_MAX_DEFAULT;
        http->bodies_max = BODIES_AT_ONCE * http->body_max;
        http->timeout_ms = config->timeout_ms ? config->timeout_ms : TIMEOUT_MS_DEFAULT;
        copy_routes(http, config);
        pthread_mutex_init(&http->mutex, NULL);
        pthread_cond_init(&http->none_suspended, NULL);
        return http;
}

static void http_free(struct actor_http *http)
{
        for (size_t i = 0; i < http->route_count; i++) {
                free((char *) http->routes[i].method);
                free((char *) http->routes[i].path);
        }
        free(http->routes);
        pthread_mutex_destroy(&http->mutex);
        pthread_cond_destroy(&http->none_suspended);
        free(http);
}

/* Takes the listening descriptor. A connection that is silent as long as an answer may take is closed. */
static int start_server(struct actor_http *http, const struct actor_http_config *config, int fd,
                        struct actor_error *error)
{
        unsigned idle_s = (unsigned) ((http->timeout_ms + 999) / 1000);
        unsigned connections_max =
                config->connections_max ? config->connections_max : CONNECTIONS_MAX_DEFAULT;
        http->daemon = MHD_start_daemon(
                MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, http_on_request,
                http, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, connections_max,
                MHD_OPTION_CONNECTION_TIMEOUT, idle_s, MHD_OPTION_NOTIFY_COMPLETED, http_on_completed, http,
                MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL, MHD_OPTION_END);
        if (http->daemon)
                return 0;
        int r = errno ? -errno : -EAGAIN;
        (void) close(fd);
        return actor_error_set(error, r, "http: the server's thread cannot start: %s", strerror(-r));
}

int actor_http_start(struct actor_node *node, const struct actor_http_config *config, struct actor_http **ret,
                     struct actor_error *error)
{
        assert(node && config && config->host && ret && config->timeout_ms >= 0);
        int fd = listen_on(config->host, config->port, error);
        if (fd < 0)
                return fd;
        struct actor_http *http = http_new(node, config);
        http->port = port_of(fd);
        int r = http_gateway_spawn(node, http->timeout_ms, &http->gateway);
        if (r != 0) {
                (void) close(fd);
                http_free(http);
                return actor_error_set(error, r, "http: the gateway cannot start: %s", strerror(-r));
        }
        r = start_server(http, config, fd, error);
        if (r != 0) {
                http_gateway_end(node, http->gateway);
                http_free(http);
                return r;
        }
        *ret = http;
        return 0;
}

uint16_t actor_http_port(const struct actor_http *http)
{
        return http->port;
}

/* ---- stopping --------------------------------------------------------------------------------- */

/* Answers one waiting exchange; false if none is left. Out of the mutex the exchange stays, as its
 * connection is suspended until the winner resumes it. */
static bool refuse_one(struct actor_http *http)
{
        pthread_mutex_lock(&http->mutex);
        struct exchange *exchange = http->waiting;
        while (exchange && atomic_load(&exchange->state) != EXCHANGE_WAITING)
                exchange = exchange->next_waiting;
        if (exchange)
                atomic_fetch_add(&exchange->refs, 1);
        pthread_mutex_unlock(&http->mutex);
        if (!exchange)
                return false;
        (void) exchange_refuse(exchange, 503, "The server is shutting down; try again later.");
        exchange_unref(exchange);
        return true;
}

void actor_http_stop(struct actor_http *http)
{
        if (!http)
                return;
        MHD_socket listening = MHD_quiesce_daemon(http->daemon);
        pthread_mutex_lock(&http->mutex);
        http->stopping = true;
        pthread_mutex_unlock(&http->mutex);
        while (refuse_one(http))
                ;
        pthread_mutex_lock(&http->mutex);
        while (http->suspended > 0)
                pthread_cond_wait(&http->none_suspended, &http->mutex);
        pthread_mutex_unlock(&http->mutex);
        MHD_stop_daemon(http->daemon);
        if (listening != MHD_INVALID_SOCKET)
                (void) close(listening);
        http_gateway_end(http->node, http->gateway);
        http_free(http);
}
