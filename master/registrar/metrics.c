/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

const struct actor_metric registrar_metric_table[] = {
#define METRIC(field, kind, name, help) {name, offsetof(struct registrar_metrics, field), ACTOR_##kind, help},
#include "metrics.def"
#undef METRIC
};
const size_t registrar_metric_count = sizeof registrar_metric_table / sizeof registrar_metric_table[0];
