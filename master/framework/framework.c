/* SPDX-License-Identifier: Apache-2.0 */
/* framework.c: the actor. What it understands and from whom is the table below; the handlers stand in the
 * files named after who asks. */
#include "framework.h"
#include "session.h"
#include <proto/task_state.h>

static int on_find_task(struct framework_session *s, const struct actor_mail *mail,
                        const struct framework_find_task *msg)
{
        struct framework_task_found *found = actor_msg_new(&framework_task_found_type);
        found->framework_id = actor_msg_strdup(found, s->id);
        found->found = !s->ending && framework_tasks_find(&s->tasks, msg->task_id) != NULL;
        actor_reply(mail, found);
        return 0;
}

static int on_operator_kill(struct framework_session *s, const struct actor_mail *mail,
                            const Troupe__OperatorKill *msg)
{
        struct task *task = s->ending ? NULL : framework_tasks_find(&s->tasks, msg->task_id->value);
        if (task == NULL) {
                framework_answer(mail, false, "the framework has no such task; see `troupe ps`");
        } else if (task_state_is_terminal(task->state)) {
                framework_answer(mail, false, "the task has ended already");
        } else {
                framework_task_kill(s, task, NULL, NULL);
                framework_answer(mail, true, NULL);
        }
        return 0;
}

ACTOR_BIND(framework_on_call, struct framework_session, Sched__Call)
ACTOR_BIND(framework_on_subscribe, struct framework_session, struct framework_subscribe)
ACTOR_BIND(framework_on_heartbeat, struct framework_session, void)
ACTOR_BIND(framework_on_timeout, struct framework_session, void)
ACTOR_BIND(framework_on_scheduler_down, struct framework_session, struct actor_down)
ACTOR_BIND(framework_on_undelivered, struct framework_session, struct actor_undelivered)
ACTOR_BIND(framework_on_allocation, struct framework_session, struct allocator_allocation)
ACTOR_BIND(framework_on_rescind, struct framework_session, struct allocator_rescind)
ACTOR_BIND(framework_on_offers_expired, struct framework_session, struct framework_offers_expired)
ACTOR_BIND(framework_on_status_update, struct framework_session, Troupe__StatusUpdate)
ACTOR_BIND(framework_on_exited_executor, struct framework_session, Troupe__ExitedExecutor)
ACTOR_BIND(framework_on_executor_message, struct framework_session, Troupe__ExecutorMessage)
ACTOR_BIND(framework_on_agent_joined, struct framework_session, struct framework_agent_joined)
ACTOR_BIND(framework_on_agent_left, struct framework_session, struct framework_agent_left)
ACTOR_BIND(framework_on_launch_refused, struct framework_session, struct framework_launch_refused)
ACTOR_BIND(framework_on_teardown, struct framework_session, struct framework_teardown)
ACTOR_BIND(framework_on_flush, struct framework_session, struct framework_flush)
ACTOR_BIND(on_find_task, struct framework_session, struct framework_find_task)
ACTOR_BIND(on_operator_kill, struct framework_session, Troupe__OperatorKill)

static const struct actor_handler handlers[] = {
        /* from the scheduler, which is an actor of another node, or of this one */
        {&sched_call_type, framework_on_call_bound, ACTOR_FROM_REMOTE | ACTOR_FROM_LOCAL},
        /* from membership */
        {&framework_subscribe_type, framework_on_subscribe_bound, ACTOR_FROM_PARENT | ACTOR_FROM_LOCAL},
        {&framework_teardown_type, framework_on_teardown_bound, ACTOR_FROM_PARENT | ACTOR_FROM_LOCAL},
        {&framework_find_task_type, on_find_task_bound, ACTOR_FROM_PARENT | ACTOR_FROM_LOCAL},
        {&operator_kill_type, on_operator_kill_bound, ACTOR_FROM_PARENT | ACTOR_FROM_LOCAL},
        {&framework_agent_left_type, framework_on_agent_left_bound, ACTOR_FROM_PARENT | ACTOR_FROM_LOCAL},
        /* from agent sessions */
        {&status_update_type, framework_on_status_update_bound, ACTOR_FROM_LOCAL},
        {&exited_executor_type, framework_on_exited_executor_bound, ACTOR_FROM_LOCAL},
        {&executor_message_type, framework_on_executor_message_bound, ACTOR_FROM_LOCAL},
        {&framework_agent_joined_type, framework_on_agent_joined_bound, ACTOR_FROM_LOCAL},
        {&framework_launch_refused_type, framework_on_launch_refused_bound, ACTOR_FROM_LOCAL},
        /* from the allocator */
        {&allocator_allocation_type, framework_on_allocation_bound, ACTOR_FROM_LOCAL},
        {&allocator_rescind_type, framework_on_rescind_bound, ACTOR_FROM_LOCAL},
        /* its own timers, and the runtime */
        {&framework_heartbeat_type, framework_on_heartbeat_bound, ACTOR_FROM_SELF},
        {&framework_timeout_type, framework_on_timeout_bound, ACTOR_FROM_SELF},
        {&framework_flush_type, framework_on_flush_bound, ACTOR_FROM_SELF},
        {&framework_offers_expired_type, framework_on_offers_expired_bound, ACTOR_FROM_SELF},
        {&actor_down_type, framework_on_scheduler_down_bound, ACTOR_FROM_SYSTEM},
        {&actor_undelivered_type, framework_on_undelivered_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};

static int framework_session_init(void *state, struct actor *self, const void *config)
{
        struct framework_session *s = state;
        const struct framework_start *start = config;
        s->self = self;
        s->rooms = *start->rooms;
        framework_card_set(s, start->info);
        if (start->subscribe != NULL)
                framework_scheduler_connect(s, start->scheduler, start->subscribe);
        else
                framework_scheduler_expect(s, start->deadline_ns);
        return 0;
}

static void framework_session_fini(void *state)
{
        struct framework_session *s = state;
        framework_count_as(s, NULL);
        waiting_done(&s->waiting);
        framework_tasks_done(&s->tasks);
        framework_offers_done(&s->offers);
        actor_msg_unref(s->returning);
        actor_msg_unref(s->subscribing);
        actor_msg_unref(s->subscription);
        actor_msg_unref(s->card);
        free(s->teardown_askers);
}

const struct actor_class framework_class = {
        .name = "framework",
        .state_size = sizeof(struct framework_session),
        .init = framework_session_init,
        .fini = framework_session_fini,
        .handlers = handlers,
};
