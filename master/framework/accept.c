/* SPDX-License-Identifier: Apache-2.0 */
/* accept.c: ACCEPT and DECLINE. An offer is used whole: what its operations leave over goes back to the
 * allocator under the call's filter. The allocator hears of an ACCEPT before the agent does, so that
 * a task's end, however fast, finds its piece in the books. */
#include "launch.h"
#include "validation/scheduler_call.h"
#include <actor/log.h>
#include <proto/copy.h>

static void operation_refuse(struct framework_session *s, const V1__Offer__Operation *operation,
                             const char *why)
{
        actor_log_warn(s->self, "framework: %s operation dropped: %s", s->id, why);
        if (operation->id == NULL)
                return;
        Sched__Event *event = actor_msg_new(&sched_event_type);
        event->has_type = true;
        event->type = SCHED__EVENT__TYPE__UPDATE_OPERATION_STATUS;
        event->update_operation_status = actor_msg_alloc(event, sizeof *event->update_operation_status);
        sched__event__update_operation_status__init(event->update_operation_status);
        V1__OperationStatus *status = actor_msg_alloc(event, sizeof *status);
        v1__operation_status__init(status);
        status->operation_id = proto_copy(event, operation->id);
        status->state = V1__OPERATION_STATE__OPERATION_ERROR;
        status->message = actor_msg_strdup(event, why);
        event->update_operation_status->status = status;
        framework_scheduler_send(s, event);
}

/* ---- offers that are not valid ---------------------------------------------------------------------------
 */

static void drop_task(struct framework_session *s, const V1__TaskInfo *task, const char *why)
{
        framework_task_refuse(s, task, V1__TASK_STATE__TASK_DROPPED,
                              V1__TASK_STATUS__REASON__REASON_INVALID_OFFERS, why);
}

static void drop_tasks(struct framework_session *s, const V1__Offer__Operation__Launch *launch,
                       const char *why)
{
        for (size_t i = 0; i < launch->n_task_infos; i++)
                drop_task(s, launch->task_infos[i], why);
        ACTOR_METRIC_ADD(s->rooms.metrics->tasks_dropped, (int64_t) launch->n_task_infos);
}

static void drop_group(struct framework_session *s, const V1__Offer__Operation__LaunchGroup *launch,
                       const char *why)
{
        const size_t count = launch->task_group->n_tasks;
        for (size_t i = 0; i < count; i++) {
                V1__TaskInfo task = framework_task_of_group(launch->task_group->tasks[i], launch->executor);
                drop_task(s, &task, why);
        }
        ACTOR_METRIC_ADD(s->rooms.metrics->tasks_dropped, (int64_t) count);
}

static void drop_operation(struct framework_session *s, const V1__Offer__Operation *operation,
                           const char *why)
{
        if (operation->type == V1__OFFER__OPERATION__TYPE__LAUNCH && operation->launch != NULL)
                drop_tasks(s, operation->launch, why);
        else if (operation->type == V1__OFFER__OPERATION__TYPE__LAUNCH_GROUP &&
                 operation->launch_group != NULL)
                drop_group(s, operation->launch_group, why);
        else
                operation_refuse(s, operation, why);
}

static void accept_invalid(struct framework_session *s, const Sched__Call__Accept *accept, const char *why)
{
        struct actor_error error;
        actor_error_set(&error, 0, "Task launched with invalid offers: %s", why);
        actor_log_warn(s->self, "framework: %s accepted invalid offers: %s", s->id, why);
        ACTOR_METRIC_ADD(s->rooms.metrics->offers_invalid, 1);
        for (size_t i = 0; i < accept->n_offer_ids; i++) {
                struct offer *offer = framework_offers_find(&s->offers, accept->offer_ids[i]->value);
                if (offer == NULL)
                        continue;
                framework_allocator_return(s, offer->agent_id, offer->id, 0);
                framework_offer_close(s, offer);
        }
        for (size_t i = 0; i < accept->n_operations; i++)
                drop_operation(s, accept->operations[i], error.text);
}

/* ---- offers that are
 * ----------------------------------------------------------------------------------------- */

static void operate(struct launch *l, const V1__Offer__Operation *operation)
{
        if (operation->type == V1__OFFER__OPERATION__TYPE__LAUNCH && operation->launch != NULL) {
                for (size_t i = 0; i < operation->launch->n_task_infos; i++)
                        framework_launch_task(l, operation->launch->task_infos[i]);
        } else if (operation->type == V1__OFFER__OPERATION__TYPE__LAUNCH_GROUP &&
                   operation->launch_group != NULL) {
                framework_launch_group(l, operation->launch_group);
        } else {
                operation_refuse(l->s, operation, "this master runs LAUNCH and LAUNCH_GROUP operations only");
        }
}

static struct allocator_use *use_new(struct framework_session *s, struct offer **offers, size_t count,
                                     const Sched__Call__Accept *accept)
{
        struct allocator_use *use = actor_msg_new(&allocator_use_type);
        actor_msg_hold(use, s->card);
        use->agent_id = actor_msg_strdup(use, offers[0]->agent_id);
        use->framework_id = s->id;
        const char **ids = actor_msg_alloc(use, count * sizeof *ids);
        for (size_t i = 0; i < count; i++)
                ids[i] = actor_msg_strdup(use, offers[i]->id);
        use->offer_ids = ids;
        use->offer_count = count;
        use->refuse_ns = filters_refuse_ns(accept->filters);
        return use;
}

static void accept_valid(struct framework_session *s, const Sched__Call *call, struct offer **offers,
                         size_t count)
{
        const Sched__Call__Accept *accept = call->accept;
        struct launch launch = {.s = s, .call = call, .left = resources_new()};
        launch.use = use_new(s, offers, count, accept);
        launch.agent_id = launch.use->agent_id;
        launch.role = actor_msg_strdup(launch.use, offers[0]->role);
        launch.host = framework_tasks_host_set(&s->tasks, launch.agent_id, offers[0]->agent_session);
        for (size_t i = 0; i < count; i++) {
                resources_add(launch.left, offers[i]->resources);
                framework_offer_close(s, offers[i]);
        }
        for (size_t i = 0; i < accept->n_operations; i++)
                operate(&launch, accept->operations[i]);
        framework_allocator_send(s, launch.use);
        framework_launch_send(&launch);
        framework_tasks_host_tidy(&s->tasks, launch.host);
        resources_free(launch.left);
        ACTOR_METRIC_ADD(s->rooms.metrics->offers_accepted, (int64_t) count);
}

void framework_call_accept(struct framework_session *s, const struct actor_mail *mail,
                           const Sched__Call *call)
{
        struct actor_error error;
        const Sched__Call__Accept *accept = call->accept;
        struct offer **picked = actor_zalloc((accept->n_offer_ids + 1) * sizeof *picked);
        if (framework_offers_pick(&s->offers, accept->n_offer_ids, accept->offer_ids, picked, &error) != 0)
                accept_invalid(s, accept, error.text);
        else
                accept_valid(s, call, picked, accept->n_offer_ids);
        free(picked);
}

void framework_call_decline(struct framework_session *s, const struct actor_mail *mail,
                            const Sched__Call *call)
{
        int64_t refuse_ns = filters_refuse_ns(call->decline->filters);
        for (size_t i = 0; i < call->decline->n_offer_ids; i++) {
                struct offer *offer = framework_offers_find(&s->offers, call->decline->offer_ids[i]->value);
                if (offer == NULL)
                        continue;
                framework_allocator_return(s, offer->agent_id, offer->id, refuse_ns);
                framework_offer_close(s, offer);
                ACTOR_METRIC_ADD(s->rooms.metrics->offers_declined, 1);
        }
}
