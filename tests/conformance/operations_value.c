/* SPDX-License-Identifier: Apache-2.0 */
#include "operations.h"

#include <actor/memory.h>
#include <actor/units.h>
#include <errno.h>
#include <proto/attributes.h>
#include <proto/json.h>
#include <proto/values.h>
#include <value_message.h>
#include <stdlib.h>

/* value.parse: as a v1 Value. */
static int run_value_parse(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        struct value value = {0};
        int r = value_parse(args->text[0], &value, error);
        if (r < 0)
                return r;
        V1__Value message = V1__VALUE__INIT;
        message.type = value.type;
        if (value.type == V1__VALUE__TYPE__SCALAR)
                message.scalar = value_scalar_message(args->arena, value.scalar);
        else if (value.type == V1__VALUE__TYPE__RANGES)
                message.ranges = value_ranges_message(args->arena, &value.ranges);
        else if (value.type == V1__VALUE__TYPE__SET)
                message.set = value_set_message(args->arena, &value.set);
        else
                message.text = value_text_message(args->arena, value.text);
        *ret = proto_to_json(&message);
        value_clear(&value);
        return 0;
}

/* Two values of the type asked for. */
static int parse_two(const struct case_args *args, V1__Value__Type type, struct value ret[2],
                     struct actor_error *error)
{
        for (int i = 0; i < 2; i++) {
                int r = value_parse(args->text[i], &ret[i], error);
                if (r < 0)
                        return r;
                if (ret[i].type != type)
                        return actor_error_set(error, -EINVAL, "'%s' is not a %s", args->text[i],
                                               proto_enum_name(&v1__value__type__descriptor, (int) type));
        }
        return 0;
}

typedef json_t *(*two_values)(struct value *a, struct value *b);

static int run_two(const struct case_args *args, V1__Value__Type type, two_values compute, json_t **ret,
                   struct actor_error *error)
{
        struct value values[2] = {{0}, {0}};
        int r = parse_two(args, type, values, error);
        if (r == 0)
                *ret = compute(&values[0], &values[1]);
        value_clear(&values[0]);
        value_clear(&values[1]);
        return r;
}

static json_t *take_text(char *text_take)
{
        json_t *json = json_string(text_take);
        free(text_take);
        return json;
}

static json_t *add_ranges(struct value *a, struct value *b)
{
        ranges_add(&a->ranges, &b->ranges);
        return take_text(ranges_print(&a->ranges));
}

static json_t *subtract_ranges(struct value *a, struct value *b)
{
        ranges_subtract(&a->ranges, &b->ranges);
        return take_text(ranges_print(&a->ranges));
}

static json_t *compare_ranges(struct value *a, struct value *b)
{
        return json_boolean(ranges_contain(&b->ranges, &a->ranges));
}

static json_t *equal_ranges(struct value *a, struct value *b)
{
        return json_boolean(ranges_equal(&a->ranges, &b->ranges));
}

static json_t *add_sets(struct value *a, struct value *b)
{
        name_set_add(&a->set, &b->set);
        return take_text(name_set_print(&a->set));
}

static json_t *subtract_sets(struct value *a, struct value *b)
{
        name_set_subtract(&a->set, &b->set);
        return take_text(name_set_print(&a->set));
}

static json_t *compare_sets(struct value *a, struct value *b)
{
        return json_boolean(name_set_contains(&b->set, &a->set));
}

static json_t *equal_sets(struct value *a, struct value *b)
{
        return json_boolean(name_set_equal(&a->set, &b->set));
}

static json_t *add_scalars(struct value *a, struct value *b)
{
        return json_real(scalar_from_milli(scalar_to_milli(a->scalar) + scalar_to_milli(b->scalar)));
}

static json_t *subtract_scalars(struct value *a, struct value *b)
{
        return json_real(scalar_from_milli(scalar_to_milli(a->scalar) - scalar_to_milli(b->scalar)));
}

static json_t *compare_scalars(struct value *a, struct value *b)
{
        return json_boolean(scalar_to_milli(a->scalar) <= scalar_to_milli(b->scalar));
}

static json_t *equal_scalars(struct value *a, struct value *b)
{
        return json_boolean(scalar_to_milli(a->scalar) == scalar_to_milli(b->scalar));
}

#define DEFINE_TWO(function, type, compute)                                                        \
        static int function(const struct case_args *args, json_t **ret, struct actor_error *error) \
        {                                                                                          \
                return run_two(args, V1__VALUE__TYPE__##type, compute, ret, error);                \
        }

DEFINE_TWO(run_ranges_add, RANGES, add_ranges)
DEFINE_TWO(run_ranges_sub, RANGES, subtract_ranges)
DEFINE_TWO(run_ranges_le, RANGES, compare_ranges)
DEFINE_TWO(run_ranges_eq, RANGES, equal_ranges)
DEFINE_TWO(run_set_add, SET, add_sets)
DEFINE_TWO(run_set_sub, SET, subtract_sets)
DEFINE_TWO(run_set_le, SET, compare_sets)
DEFINE_TWO(run_set_eq, SET, equal_sets)
DEFINE_TWO(run_scalar_add, SCALAR, add_scalars)
DEFINE_TWO(run_scalar_sub, SCALAR, subtract_scalars)
DEFINE_TWO(run_scalar_le, SCALAR, compare_scalars)
DEFINE_TWO(run_scalar_eq, SCALAR, equal_scalars)

static int run_attributes_parse(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        V1__Attribute **list = NULL;
        size_t count = 0;
        int r = attributes_parse(args->text[0], args->arena, &count, &list, error);
        if (r < 0)
                return r;
        *ret = json_array();
        for (size_t i = 0; i < count; i++)
                json_array_append_new(*ret, proto_to_json(list[i]));
        return 0;
}

static int run_attributes_eq(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        V1__Attribute **list[2] = {NULL, NULL};
        size_t count[2] = {0, 0};
        for (int i = 0; i < 2; i++) {
                int r = attributes_parse(args->text[i], args->arena, &count[i], &list[i], error);
                if (r < 0)
                        return r;
        }
        *ret = json_boolean(attributes_equal(list[0], count[0], list[1], count[1]));
        return 0;
}

static int run_duration_parse(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        int64_t ns = 0;
        int r = actor_duration_parse(args->text[0], &ns, error);
        if (r < 0)
                return r;
        char text[64];
        actor_duration_print(ns, text, sizeof text);
        *ret = json_pack("{s:I, s:s}", "ns", (json_int_t) ns, "text", text);
        return 0;
}

/* The reference's tables hold bytes as signed 64 bits. */
static int run_bytes_parse(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        uint64_t bytes = 0;
        int r = actor_bytes_parse(args->text[0], &bytes, error);
        if (r < 0)
                return r;
        char text[64];
        actor_bytes_print(bytes, text, sizeof text);
        *ret = json_pack("{s:I, s:s}", "bytes", (json_int_t) bytes, "text", text);
        return 0;
}

const struct operation value_operations[] = {
        {"value.parse", 1, run_value_parse},
        {"ranges.add", 2, run_ranges_add},
        {"ranges.sub", 2, run_ranges_sub},
        {"ranges.le", 2, run_ranges_le},
        {"ranges.eq", 2, run_ranges_eq},
        {"set.add", 2, run_set_add},
        {"set.sub", 2, run_set_sub},
        {"set.le", 2, run_set_le},
        {"set.eq", 2, run_set_eq},
        {"scalar.add", 2, run_scalar_add},
        {"scalar.sub", 2, run_scalar_sub},
        {"scalar.le", 2, run_scalar_le},
        {"scalar.eq", 2, run_scalar_eq},
        {"attributes.parse", 1, run_attributes_parse},
        {"attributes.eq", 2, run_attributes_eq},
        {"duration.parse", 1, run_duration_parse},
        {"bytes.parse", 1, run_bytes_parse},
        {NULL, 0, NULL},
};
