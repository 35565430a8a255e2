/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_MEMBERSHIP_DIRECTORY_H
#define MASTER_MEMBERSHIP_DIRECTORY_H

#include <actor/hash_table.h>
#include <actor/ref.h>
#include <stdbool.h>
#include <stdint.h>

/* Everybody the master knows: agents and frameworks by id, and by the actor that registered. Pure. */

enum agent_state {
        AGENT_RECOVERED,   /* in the registry; has not registered with this master */
        AGENT_ADMITTING,   /* the registry is being told */
        AGENT_REGISTERED,  /* its session lives */
        AGENT_UNREACHABLE, /* given up; may return */
        AGENT_GONE,        /* may not */
};

struct framework_agent_left; /* framework/messages.h */

struct agent_entry {
        char *id;
        enum agent_state state;
        struct actor_ref agent, session;
        uint64_t monitor;
        int64_t unreachable_ns; /* wall */
        const void *join;       /* while ADMITTING: the message that will start its session */
        const struct framework_agent_left *left; /* until it returns: what its last session said in leaving */
        UT_hash_handle hh, by_ref;
};

enum framework_state {
        FRAMEWORK_STORING, /* the registry is being told */
        FRAMEWORK_LIVE,    /* its session lives */
        FRAMEWORK_ENDED,   /* its id may not return */
};

struct framework_entry {
        char *id;
        enum framework_state state;
        bool checkpoint;
        struct actor_ref scheduler, session;
        uint64_t monitor;
        UT_hash_handle hh, by_ref;
};

struct directory {
        struct agent_entry *agents, *agents_by_ref;
        struct framework_entry *frameworks, *frameworks_by_ref;
        size_t recovered_count; /* agents in AGENT_RECOVERED */
};

struct agent_entry *directory_agent(const struct directory *d, const char *id);
struct agent_entry *directory_agent_by_ref(const struct directory *d, struct actor_ref agent);
/* Finds or makes it; `state` is what a new one begins with. */
struct agent_entry *directory_agent_add(struct directory *d, const char *id, enum agent_state state);
void directory_agent_move(struct directory *d, struct agent_entry *entry, enum agent_state state);
/* Which actor the agent is now; nobody takes the old one out. */
void directory_agent_bind(struct directory *d, struct agent_entry *entry, struct actor_ref agent);
void directory_agent_drop(struct directory *d, struct agent_entry *entry);

struct framework_entry *directory_framework(const struct directory *d, const char *id);
struct framework_entry *directory_framework_by_ref(const struct directory *d, struct actor_ref scheduler);
struct framework_entry *directory_framework_add(struct directory *d, const char *id,
                                                enum framework_state state);
void directory_framework_bind(struct directory *d, struct framework_entry *entry, struct actor_ref scheduler);
void directory_framework_drop(struct directory *d, struct framework_entry *entry);

void directory_done(struct directory *d);

#endif
