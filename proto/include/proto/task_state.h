/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_TASK_STATE_H
#define PROTO_TASK_STATE_H

#include <proto/types.h>
#include <stdbool.h>

/* The life of a task, once for everyone: which states end it and which may follow which. A number that is no
 * state ends nothing and follows nothing. */
bool task_state_is_terminal(
        V1__TaskState state); /* FINISHED FAILED KILLED ERROR LOST DROPPED GONE GONE_BY_OPERATOR */
bool task_state_may_follow(V1__TaskState from, V1__TaskState to);
const char *task_state_name(V1__TaskState state); /* "TASK_RUNNING" */

/* The state a framework sees: PARTITION_AWARE ones the precise one (DROPPED, UNREACHABLE, GONE, …),
 * others TASK_LOST in its place. */
V1__TaskState task_state_for(const V1__FrameworkInfo *framework, V1__TaskState precise);
bool framework_has_capability(const V1__FrameworkInfo *framework,
                              V1__FrameworkInfo__Capability__Type capability);

#endif
