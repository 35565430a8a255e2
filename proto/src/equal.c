/* SPDX-License-Identifier: Apache-2.0 */
#include "field.h"

#include <proto/copy.h>
#include <string.h>

static bool texts_equal(const char *a, const char *b)
{
        return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool bytes_equal(const ProtobufCBinaryData *a, const ProtobufCBinaryData *b)
{
        return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static bool elements_equal(const ProtobufCFieldDescriptor *field, const void *a, const void *b)
{
        switch (field->type) {
        case PROTOBUF_C_TYPE_STRING:
                return texts_equal(*(char *const *) a, *(char *const *) b);
        case PROTOBUF_C_TYPE_BYTES:
                return bytes_equal(a, b);
        case PROTOBUF_C_TYPE_MESSAGE:
                return proto_equal(*(void *const *) a, *(void *const *) b);
        case PROTOBUF_C_TYPE_DOUBLE:
                return *(const double *) a == *(const double *) b;
        case PROTOBUF_C_TYPE_FLOAT:
                return *(const float *) a == *(const float *) b;
        case PROTOBUF_C_TYPE_BOOL:
                return !*(const protobuf_c_boolean *) a == !*(const protobuf_c_boolean *) b;
        default:
                return memcmp(a, b, field_element_size(field->type)) == 0;
        }
}

static bool fields_equal(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *a,
                         const ProtobufCMessage *b)
{
        size_t count = field_count(a, field);
        if (count != field_count(b, field))
                return false;
        for (size_t i = 0; i < count; i++)
                if (!elements_equal(field, field_element(a, field, i), field_element(b, field, i)))
                        return false;
        return true;
}

static bool unknown_equal(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
        if (a->n_unknown_fields != b->n_unknown_fields)
                return false;
        for (unsigned i = 0; i < a->n_unknown_fields; i++) {
                const ProtobufCMessageUnknownField *x = &a->unknown_fields[i], *y = &b->unknown_fields[i];
                if (x->tag != y->tag || x->wire_type != y->wire_type || x->len != y->len ||
                    memcmp(x->data, y->data, x->len) != 0)
                        return false;
        }
        return true;
}

bool proto_equal(const void *a, const void *b)
{
        if (a == b)
                return true;
        if (a == NULL || b == NULL)
                return false;
        const ProtobufCMessage *x = a, *y = b;
        if (x->descriptor != y->descriptor)
                return false;
        for (unsigned i = 0; i < x->descriptor->n_fields; i++)
                if (!fields_equal(&x->descriptor->fields[i], x, y))
                        return false;
        return unknown_equal(x, y);
}
