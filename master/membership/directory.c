/* SPDX-License-Identifier: Apache-2.0 */
#include "directory.h"

#include <actor/message.h>

/* A ref is a key as it is: it has no padding. */
_Static_assert(sizeof(struct actor_ref) == 16, "struct actor_ref must have no holes to be a hash key");

struct agent_entry *directory_agent(const struct directory *d, const char *id)
{
        struct agent_entry *entry = NULL;
        HASH_FIND_STR(d->agents, id, entry);
        return entry;
}

struct agent_entry *directory_agent_by_ref(const struct directory *d, struct actor_ref agent)
{
        struct agent_entry *entry = NULL;
        HASH_FIND(by_ref, d->agents_by_ref, &agent, sizeof agent, entry);
        return entry;
}

struct agent_entry *directory_agent_add(struct directory *d, const char *id, enum agent_state state)
{
        struct agent_entry *entry = directory_agent(d, id);
        if (entry != NULL)
                return entry;
        entry = actor_zalloc(sizeof *entry);
        entry->id = actor_strdup(id);
        entry->state = state;
        if (state == AGENT_RECOVERED)
                d->recovered_count++;
        HASH_ADD_KEYPTR(hh, d->agents, entry->id, strlen(entry->id), entry);
        return entry;
}

void directory_agent_move(struct directory *d, struct agent_entry *entry, enum agent_state state)
{
        if (entry->state == AGENT_RECOVERED)
                d->recovered_count--;
        entry->state = state;
        if (state == AGENT_RECOVERED)
                d->recovered_count++;
}

void directory_agent_bind(struct directory *d, struct agent_entry *entry, struct actor_ref agent)
{
        if (!actor_ref_is_nobody(entry->agent))
                HASH_DELETE(by_ref, d->agents_by_ref, entry);
        struct agent_entry *other = actor_ref_is_nobody(agent) ? NULL : directory_agent_by_ref(d, agent);
        if (other != NULL)
                directory_agent_bind(d, other, ACTOR_NOBODY);
        entry->agent = agent;
        if (!actor_ref_is_nobody(agent))
                HASH_ADD(by_ref, d->agents_by_ref, agent, sizeof entry->agent, entry);
}

void directory_agent_drop(struct directory *d, struct agent_entry *entry)
{
        directory_agent_bind(d, entry, ACTOR_NOBODY);
        directory_agent_move(d, entry, AGENT_GONE);
        HASH_DEL(d->agents, entry);
        actor_msg_unref(entry->join);
        actor_msg_unref(entry->left);
        free(entry->id);
        free(entry);
}

struct framework_entry *directory_framework(const struct directory *d, const char *id)
{
        struct framework_entry *entry = NULL;
        HASH_FIND_STR(d->frameworks, id, entry);
        return entry;
}

struct framework_entry *directory_framework_by_ref(const struct directory *d, struct actor_ref scheduler)
{
        struct framework_entry *entry = NULL;
        HASH_FIND(by_ref, d->frameworks_by_ref, &scheduler, sizeof scheduler, entry);
        return entry;
}

struct framework_entry *directory_framework_add(struct directory *d, const char *id,
                                                enum framework_state state)
{
        struct framework_entry *entry = directory_framework(d, id);
        if (entry != NULL)
                return entry;
        entry = actor_zalloc(sizeof *entry);
        entry->id = actor_strdup(id);
        entry->state = state;
        HASH_ADD_KEYPTR(hh, d->frameworks, entry->id, strlen(entry->id), entry);
        return entry;
}

void directory_framework_bind(struct directory *d, struct framework_entry *entry, struct actor_ref scheduler)
{
        if (!actor_ref_is_nobody(entry->scheduler))
                HASH_DELETE(by_ref, d->frameworks_by_ref, entry);
        struct framework_entry *other =
                actor_ref_is_nobody(scheduler) ? NULL : directory_framework_by_ref(d, scheduler);
        if (other != NULL)
                directory_framework_bind(d, other, ACTOR_NOBODY);
        entry->scheduler = scheduler;
        if (!actor_ref_is_nobody(scheduler))
                HASH_ADD(by_ref, d->frameworks_by_ref, scheduler, sizeof entry->scheduler, entry);
}

void directory_framework_drop(struct directory *d, struct framework_entry *entry)
{
        directory_framework_bind(d, entry, ACTOR_NOBODY);
        HASH_DEL(d->frameworks, entry);
        free(entry->id);
        free(entry);
}

void directory_done(struct directory *d)
{
        struct agent_entry *agent, *next_agent;
        HASH_ITER(hh, d->agents, agent, next_agent)
        directory_agent_drop(d, agent);
        struct framework_entry *framework, *next_framework;
        HASH_ITER(hh, d->frameworks, framework, next_framework)
        directory_framework_drop(d, framework);
}
