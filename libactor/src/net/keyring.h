/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_KEYRING_H
#define NET_KEYRING_H

#include <actor/curve.h>

/* A node's keys: its own, those it demands of whom it dials, and those it lets in. A node without
 * CURVE has none: NULL is a keyring that demands nothing. Any thread; only the list of those let in
 * ever changes, under a lock. */
struct keyring;

struct keyring *keyring_new(const struct actor_curve *curve); /* NULL for NULL */
void keyring_free(struct keyring *keyring);                   /* wipes */

/* What the other end of a connection to an endpoint must prove: a key, borrowed; "" nothing (ipc, or no
 * keyring); NULL where no key is known and the endpoint is not to be dialed. */
const char *keyring_demand(const struct keyring *keyring, const char *endpoint);

/* Whether a key may connect. */
bool keyring_lets_in(struct keyring *keyring, const char *key);
/* Whose key it is: of the other end of a connection that we have dialed, or that has dialed us. "" if
 * unknown. */
void keyring_principal(struct keyring *keyring, const char *key, bool dialed,
                       char ret[ACTOR_PRINCIPAL_MAX + 1]);
/* Replaces those let in; copied. */
void keyring_let_in(struct keyring *keyring, const struct actor_certificates *allowed);

/* Prepares a ZeroMQ socket before it connects (to whoever has `server_key`; "" plain), or before each bind.
 */
void keyring_arm_dialer(const struct keyring *keyring, void *socket, const char *server_key);
void keyring_arm_listener(const struct keyring *keyring, void *socket, bool plain);

#endif
