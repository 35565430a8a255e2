/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_HTTP_H
#define ACTOR_HTTP_H

#include <actor/node.h>

ACTOR_API_BEGIN

/* A small HTTP server (libmicrohttpd, one thread with epoll) that turns requests into messages: a
 * route names an actor; the actor gets a struct actor_http_request as an ask and replies with a
 * struct actor_http_response. Answers later than `timeout_ms` give 504, unknown paths 404, wrong
 * methods 405 with Allow, bodies over body_max 413. */
struct actor_http;

struct actor_http_route {
        const char *method; /* "GET", "POST" */
        const char *path;   /* exact, or a prefix if it ends with "*" */
        struct actor_ref actor;
};

struct actor_http_config {
        const char *host; /* "127.0.0.1", "0.0.0.0", "::" */
        uint16_t port;    /* 0 picks one */
        size_t body_max;  /* 0 = 16 MiB */
        unsigned connections_max; /* 0 = 1,024 */
        int64_t timeout_ms;       /* 0 = 10,000 */
        const struct actor_http_route *routes; /* copied */
        size_t route_count;
};

/* What a route's actor is asked; all it points to lives as long as the message. */
struct actor_http_request {
        const char *method, *path;       /* path without the query, decoded */
        const char *const *query;        /* key, value, key, value, …, NULL */
        const char *content_type, *accept; /* NULL if absent */
        const void *body;
        size_t body_size;
};
extern const struct actor_type actor_http_request_type;

/* What it replies. */
struct actor_http_response {
        unsigned status;
        const char *content_type; /* NULL: none */
        const void *body;         /* in the message's arena, or of a message it holds */
        size_t body_size;
        const char *location;     /* a Location header; NULL: none */
};
extern const struct actor_type actor_http_response_type;

/* The value of a query key; NULL if absent. */
const char *actor_http_query(const struct actor_http_request *request, const char *key);

/* Starts and stops the server. `node` must outlive it; stop it before actor_node_free(). Blocking;
 * from main, never a handler. */
int actor_http_start(struct actor_node *node, const struct actor_http_config *config, struct actor_http **ret,
                     struct actor_error *error);
uint16_t actor_http_port(const struct actor_http *http); /* the one it listens on */
void actor_http_stop(struct actor_http *http); /* NULL is fine */

ACTOR_API_END

#endif
