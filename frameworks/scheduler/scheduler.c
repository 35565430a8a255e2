/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <proto/copy.h>
#include <stdlib.h>

/* The driver's actor: events in, callbacks out. The struct behind it, struct troupe_scheduler, is made by
 * driver.c and outlives the actor. */
struct scheduler_actor {
        struct troupe_scheduler *driver;
        struct actor *self;
};

struct scheduler_ask {
        struct scheduler_ask *next, **link;
        troupe_scheduler_reply_fn reply;
        void *arg;
};

ACTOR_LOCAL_TYPE(scheduler_control_type, struct scheduler_control);
ACTOR_LOCAL_TYPE(scheduler_join_type, struct scheduler_join);
ACTOR_LOCAL_TYPE(scheduler_joined_type, struct scheduler_joined);

#define CALLBACK(s, name, ...)                                                          \
        do {                                                                            \
                if ((s)->callbacks.name != NULL)                                        \
                        (s)->callbacks.name((s), (s)->data __VA_OPT__(, ) __VA_ARGS__); \
        } while (0)

bool scheduler_in_turn(const struct troupe_scheduler *s)
{
        return atomic_load_explicit(&s->turn_thread, memory_order_relaxed) == pthread_self();
}

/* Only the thread itself can find its own id in turn_thread, so relaxed order is enough. */
static void turn_begin(struct troupe_scheduler *s, struct actor *self)
{
        s->self = self;
        atomic_store_explicit(&s->turn_thread, pthread_self(), memory_order_relaxed);
}

static void turn_end(struct troupe_scheduler *s)
{
        atomic_store_explicit(&s->turn_thread, 0, memory_order_relaxed);
        s->self = NULL;
}

static bool is_running(const struct troupe_scheduler *s)
{
        return atomic_load(&s->status) == TROUPE_SCHEDULER_RUNNING;
}

void scheduler_forward(struct troupe_scheduler *s, Sched__Call *call_take)
{
        if (!s->connected) {
                scheduler_give_back(s, call_take, "The framework is not registered with a master");
                actor_msg_unref(call_take);
                return;
        }
        call_take->framework_id = proto_framework_id(call_take, s->framework_id);
        if (call_take->type == SCHED__CALL__TYPE__ACCEPT)
                actor_send_returnable(s->self, s->session, call_take);
        else
                actor_send(s->self, s->session, call_take);
}

static void answer_joiners(struct troupe_scheduler *s)
{
        for (size_t i = 0; i < s->joiner_count; i++) {
                struct scheduler_joined *joined = actor_msg_new(&scheduler_joined_type);
                joined->status = atomic_load(&s->status);
                actor_reply_to(s->self, s->joiners[i], joined);
        }
        s->joiner_count = 0;
}

void scheduler_end(struct troupe_scheduler *s, enum scheduler_command command)
{
        if (!is_running(s))
                return;
        if (command == SCHEDULER_STOP && s->connected)
                scheduler_forward(s, scheduler_call_new(SCHED__CALL__TYPE__TEARDOWN));
        atomic_store(&s->status,
                     command == SCHEDULER_ABORT ? TROUPE_SCHEDULER_ABORTED : TROUPE_SCHEDULER_STOPPED);
        s->connected = false;
        answer_joiners(s);
        actor_exit(s->self, 0);
}

/* ---- events ------------------------------------------------------------------------------------ */

static void on_subscribed(struct troupe_scheduler *s, const struct actor_mail *mail,
                          const Sched__Event *event)
{
        bool again = s->connected;
        if (event->subscribed == NULL || !subscription_accept(s, mail, event) || again)
                return;
        actor_log_info(s->self, "scheduler: registered as framework %s", s->framework_id);
        if (s->registered_once)
                CALLBACK(s, reregistered, event->subscribed->master_info);
        else
                CALLBACK(s, registered, event->subscribed->framework_id, event->subscribed->master_info);
        s->registered_once = true;
}

static void on_update(struct troupe_scheduler *s, const Sched__Event__Update *update)
{
        if (update == NULL)
                return;
        CALLBACK(s, status_update, update->status);
        if (!s->manual_acknowledgements && is_running(s))
                troupe_scheduler_acknowledge(s, update->status);
}

static void on_failure(struct troupe_scheduler *s, const Sched__Event__Failure *failure)
{
        if (failure == NULL || failure->agent_id == NULL)
                return;
        if (failure->executor_id != NULL)
                CALLBACK(s, executor_lost, failure->agent_id, failure->executor_id,
                         failure->has_status ? failure->status : -1);
        else
                CALLBACK(s, agent_lost, failure->agent_id);
}

static void on_error(struct troupe_scheduler *s, const Sched__Event__Error *fault)
{
        const char *message = fault != NULL ? fault->message : "The master refused the framework";
        actor_log_info(s->self, "scheduler: aborted: %s", message);
        scheduler_end(s, SCHEDULER_ABORT);
        CALLBACK(s, error, message);
}

static bool is_from_master(const struct troupe_scheduler *s, const struct actor_mail *mail,
                           Sched__Event__Type type)
{
        if (actor_ref_equal(mail->from, actor_self(s->self)))
                return true; /* given back by lost.c */
        if (s->connected)
                return actor_ref_equal(mail->from, s->session) || type == SCHED__EVENT__TYPE__SUBSCRIBED;
        return type == SCHED__EVENT__TYPE__SUBSCRIBED || type == SCHED__EVENT__TYPE__ERROR;
}

static int on_event(struct troupe_scheduler *s, const struct actor_mail *mail, const Sched__Event *event)
{
        if (!is_running(s) || !is_from_master(s, mail, event->type)) {
                actor_log_debug(s->self, "scheduler: event %d is not from our session, ignoring",
                                (int) event->type);
                return 0;
        }
        CALLBACK(s, event, event);
        switch (event->type) {
        case SCHED__EVENT__TYPE__SUBSCRIBED:
                on_subscribed(s, mail, event);
                break;
        case SCHED__EVENT__TYPE__OFFERS:
                if (event->offers != NULL)
                        CALLBACK(s, resource_offers, event->offers->offers, event->offers->n_offers);
                break;
        case SCHED__EVENT__TYPE__RESCIND:
                if (event->rescind != NULL)
                        CALLBACK(s, offer_rescinded, event->rescind->offer_id);
                break;
        case SCHED__EVENT__TYPE__UPDATE:
                on_update(s, event->update);
                break;
        case SCHED__EVENT__TYPE__MESSAGE:
                if (event->message != NULL)
                        CALLBACK(s, framework_message, event->message);
                break;
        case SCHED__EVENT__TYPE__FAILURE:
                on_failure(s, event->failure);
                break;
        case SCHED__EVENT__TYPE__ERROR:
                on_error(s, event->error);
                break;
        default: /* heartbeats and types of later versions: `event` has shown them */
                break;
        }
        return 0;
}

/* ---- the rest of the mailbox ------------------------------------------------------------------- */

/* A call made by another actor or thread: immutable, so it gets a shell of its own. */
static int on_call(struct troupe_scheduler *s, const struct actor_mail *mail, const Sched__Call *call)
{
        if (!is_running(s) || call->type == SCHED__CALL__TYPE__SUBSCRIBE)
                return 0;
        if (call->type == SCHED__CALL__TYPE__TEARDOWN) {
                scheduler_end(s, SCHEDULER_STOP);
                return 0;
        }
        Sched__Call *shell = actor_msg_new(&sched_call_type);
        *shell = *call;
        actor_msg_hold(shell, call);
        scheduler_forward(s, shell);
        return 0;
}

static int on_control(struct troupe_scheduler *s, const struct actor_mail *mail,
                      const struct scheduler_control *control)
{
        scheduler_end(s, control->command);
        return 0;
}

static int on_join(struct troupe_scheduler *s, const struct actor_mail *mail,
                   const struct scheduler_join *join)
{
        ACTOR_ARRAY_RESERVE(s->joiners, s->joiner_count, s->joiners_max);
        s->joiners[s->joiner_count++] = actor_asker(mail);
        return 0;
}

static int on_retry(struct troupe_scheduler *s, const struct actor_mail *mail, const void *retry)
{
        s->timer = 0;
        if (is_running(s) && !s->connected)
                subscription_begin(s);
        return 0;
}

static int on_other(struct troupe_scheduler *s, const struct actor_mail *mail, const void *body)
{
        if (!is_running(s) || s->callbacks.other == NULL)
                return 0;
        int r = s->callbacks.other(s, s->data, mail, body);
        if (r < 0) {
                actor_log_error(s->self, "scheduler: aborted: the framework failed on %s: error %d",
                                actor_msg_type(body)->name, -r);
                scheduler_end(s, SCHEDULER_ABORT);
        }
        return 0;
}

static int on_down(struct troupe_scheduler *s, const struct actor_mail *mail, const struct actor_down *down)
{
        if (!is_running(s))
                return 0;
        if (down->monitor == s->master_watch || down->monitor == s->session_watch) {
                if (subscription_lost(s, down)) {
                        actor_log_info(s->self, "scheduler: lost the master, registering again");
                        CALLBACK(s, disconnected);
                }
                return 0;
        }
        return on_other(s, mail, down);
}

static int on_undelivered(struct troupe_scheduler *s, const struct actor_mail *mail,
                          const struct actor_undelivered *undelivered)
{
        if (actor_msg_type(undelivered->msg) != &sched_call_type)
                return on_other(s, mail, undelivered);
        if (is_running(s))
                scheduler_give_back(s, undelivered->msg, "The master could not be reached");
        return 0;
}

/* Each handler is a turn: within it, and only then, calls go straight to the master. */
#define TURN_BIND(name)                                                                       \
        static int name##_bound(void *state, const struct actor_mail *mail, const void *body) \
        {                                                                                     \
                struct troupe_scheduler *s = ((struct scheduler_actor *) state)->driver;      \
                turn_begin(s, mail->self);                                                    \
                int r = name(s, mail, body);                                                  \
                turn_end(s);                                                                  \
                return r;                                                                     \
        }

TURN_BIND(on_event)
TURN_BIND(on_call)
TURN_BIND(on_control)
TURN_BIND(on_join)
TURN_BIND(on_retry)
TURN_BIND(on_down)
TURN_BIND(on_undelivered)
TURN_BIND(on_other)

static const struct actor_handler handlers[] = {
        {&sched_event_type, on_event_bound, ACTOR_FROM_REMOTE | ACTOR_FROM_LOCAL | ACTOR_FROM_SELF},
        {&sched_call_type, on_call_bound, ACTOR_FROM_LOCAL},
        {&scheduler_control_type, on_control_bound, ACTOR_FROM_LOCAL | ACTOR_FROM_PARENT},
        {&scheduler_join_type, on_join_bound, ACTOR_FROM_LOCAL | ACTOR_FROM_PARENT},
        {&scheduler_retry_type, on_retry_bound, ACTOR_FROM_SELF},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        {&actor_undelivered_type, on_undelivered_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};

static int scheduler_init(void *state, struct actor *self, const void *config)
{
        struct scheduler_actor *a = state;
        /* The actor works on the driver object itself; config is const only by the runtime's signature. */
        a->driver = (struct troupe_scheduler *) (uintptr_t) config;
        turn_begin(a->driver, self);
        CALLBACK(a->driver, started);
        subscription_begin(a->driver);
        turn_end(a->driver);
        return 0;
}

static void cancel_asks(struct troupe_scheduler *s)
{
        struct actor_mail mail = {.error = -ECANCELED};
        while (s->asks != NULL) {
                struct scheduler_ask *ask = s->asks;
                s->asks = ask->next;
                ask->reply(s, &mail, NULL, ask->arg);
                free(ask);
        }
}

static void scheduler_fini(void *state)
{
        struct troupe_scheduler *s = ((struct scheduler_actor *) state)->driver;
        if (s == NULL)
                return;
        int running = TROUPE_SCHEDULER_RUNNING;
        atomic_compare_exchange_strong(&s->status, &running, TROUPE_SCHEDULER_STOPPED);
        cancel_asks(s);
        CALLBACK(s, ended, (enum troupe_scheduler_status) atomic_load(&s->status));
}

const struct actor_class scheduler_class = {
        .name = "scheduler",
        .state_size = sizeof(struct scheduler_actor),
        .init = scheduler_init,
        .fini = scheduler_fini,
        .handlers = handlers,
        .handle_other = on_other_bound,
};

/* ---- asks of the framework ---------------------------------------------------------------------- */

static int on_reply(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct troupe_scheduler *s = ((struct scheduler_actor *) state)->driver;
        struct scheduler_ask *ask = arg;
        *ask->link = ask->next;
        if (ask->next != NULL)
                ask->next->link = ask->link;
        turn_begin(s, mail->self);
        ask->reply(s, mail, body, ask->arg);
        turn_end(s);
        free(ask);
        return 0;
}

void troupe_scheduler_ask(struct troupe_scheduler *s, struct actor_ref to, void *msg_take, int64_t timeout_ms,
                          troupe_scheduler_reply_fn reply, void *arg)
{
        assert(scheduler_in_turn(s));
        struct scheduler_ask *ask = actor_malloc(sizeof *ask);
        *ask = (struct scheduler_ask){.next = s->asks, .link = &s->asks, .reply = reply, .arg = arg};
        if (s->asks != NULL)
                s->asks->link = &ask->next;
        s->asks = ask;
        actor_ask(s->self, to, msg_take, timeout_ms, on_reply, ask);
}
