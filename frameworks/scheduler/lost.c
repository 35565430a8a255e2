/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <proto/copy.h>
#include <proto/task_state.h>

static void give_back_task(struct troupe_scheduler *s, const V1__TaskInfo *task, const char *why)
{
        Sched__Event *event = actor_msg_new(&sched_event_type);
        event->has_type = true;
        event->type = SCHED__EVENT__TYPE__UPDATE;
        event->update = SCHEDULER_NEW(event, Sched__Event__Update, SCHED__EVENT__UPDATE__INIT);
        V1__TaskStatus *status = SCHEDULER_NEW(event, V1__TaskStatus, V1__TASK_STATUS__INIT);
        event->update->status = status;
        status->task_id = proto_copy(event, task->task_id);
        status->agent_id = proto_copy(event, task->agent_id);
        status->state = task_state_for(s->framework, V1__TASK_STATE__TASK_DROPPED);
        status->message = actor_msg_strdup(event, why);
        status->has_source = true;
        status->source = V1__TASK_STATUS__SOURCE__SOURCE_MASTER;
        status->has_reason = true;
        status->reason = V1__TASK_STATUS__REASON__REASON_MASTER_DISCONNECTED;
        status->has_timestamp = true;
        status->timestamp = (double) actor_wall_ns(s->self) / 1e9;
        actor_send(s->self, actor_self(s->self), event);
}

static void give_back_operation(struct troupe_scheduler *s, const V1__Offer__Operation *operation,
                                const char *why)
{
        if (operation->launch != NULL)
                for (size_t i = 0; i < operation->launch->n_task_infos; i++)
                        give_back_task(s, operation->launch->task_infos[i], why);
        if (operation->launch_group != NULL && operation->launch_group->task_group != NULL)
                for (size_t i = 0; i < operation->launch_group->task_group->n_tasks; i++)
                        give_back_task(s, operation->launch_group->task_group->tasks[i], why);
}

void scheduler_give_back(struct troupe_scheduler *s, const Sched__Call *call, const char *why)
{
        if (call->accept == NULL)
                return;
        for (size_t i = 0; i < call->accept->n_operations; i++)
                give_back_operation(s, call->accept->operations[i], why);
}
