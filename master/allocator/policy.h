/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ALLOCATOR_POLICY_H
#define MASTER_ALLOCATOR_POLICY_H

#include "allocator/messages.h"
#include "allocator/metrics.h"

/* A shard's decisions, without the actor: every message changes the books at once; policy_run() then
 * makes offers of what has become offerable. Deterministic: the same calls give the same offers.
 *
 * Coarse-grained: a framework is offered all of an agent that it may have in a role, in one offer. Agents
 * are gone through in the order they became of interest; for each, roles in the order of weighted
 * hierarchical DRF, within a role frameworks by DRF. Times are monotonic ns. One thread. */
struct policy;

struct policy_config {
        const char *master_id;
        uint64_t offer_first, offer_step;      /* numbers of the offers: first, first + step, … */
        int64_t interval_ns;                   /* between batch runs */
        const char *min_allocatable_resources; /* as in allocator.h */
        const V1__DomainInfo *domain;          /* NULL: none; copied like all of this */
        struct allocator_metrics *metrics;     /* borrowed, not NULL */
};

/* 0 and the policy in *ret, or -EINVAL with a sentence for malformed min_allocatable_resources. */
int policy_new(const struct policy_config *config, struct policy **ret, struct actor_error *error);
void policy_free(struct policy *policy); /* NULL is fine */

/* One for each message of messages.h; what they find nothing for they ignore. */
void policy_add_agent(struct policy *policy, const struct allocator_add_agent *msg);
void policy_remove_agent(struct policy *policy, const char *agent_id);
void policy_activate_agent(struct policy *policy, const char *agent_id, bool active);
void policy_add_framework(struct policy *policy, const struct allocator_add_framework *msg);
void policy_deactivate_framework(struct policy *policy, const char *framework_id);
void policy_remove_framework(struct policy *policy, const char *framework_id);
void policy_use(struct policy *policy, const struct allocator_use *msg, int64_t now_ns);
void policy_give_back(struct policy *policy, const struct allocator_give_back *msg, int64_t now_ns);
void policy_revive(struct policy *policy, const char *framework_id, const char *const *roles, size_t count);
void policy_suppress(struct policy *policy, const char *framework_id, const char *const *roles, size_t count);
/* Returns how many of the requests were ignored. */
size_t policy_request(struct policy *policy, const struct allocator_request *msg);
void policy_set_weight(struct policy *policy, const char *role, double weight);

/* Whether something changed that a run could make offers of. */
bool policy_wants_run(const struct policy *policy);
/* An event-driven run over the agents concerned; with `batch` over all, after expired filters. */
void policy_run(struct policy *policy, int64_t now_ns, bool batch);

/* What is to be told, in the order it came about. Borrowed until policy_outbox_clear(). */
struct policy_offer {
        const struct allocator_add_framework *framework;
        uint64_t framework_number; /* of its appearance: to group by */
        const struct allocator_add_agent *agent;
        const char *role;
        char *offer_id;
        struct resources *resources; /* with allocation_info.role */
};
struct policy_rescind {
        struct actor_ref session; /* the framework's */
        char *offer_id;
};
struct policy_outbox {
        struct policy_offer *offers;
        size_t offer_count, offer_capacity;
        struct policy_rescind *rescinds;
        size_t rescind_count, rescind_capacity;
};
struct policy_outbox *policy_outbox(struct policy *policy);
void policy_outbox_clear(struct policy_outbox *outbox);

/* Adds an agent's books, or with NULL all agents', to the four sets. Unknown agents add nothing. */
void policy_totals(const struct policy *policy, const char *agent_id, struct allocator_totals *ret);
/* Whether every agent's offered + used + free = total, and all shares equal what their clients hold. Slow;
 * for tests. */
bool policy_adds_up(const struct policy *policy);

#endif
