/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_FIELD_H
#define PROTO_FIELD_H

#include <assert.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Fields of protobuf-c messages by their descriptors: what copy, equality and JSON share. */

/* How many bytes one element of the field takes in the message's struct. */
size_t field_element_size(ProtobufCType type);

/* Where the field itself lies in the struct, and its has_ flag, count or oneof case. */
static inline void *field_member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
        return (char *) message + field->offset;
}

static inline void *field_quantifier(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
        return (char *) message + field->quantifier_offset;
}

static inline bool field_is_pointer(ProtobufCType type)
{
        return type == PROTOBUF_C_TYPE_STRING || type == PROTOBUF_C_TYPE_MESSAGE;
}

/* How many elements are set: the count of a repeated field; 0 or 1 for the others. An optional
 * string that still points to its default is unset. Most fields of most messages are not: inline. */
static inline size_t field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
                return *(size_t *) field_quantifier(message, field);
        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
                return *(uint32_t *) field_quantifier(message, field) == field->id;
        if (field_is_pointer(field->type)) {
                const void *pointer;
                memcpy(&pointer, field_member(message, field), sizeof pointer);
                return pointer != NULL && pointer != field->default_value;
        }
        if (field->label == PROTOBUF_C_LABEL_REQUIRED)
                return 1;
        return *(protobuf_c_boolean *) field_quantifier(message, field) ? 1 : 0;
}

/* The address of element `index` within the struct, or within the array of a repeated field. */
static inline void *field_element(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                                  size_t index)
{
        char *member = field_member(message, field);
        if (field->label != PROTOBUF_C_LABEL_REPEATED)
                return member;
        char *array;
        memcpy(&array, member, sizeof array);
        assert(index < *(size_t *) field_quantifier(message, field));
        return array + index * field_element_size(field->type);
}

/* Marks a singular field as set: has_, or the oneof's case. */
void field_mark(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* protoc-c turns map<K, V> into repeated NameEntry {key = 1; value = 2}. */
bool field_is_map(const ProtobufCFieldDescriptor *field);

#endif
