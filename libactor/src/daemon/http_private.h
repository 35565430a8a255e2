/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_HTTP_PRIVATE_H
#define DAEMON_HTTP_PRIVATE_H

#include <actor/http.h>

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

/* Between the server's thread and the gateway actor. See http.c for the life of an exchange. */

/* How far an exchange is. WAITING is left by compare-and-swap: who wins answers, once. */
enum exchange_state { EXCHANGE_COLLECTING, EXCHANGE_WAITING, EXCHANGE_ANSWERED };

/* One request and its answer. */
struct exchange {
        atomic_uint refs; /* the connection's, and one of whoever still may answer */
        _Atomic int state;
        struct actor_http *http; /* valid for the connection and for the winner of WAITING only */
        struct MHD_Connection *connection;
        struct exchange *next_waiting, **waiting_link; /* http->waiting; under http->mutex */
        struct exchange *next_asked, **asked_link;     /* the gateway's; its own context only */

        const struct actor_http_route *route;
        char *body;
        size_t body_size, body_capacity;
        size_t discarded; /* bytes of a refused body that were read and thrown away */
        time_t began;

        /* The answer: a response message, or a status with a sentence. Written by the winner. */
        const struct actor_http_response *response;
        unsigned status;
        char text[512];
        char allow[128]; /* for 405 */
        bool closes;     /* the connection ends with this answer: where the next request begins is unclear */
};

struct actor_http {
        struct MHD_Daemon *daemon;
        struct actor_node *node;
        struct actor_ref gateway;
        uint16_t port;
        size_t body_max, bodies_max;
        int64_t timeout_ms;
        struct actor_http_route *routes;
        size_t route_count;
        size_t bodies; /* bytes of all bodies being received; the server's thread only */

        pthread_mutex_t mutex; /* guards the rest */
        pthread_cond_t none_suspended;
        struct exchange *waiting;
        size_t suspended; /* connections that are not yet resumed */
        bool stopping;
};

void exchange_unref(struct exchange *exchange);
/* Answers with a message (a reference is taken) or a sentence, and resumes the connection; says
 * whether this call was the one to answer. Any thread. */
bool exchange_answer(struct exchange *exchange, const struct actor_http_response *response);
bool exchange_refuse(struct exchange *exchange, unsigned status, const char *format, ...) ACTOR_PRINTF(3, 4);

/* The callbacks of libmicrohttpd (http_request.c). */
enum MHD_Result http_on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **state);
void http_on_completed(void *cls, struct MHD_Connection *connection, void **state,
                       enum MHD_RequestTerminationCode reason);

/* The gateway actor (http_gateway.c): forwards requests as asks and resumes with the replies. */
int http_gateway_spawn(struct actor_node *node, int64_t timeout_ms, struct actor_ref *ret);
/* Hands it a request; takes the request message and one reference of the exchange. Whatever happens
 * to the gateway, the exchange is answered. */
void http_gateway_forward(struct actor_node *node, struct actor_ref gateway, struct actor_ref to,
                          struct actor_http_request *request_take, struct exchange *exchange_take);
void http_gateway_end(struct actor_node *node, struct actor_ref gateway);

#endif
