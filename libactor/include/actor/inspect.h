/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_INSPECT_H
#define ACTOR_INSPECT_H

#include <actor/api.h>
#include <actor/node.h>

ACTOR_API_BEGIN

/* Looking inside a live node, from within and from elsewhere. What is told here is gathered anyway or on
 * the spot: a question costs the messages of others nothing. docs/inspecting.md shows the use of it. */

/* ---- the inspector ---------------------------------------------------------------------------- */

/* The name under which a node answers questions about itself; `actorctl HOST:PORT` asks it. */
#define ACTOR_INSPECT_NAME "actor.inspect"

/* Starts the inspector: a top-level actor of that name, which so keeps a node alive that would else end with
 * its last actor; such a node is ended by actor_node_shutdown(). Call it before the node's other actors are
 * spawned and it is the last to end: a node that hangs while it shuts down can still be asked why.
 *
 * Whoever may send to this node may then read: the names, classes and counters of its actors, who is bound to
 * whom, addresses of other nodes, message types, and the events of traces. Never a message's contents nor an
 * actor's state, and nothing can be changed. Where that is too much for some, do not start it, or let the
 * node accept only known keys (CURVE). Returns 0, -EEXIST where it runs already, or as actor_node_spawn(). */
int actor_inspect_start(struct actor_node *node);

/* ---- busiest handlers ------------------------------------------------------------------------- */

/* What the actors of one class have spent on one type of message, since the node began. Of short handlers only
 * some calls are timed, each of which then stands for many: count and busy_ns are estimates. */
struct actor_handler_stats {
        const char *class_name;
        const char *type_name; /* NULL: continuations of asks, and what handle_other takes */
        uint64_t count;
        uint64_t busy_ns;
        uint64_t slowest_ns; /* of the timed calls */
};
/* Fills up to `max` rows in no order and returns how many. Nothing where statistics are off. Any thread, also
 * handlers. */
size_t actor_node_handlers(struct actor_node *node, struct actor_handler_stats *ret, size_t max);

/* ---- the watchdog ----------------------------------------------------------------------------- */

/* A handler that has taken longer than the node's watchdog_ms and has not returned yet. It is logged once when
 * that is seen and once when it has returned, and counted in the totals. Other actors go on on other workers.
 * The time is that since the watchdog first saw it: up to a quarter of watchdog_ms less than the truth. */
struct actor_slow_handler {
        struct actor_ref ref;
        unsigned worker;
        const char *class_name, *type_name;
        int64_t busy_ns;
        char name[ACTOR_NAME_MAX + ACTOR_ENDPOINT_MAX + 2]; /* as actor_node_describe() */
};
/* Any thread, also handlers. Returns how many of at most `max`. */
size_t actor_node_slow_handlers(struct actor_node *node, struct actor_slow_handler *ret, size_t max);

/* ---- tracing ---------------------------------------------------------------------------------- */

/* A trace is a conversation with a number: every message that a handler sends while it handles a traced one
 * is traced too, here and on other nodes; so are answers, continuations of asks, blocking work and the init
 * of children. Timers begin nothing and go on with nothing. Each node writes down what happens to traced messages in a
 * ring of its own, 16,384 events long, the oldest forgotten first; a message that is not traced costs nothing. */

/* Makes the handler that runs now, and what it still sends, part of a trace: the one its message belongs to, else
 * a new one. Returns its number, never 0. From the actor's own context. */
uint64_t actor_trace(struct actor *self);

/* Begins a trace of which everything is part that foreign threads do from now on: what they send and ask
 * (actor_node_send(), actor_node_ask()), and the init of the actors they spawn. Returns its number. For a program that
 * does one thing, as a command does. Any thread. */
uint64_t actor_node_trace(struct actor_node *node);

enum actor_trace_kind {
        ACTOR_TRACE_SENT = 1, /* `actor` has sent it to `other` */
        ACTOR_TRACE_ARRIVED,  /* it has come in for `actor`, from `other` of another node */
        ACTOR_TRACE_HANDLED,  /* a handler of `actor` has run for it, from wall_ns on for spent_ns */
        ACTOR_TRACE_LOST,     /* `actor` could not have it: `error` says why */
};

struct actor_trace_event {
        uint64_t number; /* in this node's recorder, from 1 */
        uint64_t trace_id;
        enum actor_trace_kind kind;
        int64_t wall_ns, spent_ns;
        struct actor_ref actor, other;
        uint64_t ask_id;            /* of a question and its answer */
        bool is_reply;
        int worker;                 /* -1: none of this node's workers */
        int error;
        const char *type_name;      /* NULL: no answer came */
        const char *class_name;     /* of `actor`; NULL if unknown */
        const char *other_name;     /* where `other` is meant by name */
        const char *other_endpoint; /* of the node of `other`, "tcp://…"; NULL if it is this one */
        char name[64];              /* of `actor`, cut; "" if none. Names of actors may be gone when events are read */
};

/* The events numbered above `after`, oldest first, of one trace or (trace_id 0) of all. Returns how many of at
 * most `max`. Texts that are pointed to live as long as the node. Any thread, also handlers. */
size_t actor_node_trace_events(struct actor_node *node, uint64_t trace_id, uint64_t after,
                               struct actor_trace_event *ret, size_t max);

ACTOR_API_END

#endif
