/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <assert.h>
#include <proto/copy.h>

/* The medium level: one function a call. Each builds a message of its own and hands it to
 * troupe_scheduler_call(), the low level. */

Sched__Call *scheduler_call_new(Sched__Call__Type type)
{
        Sched__Call *call = actor_msg_new(&sched_call_type);
        call->has_type = true;
        call->type = type;
        return call;
}

enum troupe_scheduler_status troupe_scheduler_call(struct troupe_scheduler *s, Sched__Call *call_take)
{
        assert(call_take->type != SCHED__CALL__TYPE__SUBSCRIBE);
        enum troupe_scheduler_status status = troupe_scheduler_status(s);
        if (status != TROUPE_SCHEDULER_RUNNING)
                actor_msg_unref(call_take);
        else if (scheduler_in_turn(s))
                scheduler_forward(s, call_take);
        else
                actor_node_send(s->node, s->ref, call_take);
        return status;
}

/* Copies of a repeated field's messages, in msg's arena. */
static void *copies(void *msg, void *const *list, size_t count)
{
        void **ret = actor_msg_alloc(msg, (count + 1) * sizeof *ret);
        for (size_t i = 0; i < count; i++)
                ret[i] = proto_copy(msg, list[i]);
        return ret;
}

static const char **string_copies(void *msg, const char *const *list, size_t count)
{
        const char **ret = actor_msg_alloc(msg, (count + 1) * sizeof *ret);
        for (size_t i = 0; i < count; i++)
                ret[i] = actor_msg_strdup(msg, list[i]);
        return ret;
}

static void *copy_or_null(void *msg, const void *source)
{
        return source != NULL ? proto_copy(msg, source) : NULL;
}

enum troupe_scheduler_status troupe_scheduler_launch_tasks(struct troupe_scheduler *s,
                                                           const V1__OfferID *offer_id,
                                                           V1__TaskInfo *const *tasks, size_t count,
                                                           const V1__Filters *filters)
{
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__ACCEPT);
        Sched__Call__Accept *accept = SCHEDULER_NEW(call, Sched__Call__Accept, SCHED__CALL__ACCEPT__INIT);
        V1__Offer__Operation *launch = SCHEDULER_NEW(call, V1__Offer__Operation, V1__OFFER__OPERATION__INIT);
        launch->has_type = true;
        launch->type = V1__OFFER__OPERATION__TYPE__LAUNCH;
        launch->launch =
                SCHEDULER_NEW(call, V1__Offer__Operation__Launch, V1__OFFER__OPERATION__LAUNCH__INIT);
        launch->launch->n_task_infos = count;
        launch->launch->task_infos = copies(call, (void *const *) tasks, count);
        PROTO_APPEND(call, accept->n_offer_ids, accept->offer_ids, proto_copy(call, offer_id));
        PROTO_APPEND(call, accept->n_operations, accept->operations, launch);
        accept->filters = copy_or_null(call, filters);
        call->accept = accept;
        return troupe_scheduler_call(s, call);
}

enum troupe_scheduler_status troupe_scheduler_accept_offers(struct troupe_scheduler *s,
                                                            const Sched__Call__Accept *accept)
{
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__ACCEPT);
        call->accept = proto_copy(call, accept);
        return troupe_scheduler_call(s, call);
}

enum troupe_scheduler_status troupe_scheduler_decline_offer(struct troupe_scheduler *s,
                                                            const V1__OfferID *offer_id,
                                                            const V1__Filters *filters)
{
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__DECLINE);
        Sched__Call__Decline *decline = SCHEDULER_NEW(call, Sched__Call__Decline, SCHED__CALL__DECLINE__INIT);
        PROTO_APPEND(call, decline->n_offer_ids, decline->offer_ids, proto_copy(call, offer_id));
        decline->filters = copy_or_null(call, filters);
        call->decline = decline;
        return troupe_scheduler_call(s, call);
}

enum troupe_scheduler_status troupe_scheduler_revive(struct troupe_scheduler *s, const char *const *roles,
                                                     size_t count)
{
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__REVIVE);
        if (count > 0) {
                call->revive = SCHEDULER_NEW(call, Sched__Call__Revive, SCHED__CALL__REVIVE__INIT);
                call->revive->n_roles = count;
                call->revive->roles = string_copies(call, roles, count);
        }
        return troupe_scheduler_call(s, call);
}

enum troupe_scheduler_status troupe_scheduler_suppress(struct troupe_scheduler *s, const char *const *roles,
                                                       size_t count)
{
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__SUPPRESS);
        if (count > 0) {
                call->suppress = SCHEDULER_NEW(call, Sched__Call__Suppress, SCHED__CALL__SUPPRESS__INIT);
                call->suppress->n_roles = count;
                call->suppress->roles = string_copies(call, roles, count);
        }
        return troupe_scheduler_call(s, call);
}

enum troupe_scheduler_status troupe_scheduler_request(struct troupe_scheduler *s,
                                                      V1__Request *const *requests, size_t count)
{
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__REQUEST);
        call->request = SCHEDULER_NEW(call, Sched__Call__Request, SCHED__CALL__REQUEST__INIT);
        call->request->n_requests = count;
        call->request->requests = copies(call, (void *const *) requests, count);
        return troupe_scheduler_call(s, call);
}

enum troupe_scheduler_status troupe_scheduler_kill_task(struct troupe_scheduler *s, const V1__TaskID *task_id,
                                                        const V1__AgentID *agent_id,
                                                        const V1__KillPolicy *policy)
{
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__KILL);
        call->kill = SCHEDULER_NEW(call, Sched__Call__Kill, SCHED__CALL__KILL__INIT);
        call->kill->task_id = proto_copy(call, task_id);
        call->kill->agent_id = copy_or_null(call, agent_id);
        call->kill->kill_policy = copy_or_null(call, policy);
        return troupe_scheduler_call(s, call);
}

enum troupe_scheduler_status troupe_scheduler_acknowledge(struct troupe_scheduler *s,
                                                          const V1__TaskStatus *status)
{
        if (!status->has_uuid || status->uuid.len == 0 || status->agent_id == NULL)
                return troupe_scheduler_status(s);
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__ACKNOWLEDGE);
        Sched__Call__Acknowledge *ack =
                SCHEDULER_NEW(call, Sched__Call__Acknowledge, SCHED__CALL__ACKNOWLEDGE__INIT);
        ack->agent_id = proto_agent_id(call, status->agent_id->value);
        ack->task_id = proto_task_id(call, status->task_id->value);
        ack->uuid.len = status->uuid.len;
        ack->uuid.data = actor_msg_memdup(call, status->uuid.data, status->uuid.len);
        call->acknowledge = ack;
        return troupe_scheduler_call(s, call);
}

enum troupe_scheduler_status troupe_scheduler_send_message(struct troupe_scheduler *s,
                                                           const V1__AgentID *agent_id,
                                                           const V1__ExecutorID *executor_id,
                                                           const void *data, size_t size)
{
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__MESSAGE);
        call->message = SCHEDULER_NEW(call, Sched__Call__Message, SCHED__CALL__MESSAGE__INIT);
        call->message->agent_id = proto_copy(call, agent_id);
        call->message->executor_id = proto_copy(call, executor_id);
        call->message->data.len = size;
        call->message->data.data = actor_msg_memdup(call, data, size);
        return troupe_scheduler_call(s, call);
}

enum troupe_scheduler_status troupe_scheduler_reconcile(struct troupe_scheduler *s,
                                                        Sched__Call__Reconcile__Task *const *tasks,
                                                        size_t count)
{
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__RECONCILE);
        call->reconcile = SCHEDULER_NEW(call, Sched__Call__Reconcile, SCHED__CALL__RECONCILE__INIT);
        call->reconcile->n_tasks = count;
        call->reconcile->tasks = copies(call, (void *const *) tasks, count);
        return troupe_scheduler_call(s, call);
}

enum troupe_scheduler_status troupe_scheduler_shutdown_executor(struct troupe_scheduler *s,
                                                                const V1__ExecutorID *executor_id,
                                                                const V1__AgentID *agent_id)
{
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__SHUTDOWN);
        call->shutdown = SCHEDULER_NEW(call, Sched__Call__Shutdown, SCHED__CALL__SHUTDOWN__INIT);
        call->shutdown->executor_id = proto_copy(call, executor_id);
        call->shutdown->agent_id = proto_copy(call, agent_id);
        return troupe_scheduler_call(s, call);
}
