/* SPDX-License-Identifier: Apache-2.0 */
#include "operations.h"

#include <proto/ids.h>
#include <string.h>

static int run_role_validate(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        int r = role_validate(args->text[0], error);
        if (r == 0)
                *ret = json_true();
        return r;
}

static int run_role_parse(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        char **roles = NULL;
        int r = role_list_parse(args->text[0], &roles, error);
        if (r < 0)
                return r;
        *ret = json_array();
        for (char **role = roles; *role; role++)
                json_array_append_new(*ret, json_string(*role));
        role_list_free(roles);
        return 0;
}

static int run_role_ancestors(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        *ret = json_array();
        const char *role = args->text[0];
        for (size_t length = strlen(role); (length = role_parent_length(role, length)) > 0;)
                json_array_append_new(*ret, json_stringn(role, length));
        return 0;
}

static int run_role_strict_subrole(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        *ret = json_boolean(role_is_strict_subrole(args->text[0], args->text[1]));
        return 0;
}

static int run_id_validate(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        int r = id_validate("id", args->text[0], error);
        if (r == 0)
                *ret = json_true();
        return r;
}

const struct operation name_operations[] = {
        {"role.validate", 1, run_role_validate},   {"role.parse", 1, run_role_parse},
        {"role.ancestors", 1, run_role_ancestors}, {"role.strict_subrole", 2, run_role_strict_subrole},
        {"id.validate", 1, run_id_validate},       {NULL, 0, NULL},
};
