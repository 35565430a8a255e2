/* SPDX-License-Identifier: Apache-2.0 */
#include "field.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

size_t field_element_size(ProtobufCType type)
{
        switch (type) {
        case PROTOBUF_C_TYPE_BOOL:
                return sizeof(protobuf_c_boolean);
        case PROTOBUF_C_TYPE_INT32:
        case PROTOBUF_C_TYPE_SINT32:
        case PROTOBUF_C_TYPE_SFIXED32:
        case PROTOBUF_C_TYPE_UINT32:
        case PROTOBUF_C_TYPE_FIXED32:
        case PROTOBUF_C_TYPE_FLOAT:
        case PROTOBUF_C_TYPE_ENUM:
                return sizeof(uint32_t);
        case PROTOBUF_C_TYPE_INT64:
        case PROTOBUF_C_TYPE_SINT64:
        case PROTOBUF_C_TYPE_SFIXED64:
        case PROTOBUF_C_TYPE_UINT64:
        case PROTOBUF_C_TYPE_FIXED64:
        case PROTOBUF_C_TYPE_DOUBLE:
                return sizeof(uint64_t);
        case PROTOBUF_C_TYPE_BYTES:
                return sizeof(ProtobufCBinaryData);
        case PROTOBUF_C_TYPE_STRING:
        case PROTOBUF_C_TYPE_MESSAGE:
                return sizeof(void *);
        }
        assert(!"a field type that protobuf-c does not have");
        return 0;
}

void field_mark(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
                *(uint32_t *) field_quantifier(message, field) = field->id;
        else if (field->label == PROTOBUF_C_LABEL_OPTIONAL && !field_is_pointer(field->type))
                *(protobuf_c_boolean *) field_quantifier(message, field) = 1;
}

bool field_is_map(const ProtobufCFieldDescriptor *field)
{
        if (field->label != PROTOBUF_C_LABEL_REPEATED || field->type != PROTOBUF_C_TYPE_MESSAGE)
                return false;
        const ProtobufCMessageDescriptor *entry = field->descriptor;
        size_t length = strlen(entry->short_name);
        return length > 5 && strcmp(entry->short_name + length - 5, "Entry") == 0 && entry->n_fields == 2 &&
               strcmp(entry->fields[0].name, "key") == 0 && strcmp(entry->fields[1].name, "value") == 0;
}
