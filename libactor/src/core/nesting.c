/* SPDX-License-Identifier: Apache-2.0 */
#include "core/nesting.h"

/* Reads a varint; returns its size, or 0 where the bytes end before it does. */
static size_t varint(const uint8_t *data, size_t size, uint64_t *ret)
{
        uint64_t value = 0;
        for (size_t i = 0; i < size && i < 10; i++) {
                value |= (uint64_t) (data[i] & 0x7f) << (7 * i);
                if ((data[i] & 0x80) == 0) {
                        *ret = value;
                        return i + 1;
                }
        }
        return 0;
}

/* Reads one field: its tag, and its payload where the wire type is length-delimited. Returns the
 * size of all of it, or 0 where the unpacker would give up too. */
static size_t field(const uint8_t *data, size_t size, uint64_t *ret_tag, size_t *ret_payload_size)
{
        uint64_t length = 0;
        size_t used = varint(data, size, ret_tag), more;
        if (used == 0)
                return 0;
        switch (*ret_tag & 7) {
        case PROTOBUF_C_WIRE_TYPE_VARINT:
                more = varint(data + used, size - used, &length);
                return more ? used + more : 0;
        case PROTOBUF_C_WIRE_TYPE_64BIT:
                return size - used >= 8 ? used + 8 : 0;
        case PROTOBUF_C_WIRE_TYPE_32BIT:
                return size - used >= 4 ? used + 4 : 0;
        case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
                more = varint(data + used, size - used, &length);
                if (more == 0 || length > size - used - more)
                        return 0;
                *ret_payload_size = (size_t) length;
                return used + more + (size_t) length;
        }
        return 0;
}

static const ProtobufCMessageDescriptor *message_of(const ProtobufCMessageDescriptor *descriptor,
                                                    uint64_t tag)
{
        if ((tag & 7) != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED || (tag >> 3) > UINT32_MAX)
                return NULL;
        const ProtobufCFieldDescriptor *f =
                protobuf_c_message_descriptor_get_field(descriptor, (unsigned) (tag >> 3));
        return f != NULL && f->type == PROTOBUF_C_TYPE_MESSAGE ? f->descriptor : NULL;
}

/* ---- by type ------------------------------------------------------------------------------------- */

enum { TYPES_MAX = 256, REMEMBERED = 512, TRIES_MAX = 32, UNBOUNDED = 1000000 };

struct depths {
        struct {
                const ProtobufCMessageDescriptor *descriptor;
                unsigned depth; /* UNBOUNDED while it is being found out: whoever comes back to it is in a
                                   circle */
        } types[TYPES_MAX];
        size_t count;
};

/* How many messages can lie in each other, from this one on. */
static unsigned depth_of(struct depths *depths, const ProtobufCMessageDescriptor *descriptor)
{
        for (size_t i = 0; i < depths->count; i++)
                if (depths->types[i].descriptor == descriptor)
                        return depths->types[i].depth;
        if (depths->count == TYPES_MAX)
                return UNBOUNDED;
        size_t own = depths->count++;
        unsigned deepest = 0;
        depths->types[own].descriptor = descriptor;
        depths->types[own].depth = UNBOUNDED;
        for (unsigned i = 0; i < descriptor->n_fields && deepest < UNBOUNDED; i++) {
                const ProtobufCFieldDescriptor *f = &descriptor->fields[i];
                unsigned depth = f->type == PROTOBUF_C_TYPE_MESSAGE ? depth_of(depths, f->descriptor) : 0;
                deepest = depth > deepest ? depth : deepest;
        }
        return depths->types[own].depth = deepest < UNBOUNDED ? deepest + 1 : UNBOUNDED;
}

struct remembered {
        const ProtobufCMessageDescriptor *descriptor;
        unsigned depth;
};

static bool is_bounded_by_type(const ProtobufCMessageDescriptor *descriptor, unsigned depth_max)
{
        static _Thread_local struct remembered table[REMEMBERED];
        size_t at = ((uintptr_t) descriptor >> 5) % REMEMBERED, tries = 0;
        while (table[at].descriptor != NULL && table[at].descriptor != descriptor && tries++ < TRIES_MAX)
                at = (at + 1) % REMEMBERED;
        if (table[at].descriptor != NULL && table[at].descriptor != descriptor)
                return false; /* too many to remember all: then the bytes are looked at */
        if (table[at].descriptor == NULL) {
                struct depths depths = {.count = 0};
                table[at].depth = depth_of(&depths, descriptor);
                table[at].descriptor = descriptor;
        }
        return table[at].depth <= depth_max + 1;
}

/* ---- by what is there ---------------------------------------------------------------------------- */

bool nesting_is_bounded(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size,
                        unsigned depth_max)
{
        /* Each message in another takes two bytes there at least. */
        if (size < 2 * ((size_t) depth_max + 1) || is_bounded_by_type(descriptor, depth_max))
                return true;
        while (size > 0) {
                uint64_t tag;
                size_t payload_size = 0;
                size_t used = field(data, size, &tag, &payload_size);
                if (used == 0)
                        return true;
                const ProtobufCMessageDescriptor *inner = message_of(descriptor, tag);
                if (inner != NULL && (depth_max == 0 || !nesting_is_bounded(inner, data + used - payload_size,
                                                                            payload_size, depth_max - 1)))
                        return false;
                data += used;
                size -= used;
        }
        return true;
}
