/* SPDX-License-Identifier: Apache-2.0 */
/* leave.c: the agent goes. The registry hears of it first; nobody else is told before it is stored,
 * because the next master will know nothing but the registry. */
#include "session.h"
#include "allocator/messages.h"
#include "registrar/messages.h"
#include <actor/log.h>
#include <assert.h>
#include <errno.h>

#define STORE_TIMEOUT_MS 20000

static struct framework_agent_left *left_new(struct agent_session *s, enum agent_left_reason reason)
{
        struct framework_agent_left *msg = actor_msg_new(&framework_agent_left_type);
        msg->agent_id = actor_msg_strdup(msg, s->id);
        msg->reason = reason;
        msg->when_ns = reason == AGENT_LEFT_DISCONNECTED ? actor_wall_ns(s->self) : s->left_ns;
        return msg;
}

static void list_dropped(struct agent_session *s, struct framework_agent_left *msg)
{
        const char **list = actor_msg_alloc(msg, (HASH_COUNT(s->peers) + 1) * sizeof *list);
        for (struct peer *peer = s->peers; peer != NULL; peer = peer->hh.next)
                if (peer->dropped)
                        list[msg->dropped_count++] = actor_msg_strdup(msg, peer->framework_id);
        msg->dropped_frameworks = list;
}

/* Frameworks that do not checkpoint lose their tasks with the connection. */
static void drop_uncheckpointed(struct agent_session *s)
{
        struct peer *peer, *next;
        HASH_ITER(hh, s->peers, peer, next)
        {
                if (peer->checkpoint || peer->dropped)
                        continue;
                peer->dropped = true;
                actor_send(s->self, peer->session, left_new(s, AGENT_LEFT_DISCONNECTED));
        }
}

void agent_session_disconnected(struct agent_session *s, enum actor_down_reason reason)
{
        s->monitor = 0;
        if (s->leaving)
                return;
        actor_log_info(s->self, "agent: %s disconnected: %s", s->id,
                       reason == ACTOR_DOWN_UNREACHABLE ? "connection lost" : "it has ended");
        agent_session_count_as(s, &s->rooms.metrics->agents_disconnected);
        s->connected = false;
        s->answers_awaited = 0;
        s->welcome = actor_msg_unref(s->welcome);
        if (s->listed)
                agent_session_activate(s, false);
        agent_session_report(s, false);
        drop_uncheckpointed(s);
        if (s->ping_timer == 0)
                agent_session_pings_start(s);
}

static void count_left(struct agent_session *s)
{
        struct master_metrics *metrics = s->rooms.metrics;
        agent_session_count_as(s, NULL);
        ACTOR_METRIC_ADD(*(s->left_reason == AGENT_LEFT_UNREACHABLE ? &metrics->agents_unreachable
                                                                    : &metrics->agents_removed),
                         1);
}

/* Should it hear us after all, it may register again at once. */
static void tell_agent(struct agent_session *s)
{
        Troupe__Ping *msg = actor_msg_new(&ping_type);
        msg->connected = false;
        actor_send(s->self, s->agent, msg);
}

static void finish(struct agent_session *s)
{
        struct allocator_remove_agent *removal = actor_msg_new(&allocator_remove_agent_type);
        removal->agent_id = actor_msg_strdup(removal, s->id);
        actor_send(s->self, s->rooms.allocator, removal);
        count_left(s);
        s->connected = false;
        agent_session_report(s, true);
        struct framework_agent_left *left = left_new(s, s->left_reason);
        list_dropped(s, left);
        actor_send(s->self, s->rooms.membership, left);
        if (s->left_reason == AGENT_LEFT_UNREACHABLE)
                tell_agent(s);
        actor_exit(s->self, 0);
}

static void store(struct agent_session *s);

static int on_stored(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct agent_session *s = state;
        const struct registrar_stored *stored = body;
        if (body == NULL) {
                actor_log_warn(s->self, "agent: %s is leaving and the registrar is silent, asking again",
                               s->id);
                store(s);
                return 0;
        }
        if (stored->outcome == REGISTRAR_FAILED)
                return -EIO;
        if (stored->outcome == REGISTRAR_REFUSED)
                actor_log_warn(s->self, "agent: %s is leaving and the registry does not know it: %s", s->id,
                               stored->message);
        finish(s);
        return 0;
}

static void store(struct agent_session *s)
{
        struct registrar_change *change = actor_msg_new(&registrar_change_type);
        change->kind = s->left_reason == AGENT_LEFT_UNREACHABLE ? REGISTRAR_MARK_UNREACHABLE
                                                                : REGISTRAR_REMOVE_AGENT;
        change->agent_id = actor_msg_strdup(change, s->id);
        change->when_ns = s->left_ns;
        actor_ask(s->self, s->rooms.registrar, change, STORE_TIMEOUT_MS, on_stored, NULL);
}

void agent_session_leaves(struct agent_session *s, enum agent_left_reason reason)
{
        assert(reason == AGENT_LEFT_UNREACHABLE || reason == AGENT_LEFT_REMOVED);
        if (s->leaving)
                return;
        s->leaving = true;
        s->left_reason = reason;
        s->left_ns = actor_wall_ns(s->self);
        s->welcome = actor_msg_unref(s->welcome);
        agent_session_pings_stop(s);
        store(s);
}
