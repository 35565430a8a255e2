/* SPDX-License-Identifier: Apache-2.0 */
#include "framework_info.h"

#include <errno.h>
#include <math.h>
#include <proto/ids.h>
#include <proto/known_enums.h>
#include <proto/task_state.h>
#include <string.h>

#define NS_PER_SECOND 1e9
/* The most seconds that int64 nanoseconds can hold. */
#define TIMEOUT_SECONDS_MAX 9223372036.0

/* `role` is deprecated in favour of `roles`, and still what frameworks without MULTI_ROLE use. */
static const char *single_role(const V1__FrameworkInfo *info)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
        return info->role;
#pragma GCC diagnostic pop
}

static bool single_role_is_set(const V1__FrameworkInfo *info)
{
        const char *role = single_role(info);
        return role != NULL && role != v1__framework_info__role__default_value;
}

static bool is_multi_role(const V1__FrameworkInfo *info)
{
        return framework_has_capability(info, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__MULTI_ROLE);
}

size_t framework_role_count(const V1__FrameworkInfo *info)
{
        return is_multi_role(info) ? info->n_roles : 1;
}

const char *framework_role(const V1__FrameworkInfo *info, size_t index)
{
        if (is_multi_role(info))
                return info->roles[index];
        return single_role(info) ? single_role(info) : "*";
}

bool framework_has_role(const V1__FrameworkInfo *info, const char *role)
{
        for (size_t i = 0; i < framework_role_count(info); i++) {
                if (strcmp(framework_role(info, i), role) == 0)
                        return true;
        }
        return false;
}

static int role_list_validate(const V1__FrameworkInfo *info, struct actor_error *error)
{
        for (size_t i = 0; i < info->n_roles; i++) {
                int r = role_validate(info->roles[i], error);
                if (r != 0)
                        return actor_error_prefix(error, r, "FrameworkInfo.roles[%zu]", i);
                for (size_t j = 0; j < i; j++) {
                        if (strcmp(info->roles[i], info->roles[j]) == 0)
                                return actor_error_set(error, -EINVAL,
                                                       "FrameworkInfo.roles has '%s' twice; each role may "
                                                       "appear once",
                                                       info->roles[i]);
                }
        }
        return 0;
}

static int roles_validate(const V1__FrameworkInfo *info, struct actor_error *error)
{
        if (is_multi_role(info)) {
                if (single_role_is_set(info))
                        return actor_error_set(error, -EINVAL,
                                               "FrameworkInfo.role must not be set with the MULTI_ROLE "
                                               "capability; use FrameworkInfo.roles");
                return role_list_validate(info, error);
        }
        if (info->n_roles > 0)
                return actor_error_set(error, -EINVAL,
                                       "FrameworkInfo.roles needs the MULTI_ROLE capability; without it use "
                                       "FrameworkInfo.role");
        int r = single_role_is_set(info) ? role_validate(single_role(info), error) : 0;
        return r != 0 ? actor_error_prefix(error, r, "FrameworkInfo.role") : 0;
}

static int timeout_validate(const V1__FrameworkInfo *info, struct actor_error *error)
{
        if (!info->has_failover_timeout || fabs(info->failover_timeout) <= TIMEOUT_SECONDS_MAX)
                return 0;
        return actor_error_set(
                error, -EINVAL,
                "FrameworkInfo.failover_timeout is %g seconds; the most that can be kept is %.0f",
                info->failover_timeout, TIMEOUT_SECONDS_MAX);
}

int64_t framework_failover_timeout_ns(const V1__FrameworkInfo *info)
{
        if (!info->has_failover_timeout || !(info->failover_timeout > 0))
                return 0;
        if (info->failover_timeout >= TIMEOUT_SECONDS_MAX)
                return INT64_MAX;
        return (int64_t) (info->failover_timeout * NS_PER_SECOND);
}

static int quantities_validate(const char *role, const V1__OfferFilters__ResourceQuantities *wanted,
                               struct actor_error *error)
{
        if (wanted->n_quantities == 0)
                return actor_error_set(error, -EINVAL,
                                       "FrameworkInfo.offer_filters['%s'].min_allocatable_resources has an "
                                       "empty entry; name at least one resource",
                                       role);
        for (size_t i = 0; i < wanted->n_quantities; i++) {
                const V1__Value__Scalar *value = wanted->quantities[i]->value;
                if (value != NULL && isfinite(value->value) && value->value >= 0)
                        continue;
                return actor_error_set(error, -EINVAL,
                                       "FrameworkInfo.offer_filters['%s'].min_allocatable_resources: the "
                                       "quantity of '%s' must be a number of at least 0",
                                       role, wanted->quantities[i]->key);
        }
        return 0;
}

static int offer_filters_validate(const V1__FrameworkInfo *info, struct actor_error *error)
{
        for (size_t i = 0; i < info->n_offer_filters; i++) {
                const V1__FrameworkInfo__OfferFiltersEntry *entry = info->offer_filters[i];
                if (!framework_has_role(info, entry->key))
                        return actor_error_set(
                                error, -EINVAL,
                                "FrameworkInfo.offer_filters names the role '%s', which is not "
                                "one of the framework's",
                                entry->key);
                if (entry->value == NULL || entry->value->min_allocatable_resources == NULL)
                        continue;
                const V1__OfferFilters__MinAllocatableResources *min =
                        entry->value->min_allocatable_resources;
                for (size_t j = 0; j < min->n_quantities; j++) {
                        int r = quantities_validate(entry->key, min->quantities[j], error);
                        if (r != 0)
                                return r;
                }
        }
        return 0;
}

int framework_info_validate(const V1__FrameworkInfo *info, struct actor_error *error)
{
        int r = roles_validate(info, error);
        if (r == 0 && framework_id_text(info->id)[0] != '\0')
                r = id_validate("framework id", info->id->value, error);
        if (r == 0)
                r = timeout_validate(info, error);
        if (r == 0)
                r = offer_filters_validate(info, error);
        return r == 0 ? enums_validate(info, "FrameworkInfo", error) : r;
}

int suppressed_roles_validate(const V1__FrameworkInfo *info, size_t count, const char *const *roles,
                              struct actor_error *error)
{
        for (size_t i = 0; i < count; i++) {
                if (!framework_has_role(info, roles[i]))
                        return actor_error_set(
                                error, -EINVAL,
                                "Suppressed roles { %s } are not contained in the set of roles "
                                "of the framework",
                                roles[i]);
        }
        return 0;
}

static bool same_text(const char *a, const char *b)
{
        return strcmp(a ? a : "", b ? b : "") == 0;
}

int framework_resubscribe_validate(const V1__FrameworkInfo *old, const V1__FrameworkInfo *updated,
                                   struct actor_error *error)
{
        if (same_text(old->principal, updated->principal))
                return 0;
        return actor_error_set(
                error, -EINVAL, "FrameworkInfo.principal is '%s' and was '%s'; it cannot be changed",
                updated->principal ? updated->principal : "", old->principal ? old->principal : "");
}

int framework_update_validate(const V1__FrameworkInfo *old, const V1__FrameworkInfo *updated,
                              struct actor_error *error)
{
        int r = framework_resubscribe_validate(old, updated, error);
        if (r != 0)
                return r;
        if (!same_text(old->user, updated->user))
                return actor_error_set(error, -EINVAL,
                                       "FrameworkInfo.user is '%s' and was '%s'; it cannot be changed",
                                       updated->user, old->user);
        if (old->checkpoint != updated->checkpoint)
                return actor_error_set(error, -EINVAL, "FrameworkInfo.checkpoint cannot be changed");
        return 0;
}

const char *framework_id_text(const V1__FrameworkID *id)
{
        return id != NULL && id->value != NULL ? id->value : "";
}
