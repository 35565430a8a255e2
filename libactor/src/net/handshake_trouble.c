/* SPDX-License-Identifier: Apache-2.0 */
#include "net/handshake_trouble.h"

#include <zmq.h>

void handshake_failed(const struct keyring *keyring, unsigned event, int value, const char **trouble,
                      bool *unwelcome)
{
        if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
                *trouble = "it refuses this node's key, which is not in its list of those allowed";
                *unwelcome = true;
        } else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL &&
                   value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH) {
                *trouble = keyring ? "this node has keys and speaks CURVE, the other does not"
                                   : "it demands CURVE, and this node has no key";
                *unwelcome = true;
        } else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) {
                *trouble =
                        keyring ? "the handshake failed: it does not hold the key that is known for it here"
                                : "the handshake failed: it does not speak ZeroMQ's protocol";
        } else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL) {
                /* What a server does that cannot open a greeting made for another key; and both sides detect
                 * that they do not speak alike, of which one may be told by the other's end only. */
                *trouble = keyring ? "it broke off the handshake: probably it does not hold the key that is "
                                     "known for it here, or does not speak CURVE"
                                   : "it broke off the handshake: perhaps it demands CURVE, and this node "
                                     "has no "
                                     "key";
        }
}

const char *handshake_denied(const struct keyring *keyring, unsigned event, int value)
{
        if (event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)
                return keyring ? "it broke off the handshake" : NULL; /* without keys anybody may look in */
        if (event != ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)
                return NULL;
        if (value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
                return keyring ? "it speaks without CURVE, and this node has keys"
                               : "it speaks CURVE, and this node has no key";
        if (value == ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC)
                return "it expects another key than this node's";
        return "it does not keep to ZeroMQ's handshake";
}
