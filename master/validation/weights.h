/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_VALIDATION_WEIGHTS_H
#define MASTER_VALIDATION_WEIGHTS_H

#include <actor/error.h>
#include <stddef.h>

/* --weights, judged: "role=2,role2=3.5". Pure; any thread. */
struct role_weight {
        char *role;
        double weight; /* finite, > 0 */
};

/* A new list (weights_free) into *ret, its length into *ret_count; NULL or "" gives none. Returns 0, or
 * -EINVAL with a sentence naming the item: a bad role, one named twice, a weight that is no number above 0.
 */
int weights_parse(const char *text, struct role_weight **ret, size_t *ret_count, struct actor_error *error);
void weights_free(struct role_weight *list, size_t count); /* NULL is fine */

#endif
