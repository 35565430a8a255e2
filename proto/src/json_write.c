/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"
#include "field.h"

#include <actor/memory.h>
#include <assert.h>
#include <math.h>
#include <proto/json.h>
#include <stdlib.h>

const char *proto_enum_name(const ProtobufCEnumDescriptor *descriptor, int value)
{
        const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(descriptor, value);
        return found ? found->name : "UNKNOWN";
}

static json_t *real_to_json(double value)
{
        if (isnan(value))
                return json_string("NaN");
        if (isinf(value))
                return json_string(value > 0 ? "Infinity" : "-Infinity");
        return json_real(value);
}

/* jansson's integers are signed: the upper half of uint64 becomes a real. */
static json_t *unsigned_to_json(uint64_t value)
{
        return value <= INT64_MAX ? json_integer((json_int_t) value) : json_real((double) value);
}

static json_t *bytes_to_json(const ProtobufCBinaryData *bytes)
{
        CLEANUP(actor_freep) char *text = base64_encode(bytes->data, bytes->len);
        return json_string(text);
}

/* Text that is not UTF-8 cannot be a JSON string: its bad bytes are shown as '?'. */
static json_t *text_to_json(const char *text)
{
        json_t *json = json_string(text ? text : "");
        if (json)
                return json;
        CLEANUP(actor_freep) char *ascii = actor_strdup(text);
        for (char *c = ascii; *c; c++)
                if ((unsigned char) *c >= 0x80)
                        *c = '?';
        return json_string(ascii);
}

static json_t *element_to_json(const ProtobufCFieldDescriptor *field, const void *element)
{
        switch (field->type) {
        case PROTOBUF_C_TYPE_BOOL:
                return json_boolean(*(const protobuf_c_boolean *) element);
        case PROTOBUF_C_TYPE_INT32:
        case PROTOBUF_C_TYPE_SINT32:
        case PROTOBUF_C_TYPE_SFIXED32:
                return json_integer(*(const int32_t *) element);
        case PROTOBUF_C_TYPE_UINT32:
        case PROTOBUF_C_TYPE_FIXED32:
                return json_integer(*(const uint32_t *) element);
        case PROTOBUF_C_TYPE_INT64:
        case PROTOBUF_C_TYPE_SINT64:
        case PROTOBUF_C_TYPE_SFIXED64:
                return json_integer(*(const int64_t *) element);
        case PROTOBUF_C_TYPE_UINT64:
        case PROTOBUF_C_TYPE_FIXED64:
                return unsigned_to_json(*(const uint64_t *) element);
        case PROTOBUF_C_TYPE_FLOAT:
                return real_to_json((double) *(const float *) element);
        case PROTOBUF_C_TYPE_DOUBLE:
                return real_to_json(*(const double *) element);
        case PROTOBUF_C_TYPE_ENUM:
                return json_string(proto_enum_name(field->descriptor, *(const int *) element));
        case PROTOBUF_C_TYPE_STRING:
                return text_to_json(*(char *const *) element);
        case PROTOBUF_C_TYPE_BYTES:
                return bytes_to_json(element);
        case PROTOBUF_C_TYPE_MESSAGE:
                return proto_to_json(*(void *const *) element);
        }
        assert(!"a field type that protobuf-c does not have");
        return json_null();
}

static json_t *map_to_json(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                           size_t count)
{
        json_t *object = json_object();
        for (size_t i = 0; i < count; i++) {
                const ProtobufCMessage *entry = *(ProtobufCMessage **) field_element(message, field, i);
                const ProtobufCFieldDescriptor *key = &entry->descriptor->fields[0];
                const ProtobufCFieldDescriptor *value = &entry->descriptor->fields[1];
                json_t *name = element_to_json(key, field_member(entry, key));
                if (json_is_string(name) && field_count(entry, value) > 0)
                        json_object_set_new(object, json_string_value(name),
                                            element_to_json(value, field_member(entry, value)));
                json_decref(name);
        }
        return object;
}

/* NULL where the field is not shown. */
static json_t *field_to_json(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
        size_t count = field_count(message, field);
        bool by_default = field->label == PROTOBUF_C_LABEL_OPTIONAL && field->default_value != NULL &&
                          !(field->flags & (PROTOBUF_C_FIELD_FLAG_DEPRECATED | PROTOBUF_C_FIELD_FLAG_ONEOF));
        if (count == 0 && !by_default)
                return NULL;
        if (field->label != PROTOBUF_C_LABEL_REPEATED)
                return element_to_json(field, field_member(message, field));
        if (field_is_map(field))
                return map_to_json(message, field, count);
        json_t *array = json_array();
        for (size_t i = 0; i < count; i++)
                json_array_append_new(array, element_to_json(field, field_element(message, field, i)));
        return array;
}

json_t *proto_to_json(const void *msg)
{
        const ProtobufCMessage *message = msg;
        json_t *object = json_object();
        for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
                const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
                json_t *value = field_to_json(message, field);
                if (value)
                        json_object_set_new_nocheck(object, field->name, value);
        }
        return object;
}
