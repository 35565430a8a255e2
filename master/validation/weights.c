/* SPDX-License-Identifier: Apache-2.0 */
#include "weights.h"

#include <actor/memory.h>
#include <errno.h>
#include <math.h>
#include <proto/ids.h>
#include <stdlib.h>
#include <string.h>

/* Only plain decimals: not "inf", "nan", "0x2", " 2", which strtod() would take. */
static int weight_parse(const char *text, double *ret, struct actor_error *error)
{
        char *end = NULL;
        bool plain = *text != '\0' && strspn(text, "0123456789.") == strlen(text);
        *ret = plain ? strtod(text, &end) : 0;
        if (!plain || *end != '\0' || !isfinite(*ret) || *ret <= 0)
                return actor_error_set(error, -EINVAL, "the weight \"%.32s\" is no number above 0", text);
        return 0;
}

static int item_parse(char *item, struct role_weight *ret, struct actor_error *error)
{
        char *equals = strrchr(item, '='); /* a role may hold one */
        if (equals == NULL)
                return actor_error_set(error, -EINVAL, "expected ROLE=WEIGHT");
        *equals = '\0';
        int r = role_validate(item, error);
        if (r == 0)
                r = weight_parse(equals + 1, &ret->weight, error);
        if (r == 0)
                ret->role = actor_strdup(item);
        return r;
}

static bool is_named(const struct role_weight *list, size_t count, const char *role)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(list[i].role, role) == 0)
                        return true;
        return false;
}

static int item_add(const char *text, struct role_weight *list, size_t *count, struct actor_error *error)
{
        CLEANUP(actor_freep) char *item = actor_strdup(text);
        struct role_weight *next = &list[*count];
        int r = item_parse(item, next, error);
        if (r == 0 && is_named(list, *count, next->role)) {
                free(next->role);
                r = actor_error_set(error, -EINVAL, "the role has a weight already");
        }
        if (r != 0)
                return actor_error_prefix(error, r, "\"%.64s\"", text);
        (*count)++;
        return 0;
}

int weights_parse(const char *text, struct role_weight **ret, size_t *ret_count, struct actor_error *error)
{
        size_t count = 0, most = 1;
        for (const char *at = text; at != NULL && *at != '\0'; at++)
                most += *at == ',';
        struct role_weight *list = actor_zalloc(most * sizeof *list);
        CLEANUP(actor_freep) char *copy = text != NULL && *text != '\0' ? actor_strdup(text) : NULL;
        char *rest = copy, *item;
        int r = 0;
        while (r == 0 && (item = strsep(&rest, ",")) != NULL)
                r = item_add(item, list, &count, error);
        if (r != 0) {
                weights_free(list, count);
                return r;
        }
        *ret = list;
        *ret_count = count;
        return 0;
}

void weights_free(struct role_weight *list, size_t count)
{
        for (size_t i = 0; i < count; i++)
                free(list[i].role);
        free(list);
}
