/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_LIFECYCLE_H
#define AGENT_SUPERVISION_LIFECYCLE_H

/* The life of an executor.
 *
 *     REGISTERING ──SUBSCRIBE──▶ RUNNING ──told or leaving─▶ TERMINATING ──process gone──▶ TERMINATED
 *          └──────── timeout, stop ──────────────────────────────▲                            ▲
 *          └──────── process or launch failed ────────────────────────────────────────────────┘   */
enum executor_state {
        EXECUTOR_REGISTERING, /* from the first directory made to its SUBSCRIBE: tasks queue */
        EXECUTOR_RUNNING,     /* tasks go to it as they come */
        EXECUTOR_TERMINATING, /* told to end, leaving, or being killed: takes no tasks */
        EXECUTOR_TERMINATED,  /* its process is gone */
        EXECUTOR_STATE_COUNT,
};

enum { LIFECYCLE_E_UNCHANGED = 1, LIFECYCLE_E_ILLEGAL };

/* Moves *state if the table allows it. 0, or LIFECYCLE_E_*, *state untouched. Pure. */
int executor_move(enum executor_state *state, enum executor_state to);
const char *executor_state_name(enum executor_state state); /* "RUNNING" */

#endif
