/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

struct peer *agent_session_peer_find(struct agent_session *s, const char *framework_id)
{
        struct peer *peer = NULL;
        HASH_FIND_STR(s->peers, framework_id, peer);
        return peer;
}

struct peer *agent_session_peer_set(struct agent_session *s, const char *framework_id,
                                    struct actor_ref session, bool checkpoint)
{
        struct peer *peer = agent_session_peer_find(s, framework_id);
        if (peer == NULL) {
                peer = actor_zalloc(sizeof *peer);
                peer->framework_id = actor_strdup(framework_id);
                HASH_ADD_KEYPTR(hh, s->peers, peer->framework_id, strlen(peer->framework_id), peer);
        }
        peer->session = session;
        peer->checkpoint = checkpoint;
        return peer;
}

void agent_session_peer_remove(struct agent_session *s, struct peer *peer)
{
        HASH_DEL(s->peers, peer);
        free(peer->framework_id);
        free(peer);
}

void agent_session_peers_remove_dropped(struct agent_session *s)
{
        struct peer *peer, *next;
        HASH_ITER(hh, s->peers, peer, next)
        {
                if (peer->dropped)
                        agent_session_peer_remove(s, peer);
        }
}

void agent_session_peers_free(struct agent_session *s)
{
        struct peer *peer, *next;
        HASH_ITER(hh, s->peers, peer, next)
        agent_session_peer_remove(s, peer);
}
