/* SPDX-License-Identifier: Apache-2.0 */
/* reports.c: what the allocator and the read model are told of the framework. */
#include "session.h"
#include "state/messages.h"
#include <proto/copy.h>
#include <string.h>

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

static void hold(struct state_task *event, const void *msg)
{
        if (event->held_count < STATE_TASK_PARTS)
                event->held[event->held_count++] = actor_msg_ref(msg);
        else
                actor_msg_hold(event, msg);
}

static void add_statuses(struct state_task *event, V1__Task *row, const struct task *task)
{
        row->n_statuses = task->status_count;
        row->statuses = event->statuses;
        if (task->status_count > STATE_TASK_PARTS)
                row->statuses = actor_msg_alloc(event, task->status_count * sizeof *row->statuses);
        for (size_t i = 0; i < task->status_count; i++) {
                row->statuses[i] = (V1__TaskStatus *) task->statuses[i].status;
                hold(event, task->statuses[i].held);
        }
}

/* Nothing is copied: what the row points into stays as long as the event does. */
static V1__Task *row_of(struct state_task *event, const struct task *task)
{
        V1__Task *row = &event->row;
        *row = *task->base;
        hold(event, task->held);
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
        framework_allocator_send(s, msg);
}

void framework_allocator_delist(struct framework_session *s, bool remove)
{
        if (remove) {
                struct allocator_remove_framework *msg = actor_msg_new(&allocator_remove_framework_type);
                msg->framework_id = actor_msg_strdup(msg, s->id);
                framework_allocator_send(s, msg);
        } else {
                struct allocator_deactivate_framework *msg =
                        actor_msg_new(&allocator_deactivate_framework_type);
                msg->framework_id = actor_msg_strdup(msg, s->id);
                framework_allocator_send(s, msg);
        }
}

static struct allocator_give_back *give_back_new(struct framework_session *s, const char *agent_id)
{
        struct allocator_give_back *msg = actor_msg_new(&allocator_give_back_type);
        actor_msg_hold(msg, s->card);
        msg->agent_id = actor_msg_strdup(msg, agent_id);
        msg->framework_id = s->id;
        return msg;
}

void framework_allocator_return(struct framework_session *s, const char *agent_id, const char *token,
                                int64_t refuse_ns)
{
        struct allocator_give_back *msg = give_back_new(s, agent_id);
        const char *copy = actor_msg_strdup(msg, token);
        PROTO_APPEND(msg, msg->token_count, msg->tokens, copy);
        msg->refuse_ns = refuse_ns;
        framework_allocator_send(s, msg);
}

/* ---- what many ended tasks give back goes as one ------------------------------------------------- */

ACTOR_LOCAL_TYPE(framework_flush_type, struct framework_flush);

static void flush(struct framework_session *s)
{
        if (s->returning != NULL)
                actor_send(s->self, s->rooms.allocator, TAKE(s->returning));
}

void framework_allocator_send(struct framework_session *s, void *msg_take)
{
        flush(s); /* in the order it came about */
        actor_send(s->self, s->rooms.allocator, msg_take);
}

/* What waits in our mailbox by now is handled before the flush: under load it gathers much, else nothing. */
void framework_allocator_return_task(struct framework_session *s, const struct task *task)
{
        const char *agent_id = task->host->agent_id;
        if (s->returning != NULL && strcmp(s->returning->agent_id, agent_id) != 0)
                flush(s);
        if (s->returning == NULL) {
                s->returning = give_back_new(s, agent_id);
                actor_send(s->self, actor_self(s->self), actor_msg_new(&framework_flush_type));
        }
        struct allocator_give_back *msg = s->returning;
        const char *token = framework_task_token(msg, s->id, task->base->task_id->value);
        PROTO_APPEND(msg, msg->token_count, msg->tokens, token);
}

int framework_on_flush(struct framework_session *s, const struct actor_mail *mail,
                       const struct framework_flush *msg)
{
        flush(s);
        return 0;
}

char *framework_task_token(void *msg, const char *framework_id, const char *task_id)
{
        static const char kind[] = "task/";
        size_t kind_length = sizeof kind - 1, length = kind_length + strlen(framework_id);
        char *token = actor_msg_alloc(msg, length + 1 + strlen(task_id) + 1);
        memcpy(token, kind, kind_length);
        memcpy(token + kind_length, framework_id, length - kind_length);
        token[length] = '/';
        memcpy(token + length + 1, task_id, strlen(task_id) + 1);
        return token;
}
