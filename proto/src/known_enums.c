/* SPDX-License-Identifier: Apache-2.0 */
#include "field.h"

#include <errno.h>
#include <proto/known_enums.h>
#include <stdio.h>

/* Where the walk is: a list from the innermost field outwards, on the stack. */
struct place {
        const struct place *outer;
        const ProtobufCFieldDescriptor *field;
        size_t index;
};

static size_t bounded(int added, size_t size)
{
        return (size_t) added < size ? (size_t) added : size - 1;
}

/* Writes "tasks[2].check.type"; returns its length. */
static size_t path_write(const struct place *place, char *ret, size_t size)
{
        size_t used = 0;
        if (place->outer != NULL) {
                used = path_write(place->outer, ret, size);
                used += bounded(snprintf(ret + used, size - used, "."), size - used);
        }
        used += bounded(snprintf(ret + used, size - used, "%s", place->field->name), size - used);
        if (place->field->label == PROTOBUF_C_LABEL_REPEATED)
                used += bounded(snprintf(ret + used, size - used, "[%zu]", place->index), size - used);
        return used;
}

/* The names of the values, as many as fit. UNKNOWN is none to recommend. */
static void names_write(const ProtobufCEnumDescriptor *type, char *ret, size_t size)
{
        size_t used = 0;
        ret[0] = '\0';
        for (unsigned i = 0; i < type->n_values; i++) {
                const char *name = type->values[i].name;
                if (strcmp(name, "UNKNOWN") == 0)
                        continue;
                if (used + strlen(name) + sizeof ", , …" > size) {
                        snprintf(ret + used, size - used, ", …");
                        return;
                }
                used += (size_t) snprintf(ret + used, size - used, "%s%s", used > 0 ? ", " : "", name);
        }
}

static int refuse(const struct place *place, int value, const char *what, struct actor_error *error)
{
        char path[160], names[160];
        const ProtobufCEnumDescriptor *type = place->field->descriptor;
        path_write(place, path, sizeof path);
        names_write(type, names, sizeof names);
        return actor_error_set(error, -EINVAL, "%s.%s: %d is no %s (%s)", what, path, value, type->name,
                               names);
}

static bool is_open(const ProtobufCEnumDescriptor *type)
{
        return type == &v1__framework_info__capability__type__descriptor ||
               type == &v1__agent_info__capability__type__descriptor;
}

static int walk(const ProtobufCMessage *message, const struct place *outer, const char *what,
                struct actor_error *error);

static int field_validate(const ProtobufCMessage *message, struct place *place, size_t count,
                          const char *what, struct actor_error *error)
{
        const ProtobufCFieldDescriptor *field = place->field;
        int r = 0;
        for (place->index = 0; r == 0 && place->index < count; place->index++) {
                const void *element = field_element(message, field, place->index);
                if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
                        const ProtobufCMessage *inner;
                        memcpy(&inner, element, sizeof inner);
                        r = walk(inner, place, what, error);
                        continue;
                }
                int value;
                memcpy(&value, element, sizeof value);
                if (protobuf_c_enum_descriptor_get_value(field->descriptor, value) == NULL)
                        r = refuse(place, value, what, error);
        }
        return r;
}

/* Each task of a launch is walked: what is not set costs a look. */
static int walk(const ProtobufCMessage *message, const struct place *outer, const char *what,
                struct actor_error *error)
{
        const ProtobufCFieldDescriptor *field = message->descriptor->fields;
        const ProtobufCFieldDescriptor *end = field + message->descriptor->n_fields;
        int r = 0;
        for (; r == 0 && field < end; field++) {
                if (field->type != PROTOBUF_C_TYPE_ENUM && field->type != PROTOBUF_C_TYPE_MESSAGE)
                        continue;
                size_t count = field_count(message, field);
                if (count == 0 || (field->type == PROTOBUF_C_TYPE_ENUM && is_open(field->descriptor)))
                        continue;
                struct place place = {.outer = outer, .field = field};
                r = field_validate(message, &place, count, what, error);
        }
        return r;
}

int enums_validate(const void *msg, const char *what, struct actor_error *error)
{
        return walk(msg, NULL, what, error);
}
