/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_AGENT_SESSION_H
#define MASTER_AGENT_SESSION_H

#include "agent/messages.h"
#include "framework/messages.h"
#include "metrics.h"
#include <actor/hash_table.h>
#include <proto/resources.h>

/* The inside of an agent's session; for the files of this room. */

/* A framework that has, or had, something on this agent. */
struct peer {
        char *framework_id; /* the key */
        struct actor_ref session;
        bool checkpoint;
        bool dropped; /* its tasks here were given up when the connection broke: the agent must end them */
        UT_hash_handle hh;
};

struct agent_session {
        struct actor *self;
        struct agent_rooms rooms;
        char *id;
        const struct agent_join *join; /* the last one: a message held; info and version lie in it */
        const V1__AgentInfo *info;     /* with the id set; owned */
        struct actor_ref agent;
        uint64_t monitor, ping_timer;
        bool connected;
        bool listed;               /* the allocator knows the agent */
        bool leaving;              /* its departure is being written down: nothing may bring it back here */
        actor_metric_value *gauge; /* the one that counts this agent now; NULL: none */
        bool awaits_pong;
        unsigned pings_missed;
        int64_t registered_ns, reregistered_ns; /* wall */
        enum agent_left_reason left_reason;
        int64_t left_ns; /* wall */
        struct peer *peers;
        size_t answers_awaited; /* of framework sessions, before the agent is told that it has joined */
        uint64_t join_count;    /* tells answers of an earlier join apart */
        void *welcome;          /* the AgentRegistered being built meanwhile */
};

/* peers.c */
struct peer *agent_session_peer_find(struct agent_session *s, const char *framework_id);
struct peer *agent_session_peer_set(struct agent_session *s, const char *framework_id,
                                    struct actor_ref session, bool checkpoint);
void agent_session_peer_remove(struct agent_session *s, struct peer *peer);
void agent_session_peers_remove_dropped(struct agent_session *s);
void agent_session_peers_free(struct agent_session *s);

/* join.c: the agent has come, or come back. */
void agent_session_joined(struct agent_session *s, const struct agent_join *join);

/* leave.c: the connection broke; the agent is given up or leaves by itself. */
void agent_session_disconnected(struct agent_session *s, enum actor_down_reason reason);
void agent_session_leaves(struct agent_session *s, enum agent_left_reason reason);

/* reports.c: what the other rooms are told. */
void agent_session_report(struct agent_session *s, bool removed);
void agent_session_list(struct agent_session *s);
void agent_session_activate(struct agent_session *s, bool active);
void agent_session_count_as(struct agent_session *s, actor_metric_value *gauge);

/* pings.c */
extern const struct actor_type agent_session_tick_type;
void agent_session_pings_start(struct agent_session *s);
void agent_session_pings_stop(struct agent_session *s);
int agent_session_on_tick(struct agent_session *s, const struct actor_mail *mail, const void *body);
int agent_session_on_pong(struct agent_session *s, const struct actor_mail *mail, const Troupe__Pong *pong);

#endif
