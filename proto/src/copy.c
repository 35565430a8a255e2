/* SPDX-License-Identifier: Apache-2.0 */
#include "field.h"

#include <actor/memory.h>
#include <assert.h>
#include <proto/copy.h>
#include <stdlib.h>
#include <string.h>

/* Where a copy's pieces go: a message's arena, or one block that was measured before. */
struct space {
        void *msg;
        char *block;
        size_t used;
};

#define PIECE_ALIGNMENT 16

static size_t piece_size(size_t size)
{
        return (size + PIECE_ALIGNMENT - 1) & ~(size_t) (PIECE_ALIGNMENT - 1);
}

static void *space_take(struct space *space, const void *data, size_t size)
{
        if (space->msg)
                return actor_msg_memdup(space->msg, data, size);
        char *piece = space->block + space->used;
        space->used += piece_size(size);
        memcpy(piece, data, size);
        return piece;
}

static size_t measure_message(const ProtobufCMessage *source);

static size_t measure_element(const ProtobufCFieldDescriptor *field, const void *element)
{
        switch (field->type) {
        case PROTOBUF_C_TYPE_STRING: {
                const char *text = *(char *const *) element;
                return text && text != field->default_value ? piece_size(strlen(text) + 1) : 0;
        }
        case PROTOBUF_C_TYPE_BYTES: {
                const ProtobufCBinaryData *bytes = element;
                return bytes->data ? piece_size(bytes->len) : 0;
        }
        case PROTOBUF_C_TYPE_MESSAGE: {
                const ProtobufCMessage *child = *(ProtobufCMessage *const *) element;
                return child ? measure_message(child) : 0;
        }
        default:
                return 0;
        }
}

static size_t measure_message(const ProtobufCMessage *source)
{
        const ProtobufCMessageDescriptor *descriptor = source->descriptor;
        size_t size = piece_size(descriptor->sizeof_message);
        for (unsigned i = 0; i < descriptor->n_fields; i++) {
                const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
                size_t count = field_count(source, field);
                if (field->label == PROTOBUF_C_LABEL_REPEATED)
                        size += piece_size(count * field_element_size(field->type));
                for (size_t k = 0; k < count; k++)
                        size += measure_element(field, field_element(source, field, k));
        }
        size += piece_size(source->n_unknown_fields * sizeof *source->unknown_fields);
        for (unsigned i = 0; i < source->n_unknown_fields; i++)
                size += piece_size(source->unknown_fields[i].len);
        return size;
}

static ProtobufCMessage *copy_message(struct space *space, const ProtobufCMessage *source);

/* The element is a bitwise copy already: what it points to is copied too. */
static void copy_element(struct space *space, const ProtobufCFieldDescriptor *field, void *element)
{
        switch (field->type) {
        case PROTOBUF_C_TYPE_STRING: {
                char **text = element;
                if (*text && *text != field->default_value)
                        *text = space_take(space, *text, strlen(*text) + 1);
                break;
        }
        case PROTOBUF_C_TYPE_BYTES: {
                ProtobufCBinaryData *bytes = element;
                if (bytes->data)
                        bytes->data = space_take(space, bytes->data, bytes->len);
                break;
        }
        case PROTOBUF_C_TYPE_MESSAGE: {
                ProtobufCMessage **child = element;
                if (*child)
                        *child = copy_message(space, *child);
                break;
        }
        default:
                break;
        }
}

static void copy_unknown_fields(struct space *space, ProtobufCMessage *copy)
{
        if (copy->n_unknown_fields == 0)
                return;
        size_t size = copy->n_unknown_fields * sizeof *copy->unknown_fields;
        copy->unknown_fields = space_take(space, copy->unknown_fields, size);
        for (unsigned i = 0; i < copy->n_unknown_fields; i++) {
                ProtobufCMessageUnknownField *field = &copy->unknown_fields[i];
                field->data = space_take(space, field->data, field->len);
        }
}

static ProtobufCMessage *copy_message(struct space *space, const ProtobufCMessage *source)
{
        const ProtobufCMessageDescriptor *descriptor = source->descriptor;
        assert(descriptor->magic == PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC);
        ProtobufCMessage *copy = space_take(space, source, descriptor->sizeof_message);
        for (unsigned i = 0; i < descriptor->n_fields; i++) {
                const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
                size_t count = field_count(copy, field);
                if (field->label == PROTOBUF_C_LABEL_REPEATED && count > 0) {
                        void **array = field_member(copy, field);
                        *array = space_take(space, *array, count * field_element_size(field->type));
                }
                for (size_t k = 0; k < count; k++)
                        copy_element(space, field, field_element(copy, field, k));
        }
        copy_unknown_fields(space, copy);
        return copy;
}

void *proto_new(void *msg, const ProtobufCMessageDescriptor *descriptor)
{
        void *body = actor_msg_alloc(msg, descriptor->sizeof_message);
        protobuf_c_message_init(descriptor, body);
        return body;
}

void *proto_copy(void *msg, const void *source)
{
        struct space space = {.msg = msg};
        return copy_message(&space, source);
}

void *proto_dup(const void *source)
{
        size_t size = measure_message(source);
        struct space space = {.block = actor_malloc(size)};
        void *copy = copy_message(&space, source);
        assert(copy == space.block && space.used == size);
        return copy;
}

void proto_free(void *copy)
{
        free(copy);
}

void *proto_grow(void *msg, void *array, size_t count, size_t element_size)
{
        if (count != 0 && (count & (count - 1)) != 0)
                return array;
        void *grown = actor_msg_alloc(msg, (count ? count * 2 : 1) * element_size);
        if (count > 0)
                memcpy(grown, array, count * element_size);
        return grown;
}
