/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXECUTOR_UNACKNOWLEDGED_H
#define EXECUTOR_UNACKNOWLEDGED_H

#include "task_table.h"

#include <proto/types.h>
#include <stdbool.h>

/* What the agent may not know yet: tasks of which no update has been acknowledged, and updates without
 * acknowledgement, told again when the executor registers again. Pure. */
struct unacknowledged {
        struct task_table tasks;
};

/* Notes a launched task, which lies in `message` (a reference is taken). False if its id is known. */
bool unacknowledged_launch(struct unacknowledged *u, const void *message, const V1__TaskInfo *task);
/* Notes an update (a message of exec_call_type; a reference is taken). False where the task has ended
 * already: the update must not be sent. An unknown task is fine: it becomes known. */
bool unacknowledged_update(struct unacknowledged *u, const Exec__Call *call);
/* Forgets what is acknowledged. Unknown tasks and uuids are ignored. */
void unacknowledged_acknowledge(struct unacknowledged *u, const char *task_id,
                                const ProtobufCBinaryData *uuid);
/* Whether the task's end has been reported. */
bool unacknowledged_has_ended(const struct unacknowledged *u, const char *task_id);
/* Builds the lists of a SUBSCRIBE in the arena of `call`; they point into messages that it then holds. */
void unacknowledged_fill(const struct unacknowledged *u, Exec__Call *call, Exec__Call__Subscribe *subscribe);
void unacknowledged_done(struct unacknowledged *u);

#endif
