/* SPDX-License-Identifier: Apache-2.0 */
/* fate.c: what becomes of a task without its agent's word (the agent was lost, the launch did not
 * arrive), and how what it held is given back. */
#include "session.h"
#include <actor/log.h>
#include <proto/task_state.h>

void framework_task_release(struct framework_session *s, struct task *task)
{
        if (task->released)
                return;
        task->released = true;
        framework_allocator_return_task(s, task);
}

void framework_task_complete(struct framework_session *s, struct task *task)
{
        framework_task_release(s, task);
        framework_report_task(s, task, true);
        framework_tasks_drop(&s->tasks, task);
        ACTOR_METRIC_ADD(s->rooms.metrics->tasks_known, -1);
}

void framework_executor_end(struct framework_session *s, struct host *host, struct executor *executor)
{
        CLEANUP(actor_freep)
        char *token = actor_asprintf("executor/%s/%s/%s", host->agent_id, s->id,
                                     executor->info->executor_id->value);
        framework_allocator_return(s, host->agent_id, token, 0);
        framework_report_executor(s, host, executor, true);
        framework_host_executor_drop(host, executor);
}

/* The oldest of the unreachable tasks give way when there are too many to remember. */
static void trim_away(struct framework_session *s)
{
        while (s->tasks.away_count > s->rooms.unreachable_tasks_max)
                framework_task_complete(s, s->tasks.away);
}

void framework_task_meets(struct framework_session *s, struct task *task, const struct fate *fate)
{
        struct master_status status = {
                .task_id = task->base->task_id->value,
                .agent_id = task->host->agent_id,
                .executor_id = framework_task_executor_id(task),
                .state = task_state_for(s->info, fate->state),
                .reason = fate->reason,
                .message = fate->message,
                .wall_ns = actor_wall_ns(s->self),
                .unreachable_ns = fate->unreachable_ns,
        };
        Sched__Event *event = framework_event_master_update(&status);
        if (framework_task_move(&s->tasks, task, fate->state, event->update->status, event) ==
            TASK_E_ILLEGAL) {
                actor_msg_unref(event); /* it had ended already: its update waits for an acknowledgement */
                return;
        }
        ACTOR_METRIC_ADD(s->rooms.metrics->tasks_lost, 1);
        framework_scheduler_send(s, event);
        framework_task_release(s, task);
        if (task_state_is_terminal(fate->state)) {
                framework_task_complete(s, task);
                return;
        }
        framework_report_task(s, task, false);
        trim_away(s);
}
