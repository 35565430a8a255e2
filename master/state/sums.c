/* SPDX-License-Identifier: Apache-2.0 */
#include "state/sums.h"

#include <proto/task_state.h>
#include <string.h>

static struct sum *sum_for(struct sum **table, const char *id)
{
        struct sum *sum = NULL;
        HASH_FIND_STR(*table, id, sum);
        if (sum != NULL)
                return sum;
        sum = actor_zalloc(sizeof *sum);
        sum->id = actor_strdup(id);
        sum->allocated = resources_new();
        sum->offered = resources_new();
        HASH_ADD_KEYPTR(hh, *table, sum->id, strlen(sum->id), sum);
        return sum;
}

static void add_to(struct sum **table, const char *id, const struct resources *resources, bool offered)
{
        if (id == NULL)
                return;
        struct sum *sum = sum_for(table, id);
        resources_add(offered ? sum->offered : sum->allocated, resources);
}

struct holding {
        const char *agent_id, *framework_id;
        V1__Resource *const *list;
        size_t count;
        bool offered;
};

static void add_holding(struct sums *sums, const struct holding *holding)
{
        CLEANUP(resources_freep) struct resources *resources = NULL;
        if (holding->count == 0 || resources_from_v1(holding->list, holding->count, &resources, NULL) != 0)
                return;
        add_to(&sums->agents, holding->agent_id, resources, holding->offered);
        add_to(&sums->frameworks, holding->framework_id, resources, holding->offered);
        const V1__Resource__AllocationInfo *allocation = holding->list[0]->allocation_info;
        add_to(&sums->roles, allocation != NULL ? allocation->role : NULL, resources, holding->offered);
}

void sums_make(struct sums *sums, const struct snapshot *snapshot)
{
        *sums = (struct sums){0};
        const struct state_task *task;
        ROWS_EACH(&snapshot->tasks, cursor, task)
        {
                const V1__Task *t = task->task;
                if (task_state_is_terminal(t->state) || task->unreachable)
                        continue;
                add_holding(sums, &(struct holding){t->agent_id->value, t->framework_id->value, t->resources,
                                                    t->n_resources, false});
        }
        const struct state_executor *executor;
        ROWS_EACH(&snapshot->executors, cursor, executor)
        {
                const V1__ExecutorInfo *e = executor->executor;
                add_holding(sums, &(struct holding){executor->agent_id,
                                                    e->framework_id ? e->framework_id->value : NULL,
                                                    e->resources, e->n_resources, false});
        }
        const struct state_offer *offer;
        ROWS_EACH(&snapshot->offers, cursor, offer)
        {
                const V1__Offer *o = offer->offer;
                add_holding(sums, &(struct holding){o->agent_id->value, o->framework_id->value, o->resources,
                                                    o->n_resources, true});
        }
}

static void table_done(struct sum **table)
{
        struct sum *sum, *next;
        HASH_ITER(hh, *table, sum, next)
        {
                HASH_DEL(*table, sum);
                resources_free(sum->allocated);
                resources_free(sum->offered);
                free(sum->id);
                free(sum);
        }
}

void sums_done(struct sums *sums)
{
        table_done(&sums->agents);
        table_done(&sums->frameworks);
        table_done(&sums->roles);
}

const struct sum *sums_find(struct sum *table, const char *id)
{
        struct sum *sum = NULL;
        HASH_FIND_STR(table, id, sum);
        return sum;
}
