/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <proto/copy.h>

/* The driver's actor. An agent is heard or watched at every moment: while it is not registered with, a
 * timer tries anew and another one gives up. */
#define REGISTRATION_TIMEOUT_MS 60000
#define RETRY_MIN_MS 50
#define ANSWER_TIMEOUT_MS \
        20000 /* longer than the transport keeps what it cannot deliver: never two at once */

struct executor_actor {
        struct troupe_executor *driver;
};

struct executor_tick {
        enum { TICK_REGISTER, TICK_GIVE_UP } what;
};
static ACTOR_LOCAL_TYPE(executor_tick_type, struct executor_tick);
ACTOR_LOCAL_TYPE(executor_driver_stop_type, struct executor_driver_stop);

#define CALLBACK(e, name, ...)                                                          \
        do {                                                                            \
                if ((e)->callbacks.name != NULL)                                        \
                        (e)->callbacks.name((e), (e)->data __VA_OPT__(, ) __VA_ARGS__); \
        } while (0)

bool executor_driver_in_turn(const struct troupe_executor *e)
{
        return atomic_load_explicit(&e->turn_thread, memory_order_relaxed) == pthread_self();
}

/* Only the thread itself can find its own id in turn_thread, so relaxed order is enough. */
static void turn_begin(struct troupe_executor *e, struct actor *self)
{
        e->self = self;
        atomic_store_explicit(&e->turn_thread, pthread_self(), memory_order_relaxed);
}

static void turn_end(struct troupe_executor *e)
{
        atomic_store_explicit(&e->turn_thread, 0, memory_order_relaxed);
        e->self = NULL;
}

static bool has_ended(const struct troupe_executor *e)
{
        return atomic_load(&e->ended);
}

static uint64_t tick_after(struct troupe_executor *e, int64_t delay_ms, int what)
{
        struct executor_tick *tick = actor_msg_new(&executor_tick_type);
        tick->what = what;
        return actor_after(e->self, delay_ms, tick);
}

static void register_later(struct troupe_executor *e)
{
        int64_t delay = RETRY_MIN_MS;
        for (unsigned i = 0; i < e->attempt && delay < e->retry_max_ms; i++)
                delay *= 2;
        if (delay > e->retry_max_ms)
                delay = e->retry_max_ms;
        e->attempt++;
        actor_timer_cancel(e->self, e->retry_timer);
        e->retry_timer = tick_after(e, delay - (int64_t) (actor_random(e->self) % (uint64_t) (delay / 2 + 1)),
                                    TICK_REGISTER);
}

static void register_now(struct troupe_executor *e)
{
        struct actor_error error;
        int r = actor_node_resolve(e->node, e->address, &e->agent, &error);
        if (r != 0) {
                actor_log_warn(e->self, "executor: agent \"%s\" not found: %s", e->address, error.text);
                register_later(e);
                return;
        }
        actor_demonitor(e->self, e->agent_watch);
        e->agent_watch = actor_monitor(e->self, e->agent);
        Exec__Call *call = executor_driver_call_new(e, EXEC__CALL__TYPE__SUBSCRIBE);
        call->subscribe = actor_msg_alloc(call, sizeof *call->subscribe);
        *call->subscribe = (Exec__Call__Subscribe) EXEC__CALL__SUBSCRIBE__INIT;
        unacknowledged_fill(&e->unacknowledged, call, call->subscribe);
        actor_send(e->self, e->agent, call);
        actor_timer_cancel(e->self, e->retry_timer);
        e->retry_timer = tick_after(e, ANSWER_TIMEOUT_MS, TICK_REGISTER);
}

void executor_driver_forward(struct troupe_executor *e, Exec__Call *call_take)
{
        bool wanted = true;
        if (call_take->type == EXEC__CALL__TYPE__UPDATE && call_take->update != NULL)
                wanted = unacknowledged_update(&e->unacknowledged, call_take);
        if (wanted && e->connected)
                actor_send(e->self, e->agent, call_take);
        else
                actor_msg_unref(call_take);
}

static void end(struct troupe_executor *e, int reason)
{
        if (has_ended(e))
                return;
        atomic_store(&e->ended, true);
        e->connected = false;
        actor_exit(e->self, reason);
}

void executor_driver_leave(struct troupe_executor *e)
{
        if (has_ended(e))
                return;
        if (e->connected)
                actor_send(e->self, e->agent, executor_driver_call_new(e, EXEC__CALL__TYPE__UNREGISTER));
        end(e, 0);
}

static void shut_down(struct troupe_executor *e)
{
        if (e->shutting_down)
                return;
        e->shutting_down = true;
        if (e->callbacks.shutdown == NULL) {
                executor_driver_leave(e);
                return;
        }
        actor_timer_cancel(e->self, e->give_up_timer);
        e->give_up_timer = tick_after(e, e->shutdown_grace_ms, TICK_GIVE_UP);
        CALLBACK(e, shutdown);
}

/* ---- events ------------------------------------------------------------------------------------ */

static void on_subscribed(struct troupe_executor *e, const struct actor_mail *mail, const Exec__Event *event)
{
        const Exec__Event__Subscribed *subscribed = event->subscribed;
        if (subscribed == NULL)
                return;
        actor_timer_cancel(e->self, e->retry_timer);
        if (!e->shutting_down)
                actor_timer_cancel(e->self, e->give_up_timer);
        if (!actor_ref_equal(e->agent, mail->from)) {
                actor_demonitor(e->self, e->agent_watch);
                e->agent = mail->from;
                e->agent_watch = actor_monitor(e->self, e->agent);
        }
        bool again = e->connected;
        e->attempt = 0;
        e->connected = true;
        proto_free(e->framework);
        proto_free(e->agent_info);
        actor_msg_unref(e->subscribed);
        e->subscribed = actor_msg_ref(event);
        e->framework = proto_dup(subscribed->framework_info);
        e->agent_info = proto_dup(subscribed->agent_info);
        if (!e->registered_once)
                CALLBACK(e, registered, subscribed);
        else if (!again)
                CALLBACK(e, reregistered, subscribed);
        e->registered_once = true;
}

/* The task lies in `held`, a message. */
static void on_launch(struct troupe_executor *e, const void *held, const V1__TaskInfo *task)
{
        if (!unacknowledged_launch(&e->unacknowledged, held, task)) {
                actor_log_warn(e->self, "executor: task \"%s\" is known already, not launching it again",
                               task->task_id->value);
                return;
        }
        if (e->shutting_down)
                troupe_executor_update(e, task->task_id->value, V1__TASK_STATE__TASK_KILLED,
                                       "The executor is shutting down");
        else if (e->callbacks.launch_task != NULL)
                CALLBACK(e, launch_task, task);
        else
                troupe_executor_update(e, task->task_id->value, V1__TASK_STATE__TASK_FAILED,
                                       "This executor runs no tasks");
}

/* The agent does not repeat with each task what executor this is; who runs the task may want to know. */
static void on_launch_one(struct troupe_executor *e, const Exec__Event *event, const V1__TaskInfo *task)
{
        if (task->executor != NULL || task->command != NULL || e->subscribed == NULL) {
                on_launch(e, event, task);
                return;
        }
        Exec__Event *holder = actor_msg_new(&exec_event_type);
        V1__TaskInfo *whole = actor_msg_memdup(holder, task, sizeof *task);
        actor_msg_hold(holder, event);
        actor_msg_hold(holder, e->subscribed);
        whole->executor = e->subscribed->subscribed->executor_info;
        on_launch(e, holder, whole);
        actor_msg_unref(holder);
}

static void on_launch_group(struct troupe_executor *e, const Exec__Event *event)
{
        const V1__TaskGroupInfo *group = event->launch_group != NULL ? event->launch_group->task_group : NULL;
        for (size_t i = 0; group != NULL && i < group->n_tasks; i++)
                on_launch(e, event, group->tasks[i]);
}

static void on_error(struct troupe_executor *e, const Exec__Event__Error *fault)
{
        const char *message = fault != NULL ? fault->message : "The agent refused the executor";
        actor_log_error(e->self, "executor: ending: %s", message);
        CALLBACK(e, error, message);
        end(e, -EPERM);
}

static void dispatch(struct troupe_executor *e, const struct actor_mail *mail, const Exec__Event *event)
{
        switch (event->type) {
        case EXEC__EVENT__TYPE__SUBSCRIBED:
                on_subscribed(e, mail, event);
                break;
        case EXEC__EVENT__TYPE__LAUNCH:
                if (event->launch != NULL)
                        on_launch_one(e, event, event->launch->task);
                break;
        case EXEC__EVENT__TYPE__LAUNCH_GROUP:
                on_launch_group(e, event);
                break;
        case EXEC__EVENT__TYPE__KILL:
                if (event->kill != NULL)
                        CALLBACK(e, kill_task, event->kill->task_id, event->kill->kill_policy);
                break;
        case EXEC__EVENT__TYPE__ACKNOWLEDGED:
                if (event->acknowledged != NULL)
                        unacknowledged_acknowledge(&e->unacknowledged, event->acknowledged->task_id->value,
                                                   &event->acknowledged->uuid);
                break;
        case EXEC__EVENT__TYPE__MESSAGE:
                if (event->message != NULL)
                        CALLBACK(e, message, event->message->data.data, event->message->data.len);
                break;
        case EXEC__EVENT__TYPE__SHUTDOWN:
                shut_down(e);
                break;
        case EXEC__EVENT__TYPE__ERROR:
                on_error(e, event->error);
                break;
        default: /* heartbeats and types of later versions: `event` has shown them */
                break;
        }
}

static int on_event(struct troupe_executor *e, const struct actor_mail *mail, const Exec__Event *event)
{
        bool first = event->type == EXEC__EVENT__TYPE__SUBSCRIBED || event->type == EXEC__EVENT__TYPE__ERROR;
        if (has_ended(e))
                return 0;
        if (!first && !actor_ref_equal(mail->from, e->agent)) {
                actor_log_warn(e->self, "executor: event %d is not from our agent, ignoring",
                               (int) event->type);
                return 0;
        }
        CALLBACK(e, event, event);
        if (!has_ended(e))
                dispatch(e, mail, event);
        return 0;
}

/* ---- the rest of the mailbox ------------------------------------------------------------------- */

/* Built by another thread for us alone, but sent: immutable, so it gets a shell of its own. */
static int on_call(struct troupe_executor *e, const struct actor_mail *mail, const Exec__Call *call)
{
        if (has_ended(e))
                return 0;
        Exec__Call *shell = actor_msg_new(&exec_call_type);
        *shell = *call;
        actor_msg_hold(shell, call);
        executor_driver_forward(e, shell);
        return 0;
}

static int on_stop(struct troupe_executor *e, const struct actor_mail *mail,
                   const struct executor_driver_stop *stop)
{
        executor_driver_leave(e);
        return 0;
}

static int on_tick(struct troupe_executor *e, const struct actor_mail *mail, const struct executor_tick *tick)
{
        if (has_ended(e))
                return 0;
        if (tick->what == TICK_REGISTER) {
                if (!e->connected)
                        register_now(e);
        } else if (e->shutting_down) {
                executor_driver_leave(e);
        } else {
                actor_log_error(e->self, "executor: no agent at \"%s\" in time, ending", e->address);
                shut_down(e);
        }
        return 0;
}

static int on_other(struct troupe_executor *e, const struct actor_mail *mail, const void *body)
{
        if (has_ended(e) || e->callbacks.other == NULL)
                return 0;
        int r = e->callbacks.other(e, e->data, mail, body);
        if (r < 0) {
                actor_log_error(e->self, "executor: ending: failed on %s: error %d",
                                actor_msg_type(body)->name, -r);
                end(e, r);
        }
        return 0;
}

static void on_agent_lost(struct troupe_executor *e)
{
        bool was_connected = e->connected;
        e->connected = false;
        e->agent_watch = 0;
        if (was_connected) {
                CALLBACK(e, disconnected);
                if (has_ended(e))
                        return;
                if (e->recovery_timeout_ms == 0) {
                        shut_down(e);
                        return;
                }
                actor_timer_cancel(e->self, e->give_up_timer);
                e->give_up_timer = tick_after(e, e->recovery_timeout_ms, TICK_GIVE_UP);
        }
        if (!e->shutting_down)
                register_later(e);
}

static int on_down(struct troupe_executor *e, const struct actor_mail *mail, const struct actor_down *down)
{
        if (down->monitor != e->agent_watch || e->agent_watch == 0)
                return on_other(e, mail, down);
        if (!has_ended(e))
                on_agent_lost(e);
        return 0;
}

/* Each handler is a turn: within it, and only then, calls go straight to the agent. */
#define TURN_BIND(name)                                                                       \
        static int name##_bound(void *state, const struct actor_mail *mail, const void *body) \
        {                                                                                     \
                struct troupe_executor *e = ((struct executor_actor *) state)->driver;        \
                turn_begin(e, mail->self);                                                    \
                int r = name(e, mail, body);                                                  \
                turn_end(e);                                                                  \
                return r;                                                                     \
        }

TURN_BIND(on_event)
TURN_BIND(on_call)
TURN_BIND(on_stop)
TURN_BIND(on_tick)
TURN_BIND(on_down)
TURN_BIND(on_other)

static const struct actor_handler handlers[] = {
        {&exec_event_type, on_event_bound, ACTOR_FROM_REMOTE | ACTOR_FROM_LOCAL},
        {&exec_call_type, on_call_bound, ACTOR_FROM_LOCAL | ACTOR_FROM_PARENT},
        {&executor_driver_stop_type, on_stop_bound, ACTOR_FROM_LOCAL | ACTOR_FROM_PARENT},
        {&executor_tick_type, on_tick_bound, ACTOR_FROM_SELF},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};

static int executor_init(void *state, struct actor *self, const void *config)
{
        /* The actor works on the driver object itself; config is const only by the runtime's signature. */
        struct troupe_executor *e = (struct troupe_executor *) (uintptr_t) config;
        ((struct executor_actor *) state)->driver = e;
        turn_begin(e, self);
        e->give_up_timer = tick_after(e, REGISTRATION_TIMEOUT_MS, TICK_GIVE_UP);
        register_now(e);
        turn_end(e);
        return 0;
}

static void executor_fini(void *state)
{
        struct troupe_executor *e = ((struct executor_actor *) state)->driver;
        if (e == NULL)
                return;
        atomic_store(&e->ended, true);
        CALLBACK(e, ended);
        unacknowledged_done(&e->unacknowledged);
}

const struct actor_class executor_driver_class = {
        .name = "executor",
        .state_size = sizeof(struct executor_actor),
        .init = executor_init,
        .fini = executor_fini,
        .handlers = handlers,
        .handle_other = on_other_bound,
};
