/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_AGENT_H
#define FAKE_AGENT_H

/* An agent that the test plays: an actor "executor/C1" that keeps what the executor says, and sends
 * what the test orders. It lives on the executor's own node, real or simulated. */

#include <actor/log.h>
#include <actor/memory.h>
#include <actor/sim.h>
#include <check.h>
#include <proto/copy.h>
#include <proto/task_state.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troupe/executor.h>
#include <unistd.h>

#define FAKE_UNUSED __attribute__((unused))
#define FAKE_WAIT_MS 60000

struct fake_agent {
        struct actor_node *node;
        struct actor_ref ref, executor;
        bool acknowledges;
        bool killing_state;       /* the framework wants TASK_KILLING */
        const Exec__Call **calls; /* read by the test only while the agent is idle */
        size_t count, max, terminal;
        struct actor_asker waiter;
        char wait_task[64];
        int wait_state;
        size_t wait_terminal;
};

/* Test → agent: send this; or tell when a task is in a state, or when so many have ended. */
struct fake_order {
        const void *msg;
};
struct fake_wait {
        char task[64];
        int state;
        size_t terminal; /* not 0: instead */
};
struct fake_seen {
        const Exec__Call *call;
};
static ACTOR_LOCAL_TYPE(fake_order_type, struct fake_order);
static ACTOR_LOCAL_TYPE(fake_wait_type, struct fake_wait);
static ACTOR_LOCAL_TYPE(fake_seen_type, struct fake_seen);

#define FAKE_NEW(msg, type, init)                                  \
        __extension__({                                            \
                type *new_ = actor_msg_alloc((msg), sizeof(type)); \
                *new_ = (type) init;                               \
                new_;                                              \
        })

static Exec__Event *fake_event(Exec__Event__Type type)
{
        Exec__Event *event = actor_msg_new(&exec_event_type);
        event->has_type = true;
        event->type = type;
        return event;
}

static Exec__Event *fake_subscribed(const struct fake_agent *a)
{
        Exec__Event *event = fake_event(EXEC__EVENT__TYPE__SUBSCRIBED);
        event->subscribed = FAKE_NEW(event, Exec__Event__Subscribed, EXEC__EVENT__SUBSCRIBED__INIT);
        event->subscribed->executor_info = FAKE_NEW(event, V1__ExecutorInfo, V1__EXECUTOR_INFO__INIT);
        event->subscribed->executor_info->executor_id = proto_executor_id(event, "E1");
        V1__FrameworkInfo *framework = FAKE_NEW(event, V1__FrameworkInfo, V1__FRAMEWORK_INFO__INIT);
        framework->name = "test";
        framework->user = "root";
        if (a->killing_state) {
                V1__FrameworkInfo__Capability *capability =
                        FAKE_NEW(event, V1__FrameworkInfo__Capability, V1__FRAMEWORK_INFO__CAPABILITY__INIT);
                capability->has_type = true;
                capability->type = V1__FRAMEWORK_INFO__CAPABILITY__TYPE__TASK_KILLING_STATE;
                PROTO_APPEND(event, framework->n_capabilities, framework->capabilities, capability);
        }
        event->subscribed->framework_info = framework;
        event->subscribed->agent_info = FAKE_NEW(event, V1__AgentInfo, V1__AGENT_INFO__INIT);
        event->subscribed->agent_info->hostname = "host1";
        return event;
}

static const Exec__Call *fake_find(const struct fake_agent *a, const char *task, int state)
{
        for (size_t i = 0; i < a->count; i++) {
                const Exec__Call *call = a->calls[i];
                if (call->type == EXEC__CALL__TYPE__UPDATE && (int) call->update->status->state == state &&
                    strcmp(call->update->status->task_id->value, task) == 0)
                        return call;
        }
        return NULL;
}

static void fake_answer_waiter(struct fake_agent *a, struct actor *self)
{
        const Exec__Call *found = NULL;
        if (a->waiter.ask_id == 0)
                return;
        if (a->wait_terminal == 0 && (found = fake_find(a, a->wait_task, a->wait_state)) == NULL)
                return;
        if (a->terminal < a->wait_terminal)
                return;
        struct fake_seen *seen = actor_msg_new(&fake_seen_type);
        seen->call = found;
        actor_reply_to(self, a->waiter, seen);
        a->waiter = (struct actor_asker){ACTOR_NOBODY, 0};
}

static void fake_acknowledge(const struct actor_mail *mail, const V1__TaskStatus *status)
{
        Exec__Event *event = fake_event(EXEC__EVENT__TYPE__ACKNOWLEDGED);
        event->acknowledged = FAKE_NEW(event, Exec__Event__Acknowledged, EXEC__EVENT__ACKNOWLEDGED__INIT);
        event->acknowledged->task_id = proto_task_id(event, status->task_id->value);
        event->acknowledged->uuid.len = status->uuid.len;
        event->acknowledged->uuid.data = actor_msg_memdup(event, status->uuid.data, status->uuid.len);
        actor_send(mail->self, mail->from, event);
}

static int fake_on_call(void *state, const struct actor_mail *mail, const void *body)
{
        struct fake_agent *a = *(struct fake_agent **) state;
        const Exec__Call *call = body;
        ACTOR_ARRAY_RESERVE(a->calls, a->count, a->max);
        a->calls[a->count++] = actor_msg_ref(body);
        a->executor = mail->from;
        ck_assert_str_eq(call->executor_id->value, "E1");
        ck_assert_str_eq(call->framework_id->value, "F1");
        if (call->type == EXEC__CALL__TYPE__SUBSCRIBE)
                actor_send(mail->self, mail->from, fake_subscribed(a));
        if (call->type == EXEC__CALL__TYPE__UPDATE) {
                ck_assert_uint_eq(call->update->status->uuid.len, 16);
                ck_assert_int_eq(call->update->status->source, V1__TASK_STATUS__SOURCE__SOURCE_EXECUTOR);
                if (a->acknowledges)
                        fake_acknowledge(mail, call->update->status);
                if (task_state_is_terminal(call->update->status->state))
                        a->terminal++;
        }
        fake_answer_waiter(a, mail->self);
        return 0;
}

static int fake_on_order(void *state, const struct actor_mail *mail, const void *body)
{
        struct fake_agent *a = *(struct fake_agent **) state;
        actor_send(mail->self, a->executor, actor_msg_ref(((const struct fake_order *) body)->msg));
        return 0;
}

static int fake_on_wait(void *state, const struct actor_mail *mail, const void *body)
{
        struct fake_agent *a = *(struct fake_agent **) state;
        const struct fake_wait *wait = body;
        a->waiter = actor_asker(mail);
        snprintf(a->wait_task, sizeof a->wait_task, "%s", wait->task);
        a->wait_state = wait->state;
        a->wait_terminal = wait->terminal;
        fake_answer_waiter(a, mail->self);
        return 0;
}

static int fake_init(void *state, struct actor *self, const void *config)
{
        memcpy(state, config, sizeof(struct fake_agent *));
        return 0;
}

static const struct actor_handler fake_handlers[] = {
        {&exec_call_type, fake_on_call, ACTOR_FROM_ANY},
        {&fake_order_type, fake_on_order, ACTOR_FROM_ANY},
        {&fake_wait_type, fake_on_wait, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};

static const struct actor_class fake_class = {
        .name = "fake-agent",
        .state_size = sizeof(struct fake_agent *),
        .init = fake_init,
        .handlers = fake_handlers,
};

FAKE_UNUSED static void fake_spawn(struct fake_agent *a, struct actor_node *node)
{
        a->node = node;
        ck_assert_int_eq(actor_node_spawn(node, &fake_class, "executor/C1", &a, &a->ref), 0);
}

/* Has the agent send a message to the executor. Takes it. */
FAKE_UNUSED static void fake_send(struct fake_agent *a, void *msg_take)
{
        struct fake_order *order = actor_msg_new(&fake_order_type);
        order->msg = msg_take;
        actor_msg_hold(order, msg_take);
        actor_msg_unref(msg_take);
        actor_node_send(a->node, a->ref, order);
}

/* Blocks until the executor has told that the task is in the state; returns that update's message text. */
FAKE_UNUSED static const char *fake_await(struct fake_agent *a, const char *task, V1__TaskState state)
{
        struct fake_wait *wait = actor_msg_new(&fake_wait_type);
        void *seen = NULL;
        snprintf(wait->task, sizeof wait->task, "%s", task);
        wait->state = (int) state;
        int r = actor_node_ask(a->node, a->ref, wait, FAKE_WAIT_MS, &seen);
        ck_assert_msg(r == 0, "task %s was never %s: %s", task, task_state_name(state), strerror(-r));
        const char *message = ((struct fake_seen *) seen)->call->update->status->message;
        actor_msg_unref(seen);
        return message != NULL ? message : "";
}

/* Blocks until so many tasks have ended. */
FAKE_UNUSED static void fake_await_ends(struct fake_agent *a, size_t count)
{
        struct fake_wait *wait = actor_msg_new(&fake_wait_type);
        void *seen = NULL;
        wait->terminal = count;
        ck_assert_int_eq(actor_node_ask(a->node, a->ref, wait, FAKE_WAIT_MS, &seen), 0);
        actor_msg_unref(seen);
}

/* A LAUNCH of a task without anything but its id. */
FAKE_UNUSED static Exec__Event *fake_launch(const char *id)
{
        Exec__Event *event = fake_event(EXEC__EVENT__TYPE__LAUNCH);
        event->launch = FAKE_NEW(event, Exec__Event__Launch, EXEC__EVENT__LAUNCH__INIT);
        V1__TaskInfo *task = FAKE_NEW(event, V1__TaskInfo, V1__TASK_INFO__INIT);
        task->name = "test";
        task->task_id = proto_task_id(event, id);
        task->agent_id = proto_agent_id(event, "A1");
        event->launch->task = task;
        return event;
}

FAKE_UNUSED static void fake_launch_data(struct fake_agent *a, const char *id, const char *data)
{
        Exec__Event *event = fake_launch(id);
        event->launch->task->has_data = true;
        event->launch->task->data.len = strlen(data);
        event->launch->task->data.data = actor_msg_memdup(event, data, strlen(data));
        fake_send(a, event);
}

/* `grace_ms` < 0: no policy. */
FAKE_UNUSED static void fake_kill(struct fake_agent *a, const char *id, int64_t grace_ms)
{
        Exec__Event *event = fake_event(EXEC__EVENT__TYPE__KILL);
        event->kill = FAKE_NEW(event, Exec__Event__Kill, EXEC__EVENT__KILL__INIT);
        event->kill->task_id = proto_task_id(event, id);
        if (grace_ms >= 0) {
                event->kill->kill_policy = FAKE_NEW(event, V1__KillPolicy, V1__KILL_POLICY__INIT);
                event->kill->kill_policy->grace_period =
                        FAKE_NEW(event, V1__DurationInfo, V1__DURATION_INFO__INIT);
                event->kill->kill_policy->grace_period->nanoseconds = grace_ms * 1000000;
        }
        fake_send(a, event);
}

FAKE_UNUSED static size_t fake_count(const struct fake_agent *a, Exec__Call__Type type)
{
        size_t count = 0;
        for (size_t i = 0; i < a->count; i++)
                count += a->calls[i]->type == type;
        return count;
}

FAKE_UNUSED static void fake_done(struct fake_agent *a)
{
        for (size_t i = 0; i < a->count; i++)
                actor_msg_unref(a->calls[i]);
        free(a->calls);
}

#endif
