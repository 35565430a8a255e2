/* SPDX-License-Identifier: Apache-2.0 */
#include "resources_parse.h"

#include "resource_entry.h"
#include "resource_format.h"
#include "value_message.h"

#include <actor/memory.h>
#include <ctype.h>
#include <errno.h>
#include <proto/json.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 64 /* of a bad text, in its sentence */

/* An arena for what lives only while a text is parsed. */
struct scratch {
        char unused;
};
static ACTOR_LOCAL_TYPE(scratch_type, struct scratch);

struct scratch_message {
        void *msg;
};

static void scratch_clear(struct scratch_message *scratch)
{
        actor_msg_unref(scratch->msg);
}

static char *trimmed(char *text)
{
        text += strspn(text, " \t\n\r");
        size_t length = strlen(text);
        while (length > 0 && strchr(" \t\n\r", text[length - 1]))
                text[--length] = '\0';
        return text;
}

/* "name(role)" apart, in place. */
static int split_role(char *text, const char *default_role, const char **ret_name, const char **ret_role,
                      struct actor_error *error)
{
        char *open = strchr(text, '('), *close = strchr(text, ')');
        *ret_role = default_role;
        if (open) {
                if (close == NULL || close < open)
                        return actor_error_set(error, -EINVAL,
                                               "parentheses do not match in '%.*s': expected NAME(ROLE)",
                                               SHOWN_MAX, text);
                *open = *close = '\0';
                *ret_role = trimmed(open + 1);
        }
        *ret_name = trimmed(text);
        return 0;
}

static int fill_value(void *msg, const char *text, V1__Resource *resource, struct actor_error *error)
{
        struct value value = {0};
        int r = value_parse(text, &value, error);
        if (r < 0)
                return r;
        resource->type = value.type;
        if (value.type == V1__VALUE__TYPE__SCALAR)
                resource->scalar = value_scalar_message(msg, value.scalar);
        else if (value.type == V1__VALUE__TYPE__RANGES)
                resource->ranges = value_ranges_message(msg, &value.ranges);
        else if (value.type == V1__VALUE__TYPE__SET)
                resource->set = value_set_message(msg, &value.set);
        else
                r = actor_error_set(error, -EINVAL,
                                    "'%.*s' is neither a number (not negative), nor [ranges], nor a {set}",
                                    SHOWN_MAX, value.text);
        value_clear(&value);
        return r;
}

/* The halves around the ':', of which there must be one; repeated colons count as one. */
static int split_pair(char *item, char **ret_name, char **ret_value, struct actor_error *error)
{
        char *rest = NULL;
        *ret_name = strtok_r(item, ":", &rest);
        *ret_value = *ret_name ? strtok_r(NULL, ":", &rest) : NULL;
        if (*ret_value == NULL || strtok_r(NULL, ":", &rest) != NULL)
                return actor_error_set(error, -EINVAL,
                                       "expected NAME:VALUE or NAME(ROLE):VALUE, with one ':'");
        return 0;
}

/* Each entry is compared with those before it: their number has a limit. */
static int check_room(const struct resources *resources, struct actor_error *error)
{
        if (resources->count < RESOURCE_ENTRIES_MAX)
                return 0;
        return actor_error_set(error, -EINVAL, "resources: more than %d entries", RESOURCE_ENTRIES_MAX);
}

static int parse_item(void *msg, char *item, const char *default_role, struct resources *resources,
                      struct actor_error *error)
{
        CLEANUP(actor_freep) char *shown = actor_strndup(item, SHOWN_MAX);
        char *left, *right;
        V1__Resource resource = V1__RESOURCE__INIT;
        int r = split_pair(item, &left, &right, error);
        if (r == 0)
                r = split_role(left, default_role, &resource.name, &resource.role, error);
        if (r == 0)
                r = fill_value(msg, right, &resource, error);
        if (r == 0)
                r = resource_validate(&resource, error);
        if (r < 0)
                return actor_error_prefix(error, r, "resources: '%s'", shown);
        resources_add_valid(resources, &resource);
        return 0;
}

static int parse_text(const char *text, const char *default_role, struct resources *resources,
                      struct actor_error *error)
{
        CLEANUP(scratch_clear) struct scratch_message scratch = {actor_msg_new(&scratch_type)};
        CLEANUP(actor_freep) char *copy = actor_strdup(text);
        char *rest = NULL;
        for (char *item = strtok_r(copy, ";", &rest); item; item = strtok_r(NULL, ";", &rest)) {
                int r = check_room(resources, error);
                if (r == 0)
                        r = parse_item(scratch.msg, item, default_role, resources, error);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int parse_json_item(const json_t *json, const char *default_role, struct resources *resources,
                           struct actor_error *error)
{
        CLEANUP(scratch_clear) struct scratch_message scratch = {actor_msg_new(&scratch_type)};
        void *message = NULL;
        int r = proto_from_json_into(scratch.msg, &v1__resource__descriptor, json, &message, error);
        if (r < 0)
                return r;
        V1__Resource *resource = message;
        if (!resource_has_role(resource) && resource->n_reservations == 0)
                resource->role = default_role;
        r = resource_validate(resource, error);
        if (r == 0)
                resources_add_valid(resources, resource);
        return r;
}

static int parse_json(const json_t *array, const char *default_role, struct resources *resources,
                      struct actor_error *error)
{
        size_t i;
        json_t *json;
        json_array_foreach((json_t *) array, i, json)
        {
                int r = check_room(resources, error);
                if (r == 0)
                        r = parse_json_item(json, default_role, resources, error);
                if (r < 0)
                        return actor_error_prefix(error, r, "resources[%zu]", i);
        }
        return 0;
}

static int check_entry(const struct resource_entry *entry, struct actor_error *error)
{
        const V1__Resource *view = entry->kind->view;
        size_t count = view->n_reservations;
        if (resource_kind_is_persistent(entry->kind))
                return actor_error_set(
                        error, -EINVAL,
                        "resource '%.64s': persistent volumes cannot be given here; frameworks create "
                        "them from offers",
                        view->name);
        if (view->revocable)
                return actor_error_set(error, -EINVAL, "resource '%.64s': 'revocable' cannot be given here",
                                       view->name);
        if (count > 0 && view->reservations[count - 1]->type == V1__RESOURCE__RESERVATION_INFO__TYPE__DYNAMIC)
                return actor_error_set(
                        error, -EINVAL,
                        "resource '%.64s': a dynamic reservation cannot be given here; reservations[0] "
                        "must be STATIC",
                        view->name);
        return 0;
}

static int compare_names(const void *a, const void *b)
{
        const struct resource_entry *const *x = a, *const *y = b;
        return strcmp((*x)->kind->view->name, (*y)->kind->view->name);
}

/* One name, one type. */
static int check_types(const struct resources *r, struct actor_error *error)
{
        if (r->count == 0)
                return 0;
        CLEANUP(actor_freep)
        const struct resource_entry **sorted = actor_realloc_array(NULL, r->count, sizeof *sorted);
        for (size_t i = 0; i < r->count; i++)
                sorted[i] = &r->entries[i];
        qsort(sorted, r->count, sizeof *sorted, compare_names);
        for (size_t i = 1; i < r->count; i++) {
                const V1__Resource *before = sorted[i - 1]->kind->view, *view = sorted[i]->kind->view;
                if (strcmp(before->name, view->name) == 0 && before->type != view->type)
                        return actor_error_set(
                                error, -EINVAL, "resource '%.64s' is given both as %s and as %s", view->name,
                                proto_enum_name(&v1__value__type__descriptor, (int) before->type),
                                proto_enum_name(&v1__value__type__descriptor, (int) view->type));
        }
        return 0;
}

static int check_given(const struct resources *r, struct actor_error *error)
{
        for (size_t i = 0; i < r->count; i++) {
                int result = check_entry(&r->entries[i], error);
                if (result < 0)
                        return result;
        }
        return check_types(r, error);
}

int resources_parse(const char *text, const char *default_role, struct resources **ret,
                    struct actor_error *error)
{
        if (default_role == NULL)
                default_role = "*";
        size_t length = strlen(text);
        if (length > VALUE_TEXT_MAX)
                return actor_error_set(error, -EINVAL,
                                       "resources '%.*s…' have %zu bytes; at most %d are allowed", SHOWN_MAX,
                                       text, length, VALUE_TEXT_MAX);
        CLEANUP(resources_freep) struct resources *resources = resources_new();
        json_t *json = json_loadb(text, length, 0, NULL);
        int r = json_is_array(json) ? parse_json(json, default_role, resources, error)
                                    : parse_text(text, default_role, resources, error);
        json_decref(json);
        if (r == 0)
                r = check_given(resources, error);
        if (r == 0)
                *ret = TAKE(resources);
        return r;
}
