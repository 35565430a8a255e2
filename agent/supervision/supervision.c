/* SPDX-License-Identifier: Apache-2.0 */
/* supervision.c — the actor "executors". See supervision_run.c for tasks on their way in. */
#include "supervision/supervision.h"

#include "supervision/inventory.h"
#include "supervision/supervision_state.h"
#include "updates/messages.h"
#include <actor/log.h>
#include <assert.h>
#include <proto/copy.h>
#include <proto/task_state.h>

ACTOR_LOCAL_TYPE(inventory_request_type, struct inventory_request);
ACTOR_LOCAL_TYPE(supervision_stop_type, struct supervision_stop);
ACTOR_LOCAL_TYPE(supervision_stopped_type, struct supervision_stopped);

const char *supervision_agent_id(const struct supervision *s)
{
        return s->session && s->session->agent_id ? s->session->agent_id : "";
}

/* ---- statuses ---------------------------------------------------------------------------------- */

static const Troupe__StatusUpdate *answer(struct supervision *s, struct actor *self,
                                          const V1__FrameworkInfo *framework, const char *task_id,
                                          const char *executor_id, const struct status_cause *cause)
{
        const struct status_subject subject = {
                .framework = framework,
                .agent_id = supervision_agent_id(s),
                .task_id = task_id,
                .executor_id = executor_id,
                .precise = books_find_framework(&s->books, framework->id->value) == NULL};
        ACTOR_METRIC_ADD(s->settings->metrics->tasks_refused, 1);
        struct update_new *update = status_from_agent(self, &subject, cause);
        const Troupe__StatusUpdate *status = actor_msg_ref(update->update);
        actor_send(self, s->settings->updates, update);
        return status;
}

void supervision_answer(struct supervision *s, struct actor *self, const V1__FrameworkInfo *framework,
                        const char *task_id, const struct status_cause *cause)
{
        actor_msg_unref(answer(s, self, framework, task_id, NULL, cause));
}

void supervision_end_task(struct supervision *s, struct actor *self, struct task_entry *task,
                          const struct status_cause *cause)
{
        const V1__TaskInfo *info = task->info;
        const char *executor_id = info->executor ? info->executor->executor_id->value : info->task_id->value;
        actor_log_info(self, "executors: task \"%s\" of framework %s: %s", info->task_id->value,
                       task->framework->info->id->value, cause->message);
        const Troupe__StatusUpdate *update =
                answer(s, self, task->framework->info, info->task_id->value, executor_id, cause);
        books_task_status(task, update);
        actor_msg_unref(update);
}

static int on_update(struct supervision *s, const struct actor_mail *mail, const struct update_new *msg)
{
        struct framework_entry *framework = books_find_framework(&s->books, msg->update->framework_id->value);
        struct task_entry *task =
                framework ? books_find_task(framework, msg->update->status->task_id->value) : NULL;
        if (task && !task_state_is_terminal(task->state))
                books_task_status(task, msg->update);
        return 0;
}

static int on_acknowledged(struct supervision *s, const struct actor_mail *mail,
                           const struct update_acknowledged *msg)
{
        const Troupe__StatusUpdate *update = msg->update;
        struct framework_entry *framework = books_find_framework(&s->books, update->framework_id->value);
        struct task_entry *task =
                framework ? books_find_task(framework, update->status->task_id->value) : NULL;
        if (task && msg->terminal) {
                books_remove_task(task);
                books_sweep(&s->books, framework);
        }
        return 0;
}

/* ---- killing, stopping ------------------------------------------------------------------------- */

static int on_kill(struct supervision *s, const struct actor_mail *mail, const Troupe__KillTask *msg)
{
        struct framework_entry *framework = books_find_framework(&s->books, msg->framework_id->value);
        struct task_entry *task = framework ? books_find_task(framework, msg->task_id->value) : NULL;
        if (task && task_state_is_terminal(task->state))
                return 0; /* its last status is on its way */
        if (task) {
                actor_send(mail->self, task->executor, actor_msg_ref(msg));
                return 0;
        }
        static const struct status_cause cause = {V1__TASK_STATE__TASK_DROPPED,
                                                  V1__TASK_STATUS__REASON__REASON_EXECUTOR_TERMINATED,
                                                  "Task is not on this agent"};
        V1__FrameworkInfo unknown = V1__FRAMEWORK_INFO__INIT;
        unknown.id = msg->framework_id;
        supervision_answer(s, mail->self, framework ? framework->info : &unknown, msg->task_id->value,
                           &cause);
        return 0;
}

static void stop_executor(struct actor *self, const struct executor_entry *executor,
                          enum executor_stop_reason reason)
{
        struct executor_stop *stop = actor_msg_new(&executor_stop_type);
        stop->reason = reason;
        actor_send(self, executor->actor, stop);
}

static int on_shutdown_executor(struct supervision *s, const struct actor_mail *mail,
                                const Troupe__ShutdownExecutor *msg)
{
        struct framework_entry *framework = books_find_framework(&s->books, msg->framework_id->value);
        struct executor_entry *executor =
                framework ? books_find_executor(framework, msg->executor_id->value) : NULL;
        if (executor)
                stop_executor(mail->self, executor, EXECUTOR_STOP_ASKED);
        else
                actor_log_info(mail->self,
                               "executors: executor \"%s\" of framework %s to shut down is not here",
                               msg->executor_id->value, msg->framework_id->value);
        return 0;
}

static int on_shutdown_framework(struct supervision *s, const struct actor_mail *mail,
                                 const Troupe__ShutdownFramework *msg)
{
        struct updates_forget *forget = actor_msg_new(&updates_forget_type);
        forget->framework_id = actor_msg_strdup(forget, msg->framework_id->value);
        actor_send(mail->self, s->settings->updates, forget);
        struct framework_entry *framework = books_find_framework(&s->books, msg->framework_id->value);
        if (framework == NULL)
                return 0;
        framework->gone = true;
        for (struct executor_entry *e = s->books.executors; e; e = e->by_container.next)
                if (e->framework == framework)
                        stop_executor(mail->self, e, EXECUTOR_STOP_FRAMEWORK);
        while (framework->tasks)
                books_remove_task(framework->tasks);
        books_sweep(&s->books, framework);
        return 0;
}

static int on_update_framework(struct supervision *s, const struct actor_mail *mail,
                               const Troupe__UpdateFramework *msg)
{
        struct framework_entry *framework =
                msg->framework->id ? books_find_framework(&s->books, msg->framework->id->value) : NULL;
        if (framework)
                books_update_framework(&s->books, framework, msg->framework);
        return 0;
}

static int on_framework_message(struct supervision *s, const struct actor_mail *mail,
                                const Troupe__FrameworkMessage *msg)
{
        struct framework_entry *framework = books_find_framework(&s->books, msg->framework_id->value);
        struct executor_entry *executor =
                framework ? books_find_executor(framework, msg->executor_id->value) : NULL;
        if (executor)
                actor_send(mail->self, executor->actor, actor_msg_ref(msg));
        else
                actor_log_debug(mail->self,
                                "executors: message for executor \"%s\", which is not here: dropped",
                                msg->executor_id->value);
        return 0;
}

/* ---- executors' lives -------------------------------------------------------------------------- */

static int on_started(struct supervision *s, const struct actor_mail *mail,
                      const struct executor_started *msg)
{
        struct executor_entry *executor = books_find_container(&s->books, msg->container_id);
        if (executor)
                executor->pid = msg->pid;
        return 0;
}

static int on_closing(struct supervision *s, const struct actor_mail *mail,
                      const struct executor_closing *msg)
{
        struct executor_entry *executor = books_find_container(&s->books, msg->container_id);
        if (executor)
                books_close_executor(executor);
        return 0;
}

static void tell_stopped_if_done(struct supervision *s, struct actor *self)
{
        size_t left = 0;
        if (!s->stopping)
                return;
        for (struct executor_entry *e = s->books.executors; e; e = e->by_container.next) {
                bool lives_on =
                        e->framework->info->has_checkpoint && e->framework->info->checkpoint && !s->stop_all;
                if (!lives_on)
                        return;
                left++;
        }
        struct supervision_stopped *stopped = actor_msg_new(&supervision_stopped_type);
        stopped->executors_left = left;
        actor_send(self, s->settings->updates, stopped);
}

static void tell_exited(struct supervision *s, struct actor *self, const struct executor_entry *executor,
                        const struct executor_ended *ended)
{
        Troupe__ExitedExecutor *exited = actor_msg_new(&exited_executor_type);
        exited->agent_id = proto_agent_id(exited, supervision_agent_id(s));
        exited->framework_id = proto_framework_id(exited, executor->framework->info->id->value);
        exited->executor_id = proto_executor_id(exited, executor->info->executor_id->value);
        exited->status = ended->status;
        exited->has_unregistered = true;
        exited->unregistered = ended->unregistered;
        actor_send(self, s->settings->gateway, exited);
}

static int on_ended(struct supervision *s, const struct actor_mail *mail, const struct executor_ended *msg)
{
        struct executor_entry *executor = books_find_container(&s->books, msg->container_id);
        if (executor == NULL)
                return 0;
        struct framework_entry *framework = executor->framework;
        if (!msg->silent)
                tell_exited(s, mail->self, executor, msg);
        ACTOR_METRIC_ADD(s->settings->metrics->executors_active, -1);
        ACTOR_METRIC_ADD(s->settings->metrics->executors_ended, 1);
        books_remove_executor(&s->books, executor);
        books_sweep(&s->books, framework);
        tell_stopped_if_done(s, mail->self);
        return 0;
}

/* ---- the gateway ------------------------------------------------------------------------------- */

/* Their executors are not this agent's any more: before anyone is told of these tasks, they have ended. The
 * updates that wait go first. */
static void end_recovered(struct supervision *s, struct actor *self)
{
        static const struct status_cause cause = {V1__TASK_STATE__TASK_GONE,
                                                  V1__TASK_STATUS__REASON__REASON_AGENT_RESTARTED,
                                                  "Agent was started again without the task"};
        struct framework_entry *framework;
        for (framework = s->books.frameworks; framework; framework = framework->hh.next)
                for (struct task_entry *task = framework->tasks; task; task = task->hh.next)
                        if (!task_state_is_terminal(task->state))
                                supervision_end_task(s, self, task, &cause);
}

static int on_session(struct supervision *s, const struct actor_mail *mail, const struct agent_session *msg)
{
        bool first = *supervision_agent_id(s) == '\0' && msg->agent_id;
        actor_msg_unref(s->session);
        s->session = actor_msg_ref(msg);
        if (first) /* all that is in the books is from before */
                end_recovered(s, mail->self);
        return 0;
}

static int on_inventory(struct supervision *s, const struct actor_mail *mail,
                        const struct inventory_request *msg)
{
        actor_reply(mail, inventory_make(&s->books, supervision_agent_id(s)));
        return 0;
}

/* Tasks the master believes to be here and that are not: gone. */
static int on_registered(struct supervision *s, const struct actor_mail *mail,
                         const Troupe__AgentRegistered *msg)
{
        static const struct status_cause cause = {V1__TASK_STATE__TASK_GONE,
                                                  V1__TASK_STATUS__REASON__REASON_RECONCILIATION,
                                                  "Task is unknown to the agent"};
        for (size_t i = 0; i < msg->n_reconcile; i++) {
                const Troupe__ReconcileTasks *reconcile = msg->reconcile[i];
                struct framework_entry *framework =
                        books_find_framework(&s->books, reconcile->framework_id->value);
                V1__FrameworkInfo unknown = V1__FRAMEWORK_INFO__INIT;
                unknown.id = reconcile->framework_id;
                for (size_t k = 0; k < reconcile->n_task_ids; k++)
                        if (!framework || !books_find_task(framework, reconcile->task_ids[k]->value))
                                supervision_answer(s, mail->self, framework ? framework->info : &unknown,
                                                   reconcile->task_ids[k]->value, &cause);
        }
        return 0;
}

static int on_stop(struct supervision *s, const struct actor_mail *mail, const struct supervision_stop *msg)
{
        s->stopping = true;
        s->stop_all = msg->all;
        for (struct executor_entry *e = s->books.executors; e; e = e->by_container.next)
                if (s->stop_all || !e->framework->info->has_checkpoint || !e->framework->info->checkpoint)
                        stop_executor(mail->self, e, EXECUTOR_STOP_AGENT);
        tell_stopped_if_done(s, mail->self);
        return 0;
}

ACTOR_BIND(supervision_on_run, struct supervision, Troupe__RunTasks)
ACTOR_BIND(supervision_on_run_group, struct supervision, Troupe__RunTaskGroup)
ACTOR_BIND(supervision_on_returned, struct supervision, struct task_batch)
ACTOR_BIND(supervision_on_undelivered, struct supervision, struct actor_undelivered)
ACTOR_BIND(on_update, struct supervision, struct update_new)
ACTOR_BIND(on_acknowledged, struct supervision, struct update_acknowledged)
ACTOR_BIND(on_kill, struct supervision, Troupe__KillTask)
ACTOR_BIND(on_shutdown_executor, struct supervision, Troupe__ShutdownExecutor)
ACTOR_BIND(on_shutdown_framework, struct supervision, Troupe__ShutdownFramework)
ACTOR_BIND(on_update_framework, struct supervision, Troupe__UpdateFramework)
ACTOR_BIND(on_framework_message, struct supervision, Troupe__FrameworkMessage)
ACTOR_BIND(on_started, struct supervision, struct executor_started)
ACTOR_BIND(on_closing, struct supervision, struct executor_closing)
ACTOR_BIND(on_ended, struct supervision, struct executor_ended)
ACTOR_BIND(on_session, struct supervision, struct agent_session)
ACTOR_BIND(on_inventory, struct supervision, struct inventory_request)
ACTOR_BIND(on_registered, struct supervision, Troupe__AgentRegistered)
ACTOR_BIND(on_stop, struct supervision, struct supervision_stop)

static const struct actor_handler handlers[] = {
        {&run_tasks_type, supervision_on_run_bound, ACTOR_FROM_LOCAL},
        {&run_task_group_type, supervision_on_run_group_bound, ACTOR_FROM_LOCAL},
        {&task_batch_type, supervision_on_returned_bound, ACTOR_FROM_LOCAL},
        {&actor_undelivered_type, supervision_on_undelivered_bound, ACTOR_FROM_ANY},
        {&update_new_type, on_update_bound, ACTOR_FROM_LOCAL},
        {&update_acknowledged_type, on_acknowledged_bound, ACTOR_FROM_LOCAL},
        {&kill_task_type, on_kill_bound, ACTOR_FROM_LOCAL},
        {&shutdown_executor_type, on_shutdown_executor_bound, ACTOR_FROM_LOCAL},
        {&shutdown_framework_type, on_shutdown_framework_bound, ACTOR_FROM_LOCAL},
        {&update_framework_type, on_update_framework_bound, ACTOR_FROM_LOCAL},
        {&framework_message_type, on_framework_message_bound, ACTOR_FROM_LOCAL},
        {&executor_started_type, on_started_bound, ACTOR_FROM_LOCAL},
        {&executor_closing_type, on_closing_bound, ACTOR_FROM_LOCAL},
        {&executor_ended_type, on_ended_bound, ACTOR_FROM_LOCAL},
        {&agent_session_type, on_session_bound, ACTOR_FROM_LOCAL},
        {&inventory_request_type, on_inventory_bound, ACTOR_FROM_LOCAL},
        {&agent_registered_type, on_registered_bound, ACTOR_FROM_LOCAL},
        {&supervision_stop_type, on_stop_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static int supervision_init(void *state, struct actor *self, const void *config)
{
        struct supervision *s = state;
        const struct supervision_config *c = config;
        s->settings = c->settings;
        for (size_t i = 0; i < c->recovered_count; i++)
                books_recover_task(books_framework(&s->books, c->recovered[i].framework),
                                   c->recovered[i].update);
        return 0;
}

static void supervision_fini(void *state)
{
        struct supervision *s = state;
        books_done(&s->books);
        actor_msg_unref(s->session);
}

const struct actor_class supervision_class = {
        .name = "executors",
        .state_size = sizeof(struct supervision),
        .init = supervision_init,
        .fini = supervision_fini,
        .handlers = handlers,
};
