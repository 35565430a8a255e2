/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

struct peer *peer_find(struct agent_session *s, const char *framework_id)
{
        struct peer *peer = NULL;
        HASH_FIND_STR(s->peers, framework_id, peer);
        return peer;
}

struct peer *peer_set(struct agent_session *s, const char *framework_id, struct actor_ref session,
                      bool checkpoint)
{
        struct peer *peer = peer_find(s, framework_id);
        if (peer == NULL) {
                peer = actor_zalloc(sizeof *peer);
                peer->framework_id = actor_strdup(framework_id);
                HASH_ADD_KEYPTR(hh, s->peers, peer->framework_id, strlen(peer->framework_id), peer);
        }
        peer->session = session;
        peer->checkpoint = checkpoint;
        return peer;
}

void peer_remove(struct agent_session *s, struct peer *peer)
{
        HASH_DEL(s->peers, peer);
        free(peer->framework_id);
        free(peer);
}

void peers_free(struct agent_session *s)
{
        struct peer *peer, *next;
        HASH_ITER(hh, s->peers, peer, next)
        peer_remove(s, peer);
}
