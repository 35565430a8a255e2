/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_ZAP_H
#define NET_ZAP_H

#include "net/denials.h"
#include "net/keyring.h"

#include <zmq.h>

/* Answers libzmq's question who may connect (ZAP, ZeroMQ RFC 27), on a thread of its own: so that
 * a flood of strangers does not hold up the bridge. */
struct zap;

/* Starts to answer in a context. To be done before the first bind, since libzmq lets everybody in while
 * nobody answers. 0 or -errno. */
int zap_start(void *context, struct keyring *keyring, struct denials *denials, struct zap **ret);
/* After zmq_ctx_term(), which ends the thread's work. NULL is fine. */
void zap_join(struct zap *zap);

/* The key with which the sender of a message has connected: "" for ipc or without keyring. False where it
 * cannot be trusted: it came over tcp and was not asked for its key. */
bool zap_key_of(const struct keyring *keyring, zmq_msg_t *message, char ret[ACTOR_KEY_SIZE + 1]);

#endif
