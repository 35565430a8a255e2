/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTORCTL_TRACE_H
#define ACTORCTL_TRACE_H

#include "actorctl/client.h"

#include <jansson.h>

/* A trace, put together from the events of the nodes it touched. */
struct trace_node {
        char *place; /* "host:port" */
        char *name;  /* "name@host:port" for people */
        const Actor__Inspect__Node *node;
};

struct trace_item {
        const Actor__Inspect__Event *event;
        size_t node;    /* an index of nodes */
        size_t handled; /* of a message that was sent: the item that tells what became of it; TRACE_NOWHERE:
                           unknown */
};
#define TRACE_NOWHERE ((size_t) -1)

struct trace {
        uint64_t id; /* 0: all that the node remembers */
        struct answers answers;
        struct trace_node *nodes;
        size_t node_count, node_capacity;
        struct trace_item *items; /* by wall time */
        size_t item_count, item_capacity;
};

/* Asks the node at `place` and, for one trace (id not 0), from there on every node that its events name. A
 * node that does not answer is mentioned on standard error and left out, except the first: then -errno with a
 * sentence. trace_done() is due whatever the outcome. */
int trace_collect(struct client *client, const char *place, uint64_t id, struct trace *ret,
                  struct actor_error *error);
void trace_done(struct trace *trace);

/* Orders the items and finds for each message sent where it was handled. Pure. */
void trace_order(struct trace *trace);

/* The trace in the Trace Event Format of chrome://tracing and Perfetto, from here: a node is a process, an
 * actor a thread, a handler's run a slice, a message a flow. Times begin with the first item. Pure; the
 * caller's. */
json_t *trace_to_chrome(const struct trace *trace);

#endif
