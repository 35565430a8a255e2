/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

const struct actor_metric master_metric_table[] = {
#define METRIC(field, kind, name, help) {name, offsetof(struct master_metrics, field), ACTOR_##kind, help},
#include "metrics.def"
};

const size_t master_metric_count = sizeof master_metric_table / sizeof *master_metric_table;
