/* SPDX-License-Identifier: Apache-2.0 */
/* on_agent.c: what agents say of the framework's tasks and executors, through their sessions. */
#include "session.h"
#include <actor/log.h>
#include <proto/copy.h>
#include <proto/task_state.h>
#include <string.h>

/* ---- status updates --------------------------------------------------------------------------------------
 */

/* The update as this framework may see it: the same, or a shallow copy with another state. */
static Sched__Event *update_for(struct framework_session *s, const Troupe__StatusUpdate *msg)
{
        Sched__Event *event = framework_event_update(msg->status, msg);
        V1__TaskState state = task_state_for(s->info, msg->status->state);
        if (state != msg->status->state) {
                V1__TaskStatus *status = actor_msg_memdup(event, msg->status, sizeof *status);
                status->state = state;
                event->update->status = status;
        }
        return event;
}

static V1__TaskState latest_of(const Troupe__StatusUpdate *msg)
{
        return msg->has_latest_state ? msg->latest_state : msg->status->state;
}

static void task_updated(struct framework_session *s, struct task *task, const Troupe__StatusUpdate *msg)
{
        bool had_ended = task_state_is_terminal(task->state);
        V1__TaskState latest = had_ended ? task->state : latest_of(msg);
        if (framework_task_move(&s->tasks, task, latest, msg->status, msg) == TASK_E_ILLEGAL) {
                actor_log_warn(
                        s->self,
                        "framework: %s task \"%s\" cannot go from %s to %s: update passed on, not noted",
                        s->id, task->base->task_id->value, task_state_name(task->state),
                        task_state_name(latest));
                return;
        }
        if (task->executor != NULL)
                task->executor->confirmed = true;
        if (task_state_is_terminal(task->state)) {
                framework_task_release(s, task);
                if (!had_ended)
                        ACTOR_METRIC_ADD(s->rooms.metrics->tasks_ended, 1);
        }
        if (task_state_is_terminal(msg->status->state) && !msg->status->has_uuid)
                framework_task_complete(s, task); /* nobody will acknowledge it */
        else
                framework_report_task(s, task, false);
}

int framework_on_status_update(struct framework_session *s, const struct actor_mail *mail,
                               const Troupe__StatusUpdate *msg)
{
        if (s->ending)
                return 0;
        struct task *task = framework_tasks_find(&s->tasks, msg->status->task_id->value);
        if (task != NULL && !actor_ref_equal(task->host->session, mail->from)) {
                actor_log_warn(s->self,
                               "framework: %s task \"%s\" is on agent %s, update from another dropped", s->id,
                               task->base->task_id->value, task->host->agent_id);
                return 0;
        }
        framework_scheduler_send(s, update_for(s, msg));
        if (task == NULL && msg->status->agent_id != NULL)
                framework_tasks_host_set(&s->tasks, msg->status->agent_id->value,
                                         mail->from); /* for the acknowledgement */
        if (task != NULL)
                task_updated(s, task, msg);
        return 0;
}

/* ---- executors
 * --------------------------------------------------------------------------------------------- */

int framework_on_exited_executor(struct framework_session *s, const struct actor_mail *mail,
                                 const Troupe__ExitedExecutor *msg)
{
        struct host *host = framework_tasks_host(&s->tasks, msg->agent_id->value);
        struct executor *executor = host ? framework_host_executor(host, msg->executor_id->value) : NULL;
        if (executor == NULL || s->ending)
                return 0; /* the command executor of a task, whose end its task has told */
        framework_executor_end(s, host, executor);
        if (!msg->unregistered)
                framework_scheduler_send(s, framework_event_failure(msg->agent_id->value,
                                                                    msg->executor_id->value, msg->status));
        framework_tasks_host_tidy(&s->tasks, host);
        return 0;
}

int framework_on_executor_message(struct framework_session *s, const struct actor_mail *mail,
                                  const Troupe__ExecutorMessage *msg)
{
        ACTOR_METRIC_ADD(s->rooms.metrics->messages_to_schedulers, 1);
        framework_scheduler_send(s, framework_event_message(msg));
        return 0;
}

/* ---- an agent has come (back)
 * ------------------------------------------------------------------------------ */

static void adopt_executors(struct framework_session *s, struct host *host,
                            const struct framework_agent_joined *msg)
{
        for (size_t i = 0; i < msg->executor_count; i++) {
                struct executor *executor =
                        framework_host_executor(host, msg->executors[i]->executor_id->value);
                if (executor == NULL)
                        executor = framework_host_executor_add(host, msg->executors[i], msg);
                executor->confirmed = true;
                framework_report_executor(s, host, executor, false);
        }
}

/* It was unreachable and is not: the scheduler is told what it is now. */
static void task_returns(struct framework_session *s, struct task *task, V1__TaskState state)
{
        struct master_status status = {
                .task_id = task->base->task_id->value,
                .agent_id = task->host->agent_id,
                .executor_id = framework_task_executor_id(task),
                .state = task_state_for(s->info, state),
                .reason = V1__TASK_STATUS__REASON__REASON_AGENT_REREGISTERED,
                .message = "Agent re-registered",
                .wall_ns = actor_wall_ns(s->self),
        };
        Sched__Event *event = framework_event_master_update(&status);
        if (framework_task_move(&s->tasks, task, state, event->update->status, event) == TASK_E_ILLEGAL) {
                actor_msg_unref(event);
                return;
        }
        task->released = task_state_is_terminal(state);
        framework_scheduler_send(s, event);
        framework_report_task(s, task, false);
}

static void adopt_task(struct framework_session *s, struct host *host, const V1__Task *reported,
                       const void *held)
{
        struct task *task = framework_tasks_find(&s->tasks, reported->task_id->value);
        if (task == NULL) {
                struct executor *executor =
                        reported->executor_id ? framework_host_executor(host, reported->executor_id->value)
                                              : NULL;
                task = framework_tasks_add(&s->tasks, host, executor, reported, held);
                task->released = task_state_is_terminal(reported->state);
                ACTOR_METRIC_ADD(s->rooms.metrics->tasks_known, 1);
                framework_report_task(s, task, false);
        } else if (task->host != host) {
                actor_log_error(s->self,
                                "framework: %s task \"%s\" is reported by agent %s and is on agent %s", s->id,
                                reported->task_id->value, host->agent_id, task->host->agent_id);
                return;
        } else if (task->state == V1__TASK_STATE__TASK_UNREACHABLE) {
                task_returns(s, task, reported->state);
        }
        task->seen = host->joins;
        if (task->kill != NULL && !task_state_is_terminal(task->state))
                actor_send(s->self, host->session, actor_msg_ref(task->kill));
}

/* Tasks the agent did not speak of: it will be asked; those that had ended are over. */
static Troupe__ReconcileTasks *missing_tasks(struct framework_session *s, struct host *host, void *msg)
{
        Troupe__ReconcileTasks *missing = actor_msg_alloc(msg, sizeof *missing);
        troupe__reconcile_tasks__init(missing);
        missing->framework_id = proto_framework_id(msg, s->id);
        struct task *task, *next;
        for (task = host->tasks; task != NULL; task = next) {
                next = task->next;
                if (task->seen == host->joins)
                        continue;
                if (task_state_is_terminal(task->state)) {
                        framework_task_complete(s, task);
                        continue;
                }
                V1__TaskID *id = proto_task_id(msg, task->base->task_id->value);
                PROTO_APPEND(msg, missing->n_task_ids, missing->task_ids, id);
        }
        return missing->n_task_ids > 0 ? missing : NULL;
}

int framework_on_agent_joined(struct framework_session *s, const struct actor_mail *mail,
                              const struct framework_agent_joined *msg)
{
        struct framework_agent_known *known = actor_msg_new(&framework_agent_known_type);
        if (!s->ending) {
                struct host *host = framework_tasks_host_set(&s->tasks, msg->agent_id, msg->session);
                host->joins++;
                adopt_executors(s, host, msg);
                for (size_t i = 0; i < msg->task_count; i++)
                        adopt_task(s, host, msg->tasks[i], msg);
                known->missing = missing_tasks(s, host, known);
                framework_tasks_host_tidy(&s->tasks, host);
        }
        actor_reply(mail, known);
        return 0;
}

/* ---- an agent has gone
 * ------------------------------------------------------------------------------------- */

static const struct fate fates[] = {
        [AGENT_LEFT_UNREACHABLE] = {V1__TASK_STATE__TASK_UNREACHABLE,
                                    V1__TASK_STATUS__REASON__REASON_AGENT_REMOVED,
                                    "Agent became unreachable: it missed its pings", 0},
        [AGENT_LEFT_REMOVED] = {V1__TASK_STATE__TASK_GONE, V1__TASK_STATUS__REASON__REASON_AGENT_REMOVED,
                                "Agent has left the cluster", 0},
        [AGENT_LEFT_GONE] = {V1__TASK_STATE__TASK_GONE_BY_OPERATOR,
                             V1__TASK_STATUS__REASON__REASON_AGENT_REMOVED_BY_OPERATOR,
                             "Agent was declared gone by an operator", 0},
        [AGENT_LEFT_DISCONNECTED] = {V1__TASK_STATE__TASK_GONE,
                                     V1__TASK_STATUS__REASON__REASON_AGENT_DISCONNECTED,
                                     "Agent disconnected, and the framework does not checkpoint", 0},
};

static void host_left(struct framework_session *s, struct host *host, const struct framework_agent_left *msg)
{
        struct fate fate = fates[msg->reason];
        if (msg->reason == AGENT_LEFT_UNREACHABLE)
                fate.unreachable_ns = msg->when_ns;
        struct task *task, *next;
        for (task = host->tasks; task != NULL; task = next) {
                next = task->next;
                if (task_state_is_terminal(task->state))
                        framework_task_complete(s,
                                                task); /* should its agent return, it will report it again */
                else
                        framework_task_meets(s, task, &fate);
        }
        struct executor *executor, *next_executor;
        HASH_ITER(hh, host->executors, executor, next_executor)
        framework_executor_end(s, host, executor);
        framework_tasks_host_tidy(&s->tasks, host);
}

int framework_on_agent_left(struct framework_session *s, const struct actor_mail *mail,
                            const struct framework_agent_left *msg)
{
        if (s->ending)
                return 0;
        struct host *host = framework_tasks_host(&s->tasks, msg->agent_id);
        if (host != NULL)
                host_left(s, host, msg);
        if (msg->reason != AGENT_LEFT_DISCONNECTED)
                framework_scheduler_send(s, framework_event_failure(msg->agent_id, NULL, 0));
        return 0;
}

/* ---- a launch that did not arrive -------------------------------------------------------------------------
 */

static void unlaunch(struct framework_session *s, V1__TaskInfo *const *infos, size_t count,
                     const void *launch, V1__TaskStatus__Reason reason)
{
        const struct fate fate = {V1__TASK_STATE__TASK_DROPPED, reason,
                                  "The launch could not reach the agent", 0};
        for (size_t i = 0; i < count; i++) {
                struct task *task = framework_tasks_find(&s->tasks, infos[i]->task_id->value);
                if (task == NULL || task->held != launch)
                        continue; /* it has met its fate already, or the id is another task's by now */
                framework_task_meets(s, task, &fate);
                ACTOR_METRIC_ADD(s->rooms.metrics->tasks_dropped, 1);
        }
}

static void unlaunch_executors(struct framework_session *s, const char *agent_id)
{
        struct host *host = framework_tasks_host(&s->tasks, agent_id);
        if (host == NULL)
                return;
        struct executor *executor, *next;
        HASH_ITER(hh, host->executors, executor, next)
        {
                if (!executor->confirmed && executor->task_count == 0)
                        framework_executor_end(s, host, executor);
        }
        framework_tasks_host_tidy(&s->tasks, host);
}

static void launch_failed(struct framework_session *s, const void *launch, V1__TaskStatus__Reason reason)
{
        V1__TaskInfo *const *infos;
        size_t count;
        if (actor_msg_type(launch) == &run_tasks_type) {
                infos = ((const Troupe__RunTasks *) launch)->tasks;
                count = ((const Troupe__RunTasks *) launch)->n_tasks;
        } else {
                infos = ((const Troupe__RunTaskGroup *) launch)->task_group->tasks;
                count = ((const Troupe__RunTaskGroup *) launch)->task_group->n_tasks;
        }
        if (count == 0)
                return;
        const char *agent_id = infos[0]->agent_id->value;
        actor_log_info(s->self, "framework: %s launch of %zu tasks could not reach agent %s", s->id, count,
                       agent_id);
        unlaunch(s, infos, count, launch, reason);
        unlaunch_executors(s, agent_id);
}

int framework_on_launch_refused(struct framework_session *s, const struct actor_mail *mail,
                                const struct framework_launch_refused *msg)
{
        if (!s->ending)
                launch_failed(s, msg->launch, msg->reason);
        return 0;
}

/* Only launches are sent so that they come back: their agent's session has ended. */
int framework_on_undelivered(struct framework_session *s, const struct actor_mail *mail,
                             const struct actor_undelivered *msg)
{
        const struct actor_type *type = actor_msg_type(msg->msg);
        if (!s->ending && (type == &run_tasks_type || type == &run_task_group_type))
                launch_failed(s, msg->msg, V1__TASK_STATUS__REASON__REASON_AGENT_REMOVED);
        return 0;
}
