/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHILDREN_CHILD_H
#define CHILDREN_CHILD_H

#include "children/children.h"

/* One child, for the files of this room only: found by its task, and while its process runs by its pid. */

struct child {
        struct task_entry by_task; /* first: an entry of by_task is its child */
        struct task_entry by_pid;
        struct child_plan *plan; /* owned */
        char pid_text[16];
        pid_t pid;
        enum child_demand demand;
        uint64_t kill_timer, completion_timer;
};

/* NULL if there is none (any more). */
struct child *child_by_task(const struct children *c, const char *task_id);
struct child *child_by_pid(const struct children *c, pid_t pid);

/* Starts the planned process and files a new child under its task and its pid: it owns the plan then. On
 * error, with a sentence, nothing has happened, and the plan is still the caller's. */
int child_start(struct children *c, struct child_plan *plan_take, struct child **ret,
                struct actor_error *error);
/* Takes it out of the tables and frees it; its timers are cancelled by then. */
void child_end(struct children *c, struct child *child);
void child_free(struct child *child);

/* Tells the agent how the task stands. */
void child_report(struct children *c, const char *task_id, const struct child_verdict *verdict);

/* What rings for a child; a timer of a process that has ended finds nobody. */
enum child_bell {
        CHILD_BELL_GRACE,      /* it has had time enough to end by itself */
        CHILD_BELL_COMPLETION, /* its task is out of time */
};
struct child_timer {
        pid_t pid;
        enum child_bell bell;
};
extern const struct actor_type child_timer_type;
/* Returns the timer's number, for actor_timer_cancel(). */
uint64_t child_timer_after(struct children *c, pid_t pid, enum child_bell bell, int64_t delay_ms);

#endif
