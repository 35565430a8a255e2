/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_HTTP_HTTP_H
#define AGENT_HTTP_HTTP_H

#include "agent_metrics.h"
#include <actor/actor.h>

/* The actor "http": answers GET /health, /version, /metrics and /state.
 *
 * Receives actor_http_request (ask, from libactor's HTTP server), agent_session (the gateway).
 * Asks "executors" for the inventory. */
struct http_config {
        struct actor_ref supervision;
        const struct agent_metrics *metrics; /* borrowed, lives as long as the node */
};
extern const struct actor_class agent_http_class; /* config: struct http_config */

#endif
