/* SPDX-License-Identifier: Apache-2.0 */
#include "children.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <proto/task_state.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

struct child {
        struct task_entry by_task; /* first: an entry of by_task is its child */
        struct task_entry by_pid;
        struct child_plan *plan; /* owned */
        char pid_text[16];
        pid_t pid;
        enum child_demand demand;
        uint64_t kill_timer, completion_timer;
};

struct child_timer {
        pid_t pid;
        bool completion; /* out of time; else out of grace */
};
static ACTOR_LOCAL_TYPE(child_timer_type, struct child_timer);

static struct child *child_by_task(const struct children *c, const char *task_id)
{
        return (struct child *) task_table_find(&c->by_task, task_id);
}

static struct child *child_by_pid(const struct children *c, pid_t pid)
{
        char text[16];
        snprintf(text, sizeof text, "%d", (int) pid);
        struct task_entry *entry = task_table_find(&c->by_pid, text);
        return entry != NULL ? (struct child *) ((char *) entry - offsetof(struct child, by_pid)) : NULL;
}

static void child_free(struct child *child)
{
        actor_msg_unref(child->plan);
        free(child);
}

void children_init(struct children *c, struct troupe_executor *driver)
{
        const char *sandbox = getenv("MESOS_SANDBOX");
        c->driver = driver;
        c->context.sandbox = sandbox != NULL && sandbox[0] == '/' ? sandbox : ".";
        c->context.switches_user = geteuid() == 0;
        children_set_hostname(c, "localhost");
}

void children_set_hostname(struct children *c, const char *hostname)
{
        actor_msg_unref(c->context_arena);
        c->context_arena = actor_msg_new(&child_plan_type);
        c->context.environment = child_environment(c->context_arena, environ, hostname);
}

void children_done(struct children *c)
{
        struct task_entry *entry;
        while ((entry = task_table_pop(&c->by_task)) != NULL)
                child_free((struct child *) entry);
        task_table_done(&c->by_task);
        task_table_done(&c->by_pid);
        c->context_arena = actor_msg_unref(c->context_arena);
}

/* ---- reports -------------------------------------------------------------------------------------- */

static void report(struct children *c, const char *task_id, const struct child_verdict *verdict)
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

void children_refuse(struct children *c, const char *task_id, const char *why)
{
        struct child_verdict verdict = {.state = V1__TASK_STATE__TASK_FAILED,
                                        .has_reason = true,
                                        .reason = V1__TASK_STATUS__REASON__REASON_COMMAND_EXECUTOR_FAILED};
        snprintf(verdict.message, sizeof verdict.message, "%s", why);
        report(c, task_id, &verdict);
}

/* ---- start ---------------------------------------------------------------------------------------- */

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

static uint64_t child_timer_after(struct children *c, pid_t pid, bool completion, int64_t delay_ms)
{
        struct child_timer *timer = actor_msg_new(&child_timer_type);
        timer->pid = pid;
        timer->completion = completion;
        return actor_after(troupe_executor_self(c->driver), delay_ms, timer);
}

void children_start(struct children *c, struct child_plan *plan_take)
{
        struct actor_error error = {""};
        pid_t pid = 0;
        if (c->stopping || start_process(c, plan_take, &pid, &error) != 0) {
                children_refuse(c, plan_take->task_id,
                                c->stopping ? "The executor is shutting down" : error.text);
                actor_msg_unref(plan_take);
                return;
        }
        struct child *child = actor_zalloc(sizeof *child);
        child->plan = plan_take;
        child->pid = pid;
        snprintf(child->pid_text, sizeof child->pid_text, "%d", (int) pid);
        child->by_task.id = plan_take->task_id;
        child->by_pid.id = child->pid_text;
        task_table_add(&c->by_task, &child->by_task);
        task_table_add(&c->by_pid, &child->by_pid);
        if (plan_take->completion_max_ms > 0)
                child->completion_timer = child_timer_after(c, pid, true, plan_take->completion_max_ms);
        report(c, plan_take->task_id, &(struct child_verdict){.state = V1__TASK_STATE__TASK_RUNNING});
}

/* ---- kill ----------------------------------------------------------------------------------------- */

static void terminate(struct children *c, struct child *child, enum child_demand demand, int64_t grace_ms)
{
        struct actor *self = troupe_executor_self(c->driver);
        bool first = child->demand == CHILD_UNDISTURBED;
        if (first)
                child->demand = demand;
        actor_timer_cancel(self, child->kill_timer);
        child->kill_timer = child_timer_after(c, child->pid, false, grace_ms);
        if (first)
                (void) actor_process_signal(self, child->pid, SIGTERM, true);
}

void children_kill(struct children *c, const char *task_id, const V1__KillPolicy *policy)
{
        struct child *child = child_by_task(c, task_id);
        if (child == NULL)
                return; /* its end is on the way */
        int64_t grace_ms = child->plan->grace_ms;
        if (policy != NULL && policy->grace_period != NULL && policy->grace_period->nanoseconds >= 0)
                grace_ms = policy->grace_period->nanoseconds / 1000000;
        const V1__FrameworkInfo *framework = troupe_executor_framework(c->driver);
        if (child->demand == CHILD_UNDISTURBED && framework != NULL &&
            framework_has_capability(framework, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__TASK_KILLING_STATE))
                report(c, task_id, &(struct child_verdict){.state = V1__TASK_STATE__TASK_KILLING});
        terminate(c, child, CHILD_TO_BE_KILLED, grace_ms);
}

void children_stop(struct children *c)
{
        c->stopping = true;
        for (struct task_entry *entry = task_table_next(&c->by_task, NULL); entry != NULL;
             entry = task_table_next(&c->by_task, entry)) {
                struct child *child = (struct child *) entry;
                /* The driver does not wait for long either, so a task's longer grace is cut. */
                terminate(c, child, CHILD_TO_BE_KILLED,
                          child->plan->grace_ms < CHILD_GRACE_MS ? child->plan->grace_ms : CHILD_GRACE_MS);
        }
        if (c->by_task.count == 0)
                troupe_executor_stop(c->driver);
}

/* ---- what comes back ------------------------------------------------------------------------------ */

static void on_timer(struct children *c, const struct child_timer *timer)
{
        struct child *child = child_by_pid(c, timer->pid);
        if (child == NULL)
                return;
        if (timer->completion)
                terminate(c, child, CHILD_OUT_OF_TIME, child->plan->grace_ms);
        else
                (void) actor_process_signal(troupe_executor_self(c->driver), child->pid, SIGKILL, true);
}

static void on_exited(struct children *c, const struct actor_process_exited *exited)
{
        struct child *child = child_by_pid(c, exited->pid);
        if (child == NULL)
                return;
        struct actor *self = troupe_executor_self(c->driver);
        actor_timer_cancel(self, child->kill_timer);
        actor_timer_cancel(self, child->completion_timer);
        (void) actor_process_signal(self, child->pid, SIGKILL, true); /* what it left behind in its group */
        struct child_verdict verdict;
        child_judge(exited->status, child->demand, child->plan->completion_max_ms, &verdict);
        report(c, child->plan->task_id, &verdict);
        task_table_remove(&c->by_task, &child->by_task);
        task_table_remove(&c->by_pid, &child->by_pid);
        child_free(child);
        if (c->stopping && c->by_task.count == 0)
                troupe_executor_stop(c->driver);
}

bool children_handle(struct children *c, const struct actor_mail *mail, const void *body)
{
        if (actor_msg_type(body) == &actor_process_exited_type)
                on_exited(c, body);
        else if (actor_msg_type(body) == &child_timer_type)
                on_timer(c, body);
        else
                return false;
        return true;
}
