/* SPDX-License-Identifier: Apache-2.0 */
#include "placement.h"

#include <assert.h>
#include <proto/copy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slot {
        const V1__Offer *offer;
        struct roster_agent *agent;
        struct resources *left;
        Sched__Call *call; /* ours until it is sent: the tasks live in it */
        V1__Offer__Operation__Launch *launch;
};

struct placement {
        struct roster *roster;
        size_t count;
        struct slot slots[];
};

#define NEW(msg, type, init)                                                                               \
        __extension__({                                                                                    \
                type *new_ = actor_msg_alloc((msg), sizeof(type));                                         \
                *new_ = (type) init;                                                                       \
                new_;                                                                                      \
        })

struct placement *placement_new(struct roster *roster, V1__Offer *const *offers, size_t count)
{
        struct placement *p = actor_zalloc(sizeof *p + count * sizeof p->slots[0]);
        p->roster = roster;
        p->count = count;
        for (size_t i = 0; i < count; i++) {
                struct slot *slot = &p->slots[i];
                slot->offer = offers[i];
                slot->agent = roster_note(roster, offers[i]);
                if (resources_from_v1(offers[i]->resources, offers[i]->n_resources, &slot->left, NULL) != 0)
                        slot->left = resources_new();
                slot->call = actor_msg_new(&sched_call_type);
                slot->launch = NEW(slot->call, V1__Offer__Operation__Launch, V1__OFFER__OPERATION__LAUNCH__INIT);
        }
        return p;
}

void placement_free(struct placement *p)
{
        if (p == NULL)
                return;
        for (size_t i = 0; i < p->count; i++) {
                resources_free(p->slots[i].left);
                actor_msg_unref(p->slots[i].call);
        }
        free(p);
}

/* ---- ports ---------------------------------------------------------------------------------------- */

struct port_choice {
        unsigned missing;
        char *text; /* "ports:[1-3,5-5", still open; NULL while empty */
};

static bool choose_ports(void *arg, const V1__Resource *entry)
{
        struct port_choice *choice = arg;
        if (strcmp(entry->name, "ports") != 0 || entry->ranges == NULL)
                return true;
        for (size_t i = 0; i < entry->ranges->n_range && choice->missing > 0; i++) {
                uint64_t begin = entry->ranges->range[i]->begin, size = entry->ranges->range[i]->end - begin + 1;
                uint64_t take = size < choice->missing ? size : choice->missing;
                char *more = actor_asprintf("%s%llu-%llu", choice->text != NULL ? choice->text : "ports:[",
                                            (unsigned long long) begin, (unsigned long long) (begin + take - 1));
                free(choice->text);
                choice->text = actor_asprintf("%s,", more);
                free(more);
                choice->missing -= (unsigned) take;
        }
        return choice->missing > 0;
}

/* `need` with numbers for its ports, from what the slot has left; NULL if there are too few. */
static struct resources *concrete(const struct slot *slot, const struct placement_need *need)
{
        struct resources *wanted = resources_copy(need->resources);
        if (need->ports == 0)
                return wanted;
        struct port_choice choice = {.missing = need->ports};
        resources_each(slot->left, choose_ports, &choice);
        CLEANUP(resources_freep) struct resources *ports = NULL;
        if (choice.missing == 0) {
                choice.text[strlen(choice.text) - 1] = ']';
                int r = resources_parse(choice.text, NULL, &ports, NULL);
                assert(r == 0);
                resources_add(wanted, ports);
        } else {
                resources_free(TAKE(wanted));
        }
        free(choice.text);
        return wanted;
}

/* ---- choice --------------------------------------------------------------------------------------- */

static struct resources *fit(const struct slot *slot, const struct placement_need *need)
{
        CLEANUP(resources_freep) struct resources *wanted = concrete(slot, need);
        const V1__Resource__AllocationInfo *allocation = slot->offer->allocation_info;
        const char *role = allocation != NULL && allocation->role != NULL ? allocation->role : "*";
        return wanted != NULL ? resources_find(slot->left, wanted, role) : NULL;
}

static struct slot *best_slot(struct placement *p, const struct placement_need *need, struct resources **ret_taken)
{
        struct slot *best = NULL;
        struct group_refusal why;
        if (need->group != NULL)
                group_prepare(need->group, p->roster);
        for (size_t i = 0; i < p->count; i++) {
                struct slot *slot = &p->slots[i];
                if (best != NULL && slot->agent->tasks >= best->agent->tasks)
                        continue;
                if (need->group != NULL && !group_allows(need->group, slot->agent, &why))
                        continue;
                struct resources *taken = fit(slot, need);
                if (taken == NULL)
                        continue;
                resources_free(*ret_taken);
                *ret_taken = taken;
                best = slot;
        }
        return best;
}

V1__TaskInfo *placement_add(struct placement *p, const struct placement_need *need, struct roster_agent **ret_agent,
                            void **ret_arena)
{
        CLEANUP(resources_freep) struct resources *taken = NULL;
        struct slot *slot = best_slot(p, need, &taken);
        if (slot == NULL)
                return NULL;
        resources_subtract(slot->left, taken);
        slot->agent->tasks++;
        if (need->group != NULL)
                group_enter(need->group, slot->agent);
        V1__TaskInfo *task = NEW(slot->call, V1__TaskInfo, V1__TASK_INFO__INIT);
        task->agent_id = proto_agent_id(slot->call, slot->agent->id);
        resources_to_v1(taken, slot->call, &task->n_resources, &task->resources);
        PROTO_APPEND(slot->call, slot->launch->n_task_infos, slot->launch->task_infos, task);
        *ret_agent = slot->agent;
        *ret_arena = slot->call;
        return task;
}

/* ---- answers -------------------------------------------------------------------------------------- */

static void accept(struct slot *slot, V1__Filters *filters)
{
        Sched__Call *call = slot->call;
        V1__Offer__Operation *operation = NEW(call, V1__Offer__Operation, V1__OFFER__OPERATION__INIT);
        operation->has_type = true;
        operation->type = V1__OFFER__OPERATION__TYPE__LAUNCH;
        operation->launch = slot->launch;
        call->type = SCHED__CALL__TYPE__ACCEPT;
        call->accept = NEW(call, Sched__Call__Accept, SCHED__CALL__ACCEPT__INIT);
        call->accept->filters = filters;
        PROTO_APPEND(call, call->accept->n_operations, call->accept->operations, operation);
        PROTO_APPEND(call, call->accept->n_offer_ids, call->accept->offer_ids,
                     proto_offer_id(call, slot->offer->id->value));
}

static void decline(struct slot *slot, V1__Filters *filters)
{
        Sched__Call *call = slot->call;
        call->type = SCHED__CALL__TYPE__DECLINE;
        call->decline = NEW(call, Sched__Call__Decline, SCHED__CALL__DECLINE__INIT);
        call->decline->filters = filters;
        PROTO_APPEND(call, call->decline->n_offer_ids, call->decline->offer_ids,
                     proto_offer_id(call, slot->offer->id->value));
}

void placement_answer(struct placement *p, struct troupe_scheduler *s, double refuse_seconds)
{
        for (size_t i = 0; i < p->count; i++) {
                struct slot *slot = &p->slots[i];
                assert(slot->call != NULL);
                V1__Filters *filters = NEW(slot->call, V1__Filters, V1__FILTERS__INIT);
                filters->has_refuse_seconds = true;
                filters->refuse_seconds = refuse_seconds;
                slot->call->has_type = true;
                if (slot->launch->n_task_infos > 0)
                        accept(slot, filters);
                else
                        decline(slot, filters);
                troupe_scheduler_call(s, TAKE(slot->call));
        }
}
