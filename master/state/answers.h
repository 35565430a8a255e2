/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_STATE_ANSWERS_H
#define MASTER_STATE_ANSWERS_H

#include "state/snapshot.h"

#include <actor/flags.h>
#include <actor/metrics.h>
#include <proto/types.h>

/* Answers to master.Call questions, made of a snapshot. Pure; any thread. */

/* What is asked about beside the cluster's rows. */
struct answer_facts {
        const V1__MasterInfo *master;
        const struct actor_flag_set *flags; /* NULL: none */
        const void *flag_values;
        const struct actor_metric_table *tables;
        size_t table_count;
        int64_t started_ns, elected_ns; /* wall; elected 0: not leading */
};

/* A new response, which refers to rows of the snapshot and holds it; the caller owns the reference. A
 * call that is no question of this room gives a response of type UNKNOWN. `snapshot` is a message. */
MasterApi__Response *answer_make(const struct snapshot *snapshot, const struct answer_facts *facts,
                                 MasterApi__Call__Type type) __attribute__((returns_nonnull));

/* One row as the answers show it, without what it holds at the moment, in msg's arena; msg must hold the row.
 */
MasterApi__Response__GetAgents__Agent *answer_agent(void *msg, const struct state_agent *row);
MasterApi__Response__GetFrameworks__Framework *answer_framework(void *msg, const struct state_framework *row);

#endif
