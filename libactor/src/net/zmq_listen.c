/* SPDX-License-Identifier: Apache-2.0 */
/* zmq_listen.c — listening, with sentences for everything that can be wrong with it. The look-ups
 * and checks run on the caller's thread; only the bind itself is the bridge's. */
#include "net/zmq_private.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* What peers are told: the host as given (a wildcard is replaced by the primary address), the port
 * that was picked. */
static void describe_bound(const struct endpoint *endpoint, const char *last_endpoint, char *ret, size_t size)
{
        char primary[64];
        const char *host = endpoint->host;
        if (endpoint->is_ipc) {
                snprintf(ret, size, "ipc://%s", endpoint->path);
                return;
        }
        if (endpoint_is_wildcard(endpoint)) {
                endpoint_primary_host(primary, sizeof primary);
                host = primary;
        }
        const char *colon = strrchr(last_endpoint, ':');
        int r = snprintf(ret, size, "tcp://%s:%s", host, colon ? colon + 1 : endpoint->port);
        assert(r > 0); /* a host so long that the port is cut does not resolve */
}

/* Keys for the endpoint to be bound, and somebody who answers for them. */
static int arm(struct zmq_driver *driver, bool is_ipc)
{
        struct net *net = driver->net;
        int r = 0;
        if (net->keyring && !driver->zap)
                r = zap_start(driver->context, net->keyring, net->denials, &driver->zap);
        if (r == 0)
                keyring_arm_listener(net->keyring, driver->router, is_ipc);
        return r;
}

void zmq_bind_request(struct zmq_driver *driver, struct zmq_request *request)
{
        char last[ACTOR_ENDPOINT_MAX + 1];
        size_t size = sizeof last;
        request->result = zmq_router_open(driver);
        if (request->result == 0)
                request->result = arm(driver, request->endpoint->is_ipc);
        if (request->result != 0)
                return;
        if (zmq_bind(driver->router, request->to_bind) != 0 ||
            zmq_getsockopt(driver->router, ZMQ_LAST_ENDPOINT, last, &size) != 0) {
                request->result = -errno;
                return;
        }
        driver->router_ready = true;
        if (request->endpoint->is_ipc) {
                ACTOR_ARRAY_RESERVE(driver->ipc_paths, driver->ipc_count, driver->ipc_capacity);
                driver->ipc_paths[driver->ipc_count++] = actor_strdup(request->endpoint->path);
        }
        describe_bound(request->endpoint, last, request->bound, sizeof request->bound);
        net_listening(driver->net, request->bound);
}

static void ask_bridge(struct zmq_driver *driver, struct zmq_request *request)
{
        pthread_mutex_lock(&driver->lock);
        while (driver->request) /* another thread's */
                pthread_cond_wait(&driver->answered, &driver->lock);
        driver->request = request;
        atomic_store(&driver->asked, true);
        zmq_wake(driver);
        while (!request->done)
                pthread_cond_wait(&driver->answered, &driver->lock);
        pthread_mutex_unlock(&driver->lock);
}

/* Whether somebody answers at a socket's path. */
static bool is_alive(const char *path)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return false;
        bool alive = connect(fd, (const struct sockaddr *) &address, sizeof address) == 0 || errno == EAGAIN;
        close(fd);
        return alive;
}

/* libzmq would take the path away from whoever has it. */
static int clear_path(const char *path, struct actor_error *error)
{
        struct stat status;
        if (lstat(path, &status) != 0)
                return 0;
        if (!S_ISSOCK(status.st_mode))
                return actor_error_set(error, -EEXIST,
                                       "cannot listen on ipc://%s: the file exists and is no socket", path);
        if (is_alive(path))
                return actor_error_set(error, -EADDRINUSE, "cannot listen on ipc://%s: another process does",
                                       path);
        if (unlink(path) != 0)
                return actor_error_set(error, -errno, "cannot remove the left-over socket %s: %s", path,
                                       strerror(errno));
        return 0;
}

/* libzmq binds to addresses and interfaces; a name is looked up for it. */
static int numeric_host(const struct endpoint *endpoint, char *ret, size_t size, struct actor_error *error)
{
        struct in_addr v4;
        const char *host = endpoint->host;
        if (host[0] == '[' || endpoint_is_wildcard(endpoint) || inet_pton(AF_INET, host, &v4) == 1 ||
            if_nametoindex(host) != 0) {
                snprintf(ret, size, "%s", host);
                return 0;
        }
        struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
        char text[NI_MAXHOST];
        int r = getaddrinfo(host, NULL, &hints, &found);
        if (r == 0)
                r = getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, NULL, 0,
                                NI_NUMERICHOST);
        if (r == 0)
                snprintf(ret, size, found->ai_family == AF_INET6 ? "[%s]" : "%s", text);
        if (found)
                freeaddrinfo(found);
        if (r == 0)
                return 0;
        return actor_error_set(error, -EADDRNOTAVAIL, "cannot listen on %s: no such host: %s", host,
                               gai_strerror(r));
}

static int bind_error(const char *endpoint, int r, struct actor_error *error)
{
        switch (r) {
        case -EADDRINUSE:
                return actor_error_set(error, r,
                                       "cannot listen on %s: the address is in use; is another one running?",
                                       endpoint);
        case -ENODEV:
        case -EADDRNOTAVAIL:
                return actor_error_set(error, -EADDRNOTAVAIL,
                                       "cannot listen on %s: this machine has no such address", endpoint);
        case -EACCES:
                return actor_error_set(error, r, "cannot listen on %s: not permitted", endpoint);
        case -ENOENT:
                return actor_error_set(error, r, "cannot listen on %s: no such directory", endpoint);
        }
        return actor_error_set(error, r, "cannot listen on %s: %s", endpoint, zmq_strerror(-r));
}

static void warn_if_open(struct net *net, const struct endpoint *endpoint, const char *bound)
{
        if (endpoint_is_local(endpoint) || net->keyring)
                return;
        actor_log_print(
                node_log(net->config.node), ACTOR_LOG_WARN,
                "net: %s listens on %s WITHOUT ENCRYPTION OR AUTHENTICATION: whoever reaches this port "
                "can command it",
                node_name(net->config.node), bound);
}

int zmq_driver_listen(struct net *net, const char *text, char *bound, size_t bound_size,
                      struct actor_error *error)
{
        struct endpoint endpoint;
        char host[ACTOR_ENDPOINT_MAX + 1], to_bind[ACTOR_ENDPOINT_MAX + 64];
        int r = endpoint_parse(text, &endpoint, error);
        if (r == 0)
                r = endpoint.is_ipc ? clear_path(endpoint.path, error)
                                    : numeric_host(&endpoint, host, sizeof host, error);
        if (r != 0)
                return r;
        if (endpoint.is_ipc)
                snprintf(to_bind, sizeof to_bind, "ipc://%s", endpoint.path);
        else
                snprintf(to_bind, sizeof to_bind, "tcp://%s:%s", host, endpoint.port);
        struct zmq_request request = {.endpoint = &endpoint, .to_bind = to_bind};
        zmq_start(net);
        ask_bridge(net->driver, &request);
        if (request.result != 0)
                return bind_error(text, request.result, error);
        warn_if_open(net, &endpoint, request.bound);
        if (bound)
                snprintf(bound, bound_size, "%s", request.bound);
        return 0;
}
