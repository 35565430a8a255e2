/* SPDX-License-Identifier: Apache-2.0 */
/* registration.c — the session with the master.
 *
 *     WAITING ──timer──▶ ASKING ──AgentRegistered──▶ REGISTERED
 *        ▲                  │ back-off: ask again        │ DOWN, silence, Ping{connected: false}
 *        └──────────────────┴────────────────────────────┘
 *     any ──agent_stop──▶ STOPPING (rooms end their executors; then UnregisterAgent and out)
 *
 * The first attempt goes out at once; after a loss the wait is random, so that a thousand agents
 * do not fall on a new master together. */
#include "registration/registration.h"

#include "arena.h"
#include "registration/backoff.h"
#include "registration/messages.h"
#include "meta/messages.h"
#include "supervision/messages.h"
#include "updates/messages.h"
#include <actor/log.h>
#include <actor/memory.h>
#include <actor/node.h>
#include <assert.h>
#include <proto/copy.h>
#include <string.h>

ACTOR_LOCAL_TYPE(agent_session_type, struct agent_session);
ACTOR_LOCAL_TYPE(agent_stop_type, struct agent_stop);
ACTOR_LOCAL_TYPE(registration_begin_type, struct registration_begin);

struct attempt_due {
        bool unused;
};
static ACTOR_LOCAL_TYPE(attempt_due_type, struct attempt_due);
struct silence {
        bool unused;
};
static ACTOR_LOCAL_TYPE(silence_type, struct silence);
struct stop_overdue {
        bool unused;
};
static ACTOR_LOCAL_TYPE(stop_overdue_type, struct stop_overdue);

#define PING_TIMEOUT_DEFAULT_MS (75 * 1000) /* until the master has said otherwise */
#define INVENTORY_TIMEOUT_MS (30 * 1000)

enum state { WAITING, ASKING, REGISTERED, STOPPING };

struct registration {
        struct registration_config config;
        struct registration_begin rooms;
        V1__AgentInfo *agent; /* ours; `agent->id` once there is one */
        char *agent_id;       /* NULL until then */
        enum state state;
        size_t master_index, master_count;
        struct actor_ref session;
        uint64_t monitor, attempt_timer, silence_timer;
        unsigned attempts;
        uint64_t attempts_id; /* of the attempts since a master was last had */
        int64_t ping_timeout_ms;
};

static const char *master_now(const struct registration *r)
{
        return r->config.masters[r->master_index];
}

static void tell_rooms(struct registration *r, struct actor *self)
{
        struct agent_session *session = actor_msg_new(&agent_session_type);
        session->connected = r->state == REGISTERED;
        ACTOR_METRIC_SET(r->config.metrics->registered, session->connected);
        session->agent = proto_copy(session, r->agent);
        session->agent_id = r->agent_id ? actor_msg_strdup(session, r->agent_id) : NULL;
        session->master = actor_msg_strdup(session, master_now(r));
        actor_send(self, r->rooms.supervision, actor_msg_ref(session));
        actor_send(self, r->rooms.updates, actor_msg_ref(session));
        for (size_t i = 0; i < r->rooms.observer_count; i++)
                actor_send(self, r->rooms.observers[i], actor_msg_ref(session));
        actor_msg_unref(session);
}

/* ---- registering ------------------------------------------------------------------------------- */

static const V1__AgentInfo__Capability__Type capabilities[] = {
        V1__AGENT_INFO__CAPABILITY__TYPE__MULTI_ROLE,
        V1__AGENT_INFO__CAPABILITY__TYPE__HIERARCHICAL_ROLE,
        V1__AGENT_INFO__CAPABILITY__TYPE__RESERVATION_REFINEMENT,
};

static V1__AgentInfo__Capability **capabilities_make(void *msg, size_t *ret_count)
{
        size_t count = sizeof capabilities / sizeof *capabilities;
        V1__AgentInfo__Capability **list = actor_msg_alloc(msg, count * sizeof *list);
        for (size_t i = 0; i < count; i++) {
                list[i] = ARENA_NEW(msg, V1__AgentInfo__Capability, v1__agent_info__capability);
                list[i]->has_type = true;
                list[i]->type = capabilities[i];
        }
        *ret_count = count;
        return list;
}

static void send_to_master(struct registration *r, struct actor *self, void *msg_take)
{
        CLEANUP(actor_freep) char *address = actor_asprintf("master@%s", master_now(r));
        struct actor_ref master;
        struct actor_error error;
        if (actor_node_resolve(actor_node(self), address, &master, &error) != 0) {
                actor_log_warn(self, "registration: master \"%s\": %s", master_now(r), error.text);
                actor_msg_unref(msg_take);
                return;
        }
        actor_send(self, master, msg_take);
}

static void send_register(struct registration *r, struct actor *self)
{
        Troupe__RegisterAgent *msg = actor_msg_new(&register_agent_type);
        msg->agent = proto_copy(msg, r->agent);
        msg->version = TROUPE_VERSION;
        msg->capabilities = capabilities_make(msg, &msg->n_capabilities);
        send_to_master(r, self, msg);
}

static int send_reregister(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct registration *r = state;
        const struct inventory *inventory = body;
        if (r->state != ASKING)
                return 0;
        if (inventory == NULL) { /* supervision is busy; the next attempt asks it again */
                actor_log_warn(mail->self, "registration: no inventory in %d ms", INVENTORY_TIMEOUT_MS);
                return 0;
        }
        Troupe__ReregisterAgent *msg = actor_msg_new(&reregister_agent_type);
        actor_msg_hold(msg, inventory);
        msg->agent = proto_copy(msg, r->agent);
        msg->version = TROUPE_VERSION;
        msg->capabilities = capabilities_make(msg, &msg->n_capabilities);
        msg->n_tasks = inventory->task_count;
        msg->tasks = inventory->tasks;
        msg->n_executors = inventory->executor_count;
        msg->executors = inventory->executors;
        msg->n_frameworks = inventory->framework_count;
        msg->frameworks = inventory->frameworks;
        msg->has_attempts_id = true;
        msg->attempts_id = r->attempts_id;
        send_to_master(r, mail->self, msg);
        return 0;
}

static void attempt_after(struct registration *r, struct actor *self, int64_t delay_ms)
{
        actor_timer_cancel(self, r->attempt_timer);
        r->attempt_timer = actor_after(self, delay_ms, actor_msg_new(&attempt_due_type));
}

static int on_attempt(struct registration *r, const struct actor_mail *mail, const struct attempt_due *msg)
{
        r->attempt_timer = 0;
        if (r->state != WAITING && r->state != ASKING)
                return 0;
        if (r->attempts > 0) /* who did not answer may not be the leader: try the next */
                r->master_index = (r->master_index + 1) % r->master_count;
        r->state = ASKING;
        ACTOR_METRIC_ADD(r->config.metrics->registration_attempts, 1);
        actor_log_debug(mail->self, "registration: asking master \"%s\", attempt %u", master_now(r),
                        r->attempts + 1);
        if (r->agent_id)
                actor_ask(mail->self, r->rooms.supervision, actor_msg_new(&inventory_request_type),
                          INVENTORY_TIMEOUT_MS, send_reregister, NULL);
        else
                send_register(r, mail->self);
        attempt_after(r, mail->self,
                      backoff_delay_ms(r->config.backoff_factor_ms, r->attempts, actor_random(mail->self)));
        r->attempts++;
        return 0;
}

static int on_begin(struct registration *r, const struct actor_mail *mail,
                    const struct registration_begin *msg)
{
        assert(msg->observer_count <= sizeof msg->observers / sizeof *msg->observers);
        r->rooms = *msg;
        r->attempts_id = actor_random(mail->self);
        tell_rooms(r, mail->self);
        attempt_after(r, mail->self, 0);
        return 0;
}

/* ---- being registered -------------------------------------------------------------------------- */

static void silence_restart(struct registration *r, struct actor *self)
{
        actor_timer_cancel(self, r->silence_timer);
        r->silence_timer = actor_after(self, r->ping_timeout_ms, actor_msg_new(&silence_type));
}

static void session_end(struct registration *r, struct actor *self)
{
        actor_demonitor(self, r->monitor);
        actor_timer_cancel(self, r->silence_timer);
        r->monitor = r->silence_timer = 0;
        r->session = ACTOR_NOBODY;
}

static void lost(struct registration *r, struct actor *self, const char *why)
{
        if (r->state != REGISTERED)
                return;
        actor_log_warn(self, "registration: master \"%s\" lost: %s", master_now(r), why);
        session_end(r, self);
        r->state = WAITING;
        r->attempts = 0;
        r->attempts_id = actor_random(self);
        tell_rooms(r, self);
        attempt_after(r, self, backoff_delay_ms(r->config.backoff_factor_ms, 0, actor_random(self)));
}

static void remember_id(struct registration *r, struct actor *self, const char *id)
{
        assert(r->agent_id == NULL);
        r->agent_id = actor_strdup(id);
        V1__AgentID agent_id = V1__AGENT_ID__INIT;
        agent_id.value = r->agent_id;
        V1__AgentInfo with_id = *r->agent;
        with_id.id = &agent_id;
        V1__AgentInfo *copy = proto_dup(&with_id);
        proto_free(r->agent);
        r->agent = copy;

        struct meta_commit *commit = actor_msg_new(&meta_commit_type);
        struct actor_store_change *change = actor_msg_alloc(commit, sizeof *change);
        uint8_t *packed = actor_msg_alloc(commit, protobuf_c_message_get_packed_size(&copy->base));
        change->key = REGISTRATION_RECORD;
        change->key_size = strlen(REGISTRATION_RECORD);
        change->value_size = protobuf_c_message_pack(&copy->base, packed);
        change->value = packed;
        commit->count = 1;
        commit->changes = change;
        actor_send(self, r->rooms.meta, commit);
}

/* Before the rooms hear that there is a master again: no update of these frameworks may go out. */
static void end_frameworks(struct registration *r, struct actor *self, const Troupe__AgentRegistered *msg)
{
        for (size_t i = 0; i < msg->n_ended_frameworks; i++) {
                Troupe__ShutdownFramework *order = actor_msg_new(&shutdown_framework_type);
                actor_msg_hold(order, msg);
                order->framework_id = msg->ended_frameworks[i];
                actor_send(self, r->rooms.supervision, order);
                struct updates_forget *forget = actor_msg_new(&updates_forget_type);
                actor_msg_hold(forget, msg);
                forget->framework_id = msg->ended_frameworks[i]->value;
                actor_send(self, r->rooms.updates, forget);
        }
}

static int on_registered(struct registration *r, const struct actor_mail *mail,
                         const Troupe__AgentRegistered *msg)
{
        if (r->state != ASKING) { /* the answer to a repeated attempt */
                actor_log_debug(mail->self, "registration: answer not awaited any more, ignoring");
                return 0;
        }
        if (r->agent_id && strcmp(r->agent_id, msg->agent_id->value) != 0) {
                actor_log_error(mail->self,
                                "registration: master \"%s\" calls this agent \"%s\", it is \"%s\"",
                                master_now(r), msg->agent_id->value, r->agent_id);
                return 0;
        }
        actor_timer_cancel(mail->self, r->attempt_timer);
        r->attempt_timer = 0;
        if (r->agent_id == NULL)
                remember_id(r, mail->self, msg->agent_id->value);
        r->state = REGISTERED;
        r->session = mail->from;
        r->monitor = actor_monitor(mail->self, r->session);
        if (msg->has_total_ping_timeout_seconds && msg->total_ping_timeout_seconds >= 0.001)
                r->ping_timeout_ms = (int64_t) (msg->total_ping_timeout_seconds * 1000);
        silence_restart(r, mail->self);
        actor_log_info(mail->self, "registration: agent %s %s at master \"%s\"", r->agent_id,
                       msg->reregistered ? "registered again" : "registered", master_now(r));
        end_frameworks(r, mail->self, msg);
        tell_rooms(r, mail->self);
        actor_send(mail->self, r->rooms.supervision, actor_msg_ref(msg));
        return 0;
}

static int on_refused(struct registration *r, const struct actor_mail *mail, const Troupe__AgentRefused *msg)
{
        if (r->state != ASKING && !actor_ref_equal(mail->from, r->session))
                return 0;
        actor_log_error(mail->self, "registration: master \"%s\" refuses this agent: %s", master_now(r),
                        msg->message);
        actor_node_shutdown(actor_node(mail->self), 1);
        return 0;
}

static int on_ping(struct registration *r, const struct actor_mail *mail, const Troupe__Ping *msg)
{
        if (!actor_ref_equal(mail->from, r->session))
                return 0;
        actor_reply(mail, actor_msg_new(&pong_type));
        silence_restart(r, mail->self);
        if (!msg->connected)
                lost(r, mail->self, "it has given this agent up");
        return 0;
}

static int on_silence(struct registration *r, const struct actor_mail *mail, const struct silence *msg)
{
        r->silence_timer = 0;
        lost(r, mail->self, "no ping for too long");
        return 0;
}

static int on_down(struct registration *r, const struct actor_mail *mail, const struct actor_down *msg)
{
        if (msg->monitor == r->monitor)
                lost(r, mail->self,
                     msg->reason == ACTOR_DOWN_UNREACHABLE ? "connection broken" : "its session has ended");
        return 0;
}

/* ---- the gate ---------------------------------------------------------------------------------- */

static int hand_inside(struct registration *r, const struct actor_mail *mail, const void *body,
                       struct actor_ref room)
{
        if (!actor_ref_equal(mail->from, r->session)) {
                actor_log_warn(mail->self, "registration: %s not from the master's session: dropped",
                               actor_msg_type(body)->name);
                return 0;
        }
        actor_send(mail->self, room, actor_msg_ref(body));
        return 0;
}

static int to_supervision(void *state, const struct actor_mail *mail, const void *body)
{
        return hand_inside(state, mail, body, ((struct registration *) state)->rooms.supervision);
}

static int to_updates(void *state, const struct actor_mail *mail, const void *body)
{
        return hand_inside(state, mail, body, ((struct registration *) state)->rooms.updates);
}

static int to_master(void *state, const struct actor_mail *mail, const void *body)
{
        struct registration *r = state;
        if (!actor_ref_is_nobody(r->session))
                actor_send(mail->self, r->session, actor_msg_ref(body));
        return 0;
}

/* ---- ending ------------------------------------------------------------------------------------ */

static int on_stop(struct registration *r, const struct actor_mail *mail, const struct agent_stop *msg)
{
        if (r->state == STOPPING) {
                actor_log_warn(mail->self, "registration: told to stop again: ending at once");
                actor_node_shutdown(actor_node(mail->self), 1);
                return 0;
        }
        actor_log_info(mail->self, "registration: agent stops: signal %d", msg->signal);
        r->state = STOPPING;
        actor_timer_cancel(mail->self, r->attempt_timer);
        actor_timer_cancel(mail->self, r->silence_timer);
        actor_send(mail->self, r->rooms.supervision, actor_msg_new(&supervision_stop_type));
        actor_after(mail->self, r->config.stop_timeout_ms, actor_msg_new(&stop_overdue_type));
        return 0;
}

static int on_stop_overdue(struct registration *r, const struct actor_mail *mail,
                           const struct stop_overdue *msg)
{
        actor_log_warn(mail->self, "registration: executors have not ended in %lld ms: leaving them",
                       (long long) r->config.stop_timeout_ms);
        actor_node_shutdown(actor_node(mail->self), 1);
        return 0;
}

static int on_supervision_stopped(struct registration *r, const struct actor_mail *mail,
                                  const struct supervision_stopped *msg)
{
        if (r->state != STOPPING)
                return 0;
        if (msg->executors_left == 0 && r->agent_id && !actor_ref_is_nobody(r->session)) {
                Troupe__UnregisterAgent *leave = actor_msg_new(&unregister_agent_type);
                leave->agent_id = proto_agent_id(leave, r->agent_id);
                actor_send(mail->self, r->session, leave);
                struct meta_commit *forget = actor_msg_new(&meta_commit_type);
                struct actor_store_change *change = actor_msg_alloc(forget, sizeof *change);
                *change = (struct actor_store_change){
                        .key = REGISTRATION_RECORD, .key_size = strlen(REGISTRATION_RECORD), .erase = true};
                forget->count = 1;
                forget->changes = change;
                actor_send(mail->self, r->rooms.meta, forget);
        } else if (msg->executors_left > 0) {
                actor_log_info(mail->self, "registration: %zu executors of checkpointing frameworks live on",
                               msg->executors_left);
        }
        actor_node_shutdown(actor_node(mail->self), 0);
        return 0;
}

ACTOR_BIND(on_begin, struct registration, struct registration_begin)
ACTOR_BIND(on_attempt, struct registration, struct attempt_due)
ACTOR_BIND(on_registered, struct registration, Troupe__AgentRegistered)
ACTOR_BIND(on_refused, struct registration, Troupe__AgentRefused)
ACTOR_BIND(on_ping, struct registration, Troupe__Ping)
ACTOR_BIND(on_silence, struct registration, struct silence)
ACTOR_BIND(on_down, struct registration, struct actor_down)
ACTOR_BIND(on_stop, struct registration, struct agent_stop)
ACTOR_BIND(on_stop_overdue, struct registration, struct stop_overdue)
ACTOR_BIND(on_supervision_stopped, struct registration, struct supervision_stopped)

static const struct actor_handler handlers[] = {
        {&registration_begin_type, on_begin_bound, ACTOR_FROM_PARENT | ACTOR_FROM_LOCAL},
        {&attempt_due_type, on_attempt_bound, ACTOR_FROM_SELF},
        {&silence_type, on_silence_bound, ACTOR_FROM_SELF},
        {&stop_overdue_type, on_stop_overdue_bound, ACTOR_FROM_SELF},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        {&agent_stop_type, on_stop_bound, ACTOR_FROM_LOCAL},
        {&supervision_stopped_type, on_supervision_stopped_bound, ACTOR_FROM_LOCAL},
        {&agent_registered_type, on_registered_bound, ACTOR_FROM_REMOTE},
        {&agent_refused_type, on_refused_bound, ACTOR_FROM_REMOTE},
        {&ping_type, on_ping_bound, ACTOR_FROM_REMOTE},
        {&run_tasks_type, to_supervision, ACTOR_FROM_REMOTE},
        {&run_task_group_type, to_supervision, ACTOR_FROM_REMOTE},
        {&kill_task_type, to_supervision, ACTOR_FROM_REMOTE},
        {&shutdown_executor_type, to_supervision, ACTOR_FROM_REMOTE},
        {&shutdown_framework_type, to_supervision, ACTOR_FROM_REMOTE},
        {&update_framework_type, to_supervision, ACTOR_FROM_REMOTE},
        {&framework_message_type, to_supervision, ACTOR_FROM_REMOTE},
        {&status_update_acknowledgement_type, to_updates, ACTOR_FROM_REMOTE},
        {&status_update_type, to_master, ACTOR_FROM_LOCAL},
        {&exited_executor_type, to_master, ACTOR_FROM_LOCAL},
        {&executor_message_type, to_master, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static int registration_init(void *state, struct actor *self, const void *config)
{
        struct registration *r = state;
        r->config = *(const struct registration_config *) config;
        r->agent = proto_dup(r->config.agent);
        r->config.agent = NULL;
        r->agent_id = r->agent->id ? actor_strdup(r->agent->id->value) : NULL;
        r->ping_timeout_ms = PING_TIMEOUT_DEFAULT_MS;
        while (r->config.masters[r->master_count])
                r->master_count++;
        assert(r->master_count > 0);
        return 0;
}

static void registration_fini(void *state)
{
        struct registration *r = state;
        proto_free(r->agent);
        actor_freep(&r->agent_id);
}

const struct actor_class registration_class = {
        .name = "registration",
        .state_size = sizeof(struct registration),
        .init = registration_init,
        .fini = registration_fini,
        .handlers = handlers,
};
