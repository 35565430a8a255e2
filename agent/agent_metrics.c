/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_metrics.h"

const struct actor_metric agent_metric_table[] = {
#define METRIC(field, kind, name, help) {name, offsetof(struct agent_metrics, field), ACTOR_##kind, help},
#include "metrics.def"
};

const size_t agent_metric_count = sizeof agent_metric_table / sizeof *agent_metric_table;
