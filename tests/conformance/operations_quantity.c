/* SPDX-License-Identifier: Apache-2.0 */
#include "operations.h"

#include <proto/quantities.h>
#include <stdlib.h>

static json_t *take_text(char *text_take)
{
        json_t *json = json_string(text_take);
        free(text_take);
        return json;
}

static int run_quantities_parse(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        struct quantities q = {0};
        int r = quantities_parse(args->text[0], &q, error);
        if (r < 0)
                return r;
        *ret = take_text(quantities_print(&q));
        quantities_clear(&q);
        return 0;
}

typedef json_t *(*two_quantities)(struct quantities *a, struct quantities *b);

static int run_two(const struct case_args *args, two_quantities compute, json_t **ret,
                   struct actor_error *error)
{
        struct quantities a = {0}, b = {0};
        int r = quantities_parse(args->text[0], &a, error);
        if (r == 0)
                r = quantities_parse(args->text[1], &b, error);
        if (r == 0)
                *ret = compute(&a, &b);
        quantities_clear(&a);
        quantities_clear(&b);
        return r;
}

static json_t *add(struct quantities *a, struct quantities *b)
{
        quantities_add(a, b);
        return take_text(quantities_print(a));
}

static json_t *subtract(struct quantities *a, struct quantities *b)
{
        quantities_subtract(a, b);
        return take_text(quantities_print(a));
}

static json_t *contain(struct quantities *a, struct quantities *b)
{
        return json_boolean(quantities_contain(a, b));
}

static json_t *equal(struct quantities *a, struct quantities *b)
{
        return json_boolean(quantities_equal(a, b));
}

static int run_quantities_add(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        return run_two(args, add, ret, error);
}

static int run_quantities_sub(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        return run_two(args, subtract, ret, error);
}

static int run_quantities_contains(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        return run_two(args, contain, ret, error);
}

static int run_quantities_eq(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        return run_two(args, equal, ret, error);
}

static int run_limits_parse(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        struct limits limits = {{0}};
        int r = limits_parse(args->text[0], &limits, error);
        if (r < 0)
                return r;
        *ret = take_text(limits_print(&limits));
        limits_clear(&limits);
        return 0;
}

static int run_limits_contains(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        struct limits a = {{0}}, b = {{0}};
        int r = limits_parse(args->text[0], &a, error);
        if (r == 0)
                r = limits_parse(args->text[1], &b, error);
        if (r == 0)
                *ret = json_boolean(limits_contain(&a, &b));
        limits_clear(&a);
        limits_clear(&b);
        return r;
}

/* The first argument is limits, the second quantities. */
static int run_limits_with_quantities(const struct case_args *args,
                                      json_t *(*compute)(struct limits *, const struct quantities *),
                                      json_t **ret, struct actor_error *error)
{
        struct limits limits = {{0}};
        struct quantities q = {0};
        int r = limits_parse(args->text[0], &limits, error);
        if (r == 0)
                r = quantities_parse(args->text[1], &q, error);
        if (r == 0)
                *ret = compute(&limits, &q);
        limits_clear(&limits);
        quantities_clear(&q);
        return r;
}

static json_t *within(struct limits *limits, const struct quantities *q)
{
        return json_boolean(limits_contain_quantities(limits, q));
}

static json_t *lessen(struct limits *limits, const struct quantities *q)
{
        limits_subtract(limits, q);
        return take_text(limits_print(limits));
}

static int run_limits_contains_quantities(const struct case_args *args, json_t **ret,
                                          struct actor_error *error)
{
        return run_limits_with_quantities(args, within, ret, error);
}

static int run_limits_sub(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        return run_limits_with_quantities(args, lessen, ret, error);
}

const struct operation quantity_operations[] = {
        {"quantities.parse", 1, run_quantities_parse},
        {"quantities.add", 2, run_quantities_add},
        {"quantities.sub", 2, run_quantities_sub},
        {"quantities.contains", 2, run_quantities_contains},
        {"quantities.eq", 2, run_quantities_eq},
        {"limits.parse", 1, run_limits_parse},
        {"limits.sub", 2, run_limits_sub},
        {"limits.contains", 2, run_limits_contains},
        {"limits.contains_quantities", 2, run_limits_contains_quantities},
        {NULL, 0, NULL},
};
