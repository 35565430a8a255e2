/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_METRICS_H
#define MASTER_METRICS_H

#include <actor/metrics.h>

/* The master's own counters and gauges (metrics.def). One struct a master, shared by its sessions;
 * readers load it relaxed. */
struct master_metrics {
#define METRIC(field, kind, name, help) actor_metric_value field;
#include "metrics.def"
};

extern const struct actor_metric master_metric_table[];
extern const size_t master_metric_count;

#endif
