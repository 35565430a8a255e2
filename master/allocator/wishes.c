/* SPDX-License-Identifier: Apache-2.0 */
#include "allocator/wishes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void wish_done(struct wish *wish)
{
        resources_free(wish->wanted);
        free(wish->agent_id);
        free(wish->role);
}

void wishes_done(struct wishes *wishes)
{
        for (size_t i = 0; i < wishes->count; i++)
                wish_done(&wishes->list[i]);
        free(wishes->list);
        *wishes = (struct wishes){0};
}

static int wish_from(const V1__Request *request, struct wish *ret)
{
        struct wish wish = {0};
        int r = resources_from_v1(request->resources, request->n_resources, &wish.wanted, NULL);
        if (r != 0)
                return r;
        if (request->n_resources > 0 && request->resources[0]->allocation_info != NULL &&
            request->resources[0]->allocation_info->role != NULL)
                wish.role = actor_strdup(request->resources[0]->allocation_info->role);
        if (request->agent_id != NULL)
                wish.agent_id = actor_strdup(request->agent_id->value);
        resources_unallocate(wish.wanted);
        *ret = wish;
        return 0;
}

size_t wishes_set(struct wishes *wishes, V1__Request *const *requests, size_t count)
{
        wishes_done(wishes);
        size_t taken = count < WISHES_MAX ? count : WISHES_MAX;
        if (taken == 0)
                return 0;
        wishes->list = actor_zalloc(taken * sizeof *wishes->list);
        for (size_t i = 0; i < taken; i++)
                if (wish_from(requests[i], &wishes->list[wishes->count]) == 0)
                        wishes->count++;
        return count - wishes->count;
}

static bool wish_is_for(const struct wish *wish, const char *role)
{
        return wish->role == NULL || strcmp(wish->role, role) == 0;
}

bool wishes_for_role(const struct wishes *wishes, const char *role)
{
        for (size_t i = 0; i < wishes->count; i++)
                if (wish_is_for(&wishes->list[i], role))
                        return true;
        return false;
}

int wishes_pick(const struct wishes *wishes, const char *agent_id, const char *role,
                const struct resources *available, struct resources **ret)
{
        for (size_t i = 0; i < wishes->count; i++) {
                const struct wish *wish = &wishes->list[i];
                if (!wish_is_for(wish, role) ||
                    (wish->agent_id != NULL && strcmp(wish->agent_id, agent_id) != 0))
                        continue;
                struct resources *part = resources_is_empty(wish->wanted)
                                                 ? resources_copy(available)
                                                 : resources_find(available, wish->wanted, role);
                if (part == NULL)
                        continue;
                *ret = part;
                return (int) i;
        }
        return -1;
}

void wishes_met(struct wishes *wishes, int index)
{
        assert(index >= 0 && (size_t) index < wishes->count);
        wish_done(&wishes->list[index]);
        wishes->count--;
        memmove(&wishes->list[index], &wishes->list[index + 1],
                (wishes->count - (size_t) index) * sizeof *wishes->list);
}
