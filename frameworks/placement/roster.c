/* SPDX-License-Identifier: Apache-2.0 */
#include "roster.h"

#include <actor/memory.h>
#include <stdbool.h>
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

struct roster_agent *roster_note(struct roster *roster, const V1__Offer *offer)
{
        struct roster_agent *agent = roster_find(roster, offer->agent_id->value);
        if (agent == NULL)
                agent = insert(roster, offer->agent_id->value);
        free(agent->hostname);
        free(agent->endpoint);
        agent->hostname = actor_strdup(offer->hostname);
        agent->endpoint = endpoint_of(offer);
        return agent;
}

void roster_done(struct roster *roster)
{
        for (size_t i = 0; i < roster->count; i++) {
                free(roster->agents[i]->id);
                free(roster->agents[i]->hostname);
                free(roster->agents[i]->endpoint);
                free(roster->agents[i]);
        }
        free(roster->agents);
        *roster = (struct roster){NULL, 0, 0};
}
