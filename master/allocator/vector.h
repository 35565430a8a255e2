/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ALLOCATOR_VECTOR_H
#define MASTER_ALLOCATOR_VECTOR_H

#include <proto/resources.h>

/* Quantities as small vectors: the scalar resources of a set, summed by name, in thousandths. What
 * the hot path compares and divides; which pieces make up a quantity only struct resources knows.
 *
 * Names get their place in order of appearance. A cluster with more than VECTOR_MAX names of scalars is
 * served all the same, but the later names weigh nothing in shares. Pure values. */
#define VECTOR_MAX 16

struct vector {
        int64_t milli[VECTOR_MAX];
};

struct vector_names {
        unsigned count;
        char *names[VECTOR_MAX];
};
void vector_names_done(struct vector_names *names);

/* The place of a name, given one if it is new; -1 when all places are taken. */
int vector_place(struct vector_names *names, const char *name);

struct vector vector_of(struct vector_names *names, const struct resources *resources);

void vector_add(struct vector *v, const struct vector *more);
void vector_subtract(struct vector *v, const struct vector *less);
/* Every quantity of `v` is at least that of `part`. */
bool vector_contains(const struct vector *v, const struct vector *part);
bool vector_equal(const struct vector *a, const struct vector *b);
bool vector_is_zero(const struct vector *v);

/* The largest part of a total: max over names of v / total; names without a total do not count. */
double vector_share(const struct vector *v, const struct vector *total);

#endif
