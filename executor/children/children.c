/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <proto/task_state.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

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

/* ---- start ---------------------------------------------------------------------------------------- */

void children_refuse(struct children *c, const char *task_id, const char *why)
{
        struct child_verdict verdict = {.state = V1__TASK_STATE__TASK_FAILED,
                                        .has_reason = true,
                                        .reason = V1__TASK_STATUS__REASON__REASON_COMMAND_EXECUTOR_FAILED};
        snprintf(verdict.message, sizeof verdict.message, "%s", why);
        child_report(c, task_id, &verdict);
}

void children_start(struct children *c, struct child_plan *plan_take)
{
        struct actor_error error = {""};
        struct child *child = NULL;
        if (c->stopping || child_start(c, plan_take, &child, &error) != 0) {
                children_refuse(c, plan_take->task_id,
                                c->stopping ? "The executor is shutting down" : error.text);
                actor_msg_unref(plan_take);
                return;
        }
        if (plan_take->completion_max_ms > 0)
                child->completion_timer =
                        child_timer_after(c, child->pid, CHILD_BELL_COMPLETION, plan_take->completion_max_ms);
        child_report(c, plan_take->task_id, &(struct child_verdict){.state = V1__TASK_STATE__TASK_RUNNING});
}

/* ---- kill ----------------------------------------------------------------------------------------- */

static void terminate(struct children *c, struct child *child, enum child_demand demand, int64_t grace_ms)
{
        struct actor *self = troupe_executor_self(c->driver);
        bool first = child->demand == CHILD_UNDISTURBED;
        if (first)
                child->demand = demand;
        actor_timer_cancel(self, child->kill_timer);
        child->kill_timer = child_timer_after(c, child->pid, CHILD_BELL_GRACE, grace_ms);
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
                child_report(c, task_id, &(struct child_verdict){.state = V1__TASK_STATE__TASK_KILLING});
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
        if (timer->bell == CHILD_BELL_COMPLETION)
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
        child_report(c, child->plan->task_id, &verdict);
        child_end(c, child);
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
