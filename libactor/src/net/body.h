/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_BODY_H
#define NET_BODY_H

#include "core/mail.h"
#include <string.h>

/* A message's body as bytes on the wire: protobuf, or the bytes that it is. */
static inline bool body_travels(const void *body)
{
        const struct actor_type *type = envelope_of(body)->type;
        return type->descriptor || type->is_bytes;
}

static inline size_t body_size(const void *body)
{
        if (envelope_of(body)->type->is_bytes)
                return ((const struct actor_bytes *) body)->size;
        return protobuf_c_message_get_packed_size((const ProtobufCMessage *) body);
}

/* Writes what body_size() has counted, more than 0 bytes. */
static inline void body_pack(const void *body, uint8_t *at)
{
        const struct actor_bytes *bytes = body;
        if (envelope_of(body)->type->is_bytes)
                memcpy(at, bytes->data, bytes->size);
        else
                protobuf_c_message_pack((const ProtobufCMessage *) body, at);
}

/* NULL where the bytes are not of that type. */
static inline void *body_unpack(const struct actor_type *type, const uint8_t *data, size_t size)
{
        return type->is_bytes ? actor_msg_bytes(type, data, size) : actor_msg_unpack(type, data, size);
}

#endif
