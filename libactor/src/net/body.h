/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_BODY_H
#define NET_BODY_H

#include "core/mail.h"
#include <string.h>

/* A message's body as bytes on the wire: protobuf, or the bytes that it is. */
static inline bool body_travels(const void *body)
{
        const struct actor_type *type = envelope_of(body)->type;
        return likely(type->is_bytes) || type->descriptor;
}

static inline size_t body_size(const void *body)
{
        if (likely(envelope_of(body)->type->is_bytes))
                return ((const struct actor_bytes *) body)->size;
        return protobuf_c_message_get_packed_size((const ProtobufCMessage *) body);
}

/* Writes what body_size() has counted, more than 0 bytes. */
static inline void body_pack(const void *body, uint8_t *at)
{
        const struct actor_bytes *bytes = body;
        if (likely(envelope_of(body)->type->is_bytes))
                memcpy(at, bytes->data, bytes->size);
        else
                protobuf_c_message_pack((const ProtobufCMessage *) body, at);
}

/* A message of `size` bytes, not yet written and of no type that anybody knows: for a body as it travels. */
struct actor_bytes *body_room(size_t size);

/* One reference to a message with a body's bytes: to itself where it is bytes, else to what it is packed to.
 * `size` is its body_size(). */
struct actor_bytes *body_bytes(const void *body, size_t size);

/* Makes a body of a type of bytes out of a room that has been written, by changing its type. For its only
 * owner. */
void *body_become(const struct actor_type *type, struct actor_bytes *bytes_take);

/* NULL where the bytes are not of that type. */
static inline void *body_unpack(const struct actor_type *type, const uint8_t *data, size_t size)
{
        return type->is_bytes ? actor_msg_bytes(type, data, size) : actor_msg_unpack(type, data, size);
}

#endif
