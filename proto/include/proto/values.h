/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_VALUES_H
#define PROTO_VALUES_H

#include <actor/error.h>
#include <proto/types.h>
#include <stdbool.h>

/* The four kinds of value that resources and attributes carry, with the reference's arithmetic
 * (tests/conformance/values.json). Pure; any thread. */

/* Longest text that the parsers of values, resources, attributes and quantities accept, in bytes. */
#define VALUE_TEXT_MAX (1024 * 1024)

/* Scalars count in thousandths, rounded half away from zero. What does not fit is cut to the
 * largest or smallest number; NaN is 0. */
int64_t scalar_to_milli(double value);
double scalar_from_milli(int64_t milli);
/* Finite, and within what thousandths in 64 bits can count. */
bool scalar_is_representable(double value);
/* "1.5": at most three decimals, no trailing zeros. */
#define SCALAR_TEXT_SIZE 32
void scalar_print(int64_t milli, char ret[SCALAR_TEXT_SIZE]);

/* Closed intervals of whole numbers. Normal: ascending, none touching the next. All zero is empty. */
struct ranges {
        struct value_range {
                uint64_t begin, end;
        } * list;
        size_t count, capacity;
};

void ranges_clear(struct ranges *ranges);
void ranges_append(struct ranges *ranges, uint64_t begin, uint64_t end); /* as it is, not normalised */
struct ranges ranges_copy(const struct ranges *ranges);
void ranges_normalize(struct ranges *ranges);
void ranges_add(struct ranges *ranges, const struct ranges *more);      /* the result is normal */
void ranges_subtract(struct ranges *ranges, const struct ranges *less); /* what is not there is ignored */
bool ranges_contain(const struct ranges *ranges, const struct ranges *part);
bool ranges_equal(const struct ranges *a, const struct ranges *b);
/* How many numbers they hold; UINT64_MAX where that does not fit. */
uint64_t ranges_size(const struct ranges *ranges);
char *ranges_print(const struct ranges *ranges); /* "[1-2, 4-5]", malloc'ed */

/* Names in the order given. The set owns them. All zero is empty. */
struct name_set {
        char **items;
        size_t count, capacity;
};

void name_set_clear(struct name_set *set);
void name_set_append(struct name_set *set, const char *item, size_t length); /* even if it is there */
struct name_set name_set_copy(const struct name_set *set);
void name_set_add(struct name_set *set, const struct name_set *more); /* appends what is not there yet */
void name_set_subtract(struct name_set *set, const struct name_set *less);
bool name_set_contains(const struct name_set *set, const struct name_set *part);
/* The same names in the same order, as the reference has it. */
bool name_set_equal(const struct name_set *a, const struct name_set *b);
const char *name_set_duplicate(const struct name_set *set); /* an item that is there twice, or NULL */
char *name_set_print(const struct name_set *set);           /* "{a, b}", malloc'ed */

/* A parsed value; only the member of its type is used. value_clear() releases it. */
struct value {
        V1__Value__Type type;
        double scalar; /* as written, not yet rounded */
        struct ranges ranges;
        struct name_set set;
        char *text;
};

/* "[…]" RANGES, "{…}" SET, a plain non-negative decimal number SCALAR, anything else TEXT. Spaces are
 * removed first. -EINVAL: empty, unbalanced brackets, bad ranges, a subnormal number, too long. */
int value_parse(const char *text, struct value *ret, struct actor_error *error);
void value_clear(struct value *value);

#endif
