/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_HTTP_HTTP_H
#define MASTER_HTTP_HTTP_H

#include <actor/http.h>
#include <actor/metrics.h>
#include <actor/node.h>

/* HTTP in, JSON and text out: GET /state, /metrics, /health, /version, each also below /master. It
 * only reads: what it shows it asks of the state actor. */

struct http_config {
        struct actor_ref state;                  /* answers master.Call questions */
        const struct actor_metric_table *tables; /* what /metrics shows beside the node's own; copied */
        size_t table_count; /* what they point to is borrowed and must outlive the node */
};

/* Starts the node's actor "http" and stores its address in *ret. A /state is rendered on the blocking
 * pool, so that a large one delays neither /health nor anyone's work. Returns 0 or what actor_node_spawn()
 * returns; *ret is then left alone. Any thread but a handler's. */
ACTOR_MUST_CHECK
int http_spawn(struct actor_node *node, const struct http_config *config, struct actor_ref *ret);

/* The routes that lead to the actor, for actor_http_start(). Returns how many were written. */
#define HTTP_ROUTES_MAX 16
size_t http_routes(struct actor_ref http, struct actor_http_route ret[HTTP_ROUTES_MAX]);

#endif
