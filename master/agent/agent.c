/* SPDX-License-Identifier: Apache-2.0 */
/* agent.c: the actor, and what it passes on between framework sessions and its agent. Most messages
 * only change hands here: the same body goes on, by reference. */
#include "agent.h"
#include "session.h"
#include <actor/log.h>
#include <errno.h>
#include <proto/copy.h>

/* ---- from framework sessions to the agent ------------------------------------------------------------ */

static void refuse_launch(struct agent_session *s, struct actor_ref session, const void *launch,
                          V1__TaskStatus__Reason reason)
{
        struct framework_launch_refused *msg = actor_msg_new(&framework_launch_refused_type);
        actor_msg_hold(msg, launch);
        msg->agent_id = actor_msg_strdup(msg, s->id);
        msg->launch = launch;
        msg->reason = reason;
        actor_send(s->self, session, msg);
}

static int launch(struct agent_session *s, const struct actor_mail *mail, const V1__FrameworkInfo *framework,
                  const void *body)
{
        if (!s->connected) {
                refuse_launch(s, mail->from, body,
                              s->leaving ? V1__TASK_STATUS__REASON__REASON_AGENT_REMOVED
                                         : V1__TASK_STATUS__REASON__REASON_AGENT_DISCONNECTED);
                return 0;
        }
        struct peer *peer = agent_session_peer_set(s, framework->id->value, mail->from,
                                                   framework->has_checkpoint && framework->checkpoint);
        peer->dropped = false; /* the admission before it ends what was */
        actor_send_returnable(s->self, s->agent, actor_msg_ref(body));
        return 0;
}

static int on_run_tasks(struct agent_session *s, const struct actor_mail *mail, const Troupe__RunTasks *msg)
{
        return launch(s, mail, msg->framework, msg);
}

static int on_run_task_group(struct agent_session *s, const struct actor_mail *mail,
                             const Troupe__RunTaskGroup *msg)
{
        return launch(s, mail, msg->framework, msg);
}

static int on_undelivered(struct agent_session *s, const struct actor_mail *mail,
                          const struct actor_undelivered *undelivered)
{
        const struct actor_type *type = actor_msg_type(undelivered->msg);
        const V1__FrameworkInfo *framework = NULL;
        if (type == &run_tasks_type)
                framework = ((const Troupe__RunTasks *) undelivered->msg)->framework;
        else if (type == &run_task_group_type)
                framework = ((const Troupe__RunTaskGroup *) undelivered->msg)->framework;
        struct peer *peer = framework ? agent_session_peer_find(s, framework->id->value) : NULL;
        if (peer != NULL)
                refuse_launch(s, peer->session, undelivered->msg,
                              V1__TASK_STATUS__REASON__REASON_AGENT_DISCONNECTED);
        return 0;
}

/* Best effort: what must not be lost is asked for again when the agent returns. */
static int on_forward(struct agent_session *s, const struct actor_mail *mail, const void *body)
{
        if (s->connected)
                actor_send(s->self, s->agent, actor_msg_ref(body));
        return 0;
}

static int on_shutdown_framework(struct agent_session *s, const struct actor_mail *mail,
                                 const Troupe__ShutdownFramework *msg)
{
        struct peer *peer = agent_session_peer_find(s, msg->framework_id->value);
        if (peer != NULL && !s->connected)
                peer->dropped = true; /* said again when the agent returns */
        else if (peer != NULL)
                agent_session_peer_remove(s, peer);
        return on_forward(s, mail, msg);
}

/* ---- from the agent to framework sessions ------------------------------------------------------------- */

static bool from_agent(struct agent_session *s, const struct actor_mail *mail)
{
        return actor_ref_equal(mail->from, s->agent) && s->connected;
}

static void pass_on(struct agent_session *s, const V1__FrameworkID *framework_id, const void *body)
{
        struct peer *peer = agent_session_peer_find(s, framework_id->value);
        if (peer != NULL && !peer->dropped) {
                actor_send(s->self, peer->session, actor_msg_ref(body));
                return;
        }
        actor_log_debug(s->self, "agent: %s speaks of framework \"%s\", which has ended: shutting it down",
                        s->id, framework_id->value);
        Troupe__ShutdownFramework *msg = actor_msg_new(&shutdown_framework_type);
        msg->framework_id = proto_framework_id(msg, framework_id->value);
        actor_send(s->self, s->agent, msg);
}

static int on_status_update(struct agent_session *s, const struct actor_mail *mail,
                            const Troupe__StatusUpdate *msg)
{
        if (!from_agent(s, mail))
                return 0;
        ACTOR_METRIC_ADD(s->rooms.metrics->status_updates, 1);
        pass_on(s, msg->framework_id, msg);
        return 0;
}

static int on_exited_executor(struct agent_session *s, const struct actor_mail *mail,
                              const Troupe__ExitedExecutor *msg)
{
        if (from_agent(s, mail))
                pass_on(s, msg->framework_id, msg);
        return 0;
}

static int on_executor_message(struct agent_session *s, const struct actor_mail *mail,
                               const Troupe__ExecutorMessage *msg)
{
        if (from_agent(s, mail))
                pass_on(s, msg->framework_id, msg);
        return 0;
}

static int on_unregister(struct agent_session *s, const struct actor_mail *mail,
                         const Troupe__UnregisterAgent *msg)
{
        if (!actor_ref_equal(mail->from, s->agent) && !actor_ref_equal(mail->from, s->rooms.membership))
                return 0;
        actor_log_info(s->self, "agent: %s leaves", s->id);
        agent_session_leaves(s, AGENT_LEFT_REMOVED);
        return 0;
}

/* ---- the actor ------------------------------------------------------------------------------------------
 */

static int on_join(struct agent_session *s, const struct actor_mail *mail, const struct agent_join *join)
{
        agent_session_joined(s, join);
        return 0;
}

static int on_down(struct agent_session *s, const struct actor_mail *mail, const struct actor_down *down)
{
        if (down->monitor == s->monitor)
                agent_session_disconnected(s, down->reason);
        return 0;
}

ACTOR_BIND(on_join, struct agent_session, struct agent_join)
ACTOR_BIND(agent_session_on_tick, struct agent_session, void)
ACTOR_BIND(on_down, struct agent_session, struct actor_down)
ACTOR_BIND(on_undelivered, struct agent_session, struct actor_undelivered)
ACTOR_BIND(on_run_tasks, struct agent_session, Troupe__RunTasks)
ACTOR_BIND(on_run_task_group, struct agent_session, Troupe__RunTaskGroup)
ACTOR_BIND(on_forward, struct agent_session, void)
ACTOR_BIND(on_shutdown_framework, struct agent_session, Troupe__ShutdownFramework)
ACTOR_BIND(agent_session_on_pong, struct agent_session, Troupe__Pong)
ACTOR_BIND(on_status_update, struct agent_session, Troupe__StatusUpdate)
ACTOR_BIND(on_exited_executor, struct agent_session, Troupe__ExitedExecutor)
ACTOR_BIND(on_executor_message, struct agent_session, Troupe__ExecutorMessage)
ACTOR_BIND(on_unregister, struct agent_session, Troupe__UnregisterAgent)

/* The agent is one actor of another node, or of this one in `troupe local` and tests. */
#define FROM_AGENT (ACTOR_FROM_REMOTE | ACTOR_FROM_LOCAL)

static const struct actor_handler handlers[] = {
        {&agent_join_type, on_join_bound, ACTOR_FROM_PARENT | ACTOR_FROM_LOCAL},
        {&agent_session_tick_type, agent_session_on_tick_bound, ACTOR_FROM_SELF},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        {&actor_undelivered_type, on_undelivered_bound, ACTOR_FROM_SYSTEM},
        {&run_tasks_type, on_run_tasks_bound, ACTOR_FROM_LOCAL},
        {&run_task_group_type, on_run_task_group_bound, ACTOR_FROM_LOCAL},
        {&kill_task_type, on_forward_bound, ACTOR_FROM_LOCAL},
        {&status_update_acknowledgement_type, on_forward_bound, ACTOR_FROM_LOCAL},
        {&shutdown_executor_type, on_forward_bound, ACTOR_FROM_LOCAL},
        {&update_framework_type, on_forward_bound, ACTOR_FROM_LOCAL},
        {&framework_message_type, on_forward_bound, ACTOR_FROM_LOCAL},
        {&shutdown_framework_type, on_shutdown_framework_bound, ACTOR_FROM_LOCAL},
        {&pong_type, agent_session_on_pong_bound, FROM_AGENT},
        {&status_update_type, on_status_update_bound, FROM_AGENT},
        {&exited_executor_type, on_exited_executor_bound, FROM_AGENT},
        {&executor_message_type, on_executor_message_bound, FROM_AGENT},
        {&unregister_agent_type, on_unregister_bound, FROM_AGENT},
        ACTOR_HANDLER_END,
};

static int agent_session_init(void *state, struct actor *self, const void *config)
{
        struct agent_session *s = state;
        const struct agent_start *start = config;
        s->self = self;
        s->rooms = *start->rooms;
        s->id = actor_strdup(start->join->agent_id);
        agent_session_joined(s, start->join);
        return 0;
}

static void agent_session_fini(void *state)
{
        struct agent_session *s = state;
        agent_session_count_as(s, NULL);
        agent_session_peers_free(s);
        actor_msg_unref(s->welcome);
        actor_msg_unref(s->join);
        free(s->id);
}

const struct actor_class agent_class = {
        .name = "agent",
        .state_size = sizeof(struct agent_session),
        .init = agent_session_init,
        .fini = agent_session_fini,
        .handlers = handlers,
};
