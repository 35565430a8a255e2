/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <proto/copy.h>
#include <proto/elementary.h>

static Sched__Call *new_call(Sched__Call__Type type, const char *framework_id)
{
        Sched__Call *call = actor_msg_new(&sched_call_type);
        call->has_type = 1;
        call->type = type;
        if (framework_id)
                call->framework_id = proto_framework_id(call, framework_id);
        return call;
}

/* A nested message of the call: its type's size and init. */
#define NEW_PART(call, member, init)                                                             \
        ((call)->member = actor_msg_alloc((call), sizeof *(call)->member), init((call)->member), \
         (call)->member)

static void *copy_or_null(void *msg, const void *source)
{
        return source ? proto_copy(msg, source) : NULL;
}

static void copy_texts(void *msg, const char *const *texts, size_t count, size_t *ret_count,
                       const char ***ret)
{
        for (size_t i = 0; i < count; i++)
                PROTO_APPEND(msg, *ret_count, *ret, actor_msg_strdup(msg, texts[i]));
}

static Sched__Call *new_subscribe(const V1__FrameworkInfo *framework, const char *framework_id)
{
        Sched__Call *call = new_call(SCHED__CALL__TYPE__SUBSCRIBE, framework_id);
        Sched__Call__Subscribe *subscribe = NEW_PART(call, subscribe, sched__call__subscribe__init);
        subscribe->framework_info = proto_copy(call, framework);
        return call;
}

Sched__Call *elementary_register(const V1__FrameworkInfo *framework)
{
        Sched__Call *call = new_subscribe(framework, NULL);
        call->subscribe->framework_info->id = NULL;
        return call;
}

Sched__Call *elementary_reregister(const V1__FrameworkInfo *framework)
{
        assert(framework->id);
        return new_subscribe(framework, framework->id->value);
}

Sched__Call *elementary_unregister(const char *framework_id)
{
        return new_call(SCHED__CALL__TYPE__TEARDOWN, framework_id);
}

Sched__Call *elementary_request(const char *framework_id, V1__Request *const *requests, size_t count)
{
        Sched__Call *call = new_call(SCHED__CALL__TYPE__REQUEST, framework_id);
        Sched__Call__Request *request = NEW_PART(call, request, sched__call__request__init);
        for (size_t i = 0; i < count; i++)
                PROTO_APPEND(call, request->n_requests, request->requests, proto_copy(call, requests[i]));
        return call;
}

Sched__Call *elementary_decline(const char *framework_id, const char *const *offer_ids, size_t count,
                                const V1__Filters *filters)
{
        Sched__Call *call = new_call(SCHED__CALL__TYPE__DECLINE, framework_id);
        Sched__Call__Decline *decline = NEW_PART(call, decline, sched__call__decline__init);
        for (size_t i = 0; i < count; i++)
                PROTO_APPEND(call, decline->n_offer_ids, decline->offer_ids,
                             proto_offer_id(call, offer_ids[i]));
        decline->filters = copy_or_null(call, filters);
        return call;
}

Sched__Call *elementary_revive(const char *framework_id, const char *const *roles, size_t count)
{
        Sched__Call *call = new_call(SCHED__CALL__TYPE__REVIVE, framework_id);
        Sched__Call__Revive *revive = NEW_PART(call, revive, sched__call__revive__init);
        copy_texts(call, roles, count, &revive->n_roles, &revive->roles);
        return call;
}

Sched__Call *elementary_suppress(const char *framework_id, const char *const *roles, size_t count)
{
        Sched__Call *call = new_call(SCHED__CALL__TYPE__SUPPRESS, framework_id);
        Sched__Call__Suppress *suppress = NEW_PART(call, suppress, sched__call__suppress__init);
        copy_texts(call, roles, count, &suppress->n_roles, &suppress->roles);
        return call;
}

Sched__Call *elementary_launch(const char *framework_id, const char *offer_id, V1__TaskInfo *const *tasks,
                               size_t count, const V1__Filters *filters)
{
        Sched__Call *call = new_call(SCHED__CALL__TYPE__ACCEPT, framework_id);
        Sched__Call__Accept *accept = NEW_PART(call, accept, sched__call__accept__init);
        PROTO_APPEND(call, accept->n_offer_ids, accept->offer_ids, proto_offer_id(call, offer_id));
        V1__Offer__Operation *operation = actor_msg_alloc(call, sizeof *operation);
        v1__offer__operation__init(operation);
        operation->has_type = 1;
        operation->type = V1__OFFER__OPERATION__TYPE__LAUNCH;
        operation->launch = actor_msg_alloc(call, sizeof *operation->launch);
        v1__offer__operation__launch__init(operation->launch);
        for (size_t i = 0; i < count; i++)
                PROTO_APPEND(call, operation->launch->n_task_infos, operation->launch->task_infos,
                             proto_copy(call, tasks[i]));
        PROTO_APPEND(call, accept->n_operations, accept->operations, operation);
        accept->filters = copy_or_null(call, filters);
        return call;
}

Sched__Call *elementary_kill(const char *framework_id, const char *task_id, const char *agent_id,
                             const V1__KillPolicy *policy)
{
        Sched__Call *call = new_call(SCHED__CALL__TYPE__KILL, framework_id);
        Sched__Call__Kill *kill = NEW_PART(call, kill, sched__call__kill__init);
        kill->task_id = proto_task_id(call, task_id);
        kill->agent_id = agent_id ? proto_agent_id(call, agent_id) : NULL;
        kill->kill_policy = copy_or_null(call, policy);
        return call;
}

Sched__Call *elementary_acknowledge(const char *framework_id, const V1__TaskStatus *status)
{
        assert(status->has_uuid && status->agent_id);
        Sched__Call *call = new_call(SCHED__CALL__TYPE__ACKNOWLEDGE, framework_id);
        Sched__Call__Acknowledge *acknowledge = NEW_PART(call, acknowledge, sched__call__acknowledge__init);
        acknowledge->agent_id = proto_copy(call, status->agent_id);
        acknowledge->task_id = proto_copy(call, status->task_id);
        acknowledge->uuid.len = status->uuid.len;
        acknowledge->uuid.data = actor_msg_memdup(call, status->uuid.data, status->uuid.len);
        return call;
}

Sched__Call *elementary_reconcile(const char *framework_id, Sched__Call__Reconcile__Task *const *tasks,
                                  size_t count)
{
        Sched__Call *call = new_call(SCHED__CALL__TYPE__RECONCILE, framework_id);
        Sched__Call__Reconcile *reconcile = NEW_PART(call, reconcile, sched__call__reconcile__init);
        for (size_t i = 0; i < count; i++)
                PROTO_APPEND(call, reconcile->n_tasks, reconcile->tasks, proto_copy(call, tasks[i]));
        return call;
}

Sched__Call *elementary_message(const char *framework_id, const V1__AgentID *agent_id,
                                const V1__ExecutorID *executor_id, const void *data, size_t size)
{
        Sched__Call *call = new_call(SCHED__CALL__TYPE__MESSAGE, framework_id);
        Sched__Call__Message *message = NEW_PART(call, message, sched__call__message__init);
        message->agent_id = proto_copy(call, agent_id);
        message->executor_id = proto_copy(call, executor_id);
        message->data.len = size;
        message->data.data = size > 0 ? actor_msg_memdup(call, data, size) : NULL;
        return call;
}
