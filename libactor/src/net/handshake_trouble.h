/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HANDSHAKE_TROUBLE_H
#define NET_HANDSHAKE_TROUBLE_H

#include "net/keyring.h"

/* What libzmq's monitors tell of a handshake that has failed, in words. Pure. */

/* Of one that we dialed: why (NULL where the event tells nothing of a handshake), and whether it would fail
 * again. What an earlier event told stays where this one tells nothing. */
void handshake_failed(const struct keyring *keyring, unsigned event, int value, const char **trouble,
                      bool *unwelcome);
/* Of one that dialed us: why it was not let in; NULL where the event tells nothing of that. */
const char *handshake_denied(const struct keyring *keyring, unsigned event, int value);

#endif
