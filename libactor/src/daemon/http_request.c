/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http_private.h"
#include "daemon/http_route.h"

#include <actor/memory.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define UPLOAD_SECONDS_MAX 60          /* a body must have come by then */
#define DISCARD_MAX ((size_t) 1 << 20) /* of a refused body, so that the client gets to read the answer */

static time_t now_s(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec;
}

/* Settles the answer while the exchange belongs to the server's thread alone. */
static ACTOR_PRINTF(3, 4) void settle(struct exchange *exchange, unsigned status, const char *format, ...)
{
        assert(atomic_load(&exchange->state) == EXCHANGE_COLLECTING);
        exchange->status = status;
        va_list args;
        va_start(args, format);
        vsnprintf(exchange->text, sizeof exchange->text, format, args);
        va_end(args);
}

/* ---- answering -------------------------------------------------------------------------------- */

static void release_message(void *message)
{
        actor_msg_unref(message);
}

static struct MHD_Response *response_of(struct exchange *exchange)
{
        const struct actor_http_response *response = exchange->response;
        if (response && response->body_size > 0)
                return MHD_create_response_from_buffer_with_free_callback_cls(
                        response->body_size, (void *) response->body, release_message,
                        actor_msg_ref(response));
        if (response)
                return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
        size_t size = strlen(exchange->text);
        assert(size + 1 < sizeof exchange->text || exchange->text[size] == '\0');
        if (size + 1 < sizeof exchange->text)
                exchange->text[size++] = '\n';
        return MHD_create_response_from_buffer(size, exchange->text, MHD_RESPMEM_MUST_COPY);
}

static void add_headers(struct MHD_Response *response, const struct exchange *exchange)
{
        const struct actor_http_response *given = exchange->response;
        const char *type = given ? given->content_type : "text/plain; charset=utf-8";
        if (type)
                (void) MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
        if (given && given->location)
                (void) MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, given->location);
        if (exchange->allow[0])
                (void) MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, exchange->allow);
        if (exchange->closes)
                (void) MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
        (void) MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
}

static enum MHD_Result reply(struct exchange *exchange, struct MHD_Connection *connection)
{
        if (exchange->response && (exchange->status < 200 || exchange->status > 599)) {
                exchange->response = actor_msg_unref(exchange->response);
                snprintf(exchange->text, sizeof exchange->text,
                         "The part that serves this path gave the status %u.", exchange->status);
                exchange->status = 500;
        }
        struct MHD_Response *response = response_of(exchange);
        if (!response)
                return MHD_NO;
        add_headers(response, exchange);
        enum MHD_Result result = MHD_queue_response(connection, exchange->status, response);
        MHD_destroy_response(response);
        return result;
}

/* ---- beginning -------------------------------------------------------------------------------- */

static void find_route(struct actor_http *http, struct exchange *exchange, const char *method,
                       const char *path)
{
        switch (http_route_find(http->routes, http->route_count, method, path, &exchange->route)) {
        case ROUTE_E_NO_PATH:
                settle(exchange, 404, "There is nothing at \"%.200s\".", path);
                return;
        case ROUTE_E_NO_METHOD:
                http_route_allowed(http->routes, http->route_count, path, exchange->allow,
                                   sizeof exchange->allow);
                settle(exchange, 405, "\"%.200s\" is not served to %.32s; allowed: %s.", path, method,
                       exchange->allow);
        }
}

static void refuse_body(struct actor_http *http, struct exchange *exchange)
{
        settle(exchange, 413, "The body is larger than the %zu bytes that are allowed.", http->body_max);
}

/* 0 if there is none or its length is not told. */
static size_t declared_size(struct MHD_Connection *connection)
{
        const char *length =
                MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
        return length ? strtoull(length, NULL, 10) : 0;
}

static enum MHD_Result count_framing(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
        if (strcasecmp(key, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0 ||
            strcasecmp(key, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0)
                ++*(unsigned *) cls;
        return MHD_YES;
}

/* Two statements about where the body ends are how requests are smuggled past a proxy. */
static void check_framing(struct exchange *exchange)
{
        unsigned count = 0;
        (void) MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, count_framing, &count);
        if (count > 1) {
                settle(exchange, 400, "Give one Content-Length or one Transfer-Encoding, not %u of them.",
                       count);
                exchange->closes = true;
        }
}

static struct exchange *begin(struct actor_http *http, struct MHD_Connection *connection, const char *url,
                              const char *method)
{
        struct exchange *exchange = actor_zalloc(sizeof *exchange);
        atomic_init(&exchange->refs, 1);
        exchange->http = http;
        exchange->connection = connection;
        exchange->began = now_s();
        check_framing(exchange);
        if (exchange->status == 0)
                find_route(http, exchange, method, url);
        if (exchange->status == 0 && declared_size(connection) > http->body_max)
                refuse_body(http, exchange);
        return exchange;
}

/* ---- collecting the body ---------------------------------------------------------------------- */

static void drop_body(struct actor_http *http, struct exchange *exchange)
{
        http->bodies -= exchange->body_size;
        free(exchange->body);
        exchange->body = NULL;
        exchange->body_size = exchange->body_capacity = 0;
}

static void append_body(struct actor_http *http, struct exchange *exchange, const char *data, size_t size)
{
        if (size > http->body_max - exchange->body_size) {
                refuse_body(http, exchange);
        } else if (size > http->bodies_max - http->bodies) {
                settle(exchange, 503, "Too many large bodies at once; try again later.");
        } else {
                if (exchange->body_size + size > exchange->body_capacity) {
                        exchange->body_capacity = 2 * exchange->body_capacity + size;
                        exchange->body = actor_realloc_array(exchange->body, exchange->body_capacity, 1);
                }
                memcpy(exchange->body + exchange->body_size, data, size);
                exchange->body_size += size;
                http->bodies += size;
                return;
        }
        drop_body(http, exchange);
}

/* A refused body is read on for a while, then the connection is closed. */
static enum MHD_Result collect(struct actor_http *http, struct exchange *exchange, const char *data,
                               size_t *size)
{
        if (exchange->status != 0)
                exchange->discarded += *size;
        else
                append_body(http, exchange, data, *size);
        *size = 0;
        bool too_slow = now_s() - exchange->began > UPLOAD_SECONDS_MAX;
        return too_slow || exchange->discarded > DISCARD_MAX ? MHD_NO : MHD_YES;
}

/* ---- handing it on ---------------------------------------------------------------------------- */

struct query {
        struct actor_http_request *request;
        const char **pairs;
        size_t count, capacity;
};

static enum MHD_Result add_pair(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
        struct query *query = cls;
        for (int i = 0; i < 2; i++) {
                ACTOR_ARRAY_RESERVE(query->pairs, query->count, query->capacity);
                query->pairs[query->count++] = actor_msg_strdup(query->request, i == 0  ? key
                                                                                : value ? value
                                                                                        : "");
        }
        return MHD_YES;
}

static const char *const *query_of(struct actor_http_request *request, struct MHD_Connection *connection)
{
        struct query query = {.request = request};
        (void) MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_pair, &query);
        const char **pairs = actor_msg_alloc(request, (query.count + 1) * sizeof *pairs);
        if (query.count > 0)
                memcpy(pairs, query.pairs, query.count * sizeof *pairs);
        free(query.pairs);
        return pairs;
}

static const char *header_of(struct actor_http_request *request, struct MHD_Connection *connection,
                             const char *name)
{
        const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
        return value ? actor_msg_strdup(request, value) : NULL;
}

static struct actor_http_request *request_of(struct exchange *exchange, const char *url)
{
        struct MHD_Connection *connection = exchange->connection;
        struct actor_http_request *request = actor_msg_new(&actor_http_request_type);
        request->method = actor_msg_strdup(request, exchange->route->method);
        request->path = actor_msg_strdup(request, url);
        request->query = query_of(request, connection);
        request->content_type = header_of(request, connection, MHD_HTTP_HEADER_CONTENT_TYPE);
        request->accept = header_of(request, connection, MHD_HTTP_HEADER_ACCEPT);
        request->body =
                exchange->body_size > 0 ? actor_msg_memdup(request, exchange->body, exchange->body_size) : "";
        request->body_size = exchange->body_size;
        return request;
}

/* Suspends the connection, so that the server's thread can turn to others, and enters the exchange
 * where actor_http_stop() finds it; false where the server is stopping. Suspended under the mutex:
 * who finds it there may resume it. */
static bool wait_for_answer(struct actor_http *http, struct exchange *exchange)
{
        pthread_mutex_lock(&http->mutex);
        bool going = !http->stopping;
        if (going) {
                exchange->next_waiting = http->waiting;
                exchange->waiting_link = &http->waiting;
                if (http->waiting)
                        http->waiting->waiting_link = &exchange->next_waiting;
                http->waiting = exchange;
                http->suspended++;
                MHD_suspend_connection(exchange->connection);
                atomic_store(&exchange->state, EXCHANGE_WAITING);
        }
        pthread_mutex_unlock(&http->mutex);
        return going;
}

static enum MHD_Result hand_on(struct actor_http *http, struct exchange *exchange, const char *url)
{
        struct actor_http_request *request = request_of(exchange, url);
        struct actor_ref to = exchange->route->actor;
        drop_body(http, exchange);
        atomic_fetch_add(&exchange->refs, 1);
        if (wait_for_answer(http, exchange)) {
                http_gateway_forward(http->node, http->gateway, to, request, exchange);
                return MHD_YES;
        }
        actor_msg_unref(request);
        exchange_unref(exchange);
        settle(exchange, 503, "The server is shutting down; try again later.");
        return reply(exchange, exchange->connection);
}

enum MHD_Result http_on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **state)
{
        struct actor_http *http = cls;
        struct exchange *exchange = *state;
        if (!exchange) {
                *state = exchange = begin(http, connection, url, method);
                bool hopeless = exchange->status != 0 && declared_size(connection) > DISCARD_MAX;
                return hopeless || exchange->closes ? reply(exchange, connection) : MHD_YES;
        }
        if (atomic_load(&exchange->state) == EXCHANGE_ANSWERED)
                return reply(exchange, connection);
        if (*upload_size > 0)
                return collect(http, exchange, upload, upload_size);
        return exchange->status != 0 ? reply(exchange, connection) : hand_on(http, exchange, url);
}

void http_on_completed(void *cls, struct MHD_Connection *connection, void **state,
                       enum MHD_RequestTerminationCode reason)
{
        struct actor_http *http = cls;
        struct exchange *exchange = *state;
        if (!exchange)
                return;
        drop_body(http, exchange);
        pthread_mutex_lock(&http->mutex);
        if (exchange->waiting_link) {
                *exchange->waiting_link = exchange->next_waiting;
                if (exchange->next_waiting)
                        exchange->next_waiting->waiting_link = exchange->waiting_link;
        }
        pthread_mutex_unlock(&http->mutex);
        *state = NULL;
        exchange_unref(exchange);
}
