/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_NOTE_H
#define TEST_NOTE_H

#include <actor/message.h>

/* A small wire type of these tests' own: message Note { required uint64 number = 1; optional bytes data = 2;
 * } */
struct note {
        ProtobufCMessage base;
        uint64_t number;
        protobuf_c_boolean has_data;
        ProtobufCBinaryData data;
};

static const ProtobufCFieldDescriptor note_fields[] = {
        {.name = "number",
         .id = 1,
         .label = PROTOBUF_C_LABEL_REQUIRED,
         .type = PROTOBUF_C_TYPE_UINT64,
         .offset = offsetof(struct note, number)},
        {.name = "data",
         .id = 2,
         .label = PROTOBUF_C_LABEL_OPTIONAL,
         .type = PROTOBUF_C_TYPE_BYTES,
         .quantifier_offset = offsetof(struct note, has_data),
         .offset = offsetof(struct note, data)},
};
static const unsigned note_by_name[] = {1, 0};
static const ProtobufCIntRange note_ranges[] = {{1, 0}, {0, 2}};

static void note_init(ProtobufCMessage *message);
static const ProtobufCMessageDescriptor note_descriptor = {
        .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
        .name = "test.Note",
        .short_name = "Note",
        .c_name = "note",
        .package_name = "test",
        .sizeof_message = sizeof(struct note),
        .n_fields = 2,
        .fields = note_fields,
        .fields_sorted_by_name = note_by_name,
        .n_field_ranges = 1,
        .field_ranges = note_ranges,
        .message_init = note_init,
};

static void note_init(ProtobufCMessage *message)
{
        *(struct note *) message = (struct note){.base = PROTOBUF_C_MESSAGE_INIT(&note_descriptor)};
}

static ACTOR_PROTO_TYPE(note_type, "test.Note", struct note, note_descriptor);
/* The same body under a name that the other side does not know. */
static ACTOR_PROTO_TYPE(foreign_type, "test.Foreign", struct note, note_descriptor);
static const struct actor_type *const note_types[] = {&note_type, NULL};

static inline struct note *note_of(const struct actor_type *type, uint64_t number, size_t size)
{
        struct note *note = actor_msg_new(type);
        note->number = number;
        if (size > 0) {
                note->has_data = 1;
                note->data.len = size;
                note->data.data = actor_msg_alloc(note, size);
        }
        return note;
}

#endif
