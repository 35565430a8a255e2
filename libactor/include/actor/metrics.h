/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_METRICS_H
#define ACTOR_METRICS_H

#include <actor/api.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
#include <atomic>
#else
#include <stdatomic.h>
#endif

ACTOR_API_BEGIN

/* Metrics, declared once: in a `.def` file of
 *
 *     METRIC(field, kind, "room/name", help)        kind: COUNTER or GAUGE
 *
 * from which come a struct of atomics and a table for export and documentation. A metric has one
 * writer room; readers (the HTTP threads) load it relaxed: no locks. */
enum actor_metric_kind { ACTOR_COUNTER, ACTOR_GAUGE };
#ifdef __cplusplus
typedef std::atomic<int64_t> actor_metric_value;
#else
typedef _Atomic int64_t actor_metric_value;
#endif

struct actor_metric {
        const char *name; /* "master/agents_active" */
        size_t offset;    /* of the actor_metric_value in the struct */
        enum actor_metric_kind kind;
        const char *help;
};

/* A room's metrics, for whoever shows them. */
struct actor_metric_table {
        const struct actor_metric *metrics;
        size_t count;
        const void *values; /* the struct of atomics */
};

#ifdef __cplusplus
#define ACTOR_METRIC_ADD(value, amount) (value).fetch_add((amount), std::memory_order_relaxed)
#define ACTOR_METRIC_SET(value, amount) (value).store((amount), std::memory_order_relaxed)
#else
#define ACTOR_METRIC_ADD(value, amount) atomic_fetch_add_explicit(&(value), (amount), memory_order_relaxed)
#define ACTOR_METRIC_SET(value, amount) atomic_store_explicit(&(value), (amount), memory_order_relaxed)
#endif

/* Appends the Prometheus text of a table to a growing, malloc'ed buffer (*text, NUL-terminated;
 * NULL to begin). "master/agents_active" becomes "troupe_master_agents_active" with the prefix given. */
void actor_metrics_print(const struct actor_metric *metrics, size_t count, const void *values, const char *prefix,
                         char **text);

struct actor_node;
/* The runtime's own metrics of a node, in the same text. */
void actor_metrics_print_node(struct actor_node *node, const char *prefix, char **text);

ACTOR_API_END

#endif
