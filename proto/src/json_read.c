/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"
#include "field.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <proto/json.h>
#include <stdlib.h>
#include <string.h>

/* One conversion: the arena it fills, and how to say where it is. */
struct reader {
        void *msg;
        struct actor_error *error;
        char path[256];
        size_t path_length;
        unsigned depth;
};

static int fail(struct reader *reader, const char *what)
{
        const char *path = reader->path_length > 0 ? reader->path : "the message";
        return actor_error_set(reader->error, -EINVAL, "%s: %s", path, what);
}

/* Appends ".name" or "[index]"; returns what path_pop needs. A path that does not fit stays cut. */
static size_t path_push(struct reader *reader, const char *name, size_t index)
{
        size_t before = reader->path_length;
        size_t left = sizeof reader->path - before;
        char *end = reader->path + before;
        int added = name ? snprintf(end, left, "%s%s", before > 0 ? "." : "", name)
                         : snprintf(end, left, "[%zu]", index);
        assert(added >= 0);
        reader->path_length = (size_t) added < left ? before + (size_t) added : sizeof reader->path - 1;
        return before;
}

static void path_pop(struct reader *reader, size_t before)
{
        reader->path_length = before;
        reader->path[before] = '\0';
}

static int read_message(struct reader *reader, const json_t *json, ProtobufCMessage *message);

static int read_bool(struct reader *reader, const json_t *json, protobuf_c_boolean *ret)
{
        const char *text = json_string_value(json);
        if (json_is_boolean(json))
                *ret = json_is_true(json);
        else if (text && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
                *ret = *text == 't';
        else
                return fail(reader, "expected true or false");
        return 0;
}

static int read_double(struct reader *reader, const json_t *json, double *ret)
{
        const char *text = json_string_value(json);
        if (json_is_number(json)) {
                *ret = json_number_value(json);
                return 0;
        }
        if (text && (strcmp(text, "Infinity") == 0 || strcmp(text, "-Infinity") == 0)) {
                *ret = *text == '-' ? -(double) INFINITY : (double) INFINITY;
                return 0;
        }
        char *end = NULL;
        double value = text ? strtod(text, &end) : 0;
        if (text == NULL || end == text || *end != '\0')
                return fail(reader, "expected a number");
        *ret = value;
        return 0;
}

/* An integer as JSON writes it: a number, a whole real, or a numeric string. */
struct whole {
        bool negative;
        uint64_t magnitude;
};

static bool whole_from_real(double value, struct whole *ret)
{
        if (!(fabs(value) < 18446744073709551616.0) || value != trunc(value))
                return false;
        *ret = (struct whole){.negative = value < 0, .magnitude = (uint64_t) fabs(value)};
        return true;
}

static bool whole_from_text(const char *text, struct whole *ret)
{
        bool negative = *text == '-';
        const char *digits = text + negative;
        if (*digits == '\0' || strspn(digits, "0123456789") != strlen(digits))
                return false;
        errno = 0;
        unsigned long long magnitude = strtoull(digits, NULL, 10);
        *ret = (struct whole){.negative = negative, .magnitude = magnitude};
        return errno == 0;
}

static bool whole_from_json(const json_t *json, struct whole *ret)
{
        if (json_is_integer(json)) {
                json_int_t value = json_integer_value(json);
                *ret = (struct whole){.negative = value < 0, .magnitude = (uint64_t) value};
                if (value < 0)
                        ret->magnitude = -ret->magnitude;
                return true;
        }
        if (json_is_real(json))
                return whole_from_real(json_real_value(json), ret);
        return json_is_string(json) && whole_from_text(json_string_value(json), ret);
}

static int read_signed(struct reader *reader, const json_t *json, int64_t max, int64_t *ret)
{
        struct whole whole;
        if (!whole_from_json(json, &whole))
                return fail(reader, "expected a whole number");
        if (whole.magnitude > (uint64_t) max + whole.negative)
                return fail(reader, "the number is out of range");
        *ret = (int64_t) (whole.negative ? -whole.magnitude : whole.magnitude);
        return 0;
}

static int read_unsigned(struct reader *reader, const json_t *json, uint64_t max, uint64_t *ret)
{
        struct whole whole;
        if (!whole_from_json(json, &whole))
                return fail(reader, "expected a whole number");
        if ((whole.negative && whole.magnitude > 0) || whole.magnitude > max)
                return fail(reader, "the number is out of range");
        *ret = whole.magnitude;
        return 0;
}

/* 1: a name that nobody knows, where the field may stay unset. */
#define ENUM_UNKNOWN 1
static int read_enum(struct reader *reader, const json_t *json, const ProtobufCFieldDescriptor *field,
                     int *ret)
{
        const char *name = json_string_value(json);
        if (name == NULL)
                return fail(reader, "expected the name of an enum value");
        const ProtobufCEnumValue *value =
                protobuf_c_enum_descriptor_get_value_by_name(field->descriptor, name);
        if (value) {
                *ret = value->value;
                return 0;
        }
        if (field->label != PROTOBUF_C_LABEL_REQUIRED)
                return ENUM_UNKNOWN;
        char what[128];
        snprintf(what, sizeof what, "'%.40s' is not a value of %s", name,
                 ((const ProtobufCEnumDescriptor *) field->descriptor)->short_name);
        return fail(reader, what);
}

static int read_bytes(struct reader *reader, const json_t *json, ProtobufCBinaryData *ret)
{
        const char *text = json_string_value(json);
        size_t length = json_string_length(json);
        if (text == NULL)
                return fail(reader, "expected bytes as a base64 string");
        ret->data = actor_msg_alloc(reader->msg, BASE64_DECODED_MAX(length));
        return base64_decode(text, length, ret->data, &ret->len) == 0 ? 0 : fail(reader, "not base64");
}

static int read_child(struct reader *reader, const json_t *json, const ProtobufCFieldDescriptor *field,
                      ProtobufCMessage **ret)
{
        const ProtobufCMessageDescriptor *descriptor = field->descriptor;
        ProtobufCMessage *child = actor_msg_alloc(reader->msg, descriptor->sizeof_message);
        descriptor->message_init(child);
        int r = read_message(reader, json, child);
        if (r == 0)
                *ret = child;
        return r;
}

static int read_string(struct reader *reader, const json_t *json, char **ret)
{
        if (!json_is_string(json))
                return fail(reader, "expected a string");
        *ret = actor_msg_strdup(reader->msg, json_string_value(json));
        return 0;
}

static int read_number(struct reader *reader, const json_t *json, ProtobufCType type, void *ret)
{
        int64_t number = 0;
        uint64_t natural = 0;
        int r;
        switch (type) {
        case PROTOBUF_C_TYPE_INT32:
        case PROTOBUF_C_TYPE_SINT32:
        case PROTOBUF_C_TYPE_SFIXED32:
                r = read_signed(reader, json, INT32_MAX, &number);
                *(int32_t *) ret = (int32_t) number;
                return r;
        case PROTOBUF_C_TYPE_UINT32:
        case PROTOBUF_C_TYPE_FIXED32:
                r = read_unsigned(reader, json, UINT32_MAX, &natural);
                *(uint32_t *) ret = (uint32_t) natural;
                return r;
        case PROTOBUF_C_TYPE_UINT64:
        case PROTOBUF_C_TYPE_FIXED64:
                return read_unsigned(reader, json, UINT64_MAX, ret);
        default:
                return read_signed(reader, json, INT64_MAX, ret);
        }
}

static int read_element(struct reader *reader, const json_t *json, const ProtobufCFieldDescriptor *field,
                        void *ret)
{
        double real = 0;
        int r;
        switch (field->type) {
        case PROTOBUF_C_TYPE_BOOL:
                return read_bool(reader, json, ret);
        case PROTOBUF_C_TYPE_DOUBLE:
                return read_double(reader, json, ret);
        case PROTOBUF_C_TYPE_FLOAT:
                r = read_double(reader, json, &real);
                *(float *) ret = (float) real;
                return r;
        case PROTOBUF_C_TYPE_ENUM:
                return read_enum(reader, json, field, ret);
        case PROTOBUF_C_TYPE_STRING:
                return read_string(reader, json, ret);
        case PROTOBUF_C_TYPE_BYTES:
                return read_bytes(reader, json, ret);
        case PROTOBUF_C_TYPE_MESSAGE:
                return read_child(reader, json, field, ret);
        default:
                return read_number(reader, json, field->type, ret);
        }
}

static int read_singular(struct reader *reader, const json_t *json, const ProtobufCFieldDescriptor *field,
                         ProtobufCMessage *message)
{
        if (json_is_array(json))
                return fail(reader, "expected one value, not an array");
        int r = read_element(reader, json, field, field_member(message, field));
        if (r == 0)
                field_mark(message, field);
        return r == ENUM_UNKNOWN ? 0 : r;
}

static void *new_array(struct reader *reader, const ProtobufCFieldDescriptor *field,
                       ProtobufCMessage *message, size_t count)
{
        void *array =
                count > 0 ? actor_msg_alloc(reader->msg, count * field_element_size(field->type)) : NULL;
        memcpy(field_member(message, field), &array, sizeof array);
        return array;
}

/* A lone value stands for an array of one. */
static int read_repeated(struct reader *reader, const json_t *json, const ProtobufCFieldDescriptor *field,
                         ProtobufCMessage *message)
{
        size_t count = json_is_array(json) ? json_array_size(json) : 1;
        char *array = new_array(reader, field, message, count);
        size_t *set = field_quantifier(message, field);
        for (size_t i = 0; i < count; i++) {
                const json_t *value = json_is_array(json) ? json_array_get(json, i) : json;
                size_t before = path_push(reader, NULL, i);
                int r = read_element(reader, value, field, array + *set * field_element_size(field->type));
                if (r < 0)
                        return r;
                path_pop(reader, before);
                *set += r == 0;
        }
        return 0;
}

static int read_map(struct reader *reader, const json_t *json, const ProtobufCFieldDescriptor *field,
                    ProtobufCMessage *message)
{
        if (!json_is_object(json))
                return fail(reader, "expected an object (a map)");
        const ProtobufCMessageDescriptor *descriptor = field->descriptor;
        assert(descriptor->fields[0].type == PROTOBUF_C_TYPE_STRING);
        ProtobufCMessage **array = new_array(reader, field, message, json_object_size(json));
        size_t *set = field_quantifier(message, field);
        const char *key;
        json_t *value;
        json_object_foreach((json_t *) json, key, value)
        {
                ProtobufCMessage *entry = actor_msg_alloc(reader->msg, descriptor->sizeof_message);
                descriptor->message_init(entry);
                *(char **) field_member(entry, &descriptor->fields[0]) = actor_msg_strdup(reader->msg, key);
                size_t before = path_push(reader, key, 0);
                int r = read_singular(reader, value, &descriptor->fields[1], entry);
                if (r < 0)
                        return r;
                path_pop(reader, before);
                array[(*set)++] = entry;
        }
        return 0;
}

static int read_field(struct reader *reader, const json_t *json, const ProtobufCFieldDescriptor *field,
                      ProtobufCMessage *message)
{
        const json_t *value = json_object_get(json, field->name);
        bool given = value != NULL && !json_is_null(value);
        if (!given && field->label != PROTOBUF_C_LABEL_REQUIRED)
                return 0;
        size_t before = path_push(reader, field->name, 0);
        int r;
        if (!given)
                r = fail(reader, "required, but missing");
        else if (field_is_map(field))
                r = read_map(reader, value, field, message);
        else if (field->label == PROTOBUF_C_LABEL_REPEATED)
                r = read_repeated(reader, value, field, message);
        else
                r = read_singular(reader, value, field, message);
        if (r == 0)
                path_pop(reader, before);
        return r;
}

static int read_message(struct reader *reader, const json_t *json, ProtobufCMessage *message)
{
        if (!json_is_object(json))
                return fail(reader, "expected an object");
        if (++reader->depth > ACTOR_NESTING_MAX)
                return fail(reader, "nested too deep");
        for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
                int r = read_field(reader, json, &message->descriptor->fields[i], message);
                if (r < 0)
                        return r;
        }
        reader->depth--;
        return 0;
}

int proto_from_json_into(void *msg, const ProtobufCMessageDescriptor *descriptor, const json_t *json,
                         void **ret, struct actor_error *error)
{
        struct reader reader = {.msg = msg, .error = error};
        ProtobufCMessage *message = actor_msg_alloc(msg, descriptor->sizeof_message);
        descriptor->message_init(message);
        int r = read_message(&reader, json, message);
        if (r == 0)
                *ret = message;
        return r;
}

int proto_from_json(const struct actor_type *type, const json_t *json, void **ret, struct actor_error *error)
{
        assert(type->descriptor);
        void *msg = actor_msg_new(type);
        struct reader reader = {.msg = msg, .error = error};
        int r = read_message(&reader, json, msg);
        if (r == 0)
                *ret = msg;
        else
                actor_msg_unref(msg);
        return r;
}
