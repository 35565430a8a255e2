/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_REGISTRAR_METRICS_H
#define MASTER_REGISTRAR_METRICS_H

#include <actor/metrics.h>

/* What the room counts; declared once in metrics.def. Zeroed memory is a fresh set. */
struct registrar_metrics {
#define METRIC(field, kind, name, help) actor_metric_value field;
#include "metrics.def"
#undef METRIC
};
extern const struct actor_metric registrar_metric_table[];
extern const size_t registrar_metric_count;

#endif
