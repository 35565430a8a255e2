/* SPDX-License-Identifier: Apache-2.0 */
#include "allocator/messages.h"

/* The types of messages.h; what lies outside the arena is released here. */

static void add_agent_fini(void *body)
{
        struct allocator_add_agent *msg = body;
        resources_free(msg->total);
        for (size_t i = 0; i < msg->used_count; i++)
                resources_free(msg->used[i].resources);
}

static void use_fini(void *body)
{
        struct allocator_use *msg = body;
        for (size_t i = 0; i < msg->use_count; i++)
                resources_free(msg->uses[i].resources);
}

static void allocation_fini(void *body)
{
        struct allocator_allocation *msg = body;
        for (size_t i = 0; i < msg->offer_count; i++)
                resources_free(msg->offers[i].resources);
}

static void totals_fini(void *body)
{
        struct allocator_totals *msg = body;
        resources_free(msg->total);
        resources_free(msg->offered);
        resources_free(msg->used);
        resources_free(msg->free);
}

#define TYPE(symbol, fini_function)               \
        const struct actor_type symbol##_type = { \
                .name = #symbol, .size = sizeof(struct symbol), .fini = fini_function}

TYPE(allocator_add_agent, add_agent_fini);
TYPE(allocator_remove_agent, NULL);
TYPE(allocator_activate_agent, NULL);
TYPE(allocator_add_framework, NULL);
TYPE(allocator_deactivate_framework, NULL);
TYPE(allocator_remove_framework, NULL);
TYPE(allocator_use, use_fini);
TYPE(allocator_give_back, NULL);
TYPE(allocator_revive, NULL);
TYPE(allocator_suppress, NULL);
TYPE(allocator_request, NULL);
TYPE(allocator_set_weight, NULL);
TYPE(allocator_allocation, allocation_fini);
TYPE(allocator_rescind, NULL);
TYPE(allocator_get_totals, NULL);
TYPE(allocator_totals, totals_fini);
