/* SPDX-License-Identifier: Apache-2.0 */
/* on_scheduler.c: the scheduler's calls. */
#include "session.h"
#include "validation/framework_info.h"
#include "validation/scheduler_call.h"
#include <actor/log.h>
#include <proto/copy.h>
#include <proto/task_state.h>
#include <string.h>

void framework_scheduler_send(struct framework_session *s, Sched__Event *event_take)
{
        if (s->connected)
                actor_send(s->self, s->scheduler, event_take);
        else
                actor_msg_unref(event_take);
}

void framework_answer(const struct actor_mail *mail, bool done, const char *message)
{
        if (mail->ask_id == 0)
                return;
        Troupe__OperatorResult *result = actor_msg_new(&operator_result_type);
        result->done = done;
        if (message != NULL)
                result->message = actor_msg_strdup(result, message);
        actor_reply(mail, result);
}

/* ---- allocation
 * ---------------------------------------------------------------------------------------------- */

/* The call's roles that are the framework's; others are left out with a warning. */
static size_t own_roles(struct framework_session *s, size_t count, const char **roles, const char **ret)
{
        size_t kept = 0;
        for (size_t i = 0; i < count; i++) {
                if (framework_has_role(s->info, roles[i]))
                        ret[kept++] = roles[i];
                else
                        actor_log_warn(s->self, "framework: %s has no role \"%s\", ignoring it", s->id,
                                       roles[i]);
        }
        return kept;
}

static void call_revive(struct framework_session *s, const struct actor_mail *mail, const Sched__Call *call)
{
        struct allocator_revive *msg = actor_msg_new(&allocator_revive_type);
        actor_msg_hold(msg, call);
        msg->framework_id = actor_msg_strdup(msg, s->id);
        size_t count = call->revive ? call->revive->n_roles : 0;
        const char **roles = actor_msg_alloc(msg, (count + 1) * sizeof *roles);
        msg->role_count = count ? own_roles(s, count, call->revive->roles, roles) : 0;
        msg->roles = roles;
        if (count > 0 && msg->role_count == 0)
                actor_msg_unref(msg);
        else
                framework_allocator_send(s, msg);
}

static void call_suppress(struct framework_session *s, const struct actor_mail *mail, const Sched__Call *call)
{
        struct allocator_suppress *msg = actor_msg_new(&allocator_suppress_type);
        actor_msg_hold(msg, call);
        msg->framework_id = actor_msg_strdup(msg, s->id);
        size_t count = call->suppress ? call->suppress->n_roles : 0;
        const char **roles = actor_msg_alloc(msg, (count + 1) * sizeof *roles);
        msg->role_count = count ? own_roles(s, count, call->suppress->roles, roles) : 0;
        msg->roles = roles;
        if (count > 0 && msg->role_count == 0)
                actor_msg_unref(msg);
        else
                framework_allocator_send(s, msg);
}

static void call_request(struct framework_session *s, const struct actor_mail *mail, const Sched__Call *call)
{
        struct allocator_request *msg = actor_msg_new(&allocator_request_type);
        actor_msg_hold(msg, call);
        msg->framework_id = actor_msg_strdup(msg, s->id);
        msg->requests = call->request->requests;
        msg->request_count = call->request->n_requests;
        framework_allocator_send(s, msg);
}

/* ---- tasks
 * ------------------------------------------------------------------------------------------------------ */

void framework_task_kill(struct framework_session *s, struct task *task, V1__KillPolicy *policy,
                         const void *held)
{
        Troupe__KillTask *msg = actor_msg_new(&kill_task_type);
        if (held != NULL)
                actor_msg_hold(msg, held);
        msg->framework_id = proto_framework_id(msg, s->id);
        msg->task_id = proto_task_id(msg, task->base->task_id->value);
        msg->kill_policy = policy;
        actor_msg_unref(task->kill);
        task->kill = actor_msg_ref(msg);
        actor_send(s->self, task->host->session, msg);
}

static void call_kill(struct framework_session *s, const struct actor_mail *mail, const Sched__Call *call)
{
        const Sched__Call__Kill *kill = call->kill;
        const char *agent_id = kill->agent_id ? kill->agent_id->value : NULL;
        struct task *task = framework_tasks_find(&s->tasks, kill->task_id->value);
        if (task == NULL) {
                actor_log_info(s->self, "framework: %s kills task \"%s\", which is not known", s->id,
                               kill->task_id->value);
                framework_reconcile_unknown(s, kill->task_id->value, agent_id);
        } else if (agent_id != NULL && strcmp(agent_id, task->host->agent_id) != 0) {
                actor_log_warn(s->self,
                               "framework: %s kills task \"%s\" of agent %s, which is on agent %s: ignored",
                               s->id, kill->task_id->value, agent_id, task->host->agent_id);
        } else if (!task_state_is_terminal(task->state)) {
                framework_task_kill(s, task, kill->kill_policy, call);
        }
}

static bool acknowledges_the_end(const struct task *task, const ProtobufCBinaryData *uuid)
{
        return task->update != NULL && task_state_is_terminal(task->update_state) && task->update->has_uuid &&
               task->update->uuid.len == uuid->len &&
               memcmp(task->update->uuid.data, uuid->data, uuid->len) == 0;
}

static void call_acknowledge(struct framework_session *s, const struct actor_mail *mail,
                             const Sched__Call *call)
{
        const Sched__Call__Acknowledge *acknowledge = call->acknowledge;
        struct host *host = framework_tasks_host(&s->tasks, acknowledge->agent_id->value);
        if (host == NULL) {
                ACTOR_METRIC_ADD(s->rooms.metrics->calls_dropped, 1);
                actor_log_debug(s->self,
                                "framework: %s acknowledges task \"%s\" of agent \"%s\": nothing there",
                                s->id, acknowledge->task_id->value, acknowledge->agent_id->value);
                return;
        }
        Troupe__StatusUpdateAcknowledgement *msg = actor_msg_new(&status_update_acknowledgement_type);
        actor_msg_hold(msg, call);
        actor_msg_hold(msg, s->card);
        msg->framework_id = s->info->id;
        msg->task_id = acknowledge->task_id;
        msg->uuid = acknowledge->uuid;
        actor_send(s->self, host->session, msg);
        ACTOR_METRIC_ADD(s->rooms.metrics->status_acknowledgements, 1);
        struct task *task = framework_tasks_find(&s->tasks, acknowledge->task_id->value);
        if (task != NULL && task->host == host && acknowledges_the_end(task, &acknowledge->uuid))
                framework_task_complete(s, task);
        framework_tasks_host_tidy(&s->tasks, host);
}

/* ---- executors
 * --------------------------------------------------------------------------------------------------- */

static void call_message(struct framework_session *s, const struct actor_mail *mail, const Sched__Call *call)
{
        struct host *host = framework_tasks_host(&s->tasks, call->message->agent_id->value);
        if (host == NULL) {
                actor_log_warn(s->self, "framework: %s sends a message to agent \"%s\", where it has nothing",
                               s->id, call->message->agent_id->value);
                return;
        }
        Troupe__FrameworkMessage *msg = actor_msg_new(&framework_message_type);
        actor_msg_hold(msg, call);
        msg->framework_id = proto_framework_id(msg, s->id);
        msg->executor_id = call->message->executor_id;
        msg->data = call->message->data;
        actor_send(s->self, host->session, msg);
        ACTOR_METRIC_ADD(s->rooms.metrics->messages_to_executors, 1);
}

static void call_shutdown(struct framework_session *s, const struct actor_mail *mail, const Sched__Call *call)
{
        struct host *host = framework_tasks_host(&s->tasks, call->shutdown->agent_id->value);
        if (host == NULL) {
                actor_log_warn(s->self,
                               "framework: %s shuts an executor down on agent \"%s\", where it has nothing",
                               s->id, call->shutdown->agent_id->value);
                return;
        }
        Troupe__ShutdownExecutor *msg = actor_msg_new(&shutdown_executor_type);
        actor_msg_hold(msg, call);
        msg->framework_id = proto_framework_id(msg, s->id);
        msg->executor_id = call->shutdown->executor_id;
        actor_send(s->self, host->session, msg);
}

/* ---- all of them
 * --------------------------------------------------------------------------------------------------- */

/* The scheduler repeats itself: its SUBSCRIBED was late or lost. */
static void call_subscribe(struct framework_session *s, const struct actor_mail *mail,
                           const Sched__Call *call)
{
        framework_scheduler_send(s,
                                 framework_event_subscribed(s->id, s->rooms.heartbeat_ms, s->rooms.master));
}

/* Inverse offers are made by maintenance only: none is outstanding, and unknown ones are ignored. */
static void call_ignore(struct framework_session *s, const struct actor_mail *mail, const Sched__Call *call)
{
}

static const struct {
        Sched__Call__Type type;
        void (*handle)(struct framework_session *s, const struct actor_mail *mail, const Sched__Call *call);
} calls[] = {
        {SCHED__CALL__TYPE__SUBSCRIBE, call_subscribe},
        {SCHED__CALL__TYPE__TEARDOWN, framework_call_teardown},
        {SCHED__CALL__TYPE__ACCEPT, framework_call_accept},
        {SCHED__CALL__TYPE__DECLINE, framework_call_decline},
        {SCHED__CALL__TYPE__ACCEPT_INVERSE_OFFERS, call_ignore},
        {SCHED__CALL__TYPE__DECLINE_INVERSE_OFFERS, call_ignore},
        {SCHED__CALL__TYPE__REVIVE, call_revive},
        {SCHED__CALL__TYPE__KILL, call_kill},
        {SCHED__CALL__TYPE__SHUTDOWN, call_shutdown},
        {SCHED__CALL__TYPE__ACKNOWLEDGE, call_acknowledge},
        {SCHED__CALL__TYPE__ACKNOWLEDGE_OPERATION_STATUS, call_ignore},
        {SCHED__CALL__TYPE__RECONCILE, framework_call_reconcile},
        {SCHED__CALL__TYPE__RECONCILE_OPERATIONS, framework_call_reconcile_operations},
        {SCHED__CALL__TYPE__MESSAGE, call_message},
        {SCHED__CALL__TYPE__REQUEST, call_request},
        {SCHED__CALL__TYPE__SUPPRESS, call_suppress},
        {SCHED__CALL__TYPE__UPDATE_FRAMEWORK, framework_call_update_framework},
};

static void call_drop(struct framework_session *s, const struct actor_mail *mail, const char *why)
{
        ACTOR_METRIC_ADD(s->rooms.metrics->calls_dropped, 1);
        actor_log_warn(s->self, "framework: %s call dropped: %s", s->id, why);
        framework_answer(mail, false, why);
}

static int call_judge(struct framework_session *s, const struct actor_mail *mail, const Sched__Call *call,
                      struct actor_error *error)
{
        /* its last calls may be read after its end was noticed: they count */
        if (actor_ref_is_nobody(s->scheduler) || !actor_ref_equal(mail->from, s->scheduler))
                return actor_error_set(error, -1, "it does not come from the framework's scheduler");
        int r = scheduler_call_validate(call, error);
        if (r != 0 || call->type == SCHED__CALL__TYPE__SUBSCRIBE)
                return r;
        if (strcmp(call->framework_id->value, s->id) != 0)
                return actor_error_set(error, -1, "it is for framework \"%s\"", call->framework_id->value);
        return 0;
}

int framework_on_call(struct framework_session *s, const struct actor_mail *mail, const Sched__Call *call)
{
        struct actor_error error;
        if (s->ending && call->type != SCHED__CALL__TYPE__TEARDOWN) {
                framework_answer(mail, false, "the framework is ending");
                return 0;
        }
        if (call_judge(s, mail, call, &error) != 0) {
                call_drop(s, mail, error.text);
                return 0;
        }
        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
                if (calls[i].type == call->type) {
                        calls[i].handle(s, mail, call);
                        return 0;
                }
        }
        call_drop(s, mail, "its type is not known");
        return 0;
}
