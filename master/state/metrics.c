/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

const struct actor_metric state_metric_table[] = {
#define METRIC(field, kind, name, help) {name, offsetof(struct state_metrics, field), ACTOR_##kind, help},
#include "metrics.def"
#undef METRIC
};
const size_t state_metric_count = sizeof state_metric_table / sizeof state_metric_table[0];
