/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONFORMANCE_OPERATIONS_H
#define CONFORMANCE_OPERATIONS_H

#include <actor/error.h>
#include <jansson.h>
#include <stddef.h>

/* Arguments of a case: texts, missing ones NULL. */
#define CASE_ARGS_MAX 4
struct case_args {
        const char *text[CASE_ARGS_MAX];
        void *arena; /* a message; lives as long as the case */
};

/* Runs one operation: 0 and a new reference in *ret (JSON null is a result), or < 0 with the
 * sentence that a user would read. */
struct operation {
        const char *name;
        size_t args_min;
        int (*run)(const struct case_args *args, json_t **ret, struct actor_error *error);
};

/* Each ends with a NULL name. */
extern const struct operation value_operations[], name_operations[], resource_operations[],
        quantity_operations[];

#endif
