/* SPDX-License-Identifier: Apache-2.0 */
/* executor_calls.c — what an executor's process says. It is somebody else's program: each call is
 * judged before it is believed, and a bad one is dropped with a word, never our end. */
#include "supervision/executor_state.h"

#include "supervision/events.h"
#include <actor/log.h>
#include <proto/copy.h>
#include <proto/task_state.h>

static bool call_is_ours(const struct executor *e, const Exec__Call *call)
{
        return strcmp(call->executor_id->value, e->info->executor_id->value) == 0 &&
               strcmp(call->framework_id->value, e->framework_id) == 0;
}

/* ---- UPDATE ------------------------------------------------------------------------------------ */

/* An update of a task nobody knows (any more) is acknowledged, so that the executor stops repeating it. */
static void forget_update(struct executor *e, struct actor *self, const V1__TaskStatus *status)
{
        actor_log_debug(self, "executor %s: %s of unknown task \"%s\": dropped", e->container_id,
                        task_state_name(status->state), status->task_id->value);
        executor_send(e, self, event_acknowledged(status->task_id->value, status->uuid));
}

static void take_update(struct executor *e, struct actor *self, const Exec__Call *call,
                        const V1__TaskStatus *status)
{
        struct actor_error error;
        if (status_validate(status, e->config.command ? NULL : e->info->executor_id->value, &error) != 0) {
                actor_log_warn(self, "executor %s: %s", e->container_id, error.text);
                return;
        }
        struct task *task = task_find(&e->tasks, status->task_id->value);
        if (task == NULL) {
                forget_update(e, self, status);
                return;
        }
        /* A repetition of the end is for "updates" to judge, by its uuid. */
        if (task->stage != TASK_ENDED && status->state != task->state &&
            !task_state_may_follow(task->state, status->state)) {
                actor_log_warn(self, "executor %s: task \"%s\" %s after %s: dropped", e->container_id,
                               status->task_id->value, task_state_name(status->state),
                               task_state_name(task->state));
                return;
        }
        const struct status_subject subject = executor_subject(e, task);
        struct update_new *update = status_from_executor(self, &subject, call, status);
        if (task_state_is_terminal(status->state))
                task_end(&e->tasks, task, status->state);
        else if (task->stage != TASK_ENDED)
                task->state = status->state;
        executor_publish(e, self, update);
        executor_check_idle(e, self);
}

/* ---- SUBSCRIBE --------------------------------------------------------------------------------- */

static bool has_received(const Exec__Call__Subscribe *subscribe, const char *task_id)
{
        for (size_t i = 0; i < subscribe->n_unacknowledged_tasks; i++)
                if (strcmp(subscribe->unacknowledged_tasks[i]->task_id->value, task_id) == 0)
                        return true;
        return false;
}

/* The connection broke: a LAUNCH that neither shows among the executor's tasks nor in any status was lost on
 * the way. */
static void launch_lost(struct executor *e, struct actor *self, const Exec__Call__Subscribe *subscribe)
{
        struct task *task, *next;
        HASH_ITER(by_number, e->tasks.by_number, task, next)
        {
                if (task->stage == TASK_LAUNCHED && task->state == V1__TASK_STATE__TASK_STAGING &&
                    !has_received(subscribe, task->info->task_id->value))
                        executor_launch_task(e, self, task);
        }
}

static void take_subscribe(struct executor *e, const struct actor_mail *mail, const Exec__Call *call)
{
        struct actor *self = mail->self;
        bool first = e->state == EXECUTOR_REGISTERING;
        e->process = mail->from;
        if (e->state == EXECUTOR_TERMINATING) {
                executor_send(e, self, event_shutdown());
                return;
        }
        if (first) {
                executor_move(&e->state, EXECUTOR_RUNNING);
                executor_timer(e, self, -1);
        }
        actor_log_debug(self, "executor %s of framework %s: %s", e->info->executor_id->value, e->framework_id,
                        first ? "registered" : "registered again");
        executor_send(e, self, event_subscribed(e->info, e->framework, e->agent, e->container_id));
        for (size_t i = 0; call->subscribe && i < call->subscribe->n_unacknowledged_updates; i++)
                take_update(e, self, call, call->subscribe->unacknowledged_updates[i]->status);
        if (!first && call->subscribe)
                launch_lost(e, self, call->subscribe);
        executor_launch_queued(e, self);
        executor_check_idle(e, self);
}

/* ---- the rest ---------------------------------------------------------------------------------- */

static void take_message(struct executor *e, struct actor *self, const Exec__Call *call)
{
        Troupe__ExecutorMessage *msg = actor_msg_new(&executor_message_type);
        actor_msg_hold(msg, call);
        msg->agent_id = proto_agent_id(msg, e->agent_id);
        msg->framework_id = call->framework_id;
        msg->executor_id = call->executor_id;
        msg->data = call->message->data;
        actor_send(self, e->settings->gateway, msg);
}

static void refuse(const struct actor_mail *mail, const char *why)
{
        actor_log_warn(mail->self, "executor: call refused: %s", why);
        actor_send(mail->self, mail->from, event_error(why));
}

int executor_on_call(struct executor *e, const struct actor_mail *mail, const Exec__Call *msg)
{
        if (!call_is_ours(e, msg)) {
                refuse(mail, "this address belongs to another executor: framework or executor id differ");
                return 0;
        }
        if (msg->type == EXEC__CALL__TYPE__SUBSCRIBE) {
                take_subscribe(e, mail, msg);
                return 0;
        }
        if (!actor_ref_equal(mail->from, e->process)) {
                refuse(mail, "Executor is not subscribed");
                return 0;
        }
        switch (msg->type) {
        case EXEC__CALL__TYPE__UPDATE:
                if (msg->update)
                        take_update(e, mail->self, msg, msg->update->status);
                break;
        case EXEC__CALL__TYPE__MESSAGE:
                if (msg->message)
                        take_message(e, mail->self, msg);
                break;
        case EXEC__CALL__TYPE__UNREGISTER:
                executor_leave(e, mail->self);
                break;
        default: /* HEARTBEAT, and what later versions add */
                break;
        }
        return 0;
}
