/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_QUANTITIES_H
#define PROTO_QUANTITIES_H

#include <actor/error.h>
#include <proto/resources.h>
#include <stdbool.h>
#include <stdint.h>

/* Amounts by name, in thousandths, in order of name: what quota and shares are reckoned in. All zero
 * is empty. Value types; pure.
 *
 * Quantities: a name that is absent stands for 0, and 0 is never stored.
 * Limits: a name that is absent stands for infinite, and 0 is a limit. */
struct quantity {
        char *name;
        int64_t milli;
};
struct quantities {
        struct quantity *list;
        size_t count, capacity;
};
struct limits {
        struct quantities finite;
};

/* "cpus:10;mem:1024". Quantities: the same name again adds. Limits: -EINVAL. Scalars only. */
int quantities_parse(const char *text, struct quantities *ret, struct actor_error *error);
int limits_parse(const char *text, struct limits *ret, struct actor_error *error);
void quantities_clear(struct quantities *q);
void limits_clear(struct limits *limits);
struct quantities quantities_copy(const struct quantities *q);

/* How much of everything there is: scalars as they are, ranges and sets by their size. */
struct quantities quantities_from_resources(const struct resources *r);

int64_t quantities_get(const struct quantities *q, const char *name); /* 0 where absent */
void quantities_add_one(struct quantities *q, const char *name, int64_t milli);
void quantities_add(struct quantities *q, const struct quantities *more);
void quantities_subtract(struct quantities *q, const struct quantities *less); /* never below 0 */
bool quantities_contain(const struct quantities *q, const struct quantities *part);
bool quantities_equal(const struct quantities *a, const struct quantities *b);

bool limits_get(const struct limits *limits, const char *name, int64_t *ret_milli); /* false: infinite */
void limits_set(struct limits *limits, const char *name, int64_t milli);
void limits_subtract(struct limits *limits, const struct quantities *less); /* never below 0 */
bool limits_contain(const struct limits *limits, const struct limits *part);
bool limits_contain_quantities(const struct limits *limits, const struct quantities *q);

/* "cpus:10; mem:1024", "{}" where there is nothing. malloc'ed. */
char *quantities_print(const struct quantities *q);
char *limits_print(const struct limits *limits);

#endif
