/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_INSPECTION_H
#define CORE_INSPECTION_H

#include "core/cell.h"
#include <actor/node.h>
#include <pthread.h>

/* What the core keeps so that others can look inside, and where it is written. A part of inside.h. */
/* The flight recorder (trace.c). */
struct trace_ring {
        pthread_mutex_t lock;
        struct actor_trace_event *events;
        uint64_t count; /* ever written */
};

struct watchdog {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        pthread_t thread;
        int64_t limit_ns; /* 0: nobody watches */
        bool started, quit;
        _Atomic bool parked; /* sleeps until a worker wakes */
        _Atomic uint64_t incidents;
        struct watched *watched; /* per worker */
};

/* trace.c: what happens to a mail whose trace_id is not 0; called for no other. */
void trace_ring_init(struct actor_node *node);
void trace_ring_done(struct actor_node *node);
/* On its way from here, or arrived from another node. */
void trace_sent(struct actor_node *node, const struct worker *worker, const struct mail *mail);
void trace_lost(struct actor_node *node, const struct worker *worker, const struct mail *mail, int error);
/* The handler for it, called at begin_ns, has returned; the worker's trace_id is the trace. `type` NULL: no
 * answer came. */
void trace_handled(struct actor *a, const struct mail *mail, const struct actor_type *type, int64_t begin_ns);

/* watchdog.c */
void watchdog_init(struct actor_node *node, const struct actor_node_config *config);
int watchdog_start(struct actor_node *node);
void watchdog_stop(struct actor_node *node);
void watchdog_done(struct actor_node *node);
void watchdog_unpark(struct actor_node *node); /* a worker has woken, and `parked` was seen */

#endif
