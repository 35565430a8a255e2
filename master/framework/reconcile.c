/* SPDX-License-Identifier: Apache-2.0 */
/* reconcile.c: what the scheduler may believe of a task.
 *
 * Known tasks are answered at once with what was last sent on. For the others the framework_answer depends on
 * their agents, which membership knows: it is asked once for all of a call's tasks. Nothing is
 * said of a task whose agent may still return with it after a master's restart. */
#include "membership/messages.h"
#include "session.h"
#include <actor/log.h>
#include <proto/copy.h>
#include <proto/task_state.h>

#define ASK_TIMEOUT_MS 10000

static void answer_known(struct framework_session *s, const struct task *task)
{
        V1__TaskState state = task->has_update ? task->update_state : task->state;
        struct master_status from = {
                .task_id = task->base->task_id->value,
                .agent_id = task->host->agent_id,
                .executor_id = framework_task_executor_id(task),
                .state = task_state_for(s->info, state),
                .reason = V1__TASK_STATUS__REASON__REASON_RECONCILIATION,
                .message = "Reconciliation: Latest task state",
                .wall_ns = actor_wall_ns(s->self),
        };
        Sched__Event *event = framework_event_master_update(&from);
        if (task->status_count > 0) {
                const struct task_status *last = &task->statuses[task->status_count - 1];
                actor_msg_hold(event, last->held);
                V1__TaskStatus *status = event->update->status;
                status->has_healthy = last->status->has_healthy;
                status->healthy = last->status->healthy;
                status->check_status = last->status->check_status;
                status->container_status = last->status->container_status;
                status->unreachable_time = last->status->unreachable_time;
                if (last->status->executor_id != NULL)
                        status->executor_id = last->status->executor_id;
        }
        framework_scheduler_send(s, event);
}

/* ---- tasks that are not known -------------------------------------------------------------------------- */

static bool decide(const struct membership_agent *agent, bool any_recovered, bool named,
                   struct master_status *ret)
{
        if (agent->state == MEMBERSHIP_AGENT_RECOVERED || (!named && any_recovered))
                return false;
        switch (agent->state) {
        case MEMBERSHIP_AGENT_REGISTERED:
                ret->state = V1__TASK_STATE__TASK_GONE;
                ret->message = "Reconciliation: Task is unknown to the agent";
                break;
        case MEMBERSHIP_AGENT_UNREACHABLE:
                ret->state = V1__TASK_STATE__TASK_UNREACHABLE;
                ret->message = "Reconciliation: Task is unreachable";
                ret->unreachable_ns = agent->unreachable_ns;
                break;
        case MEMBERSHIP_AGENT_GONE:
                ret->state = V1__TASK_STATE__TASK_GONE_BY_OPERATOR;
                ret->message = "Reconciliation: Task is gone with its agent";
                break;
        default:
                ret->state = V1__TASK_STATE__TASK_UNKNOWN;
                ret->message = "Reconciliation: Task is unknown";
                break;
        }
        return true;
}

static void answer_unknown(struct framework_session *s, const char *task_id, const char *agent_id,
                           const struct membership_agent *agent, bool any_recovered)
{
        struct master_status status = {
                .task_id = task_id,
                .agent_id = agent_id,
                .reason = V1__TASK_STATUS__REASON__REASON_RECONCILIATION,
                .wall_ns = actor_wall_ns(s->self),
        };
        if (!decide(agent, any_recovered, agent_id != NULL, &status))
                return;
        status.state = task_state_for(s->info, status.state);
        framework_scheduler_send(s, framework_event_master_update(&status));
}

/* A question under way; its agents' ids are followed by the tasks', for the way back. */
struct question {
        struct waiting waiting;
        struct membership_find_agents *ask; /* held */
};

static void question_free(struct waiting *waiting)
{
        actor_msg_unref(((struct question *) waiting)->ask);
        free(waiting);
}

static int on_agents(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct framework_session *s = state;
        const struct membership_find_agents *ask = ((struct question *) arg)->ask;
        const struct membership_agents *found = body;
        const char *const *task_ids = ask->agent_ids + ask->count;
        for (size_t i = 0; found != NULL && i < found->count && !s->ending; i++) {
                /* a task may have been launched under this id meanwhile */
                if (framework_tasks_find(&s->tasks, task_ids[i]) == NULL)
                        answer_unknown(s, task_ids[i], ask->agent_ids[i], &found->agents[i],
                                       found->any_recovered);
        }
        waiting_end(&s->waiting, arg);
        return 0;
}

static struct membership_find_agents *question_new(size_t most, const char ***ret_ids)
{
        struct membership_find_agents *ask = actor_msg_new(&membership_find_agents_type);
        *ret_ids = actor_msg_alloc(ask, (2 * most + 1) * sizeof **ret_ids);
        ask->agent_ids = *ret_ids;
        return ask;
}

static void question_send(struct framework_session *s, struct membership_find_agents *ask_take)
{
        struct question *question = actor_zalloc(sizeof *question);
        question->ask = actor_msg_ref(ask_take);
        waiting_add(&s->waiting, &question->waiting, question_free);
        actor_ask(s->self, s->rooms.membership, ask_take, ASK_TIMEOUT_MS, on_agents, question);
}

void framework_reconcile_unknown(struct framework_session *s, const char *task_id, const char *agent_id)
{
        const char **ids;
        struct membership_find_agents *ask = question_new(1, &ids);
        ids[0] = agent_id ? actor_msg_strdup(ask, agent_id) : NULL;
        ids[1] = actor_msg_strdup(ask, task_id);
        ask->count = 1;
        question_send(s, ask);
}

static void reconcile_explicit(struct framework_session *s, const Sched__Call *call)
{
        const Sched__Call__Reconcile *reconcile = call->reconcile;
        CLEANUP(actor_freep) const char **unknown = actor_zalloc(reconcile->n_tasks * sizeof *unknown);
        const char **ids;
        struct membership_find_agents *ask = question_new(reconcile->n_tasks, &ids);
        actor_msg_hold(ask, call);
        for (size_t i = 0; i < reconcile->n_tasks; i++) {
                const Sched__Call__Reconcile__Task *asked = reconcile->tasks[i];
                struct task *task = framework_tasks_find(&s->tasks, asked->task_id->value);
                if (task != NULL) {
                        answer_known(s, task);
                        continue;
                }
                unknown[ask->count] = asked->task_id->value;
                ids[ask->count++] = asked->agent_id ? asked->agent_id->value : NULL;
        }
        memcpy(ids + ask->count, unknown, ask->count * sizeof *ids);
        if (ask->count > 0)
                question_send(s, ask);
        else
                actor_msg_unref(ask);
}

void framework_call_reconcile(struct framework_session *s, const struct actor_mail *mail,
                              const Sched__Call *call)
{
        if (call->reconcile->n_tasks > 0) {
                reconcile_explicit(s, call);
                return;
        }
        struct task *task, *next;
        HASH_ITER(hh, s->tasks.table, task, next)
        {
                if (task->state != V1__TASK_STATE__TASK_UNREACHABLE)
                        answer_known(s, task);
        }
}

/* No operation is ever under way here: each is answered as unknown. */
void framework_call_reconcile_operations(struct framework_session *s, const struct actor_mail *mail,
                                         const Sched__Call *call)
{
        const Sched__Call__ReconcileOperations *reconcile = call->reconcile_operations;
        for (size_t i = 0; i < reconcile->n_operations; i++) {
                Sched__Event *event = actor_msg_new(&sched_event_type);
                actor_msg_hold(event, call);
                event->has_type = true;
                event->type = SCHED__EVENT__TYPE__UPDATE_OPERATION_STATUS;
                event->update_operation_status =
                        actor_msg_alloc(event, sizeof *event->update_operation_status);
                sched__event__update_operation_status__init(event->update_operation_status);
                V1__OperationStatus *status = actor_msg_alloc(event, sizeof *status);
                v1__operation_status__init(status);
                status->operation_id = reconcile->operations[i]->operation_id;
                status->agent_id = reconcile->operations[i]->agent_id;
                status->state = V1__OPERATION_STATE__OPERATION_UNKNOWN;
                status->message = "Reconciliation: Operation is unknown";
                event->update_operation_status->status = status;
                framework_scheduler_send(s, event);
        }
}
