/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

const struct actor_metric allocator_metric_table[] = {
#define METRIC(field, kind, name, help) {name, offsetof(struct allocator_metrics, field), ACTOR_##kind, help},
#include "metrics.def"
#undef METRIC
};
const size_t allocator_metric_count = sizeof allocator_metric_table / sizeof allocator_metric_table[0];
