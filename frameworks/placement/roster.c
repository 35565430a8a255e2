/* SPDX-License-Identifier: Apache-2.0 */
#include "roster.h"

#include <actor/memory.h>
#include <proto/attributes.h>
#include <stdlib.h>
#include <string.h>

/* The place of `agent_id`, or where it would be inserted. */
static size_t position(const struct roster *roster, const char *agent_id)
{
        size_t low = 0, high = roster->count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (strcmp(roster->agents[middle]->id, agent_id) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

struct roster_agent *roster_find(const struct roster *roster, const char *agent_id)
{
        size_t at = position(roster, agent_id);
        bool found = at < roster->count && strcmp(roster->agents[at]->id, agent_id) == 0;
        return found ? roster->agents[at] : NULL;
}

static struct roster_agent *insert(struct roster *roster, const char *agent_id)
{
        size_t at = position(roster, agent_id);
        ACTOR_ARRAY_RESERVE(roster->agents, roster->count, roster->max);
        memmove(roster->agents + at + 1, roster->agents + at, (roster->count - at) * sizeof *roster->agents);
        struct roster_agent *agent = actor_zalloc(sizeof *agent);
        agent->id = actor_strdup(agent_id);
        roster->agents[at] = agent;
        roster->count++;
        roster->revision++;
        return agent;
}

static char *endpoint_of(const V1__Offer *offer)
{
        const V1__Address *address = offer->url != NULL ? offer->url->address : NULL;
        if (address == NULL)
                return actor_strdup("");
        const char *host = address->ip != NULL && *address->ip != '\0' ? address->ip : address->hostname;
        if (host == NULL || *host == '\0')
                host = offer->hostname;
        bool is_v6 = strchr(host, ':') != NULL;
        return actor_asprintf(is_v6 ? "[%s]:%d" : "%s:%d", host, (int) address->port);
}

/* ---- what agents say of themselves ---------------------------------------------------------------- */

struct fields {
        struct roster_field *list;
        size_t count, max;
};

static void add_field(struct fields *fields, const char *name, char *value_take)
{
        ACTOR_ARRAY_RESERVE(fields->list, fields->count, fields->max);
        fields->list[fields->count++] = (struct roster_field){actor_strdup(name), value_take};
}

static struct fields fields_of(const V1__Offer *offer)
{
        struct fields fields = {NULL, 0, 0};
        const V1__DomainInfo__FaultDomain *domain =
                offer->domain != NULL ? offer->domain->fault_domain : NULL;
        if (domain != NULL) {
                add_field(&fields, "region", actor_strdup(domain->region->name));
                add_field(&fields, "zone", actor_strdup(domain->zone->name));
        }
        for (size_t i = 0; i < offer->n_attributes; i++)
                add_field(&fields, offer->attributes[i]->name, attribute_print_value(offer->attributes[i]));
        return fields;
}

static bool says_the_same(const struct roster_agent *agent, const V1__Offer *offer,
                          const struct fields *fields)
{
        bool same = agent->hostname != NULL && strcmp(agent->hostname, offer->hostname) == 0 &&
                    agent->field_count == fields->count;
        for (size_t i = 0; same && i < fields->count; i++)
                same = strcmp(agent->fields[i].name, fields->list[i].name) == 0 &&
                       strcmp(agent->fields[i].value, fields->list[i].value) == 0;
        return same;
}

static void clear_fields(struct roster_field *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                free(list[i].name);
                free(list[i].value);
        }
        free(list);
}

struct roster_agent *roster_note(struct roster *roster, const V1__Offer *offer)
{
        struct roster_agent *agent = roster_find(roster, offer->agent_id->value);
        if (agent == NULL)
                agent = insert(roster, offer->agent_id->value);
        struct fields fields = fields_of(offer);
        roster->revision += agent->lost || !says_the_same(agent, offer, &fields);
        clear_fields(agent->fields, agent->field_count);
        free(agent->hostname);
        free(agent->endpoint);
        agent->lost = false;
        agent->fields = fields.list;
        agent->field_count = fields.count;
        agent->hostname = actor_strdup(offer->hostname);
        agent->endpoint = endpoint_of(offer);
        return agent;
}

void roster_lose(struct roster *roster, const char *agent_id)
{
        struct roster_agent *agent = roster_find(roster, agent_id);
        if (agent == NULL)
                return;
        agent->lost = true;
        roster->revision++;
}

const char *roster_value(const struct roster_agent *agent, const char *field)
{
        if (strcmp(field, "hostname") == 0)
                return agent->hostname;
        for (size_t i = 0; i < agent->field_count; i++)
                if (strcmp(agent->fields[i].name, field) == 0)
                        return agent->fields[i].value;
        return NULL;
}

void roster_done(struct roster *roster)
{
        for (size_t i = 0; i < roster->count; i++) {
                struct roster_agent *agent = roster->agents[i];
                clear_fields(agent->fields, agent->field_count);
                free(agent->id);
                free(agent->hostname);
                free(agent->endpoint);
                free(agent);
        }
        free(roster->agents);
        *roster = (struct roster){NULL, 0, 0, 0};
}
