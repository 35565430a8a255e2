/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_STATE_SNAPSHOT_H
#define MASTER_STATE_SNAPSHOT_H

#include "state/messages.h"
#include "state/metrics.h"
#include "state/rows.h"

/* The read model without actors: events in, immutable snapshots out. Of each thing the latest row;
 * of what has ended a bounded memory: the last completed frameworks, and of each framework the last
 * completed and the last unreachable tasks. One thread changes a model; snapshots are anyone's. */
struct model;

struct model *model_new(size_t completed_frameworks_max, size_t completed_tasks_max,
                        struct state_metrics *metrics) __attribute__((returns_nonnull));
void model_free(struct model *model); /* NULL is fine */

/* Each takes a reference of its own to the event, a message. O(1). */
void model_agent(struct model *model, const struct state_agent *event);
void model_framework(struct model *model, const struct state_framework *event);
void model_task(struct model *model, const struct state_task *event);
void model_executor(struct model *model, const struct state_executor *event);
void model_offer(struct model *model, const struct state_offer *event);
void model_weight(struct model *model, const struct state_weight *event);

/* Rows of tasks that completed lately still hold what their events refer to; settling makes them as small as
 * their tasks. To be called a while after a task has completed; O(tasks remembered since the last call). */
void model_settle(struct model *model);
bool model_is_settled(const struct model *model);

/* What is there now, for whoever tells others of changes. The row is borrowed until the next event. */
bool model_knows_agent(const struct model *model, const char *agent_id);
bool model_knows_framework(const struct model *model, const char *framework_id); /* not a completed one */
const struct state_task *model_find_task(const struct model *model, const char *framework_id,
                                         const char *task_id); /* not a completed one; NULL if unknown */

/* A message: hold it as long as anything of it is in use. Rows are the event messages. */
struct snapshot {
        struct row_set agents;               /* struct state_agent */
        struct row_set frameworks;           /* struct state_framework */
        struct row_set completed_frameworks; /* struct state_framework */
        struct row_set tasks;                /* struct state_task, unreachable ones too */
        struct row_set completed_tasks;      /* struct state_task */
        struct row_set executors;            /* struct state_executor */
        struct row_set offers;               /* struct state_offer */
        struct row_set weights;              /* struct state_weight */
};
extern const struct actor_type snapshot_type;

/* The state as it is now; the same message as last time if nothing has changed. The caller owns the
 * reference. */
const struct snapshot *model_snapshot(struct model *model) __attribute__((returns_nonnull));

#endif
