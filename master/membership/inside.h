/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_MEMBERSHIP_INSIDE_H
#define MASTER_MEMBERSHIP_INSIDE_H

#include "agent/messages.h"
#include "framework/messages.h"
#include "membership/directory.h"
#include "membership/membership.h"
#include "membership/messages.h"
#include "metrics.h"
#include "registrar/messages.h"
#include "waiting.h"
#include <actor/log.h>

/* The inside of the membership actor; for the files of this room. */

#define MEMBERSHIP_STORE_TIMEOUT_MS 20000

/* A registration that came before the registry was read. */
struct early_mail {
        struct actor_mail mail;
        const void *body;
};
#define EARLY_MAX 100000

struct membership {
        struct actor *self;
        struct membership_config config;
        struct framework_rooms framework_rooms;
        struct agent_rooms agent_rooms;
        struct directory directory;
        bool leading, ready;
        unsigned long frameworks_made, agents_made;
        struct waiting *waiting; /* for answers */
        struct early_mail *early;
        size_t early_count, early_capacity;
};

/* ---- frameworks.c
 * ------------------------------------------------------------------------------------------ */
int membership_on_call(struct membership *m, const struct actor_mail *mail, const Sched__Call *call);
int membership_on_framework_ended(struct membership *m, const struct actor_mail *mail,
                                  const struct membership_framework_ended *msg);
/* A framework known from the registry or an agent gets a session without a scheduler. NULL where none could
 * be made. */
struct framework_entry *membership_recover_framework(struct membership *m, const V1__FrameworkInfo *info,
                                                     int64_t deadline_ns);

/* ---- agents.c
 * ------------------------------------------------------------------------------------------------ */
int membership_on_register(struct membership *m, const struct actor_mail *mail,
                           const Troupe__RegisterAgent *msg);
int membership_on_reregister(struct membership *m, const struct actor_mail *mail,
                             const Troupe__ReregisterAgent *msg);
int membership_on_unregister(struct membership *m, const struct actor_mail *mail,
                             const Troupe__UnregisterAgent *msg);
int membership_on_agent_left(struct membership *m, const struct actor_mail *mail,
                             const struct framework_agent_left *msg);
int membership_on_find_agents(struct membership *m, const struct actor_mail *mail,
                              const struct membership_find_agents *msg);
/* The read model hears of an agent that has no session to say it: unreachable, or (false) not here for now. */
void membership_report_absent(struct membership *m, const char *agent_id, bool unreachable);
/* Sessions that failed are taken out of the directory. */
int membership_on_down(struct membership *m, const struct actor_mail *mail, const struct actor_down *down);
/* Agents of the registry that did not return in time are unreachable. */
extern const struct actor_type membership_patience_type;
int membership_on_patience(struct membership *m, const struct actor_mail *mail, const void *body);

/* ---- operators.c
 * ---------------------------------------------------------------------------------------------- */
int membership_on_operator_kill(struct membership *m, const struct actor_mail *mail,
                                const Troupe__OperatorKill *msg);
int membership_on_master_call(struct membership *m, const struct actor_mail *mail,
                              const MasterApi__Call *call);

/* ---- membership.c
 * ---------------------------------------------------------------------------------------------- */
/* Spawns a session; where its name cannot be had (odd characters in an id, a predecessor that is still
 * ending) it goes without. */
int membership_spawn_session(struct membership *m, const struct actor_class *class, const char *kind,
                             const char *id, const void *start, struct actor_ref *ret);

#endif
