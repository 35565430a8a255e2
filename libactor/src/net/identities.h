/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_IDENTITIES_H
#define NET_IDENTITIES_H

#include <actor/ref.h>

/* What is known of the nodes behind the peers' numbers, for whoever asks: the bridge writes, any thread
 * reads. */
struct identities;

struct identities *identities_new(void);
void identities_free(struct identities *identities);

/* A link to the peer has opened: who it is ("": not known), and that there is no trouble any more. */
void identities_connected(struct identities *identities, uint32_t peer, uint64_t incarnation,
                          const char *principal);
/* A try to connect has failed, for a reason worth telling or (NULL) another. Says whether it is news. */
bool identities_failed(struct identities *identities, uint32_t peer, const char *why);

/* As actor_node_principal() and actor_node_trouble() of curve.h. */
bool identities_principal(struct identities *identities, struct actor_ref ref, char *ret, size_t size);
bool identities_trouble(struct identities *identities, struct actor_ref ref, char *ret, size_t size);

#endif
