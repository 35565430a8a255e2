/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ALLOCATOR_MESSAGES_H
#define MASTER_ALLOCATOR_MESSAGES_H

#include <actor/actor.h>
#include <proto/resources.h>

/* What the master's rooms say to the allocator, and what it says to framework sessions. All are local
 * types (DESIGN: inside the node messages travel as pointers). Strings and v1 structs lie in the
 * message's arena or in a message it holds; `struct resources *` fields are owned by the message and freed
 * with it.
 *
 * The allocator is the one book-keeper: for every agent offered + used + free = total, at every
 * moment. Every piece that is not free bears a token, a string that names who holds it; whoever gives
 * a piece back names the token, and giving back twice is harmless, so the order in which a
 * framework's end, an agent's loss and a task's last update arrive does not matter. Tokens:
 *
 *   offer ID                       an outstanding offer; made by the allocator
 *   "task/FRAMEWORK/TASK"          what a task uses
 *   "executor/AGENT/FRAMEWORK/EXECUTOR"  what an executor uses besides its tasks
 */

struct allocator_piece { /* something in use: when agents or frameworks (re)appear with tasks, and in
                            allocator_use */
        const char *token, *framework_id, *role;
        struct resources *resources; /* without allocation_info */
};

/* ---- agents: from agent sessions. Idempotent; the last word on an agent wins ---------------------- */

struct allocator_add_agent {
        const char *agent_id;
        struct actor_ref session; /* handed on in offers, so that a launch goes straight there */
        const char *address;      /* "host:port" of its node; handed on in offers too */
        const V1__AgentInfo *info;
        struct resources *total;
        const struct allocator_piece *used;
        size_t used_count;
};
struct allocator_remove_agent {
        const char *agent_id; /* offers of it are rescinded, all its pieces forgotten */
};
/* A deactivated agent (disconnected, draining) keeps its pieces; offers of it are rescinded, no new ones
 * made. */
struct allocator_activate_agent {
        const char *agent_id;
        bool active;
};

/* ---- frameworks: from framework sessions ------------------------------------------------------------ */

/* Also when the framework's info or suppressed roles change. */
struct allocator_add_framework {
        const char *framework_id;
        struct actor_ref session; /* where allocations go */
        const V1__FrameworkInfo *info;
        const char *const *suppressed_roles;
        size_t suppressed_count;
        bool active;
};
/* Disconnected: no offers, outstanding ones given back (not rescinded: nobody is listening). */
struct allocator_deactivate_framework {
        const char *framework_id;
};
struct allocator_remove_framework {
        const char *
                framework_id; /* its offers are given back; pieces in use stay until their tokens come back */
};

/* Of an accepted offer: `uses` become pieces of their own, the rest is given back under a filter. */
struct allocator_use {
        const char *agent_id, *framework_id;
        const char *const *offer_ids; /* of one agent and one role */
        size_t offer_count;
        const struct allocator_piece *uses;
        size_t use_count;
        int64_t refuse_ns; /* for the rest; 0: no filter */
};
/* A declined or rescinded offer, an ended executor, ended tasks. Unknown tokens are ignored. */
struct allocator_give_back {
        const char *agent_id, *framework_id;
        const char **tokens;
        size_t token_count;
        int64_t refuse_ns; /* > 0 only for a declined offer */
};
struct allocator_revive {
        const char *framework_id;
        const char *const *roles; /* none: all of the framework's */
        size_t role_count;
};
struct allocator_suppress {
        const char *framework_id;
        const char *const *roles;
        size_t role_count;
};
/* A wish that orders and sizes the next offers; replaced by the next, forgotten when met. */
struct allocator_request {
        const char *framework_id;
        V1__Request *const *requests;
        size_t request_count;
};

/* ---- operators -------------------------------------------------------------------------------------- */

struct allocator_set_weight {
        const char *role;
        double weight; /* > 0 */
};

/* ---- from the allocator to a framework session ------------------------------------------------------- */

struct allocator_offer {
        const char *offer_id, *agent_id, *role;
        struct actor_ref agent_session;
        const char *agent_address; /* "host:port" */
        const V1__AgentInfo *agent;
        struct resources *resources; /* with allocation_info.role set; owned by the message */
};
struct allocator_allocation {
        struct allocator_offer *offers;
        size_t offer_count;
};
/* The offer is void: its agent has gone or was deactivated. */
struct allocator_rescind {
        const char *offer_id;
};

/* ---- questions --------------------------------------------------------------------------------------- */

/* Answered by allocator_totals: for the read model and for the invariant walked by tests. */
struct allocator_get_totals {
        const char *agent_id; /* NULL: the cluster */
};
struct allocator_totals {
        struct resources *total, *offered, *used, *free;
};

extern const struct actor_type allocator_add_agent_type, allocator_remove_agent_type,
        allocator_activate_agent_type;
extern const struct actor_type allocator_add_framework_type, allocator_deactivate_framework_type;
extern const struct actor_type allocator_remove_framework_type;
extern const struct actor_type allocator_use_type, allocator_give_back_type;
extern const struct actor_type allocator_revive_type, allocator_suppress_type, allocator_request_type;
extern const struct actor_type allocator_set_weight_type;
extern const struct actor_type allocator_allocation_type, allocator_rescind_type;
extern const struct actor_type allocator_get_totals_type, allocator_totals_type;

#endif
