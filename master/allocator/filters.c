/* SPDX-License-Identifier: Apache-2.0 */
#include "allocator/filters.h"
#include <actor/hash_table.h>

/* Many clients refuse the same of an agent: its idle whole. They share one copy. */
struct refused {
        struct resources *resources;
        unsigned refs;
};

struct filter {
        struct refused *refused;
        int64_t until_ns;
        struct filter *next;
};

struct pair_key {
        const void *agent, *client;
};

enum side { AGENT, CLIENT };

struct filter_pair {
        struct pair_key key;
        struct filter_owner *owners[2]; /* by side */
        struct filter_pair *next[2], *previous[2];
        struct filter *filters;
        unsigned count;
        UT_hash_handle hh;
};

/* The pairs of one agent or one client, so that either can be forgotten without a walk over all. */
struct filter_owner {
        const void *who;
        struct filter_pair *pairs;
        struct refused *latest; /* of an agent: what was refused of it last; NULL: not known any more */
        UT_hash_handle hh;
};

struct filters {
        struct filter_pair *pairs;
        struct filter_owner *owners; /* agents and clients alike: addresses differ */
        size_t count;
};

struct filters *filters_new(void)
{
        return actor_zalloc(sizeof(struct filters));
}

static void refused_unref(struct refused *refused)
{
        if (refused == NULL || --refused->refs > 0)
                return;
        resources_free(refused->resources);
        free(refused);
}

/* Takes the filter that `link` points to out of its pair. */
static void filter_remove(struct filters *filters, struct filter_pair *pair, struct filter **link)
{
        struct filter *filter = *link;
        *link = filter->next;
        refused_unref(filter->refused);
        free(filter);
        pair->count--;
        filters->count--;
}

static struct filter_owner *owner_find(const struct filters *filters, const void *who)
{
        struct filter_owner *owner = NULL;
        HASH_FIND_PTR(filters->owners, &who, owner);
        return owner;
}

static void link_pair(struct filters *filters, struct filter_pair *pair, enum side side, const void *who)
{
        struct filter_owner *owner = owner_find(filters, who);
        if (owner == NULL) {
                owner = actor_zalloc(sizeof *owner);
                owner->who = who;
                HASH_ADD_PTR(filters->owners, who, owner);
        }
        pair->owners[side] = owner;
        pair->next[side] = owner->pairs;
        if (owner->pairs != NULL)
                owner->pairs->previous[side] = pair;
        owner->pairs = pair;
}

static void unlink_pair(struct filters *filters, struct filter_pair *pair, enum side side)
{
        struct filter_owner *owner = pair->owners[side];
        if (pair->next[side] != NULL)
                pair->next[side]->previous[side] = pair->previous[side];
        if (pair->previous[side] != NULL)
                pair->previous[side]->next[side] = pair->next[side];
        else
                owner->pairs = pair->next[side];
        if (owner->pairs != NULL)
                return;
        HASH_DEL(filters->owners, owner);
        refused_unref(owner->latest);
        free(owner);
}

static void pair_free(struct filters *filters, struct filter_pair *pair)
{
        while (pair->filters != NULL)
                filter_remove(filters, pair, &pair->filters);
        unlink_pair(filters, pair, AGENT);
        unlink_pair(filters, pair, CLIENT);
        HASH_DEL(filters->pairs, pair);
        free(pair);
}

void filters_free(struct filters *filters)
{
        if (filters == NULL)
                return;
        struct filter_pair *pair, *next;
        HASH_ITER(hh, filters->pairs, pair, next)
        {
                pair_free(filters, pair);
        }
        free(filters);
}

static struct filter_pair *pair_new(struct filters *filters, const void *agent, const void *client)
{
        struct filter_pair *pair = actor_zalloc(sizeof *pair);
        pair->key = (struct pair_key){agent, client};
        HASH_ADD(hh, filters->pairs, key, sizeof pair->key, pair);
        link_pair(filters, pair, AGENT, agent);
        link_pair(filters, pair, CLIENT, client);
        return pair;
}

static struct filter_pair *pair_find(const struct filters *filters, const void *agent, const void *client)
{
        struct pair_key key = {agent, client};
        struct filter_pair *pair = NULL;
        HASH_FIND(hh, filters->pairs, &key, sizeof key, pair);
        return pair;
}

/* Drops what the new filter makes needless, and makes room. */
static void make_room(struct filters *filters, struct filter_pair *pair, const struct resources *refused,
                      int64_t until_ns)
{
        for (struct filter **link = &pair->filters; *link != NULL;) {
                if ((*link)->until_ns <= until_ns && resources_contain(refused, (*link)->refused->resources))
                        filter_remove(filters, pair, link);
                else
                        link = &(*link)->next;
        }
        if (pair->count < FILTERS_PER_PAIR_MAX)
                return;
        struct filter **first_to_end = &pair->filters;
        for (struct filter **link = &pair->filters; *link != NULL; link = &(*link)->next)
                if ((*link)->until_ns < (*first_to_end)->until_ns)
                        first_to_end = link;
        filter_remove(filters, pair, first_to_end);
}

static struct refused *refused_of(struct filter_owner *agent, const struct resources *resources)
{
        if (agent->latest == NULL || !resources_equal(agent->latest->resources, resources)) {
                refused_unref(agent->latest);
                agent->latest = actor_zalloc(sizeof *agent->latest);
                agent->latest->resources = resources_copy(resources);
                agent->latest->refs = 1;
        }
        agent->latest->refs++;
        return agent->latest;
}

void filters_add(struct filters *filters, const void *agent, const void *client,
                 const struct resources *refused, int64_t until_ns)
{
        struct filter_pair *pair = pair_find(filters, agent, client);
        if (pair == NULL)
                pair = pair_new(filters, agent, client);
        make_room(filters, pair, refused, until_ns);
        struct filter *filter = actor_zalloc(sizeof *filter);
        *filter = (struct filter){refused_of(pair->owners[AGENT], refused), until_ns, pair->filters};
        pair->filters = filter;
        pair->count++;
        filters->count++;
}

static void drop_owner(struct filters *filters, const void *who)
{
        const struct filter_owner *owner;
        while ((owner = owner_find(filters, who)) != NULL)
                pair_free(filters, owner->pairs); /* the last one frees the owner */
}

void filters_drop_client(struct filters *filters, const void *client)
{
        drop_owner(filters, client);
}

void filters_drop_agent(struct filters *filters, const void *agent)
{
        drop_owner(filters, agent);
}

void filters_expire(struct filters *filters, const void *agent, int64_t now_ns)
{
        const struct filter_owner *owner = owner_find(filters, agent);
        struct filter_pair *next;
        for (struct filter_pair *pair = owner != NULL ? owner->pairs : NULL; pair != NULL; pair = next) {
                next = pair->next[AGENT];
                for (struct filter **link = &pair->filters; *link != NULL;) {
                        if ((*link)->until_ns <= now_ns)
                                filter_remove(filters, pair, link);
                        else
                                link = &(*link)->next;
                }
                if (pair->count == 0)
                        pair_free(filters, pair);
        }
}

size_t filters_count(const struct filters *filters)
{
        return filters->count;
}

int64_t filters_until(const struct filters *filters, const void *agent, const void *client,
                      const struct resources *offerable, int64_t now_ns)
{
        const struct filter_pair *pair = pair_find(filters, agent, client);
        int64_t until_ns = 0;
        for (const struct filter *f = pair != NULL ? pair->filters : NULL; f != NULL; f = f->next)
                if (f->until_ns > now_ns && f->until_ns > until_ns &&
                    resources_contain(f->refused->resources, offerable))
                        until_ns = f->until_ns;
        return until_ns;
}
