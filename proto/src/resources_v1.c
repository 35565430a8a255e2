/* SPDX-License-Identifier: Apache-2.0 */
#include "resource_entry.h"
#include "resource_format.h"
#include "resources_parse.h"
#include "value_message.h"

#include <actor/memory.h>
#include <errno.h>
#include <proto/copy.h>

void resources_add_valid(struct resources *r, const V1__Resource *resource)
{
        struct upgraded_resource upgraded;
        resource_upgrade_view(resource, &upgraded);
        struct resource_entry entry = {.kind = resource_kind_of(&upgraded.resource), .copies = 1};
        switch (resource->type) {
        case V1__VALUE__TYPE__SCALAR:
                entry.scalar.milli = scalar_to_milli(resource->scalar->value);
                entry.scalar.as_given = resource->scalar->value;
                break;
        case V1__VALUE__TYPE__RANGES:
                entry.ranges = value_ranges_from_message(resource->ranges);
                break;
        default:
                entry.set = value_set_from_message(resource->set);
                break;
        }
        resources_add_entry_take(r, entry);
}

int resources_from_v1(V1__Resource *const *list, size_t count, struct resources **ret,
                      struct actor_error *error)
{
        if (count > RESOURCE_ENTRIES_MAX)
                return actor_error_set(error, -EINVAL, "%zu resources; at most %d are allowed", count,
                                       RESOURCE_ENTRIES_MAX);
        CLEANUP(resources_freep) struct resources *resources = resources_new();
        for (size_t i = 0; i < count; i++) {
                int r = resource_validate(list[i], error);
                if (r < 0)
                        return actor_error_prefix(error, r, "resources[%zu]", i);
                resources_add_valid(resources, list[i]);
        }
        *ret = TAKE(resources);
        return 0;
}

void resources_to_v1(const struct resources *r, void *msg, size_t *ret_count, V1__Resource ***ret_list)
{
        V1__Resource **list = r->count > 0 ? actor_msg_alloc(msg, r->count * sizeof *list) : NULL;
        for (size_t i = 0; i < r->count; i++) {
                struct resource_amount_view amount;
                V1__Resource view = resource_entry_view(&r->entries[i], &amount);
                list[i] = proto_copy(msg, &view);
                resource_amount_view_clear(&amount);
        }
        *ret_count = r->count;
        *ret_list = list;
}
