/* SPDX-License-Identifier: Apache-2.0 */
#include "net/body.h"

static ACTOR_BYTES_TYPE(packed_type, "packed body");

struct actor_bytes *body_room(size_t size)
{
        return bytes_new(&packed_type, size);
}

struct actor_bytes *body_bytes(const void *body, size_t size)
{
        if (actor_msg_type(body)->is_bytes)
                return actor_msg_ref(body);
        struct actor_bytes *bytes = body_room(size);
        protobuf_c_message_pack((const ProtobufCMessage *) body, (uint8_t *) bytes->data);
        return bytes;
}

void *body_become(const struct actor_type *type, struct actor_bytes *bytes_take)
{
        struct envelope *envelope = envelope_of(bytes_take);
        assert(type->is_bytes && envelope->type == &packed_type);
        envelope->type = type;
        envelope->has_more |= type->fini != NULL;
        return bytes_take;
}
