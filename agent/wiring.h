/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_WIRING_H
#define AGENT_WIRING_H

#include <actor/curve.h>
#include <actor/flags.h>
#include <actor/http.h>
#include <actor/log.h>
#include <actor/node.h>
#include <actor/store.h>

struct agent_flags {
#define FLAG(field, type, def, accepts, help) flag_##type field;
#include "flags.def"
};

extern const struct actor_flag_set agent_flag_set;

/* An agent on a node: its rooms, wired together. The one place where all doors are known. */
struct agent;

/* Where an agent lives. Texts are copied; the rest is borrowed and outlives the node. */
struct agent_place {
        struct actor_node *node;   /* listens already, for masters and for executors */
        struct actor_store *store; /* the durable records; closed after the node's end */
        struct actor_log *log;
        const char *work_dir;          /* absolute, exists */
        const char *endpoint;          /* "host:port": where masters and other agents reach the node */
        const char *executor_endpoint; /* the same for executors: "ipc:/path" or "host:port" */
        int signal_fd;                 /* of signalfd(2), not blocking: SIGTERM, SIGINT; -1: none */
};

/* Makes the agent's rooms on the place's node. `flags` is borrowed and outlives the node; of those about
 * where the agent lives, place holds the outcome. Returns 0, or -errno with a sentence; in either case
 * *ret is the agent, to be freed after the node: what has started ends with the node. */
ACTOR_MUST_CHECK
int agent_start(const struct agent_flags *flags, const struct agent_place *place, struct agent **ret,
                struct actor_error *error);
/* Sets it going: it begins to register. Once. */
void agent_begin(struct agent *agent);
void agent_free(struct agent *agent); /* NULL is fine */

const char *agent_hostname(const struct agent *agent);
/* The HTTP routes of the agent's http room; returns how many were written. */
#define AGENT_ROUTES_MAX 8
size_t agent_routes(const struct agent *agent, struct actor_http_route ret[AGENT_ROUTES_MAX]);

#endif
