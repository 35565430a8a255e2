/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_AGENT_METRICS_H
#define AGENT_AGENT_METRICS_H

#include <actor/metrics.h>

/* The agent's own counters and gauges (metrics.def). One struct an agent; each metric has one writer
 * room; readers load it relaxed. */
struct agent_metrics {
#define METRIC(field, kind, name, help) actor_metric_value field;
#include "metrics.def"
};

extern const struct actor_metric agent_metric_table[];
extern const size_t agent_metric_count;

#endif
