/* SPDX-License-Identifier: Apache-2.0 */
#include "allocator/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void vector_names_done(struct vector_names *names)
{
        for (unsigned i = 0; i < names->count; i++)
                free(names->names[i]);
        names->count = 0;
}

int vector_place(struct vector_names *names, const char *name)
{
        for (unsigned i = 0; i < names->count; i++)
                if (strcmp(names->names[i], name) == 0)
                        return (int) i;
        if (names->count == VECTOR_MAX)
                return -1;
        names->names[names->count] = actor_strdup(name);
        return (int) names->count++;
}

struct summing {
        struct vector_names *names;
        struct vector sum;
};

static bool sum_entry(void *arg, const V1__Resource *entry)
{
        struct summing *summing = arg;
        if (entry->scalar == NULL)
                return true;
        int place = vector_place(summing->names, entry->name);
        if (place >= 0)
                summing->sum.milli[place] += llround(entry->scalar->value * 1000.0);
        return true;
}

struct vector vector_of(struct vector_names *names, const struct resources *resources)
{
        struct summing summing = {.names = names};
        resources_each(resources, sum_entry, &summing);
        return summing.sum;
}

void vector_add(struct vector *v, const struct vector *more)
{
        for (int i = 0; i < VECTOR_MAX; i++)
                v->milli[i] += more->milli[i];
}

void vector_subtract(struct vector *v, const struct vector *less)
{
        for (int i = 0; i < VECTOR_MAX; i++)
                v->milli[i] -= less->milli[i];
}

bool vector_contains(const struct vector *v, const struct vector *part)
{
        for (int i = 0; i < VECTOR_MAX; i++)
                if (v->milli[i] < part->milli[i])
                        return false;
        return true;
}

bool vector_equal(const struct vector *a, const struct vector *b)
{
        return memcmp(a, b, sizeof *a) == 0;
}

bool vector_is_zero(const struct vector *v)
{
        static const struct vector zero;
        return vector_equal(v, &zero);
}

double vector_share(const struct vector *v, const struct vector *total)
{
        double share = 0;
        for (int i = 0; i < VECTOR_MAX; i++)
                if (total->milli[i] > 0)
                        share = fmax(share, (double) v->milli[i] / (double) total->milli[i]);
        return share;
}
