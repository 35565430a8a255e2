/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <actor/memory.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- found by task and pid ------------------------------------------------------------------------ */

struct child *child_by_task(const struct children *c, const char *task_id)
{
        return (struct child *) task_table_find(&c->by_task, task_id);
}

struct child *child_by_pid(const struct children *c, pid_t pid)
{
        char text[16];
        snprintf(text, sizeof text, "%d", (int) pid);
        struct task_entry *entry = task_table_find(&c->by_pid, text);
        return entry != NULL ? (struct child *) ((char *) entry - offsetof(struct child, by_pid)) : NULL;
}

/* ---- start and end -------------------------------------------------------------------------------- */

static int open_output(const char *path, struct actor_error *error)
{
        int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        return fd >= 0 ? fd : actor_error_set(error, -errno, "cannot open %s: %s", path, strerror(errno));
}

static int start_process(struct children *c, const struct child_plan *plan, pid_t *ret,
                         struct actor_error *error)
{
        CLEANUP(actor_closep) int out = open_output(plan->stdout_path, error);
        if (out < 0)
                return out;
        CLEANUP(actor_closep) int err = open_output(plan->stderr_path, error);
        if (err < 0)
                return err;
        struct actor_process_config config = {.argv = plan->argv,
                                              .environment = plan->environment,
                                              .directory = plan->directory,
                                              .stdin_fd = -1,
                                              .stdout_fd = out,
                                              .stderr_fd = err,
                                              .pass_fd = -1,
                                              .new_session = true,
                                              .kill_with_parent = true,
                                              .user = plan->user,
                                              .rlimits = plan->rlimits,
                                              .rlimit_count = plan->rlimit_count};
        return actor_process_start(troupe_executor_self(c->driver), &config, ret, error);
}

int child_start(struct children *c, struct child_plan *plan_take, struct child **ret,
                struct actor_error *error)
{
        pid_t pid = 0;
        int r = start_process(c, plan_take, &pid, error);
        if (r != 0)
                return r;
        struct child *child = actor_zalloc(sizeof *child);
        child->plan = plan_take;
        child->pid = pid;
        snprintf(child->pid_text, sizeof child->pid_text, "%d", (int) pid);
        child->by_task.id = plan_take->task_id;
        child->by_pid.id = child->pid_text;
        task_table_add(&c->by_task, &child->by_task);
        task_table_add(&c->by_pid, &child->by_pid);
        *ret = child;
        return 0;
}

void child_end(struct children *c, struct child *child)
{
        task_table_remove(&c->by_task, &child->by_task);
        task_table_remove(&c->by_pid, &child->by_pid);
        child_free(child);
}

void child_free(struct child *child)
{
        actor_msg_unref(child->plan);
        free(child);
}

/* ---- reports and timers --------------------------------------------------------------------------- */

void child_report(struct children *c, const char *task_id, const struct child_verdict *verdict)
{
        V1__TaskID id = V1__TASK_ID__INIT;
        V1__TaskStatus status = V1__TASK_STATUS__INIT;
        id.value = task_id;
        status.task_id = &id;
        status.state = verdict->state;
        status.message = verdict->message[0] != '\0' ? verdict->message : NULL;
        status.has_reason = verdict->has_reason;
        status.reason = verdict->reason;
        troupe_executor_send_status_update(c->driver, &status);
}

ACTOR_LOCAL_TYPE(child_timer_type, struct child_timer);

uint64_t child_timer_after(struct children *c, pid_t pid, enum child_bell bell, int64_t delay_ms)
{
        struct child_timer *timer = actor_msg_new(&child_timer_type);
        timer->pid = pid;
        timer->bell = bell;
        return actor_after(troupe_executor_self(c->driver), delay_ms, timer);
}
