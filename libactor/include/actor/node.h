/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_NODE_H
#define ACTOR_NODE_H

#include <actor/actor.h>

ACTOR_API_BEGIN

struct actor_curve;

/* A node is one runtime: its workers, clock, transport and actors. There are no globals: any number
 * of nodes live in one process. Functions here may be called from any thread that is not a handler
 * of the node (handlers use actor.h), unless they say otherwise. */
struct actor_node_config {
        const char *name;                      /* for logs and metrics; NULL = "node" */
        unsigned workers;                      /* 0 = as many as cores */
        unsigned blocking_threads;             /* most threads of the blocking pool; 0 = 4. Started on demand. */
        const struct actor_type *const *types; /* wire types, NULL-terminated; may be NULL: local only */
        size_t message_max;                    /* bytes of one wire message; 0 = ACTOR_MESSAGE_MAX_DEFAULT */
        int64_t heartbeat_ms;                  /* between heartbeats to peers; 0 = 5,000 */
        unsigned heartbeats_missed_max;        /* silent this many times: unreachable; 0 = 3 */
        int64_t reconnect_min_ms;              /* first delay before connecting anew, doubling; 0 = 100 */
        int64_t reconnect_max_ms;              /* 0 = 30,000 */
        int64_t watchdog_ms;                   /* a handler that takes longer is logged and counted (inspect.h);
                                                  0 = 1,000; negative = nobody watches */
        bool statistics_off;                   /* handlers are not timed: busy and slowest times stay 0 */
        struct actor_log *log;                 /* borrowed; NULL = standard error at info (log.h) */
        const struct actor_curve *curve;       /* keys for the network (curve.h); copied; NULL: neither encryption nor authentication */
};
#define ACTOR_MESSAGE_MAX_DEFAULT (64u << 20)

/* Makes a node on the real drivers (threads, epoll, ZeroMQ, disk). Returns 0 and the node in *ret,
 * -EINVAL for a value out of range, or -errno where threads or descriptors are refused. */
int actor_node_new(const struct actor_node_config *config, struct actor_node **ret);

/* Listens for peers on "tcp://host:port" (port 0 or "*" picks one) or "ipc://path". Several calls
 * are allowed. Writes the endpoint that peers should use into `bound` (of `bound_size` bytes) if not
 * NULL. Returns 0, or -errno with a sentence in *error: address in use, bad address, no such host. */
int actor_node_listen(struct actor_node *node, const char *endpoint, char *bound, size_t bound_size,
                      struct actor_error *error);

/* Spawns a top-level actor (its parent is the node; a failure there ends the node). As actor_spawn();
 * -ESHUTDOWN once the node is shutting down. init runs on the calling thread. */
int actor_node_spawn(struct actor_node *node, const struct actor_class *kind, const char *name, const void *config,
                     struct actor_ref *ret);

/* A ref to whoever bears a name: "name" here, "name@host:port" elsewhere. For a local name the
 * actor must exist (-ESRCH); a remote one is not checked. -EINVAL with a sentence for a bad address.
 * Also from handlers. */
int actor_node_resolve(struct actor_node *node, const char *address, struct actor_ref *ret, struct actor_error *error);

/* A text for a ref, cut to `size`: its address ("name@host:port"), "#slot@host:port" for the nameless. Also from handlers. */
void actor_node_describe(struct actor_node *node, struct actor_ref ref, char *ret, size_t size);

/* Sends from outside any actor. As actor_send(); the receiver sees from = ACTOR_NOBODY. */
int actor_node_send(struct actor_node *node, struct actor_ref to, void *msg_take);

/* Asks from outside any actor and blocks until the answer or the timeout. On 0 the caller owns the
 * answer in *ret (actor_msg_unref). -ETIMEDOUT, -ESRCH, -EHOSTUNREACH, -ENOBUFS otherwise. Never
 * from a handler. On a simulated node it runs the simulation until the answer. */
int actor_node_ask(struct actor_node *node, struct actor_ref to, void *msg_take, int64_t timeout_ms, void **ret);

/* A number from the node's dice (seeded under simulation), for whoever is no actor yet. Any thread. */
uint64_t actor_node_random(struct actor_node *node);

/* Asks the node to shut down; returns at once. Also from handlers and (the only one here) from
 * signal handlers. `status` is what actor_node_wait() will return. */
void actor_node_shutdown(struct actor_node *node, int status);

/* Blocks until the node has shut down (by actor_node_shutdown(), or because a top-level actor failed
 * or the last one ended) and returns its status; a failed top-level actor gives its -errno. */
int actor_node_wait(struct actor_node *node);

/* Shuts down if need be: stops top-level actors in reverse order of their making, each after its
 * children and after the messages already sent to it; sends out what waits for peers; frees
 * everything. NULL is fine. */
void actor_node_free(struct actor_node *node);

/* ---- looking inside --------------------------------------------------------------------------- */

struct actor_stats {
        struct actor_ref ref, parent;
        char name[ACTOR_NAME_MAX + 1]; /* "" if none */
        const char *class_name;
        uint32_t mailbox_depth, mailbox_depth_most;
        uint64_t handled, dropped;     /* messages; dropped: without a row, refused, or not allowed */
        uint64_t busy_ns, slowest_ns;  /* in handlers, estimated: short ones are timed once in 64 calls; the slowest timed one */
        const char *slowest_type;      /* its message type's name */
        uint32_t restarts;
        uint32_t taken; /* messages ever taken out of the mailbox; wraps. Between two looks tells how long those in
                           it have waited: what waited at the first and is not among those taken since, that long */
};

/* Copies the statistics of up to `max` actors, returns how many there are. Any thread, also handlers. */
size_t actor_node_stats(struct actor_node *node, struct actor_stats *ret, size_t max);

/* The same a page at a time: up to `max` actors from `*slot` on, and returns how many. *slot is then
 * where to go on, 0 after the last. Begin with 0. */
size_t actor_node_stats_page(struct actor_node *node, uint32_t *slot, struct actor_stats *ret, size_t max);

/* Totals of a node, read at any time from any thread. */
struct actor_node_totals {
        uint64_t sent, handled, dead_letters, dropped, late_replies;
        uint64_t steals, parks, actors, timers;
        uint64_t wire_sent, wire_received, wire_frames_out, wire_frames_in, wire_bytes_out, wire_bytes_in;
        uint64_t wire_rejected; /* frames or messages: bad version, type, size or body */
        uint64_t wire_denied;   /* connections not let in: no key, one not allowed, another one expected */
        uint64_t wire_refused;  /* messages not sent: peer unreachable, its queue full, message too large */
        uint64_t peers, reconnects;
        uint64_t slow_handlers; /* times a handler took longer than watchdog_ms */
};
void actor_node_totals(struct actor_node *node, struct actor_node_totals *ret);

ACTOR_API_END

#endif
