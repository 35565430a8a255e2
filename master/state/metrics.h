/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_STATE_METRICS_H
#define MASTER_STATE_METRICS_H

#include <actor/metrics.h>

/* What the room counts; declared once in metrics.def. Zeroed memory is a fresh set. */
struct state_metrics {
#define METRIC(field, kind, name, help) actor_metric_value field;
#include "metrics.def"
#undef METRIC
};
extern const struct actor_metric state_metric_table[];
extern const size_t state_metric_count;

#endif
