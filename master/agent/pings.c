/* SPDX-License-Identifier: Apache-2.0 */
/* pings.c: is the agent alive?
 *
 * One ping is under way at a time. At each tick the last one must have been answered; if not it
 * counts as missed and the next is sent. After `pings_missed_max` in a row the agent is unreachable: with
 * the defaults (15 s, 5) that is 75 s after the first ping that was not answered. A broken connection does
 * not shorten this: the agent may be restarting, and its tasks live on. */
#include "session.h"
#include <actor/log.h>
#include <proto/copy.h>

struct agent_tick {
        char unused;
};
ACTOR_LOCAL_TYPE(agent_session_tick_type, struct agent_tick);

static void ping(struct agent_session *s)
{
        Troupe__Ping *msg = actor_msg_new(&ping_type);
        msg->connected = true;
        s->awaits_pong = true;
        actor_send(s->self, s->agent, msg);
}

void agent_session_pings_start(struct agent_session *s)
{
        agent_session_pings_stop(s);
        s->pings_missed = 0;
        s->ping_timer =
                actor_every(s->self, s->rooms.ping_timeout_ms, actor_msg_new(&agent_session_tick_type));
        ping(s);
}

void agent_session_pings_stop(struct agent_session *s)
{
        actor_timer_cancel(s->self, s->ping_timer);
        s->ping_timer = 0;
}

int agent_session_on_tick(struct agent_session *s, const struct actor_mail *mail, const void *body)
{
        if (s->awaits_pong && ++s->pings_missed >= s->rooms.pings_missed_max) {
                actor_log_info(s->self, "agent: %s unreachable: missed %u pings", s->id, s->pings_missed);
                agent_session_leaves(s, AGENT_LEFT_UNREACHABLE);
                return 0;
        }
        ping(s);
        return 0;
}

int agent_session_on_pong(struct agent_session *s, const struct actor_mail *mail, const Troupe__Pong *pong)
{
        if (!actor_ref_equal(mail->from, s->agent))
                return 0;
        s->awaits_pong = false;
        s->pings_missed = 0;
        if (s->connected) /* it has had its admission, and with it what to end */
                agent_session_peers_remove_dropped(s);
        return 0;
}
