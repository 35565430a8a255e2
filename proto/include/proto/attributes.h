/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_ATTRIBUTES_H
#define PROTO_ATTRIBUTES_H

#include <actor/error.h>
#include <proto/types.h>
#include <stdbool.h>

/* "rack:r1;cores:8;ports:[1-2]" into the arena of `msg`: numbers are SCALAR, "[…]" RANGES, else TEXT. A
 * name may come more than once. Sets are refused. -EINVAL with a sentence naming the pair. */
int attributes_parse(const char *text, void *msg, size_t *ret_count, V1__Attribute ***ret_list,
                     struct actor_error *error);
/* The same attributes whatever their order. */
bool attributes_equal(V1__Attribute *const *a, size_t a_count, V1__Attribute *const *b, size_t b_count);
/* Its value alone: "r1", "8", "[1-2, 5-5]", "{a, b}". malloc'ed. */
char *attribute_print_value(const V1__Attribute *attribute);
/* "rack:r1;cores:8". malloc'ed. */
char *attributes_print(V1__Attribute *const *list, size_t count);

#endif
