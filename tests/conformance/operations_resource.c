/* SPDX-License-Identifier: Apache-2.0 */
#include "operations.h"

#include <errno.h>
#include <proto/copy.h>
#include <proto/json.h>
#include <proto/resources.h>
#include <stdlib.h>
#include <string.h>

static json_t *to_json(const struct resources *r, void *arena)
{
        V1__Resource **list = NULL;
        size_t count = 0;
        resources_to_v1(r, arena, &count, &list);
        json_t *array = json_array();
        for (size_t i = 0; i < count; i++)
                json_array_append_new(array, proto_to_json(list[i]));
        return array;
}

static int resource_from_json(const json_t *json, void *arena, V1__Resource **ret, struct actor_error *error)
{
        void *message = NULL;
        int r = proto_from_json_into(arena, &v1__resource__descriptor, json, &message, error);
        if (r == 0)
                *ret = message;
        return r;
}

/* As messages bring them: any reservation, revocable and shared ones too. */
static int load_json(const json_t *array, void *arena, struct resources **ret, struct actor_error *error)
{
        V1__Resource **list = NULL;
        size_t count = 0, i;
        json_t *json;
        json_array_foreach((json_t *) array, i, json)
        {
                V1__Resource *resource = NULL;
                int r = resource_from_json(json, arena, &resource, error);
                if (r < 0)
                        return r;
                PROTO_APPEND(arena, count, list, resource);
        }
        return resources_from_v1(list, count, ret, error);
}

static int load(const char *text, void *arena, struct resources **ret, struct actor_error *error)
{
        json_t *json = json_loads(text, 0, NULL);
        int r = json_is_array(json) ? load_json(json, arena, ret, error)
                                    : resources_parse(text, NULL, ret, error);
        json_decref(json);
        return r;
}

static int run_parse(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        CLEANUP(resources_freep) struct resources *resources = NULL;
        int r = resources_parse(args->text[0], args->text[1], &resources, error);
        if (r == 0)
                *ret = to_json(resources, args->arena);
        return r;
}

typedef json_t *(*two_resources)(struct resources *a, struct resources *b, void *arena);

static int run_two(const struct case_args *args, two_resources compute, json_t **ret,
                   struct actor_error *error)
{
        CLEANUP(resources_freep) struct resources *a = NULL;
        CLEANUP(resources_freep) struct resources *b = NULL;
        int r = load(args->text[0], args->arena, &a, error);
        if (r == 0)
                r = load(args->text[1], args->arena, &b, error);
        if (r == 0)
                *ret = compute(a, b, args->arena);
        return r;
}

static json_t *add(struct resources *a, struct resources *b, void *arena)
{
        resources_add(a, b);
        return to_json(a, arena);
}

static json_t *subtract(struct resources *a, struct resources *b, void *arena)
{
        resources_subtract(a, b);
        return to_json(a, arena);
}

static json_t *contain(struct resources *a, struct resources *b, void *arena)
{
        return json_boolean(resources_contain(a, b));
}

static json_t *equal(struct resources *a, struct resources *b, void *arena)
{
        return json_boolean(resources_equal(a, b));
}

static json_t *find(struct resources *a, struct resources *b, void *arena)
{
        CLEANUP(resources_freep) struct resources *found = resources_find(a, b, NULL);
        return found ? to_json(found, arena) : json_null();
}

#define DEFINE_TWO(function, compute)                                                              \
        static int function(const struct case_args *args, json_t **ret, struct actor_error *error) \
        {                                                                                          \
                return run_two(args, compute, ret, error);                                         \
        }

DEFINE_TWO(run_add, add)
DEFINE_TWO(run_sub, subtract)
DEFINE_TWO(run_contains, contain)
DEFINE_TWO(run_eq, equal)
DEFINE_TWO(run_find, find)

typedef struct resources *(*selection)(const struct resources *r, const char *role);

static int run_select(const struct case_args *args, selection choose, json_t **ret, struct actor_error *error)
{
        CLEANUP(resources_freep) struct resources *resources = NULL;
        int r = load(args->text[0], args->arena, &resources, error);
        if (r < 0)
                return r;
        CLEANUP(resources_freep) struct resources *chosen = choose(resources, args->text[1]);
        *ret = to_json(chosen, args->arena);
        return 0;
}

static struct resources *choose_unreserved(const struct resources *r, const char *role)
{
        return resources_unreserved(r);
}

static struct resources *choose_nonrevocable(const struct resources *r, const char *role)
{
        return resources_nonrevocable(r);
}

static struct resources *choose_revocable(const struct resources *r, const char *role)
{
        return resources_revocable(r);
}

static struct resources *choose_to_unreserved(const struct resources *r, const char *role)
{
        return resources_to_unreserved(r);
}

#define DEFINE_SELECT(function, choose)                                                            \
        static int function(const struct case_args *args, json_t **ret, struct actor_error *error) \
        {                                                                                          \
                return run_select(args, choose, ret, error);                                       \
        }

DEFINE_SELECT(run_unreserved, choose_unreserved)
DEFINE_SELECT(run_nonrevocable, choose_nonrevocable)
DEFINE_SELECT(run_revocable, choose_revocable)
DEFINE_SELECT(run_to_unreserved, choose_to_unreserved)
DEFINE_SELECT(run_reserved, resources_reserved)
DEFINE_SELECT(run_allocatable_to, resources_allocatable_to)

static int run_print(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        CLEANUP(resources_freep) struct resources *resources = NULL;
        int r = load(args->text[0], args->arena, &resources, error);
        if (r < 0)
                return r;
        CLEANUP(actor_freep) char *text = resources_print(resources);
        *ret = json_string(text);
        return 0;
}

/* One Resource, valid. */
static int load_one(const struct case_args *args, V1__Resource **ret, struct actor_error *error)
{
        json_error_t where;
        json_t *json = json_loads(args->text[0], 0, &where);
        if (json == NULL)
                return actor_error_set(error, -EINVAL, "not JSON: %s", where.text);
        int r = resource_from_json(json, args->arena, ret, error);
        json_decref(json);
        return r < 0 ? r : resource_validate(*ret, error);
}

static int run_validate(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        V1__Resource *resource = NULL;
        int r = load_one(args, &resource, error);
        if (r == 0)
                *ret = json_true();
        return r;
}

static int run_upgrade(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        V1__Resource *resource = NULL;
        int r = load_one(args, &resource, error);
        if (r == 0)
                *ret = proto_to_json(resource_upgrade(args->arena, resource));
        return r;
}

static int run_downgrade(const struct case_args *args, json_t **ret, struct actor_error *error)
{
        V1__Resource *resource = NULL, *older = NULL;
        int r = load_one(args, &resource, error);
        if (r == 0)
                r = resource_downgrade(args->arena, resource, &older, error);
        if (r == 0)
                *ret = proto_to_json(older);
        return r;
}

const struct operation resource_operations[] = {
        {"resources.parse", 1, run_parse},
        {"resources.add", 2, run_add},
        {"resources.sub", 2, run_sub},
        {"resources.contains", 2, run_contains},
        {"resources.eq", 2, run_eq},
        {"resources.find", 2, run_find},
        {"resources.unreserved", 1, run_unreserved},
        {"resources.reserved", 1, run_reserved},
        {"resources.revocable", 1, run_revocable},
        {"resources.nonrevocable", 1, run_nonrevocable},
        {"resources.to_unreserved", 1, run_to_unreserved},
        {"resources.allocatable_to", 2, run_allocatable_to},
        {"resources.print", 1, run_print},
        {"resources.validate", 1, run_validate},
        {"resources.upgrade", 1, run_upgrade},
        {"resources.downgrade", 1, run_downgrade},
        {NULL, 0, NULL},
};
