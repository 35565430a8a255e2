/* SPDX-License-Identifier: Apache-2.0 */
/* reports.c: what the allocator and the read model are told of the framework. */
#include "session.h"
#include "state/messages.h"

void framework_count_as(struct framework_session *s, actor_metric_value *gauge)
{
        if (s->gauge != NULL)
                ACTOR_METRIC_ADD(*s->gauge, -1);
        s->gauge = gauge;
        if (gauge != NULL)
                ACTOR_METRIC_ADD(*gauge, 1);
}

void framework_report(struct framework_session *s, bool completed)
{
        struct state_framework *event = actor_msg_new(&state_framework_type);
        actor_msg_hold(event, s->card);
        event->info = s->info;
        event->active = event->connected = s->connected && !completed;
        event->recovered = actor_ref_is_nobody(s->scheduler);
        event->completed = completed;
        event->registered_ns = s->registered_ns;
        event->reregistered_ns = s->reregistered_ns;
        event->unregistered_ns = completed ? actor_wall_ns(s->self) : 0;
        actor_send(s->self, s->rooms.state, event);
}

static void add_statuses(struct state_task *event, V1__Task *row, const struct task *task)
{
        row->n_statuses = task->status_count;
        row->statuses = actor_msg_alloc(event, (task->status_count + 1) * sizeof *row->statuses);
        for (size_t i = 0; i < task->status_count; i++) {
                row->statuses[i] = (V1__TaskStatus *) task->statuses[i].status;
                actor_msg_hold(event, task->statuses[i].held);
        }
}

/* Nothing is copied: what the row points into stays as long as the event does. */
static V1__Task *row_of(struct state_task *event, const struct task *task)
{
        actor_msg_hold(event, task->held);
        V1__Task *row = actor_msg_memdup(event, task->base, sizeof *row);
        row->state = task->state;
        add_statuses(event, row, task);
        if (task->has_update) {
                row->has_status_update_state = true;
                row->status_update_state = task->update_state;
        }
        if (task->update != NULL && task->update->has_uuid) {
                row->has_status_update_uuid = true;
                row->status_update_uuid = task->update->uuid;
        }
        return row;
}

void framework_report_task(struct framework_session *s, const struct task *task, bool completed)
{
        struct state_task *event = actor_msg_new(&state_task_type);
        event->task = row_of(event, task);
        event->completed = completed;
        event->unreachable = task->state == V1__TASK_STATE__TASK_UNREACHABLE;
        actor_send(s->self, s->rooms.state, event);
}

void framework_report_executor(struct framework_session *s, const struct host *host,
                               const struct executor *executor, bool removed)
{
        struct state_executor *event = actor_msg_new(&state_executor_type);
        actor_msg_hold(event, executor->held);
        event->executor = executor->info;
        event->agent_id = actor_msg_strdup(event, host->agent_id);
        event->removed = removed;
        actor_send(s->self, s->rooms.state, event);
}

static void suppressed(struct framework_session *s, struct allocator_add_framework *msg)
{
        const Sched__Call *call = s->subscription;
        if (call == NULL)
                return;
        actor_msg_hold(msg, call);
        if (call->type == SCHED__CALL__TYPE__UPDATE_FRAMEWORK) {
                msg->suppressed_roles = (const char *const *) call->update_framework->suppressed_roles;
                msg->suppressed_count = call->update_framework->n_suppressed_roles;
        } else {
                msg->suppressed_roles = (const char *const *) call->subscribe->suppressed_roles;
                msg->suppressed_count = call->subscribe->n_suppressed_roles;
        }
}

void framework_allocator_list(struct framework_session *s)
{
        struct allocator_add_framework *msg = actor_msg_new(&allocator_add_framework_type);
        actor_msg_hold(msg, s->card);
        msg->framework_id = s->id;
        msg->session = actor_self(s->self);
        msg->info = s->info;
        msg->active = s->connected;
        suppressed(s, msg);
        actor_send(s->self, s->rooms.allocator, msg);
}

void framework_allocator_delist(struct framework_session *s, bool remove)
{
        if (remove) {
                struct allocator_remove_framework *msg = actor_msg_new(&allocator_remove_framework_type);
                msg->framework_id = actor_msg_strdup(msg, s->id);
                actor_send(s->self, s->rooms.allocator, msg);
        } else {
                struct allocator_deactivate_framework *msg =
                        actor_msg_new(&allocator_deactivate_framework_type);
                msg->framework_id = actor_msg_strdup(msg, s->id);
                actor_send(s->self, s->rooms.allocator, msg);
        }
}

void framework_allocator_return(struct framework_session *s, const char *agent_id, const char *token,
                                int64_t refuse_ns)
{
        struct allocator_give_back *msg = actor_msg_new(&allocator_give_back_type);
        msg->agent_id = actor_msg_strdup(msg, agent_id);
        msg->framework_id = actor_msg_strdup(msg, s->id);
        msg->token = actor_msg_strdup(msg, token);
        msg->refuse_ns = refuse_ns;
        actor_send(s->self, s->rooms.allocator, msg);
}
