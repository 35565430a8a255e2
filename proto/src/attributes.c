/* SPDX-License-Identifier: Apache-2.0 */
#include "value_message.h"

#include <actor/memory.h>
#include <errno.h>
#include <proto/attributes.h>
#include <proto/copy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 64 /* of a bad text, in its sentence */

static V1__Attribute *new_attribute(void *msg, const char *name, const struct value *value)
{
        V1__Attribute *attribute = actor_msg_alloc(msg, sizeof *attribute);
        v1__attribute__init(attribute);
        attribute->name = actor_msg_strdup(msg, name);
        attribute->type = value->type;
        if (value->type == V1__VALUE__TYPE__SCALAR)
                attribute->scalar = value_scalar_message(msg, value->scalar);
        else if (value->type == V1__VALUE__TYPE__RANGES)
                attribute->ranges = value_ranges_message(msg, &value->ranges);
        else
                attribute->text = value_text_message(msg, value->text);
        return attribute;
}

static int parse_pair(void *msg, char *pair, V1__Attribute **ret, struct actor_error *error)
{
        char *colon = strchr(pair, ':');
        if (colon == NULL || colon == pair || colon[1] == '\0')
                return actor_error_set(error, -EINVAL, "attribute '%.*s': expected NAME:VALUE", SHOWN_MAX,
                                       pair);
        *colon = '\0';
        struct value value = {0};
        int r = value_parse(colon + 1, &value, error);
        if (r < 0)
                return actor_error_prefix(error, r, "attribute '%.*s'", SHOWN_MAX, pair);
        if (value.type == V1__VALUE__TYPE__SET)
                r = actor_error_set(error, -EINVAL,
                                    "attribute '%.*s' is a set; attributes are numbers, ranges or text",
                                    SHOWN_MAX, pair);
        else
                *ret = new_attribute(msg, pair, &value);
        value_clear(&value);
        return r;
}

int attributes_parse(const char *text, void *msg, size_t *ret_count, V1__Attribute ***ret_list,
                     struct actor_error *error)
{
        if (strlen(text) > VALUE_TEXT_MAX)
                return actor_error_set(error, -EINVAL,
                                       "attributes '%.*s…' have %zu bytes; at most %d are allowed", SHOWN_MAX,
                                       text, strlen(text), VALUE_TEXT_MAX);
        CLEANUP(actor_freep) char *copy = actor_strdup(text);
        V1__Attribute **list = NULL;
        size_t count = 0;
        char *rest = NULL;
        for (char *pair = strtok_r(copy, ";\n", &rest); pair; pair = strtok_r(NULL, ";\n", &rest)) {
                V1__Attribute *attribute = NULL;
                int r = parse_pair(msg, pair, &attribute, error);
                if (r < 0)
                        return r;
                PROTO_APPEND(msg, count, list, attribute);
        }
        *ret_count = count;
        *ret_list = list;
        return 0;
}

static bool ranges_messages_equal(const V1__Value__Ranges *a, const V1__Value__Ranges *b)
{
        struct ranges x = value_ranges_from_message(a), y = value_ranges_from_message(b);
        bool equal = ranges_equal(&x, &y);
        ranges_clear(&x);
        ranges_clear(&y);
        return equal;
}

static bool same_attribute(const V1__Attribute *a, const V1__Attribute *b)
{
        if (a->type != b->type || strcmp(a->name, b->name) != 0)
                return false;
        if (a->scalar && b->scalar)
                return scalar_to_milli(a->scalar->value) == scalar_to_milli(b->scalar->value);
        if (a->ranges && b->ranges)
                return ranges_messages_equal(a->ranges, b->ranges);
        return proto_equal(a->text, b->text) && proto_equal(a->set, b->set);
}

static bool all_within(V1__Attribute *const *part, size_t part_count, V1__Attribute *const *whole,
                       size_t count)
{
        for (size_t i = 0; i < part_count; i++) {
                size_t k = 0;
                while (k < count && !same_attribute(part[i], whole[k]))
                        k++;
                if (k == count)
                        return false;
        }
        return true;
}

bool attributes_equal(V1__Attribute *const *a, size_t a_count, V1__Attribute *const *b, size_t b_count)
{
        return a_count == b_count && all_within(a, a_count, b, b_count) && all_within(b, b_count, a, a_count);
}

static void print_value(FILE *stream, const V1__Attribute *attribute)
{
        if (attribute->scalar) {
                char text[SCALAR_TEXT_SIZE];
                scalar_print(scalar_to_milli(attribute->scalar->value), text);
                fputs(text, stream);
        } else if (attribute->ranges) {
                struct ranges ranges = value_ranges_from_message(attribute->ranges);
                ranges_normalize(&ranges);
                CLEANUP(actor_freep) char *text = ranges_print(&ranges);
                fputs(text, stream);
                ranges_clear(&ranges);
        } else if (attribute->set) {
                struct name_set set = value_set_from_message(attribute->set);
                CLEANUP(actor_freep) char *text = name_set_print(&set);
                fputs(text, stream);
                name_set_clear(&set);
        } else if (attribute->text) {
                fputs(attribute->text->value, stream);
        }
}

char *attribute_print_value(const V1__Attribute *attribute)
{
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);
        print_value(stream, attribute);
        fclose(stream);
        return text;
}

char *attributes_print(V1__Attribute *const *list, size_t count)
{
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);
        for (size_t i = 0; i < count; i++) {
                fprintf(stream, "%s%s:", i > 0 ? ";" : "", list[i]->name);
                print_value(stream, list[i]);
        }
        fclose(stream);
        return text;
}
