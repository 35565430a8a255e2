/* SPDX-License-Identifier: Apache-2.0 */
/* ending.c: a framework ends: torn down by its scheduler or an operator, or its scheduler stayed away
 * too long. The registry hears of it first; then its executors are shut down, what it held is given
 * back, and everything it had is remembered as completed. */
#include "session.h"
#include "membership/messages.h"
#include "registrar/messages.h"
#include <actor/log.h>
#include <errno.h>
#include <proto/copy.h>
#include <proto/task_state.h>

#define STORE_TIMEOUT_MS 20000

static void end_task(struct framework_session *s, struct task *task)
{
        struct master_status status = {
                .task_id = task->base->task_id->value,
                .agent_id = task->host->agent_id,
                .state = V1__TASK_STATE__TASK_KILLED,
                .reason = V1__TASK_STATUS__REASON__REASON_FRAMEWORK_REMOVED,
                .message = "Framework has been removed",
                .wall_ns = actor_wall_ns(s->self),
        };
        Sched__Event *event = framework_event_master_update(&status);
        (void) framework_task_move(&s->tasks, task, V1__TASK_STATE__TASK_KILLED, event->update->status,
                                   event);
        actor_msg_unref(event);
        framework_task_complete(s, task);
}

static void end_host(struct framework_session *s, struct host *host)
{
        Troupe__ShutdownFramework *msg = actor_msg_new(&shutdown_framework_type);
        msg->framework_id = proto_framework_id(msg, s->id);
        actor_send(s->self, host->session, msg);
        while (host->tasks != NULL)
                end_task(s, host->tasks);
        struct executor *executor, *next;
        HASH_ITER(hh, host->executors, executor, next)
        framework_executor_end(s, host, executor);
        framework_tasks_host_tidy(&s->tasks, host);
}

static void tell_askers(struct framework_session *s)
{
        for (size_t i = 0; i < s->asker_count; i++) {
                Troupe__OperatorResult *result = actor_msg_new(&operator_result_type);
                result->done = true;
                actor_reply_to(s->self, s->teardown_askers[i], result);
        }
        s->asker_count = 0;
}

static void finish(struct framework_session *s)
{
        struct host *host, *next;
        HASH_ITER(hh, s->tasks.hosts, host, next)
        end_host(s, host);
        framework_offers_close_all(s);
        framework_allocator_delist(s, true);
        framework_count_as(s, NULL);
        ACTOR_METRIC_ADD(s->rooms.metrics->frameworks_completed, 1);
        framework_report(s, true);
        struct membership_framework_ended *msg = actor_msg_new(&membership_framework_ended_type);
        msg->framework_id = actor_msg_strdup(msg, s->id);
        actor_send(s->self, s->rooms.membership, msg);
        tell_askers(s);
        actor_exit(s->self, 0);
}

static void store(struct framework_session *s);

static int on_stored(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct framework_session *s = state;
        const struct registrar_stored *stored = body;
        if (stored == NULL) {
                actor_log_warn(s->self, "framework: %s is ending and the registrar is silent, asking again",
                               s->id);
                store(s);
                return 0;
        }
        if (stored->outcome == REGISTRAR_FAILED)
                return -EIO;
        finish(s);
        return 0;
}

static void store(struct framework_session *s)
{
        struct registrar_change *change = actor_msg_new(&registrar_change_type);
        change->kind = REGISTRAR_REMOVE_FRAMEWORK;
        change->framework_id = actor_msg_strdup(change, s->id);
        change->when_ns = actor_wall_ns(s->self);
        actor_ask(s->self, s->rooms.registrar, change, STORE_TIMEOUT_MS, on_stored, NULL);
}

void framework_end(struct framework_session *s, const char *why)
{
        if (s->ending)
                return;
        s->ending = true;
        actor_log_info(s->self, "framework: %s ends: %s", s->id, why);
        actor_timer_cancel(s->self, s->heartbeat_timer);
        actor_timer_cancel(s->self, s->failover_timer);
        actor_demonitor(s->self, s->monitor);
        s->connected = false;
        framework_allocator_delist(s, false);
        store(s);
}

static void remember_asker(struct framework_session *s, const struct actor_mail *mail)
{
        if (mail->ask_id == 0)
                return;
        ACTOR_ARRAY_RESERVE(s->teardown_askers, s->asker_count, s->asker_capacity);
        s->teardown_askers[s->asker_count++] = actor_asker(mail);
}

int framework_on_teardown(struct framework_session *s, const struct actor_mail *mail,
                          const struct framework_teardown *msg)
{
        remember_asker(s, mail);
        if (s->connected)
                framework_scheduler_send(
                        s, framework_event_error("Framework has been torn down by an operator"));
        framework_end(s, "torn down by an operator");
        return 0;
}

void framework_call_teardown(struct framework_session *s, const struct actor_mail *mail,
                             const Sched__Call *call)
{
        remember_asker(s, mail);
        framework_end(s, "torn down by its scheduler");
}
