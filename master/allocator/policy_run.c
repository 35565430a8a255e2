/* SPDX-License-Identifier: Apache-2.0 */
/* policy_run.c — from free resources to offers.
 *
 * The order of questions is the cost. What of an agent is held back from whom is remembered as long
 * as its free resources are the same, also after they were offered and declined in between: one array
 * look-up, no resource arithmetic. An agent of which nothing could be offered is not looked at again until
 * it, a client, or a filter changes. Resource sets are touched only for who is about to get an offer.
 *
 * Wishes (REQUEST) come into it twice: a framework with one is sized to it when its turn comes; and it is let
 * ahead within its role as long as that leaves it at or below its fair share. Other roles never wait for it.
 */
#include "allocator/policy_state.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* One agent in one role. */
struct turn {
        struct policy *policy;
        struct policy_agent *agent;
        struct role *role;
        struct resources *offerable; /* NULL: not worked out yet */
        int64_t now_ns;
        int64_t *idle_until_ns; /* of the agent: when the first filter ends that held something back */
};

static bool keep_ordinary(void *arg, const V1__Resource *entry)
{
        const struct framework *framework = arg;
        return (entry->revocable == NULL || framework->revocable_aware) &&
               (entry->shared == NULL || framework->shared_aware) &&
               (entry->n_reservations <= 1 || framework->refinement_aware);
}

/* What of the agent the client may have at all; the caller frees. */
static struct resources *offerable_to(struct turn *turn, const struct client *client)
{
        if (turn->offerable == NULL)
                turn->offerable = resources_allocatable_to(turn->agent->ledger.free, turn->role->name);
        if (!turn->agent->has_special)
                return resources_copy(turn->offerable);
        return resources_filter(turn->offerable, keep_ordinary, client->framework);
}

static bool may_use_agent(const struct framework *framework, const struct policy_agent *agent)
{
        return (!agent->has_gpus || framework->gpu_aware) && (!agent->remote || framework->region_aware);
}

static bool is_enough(struct policy *policy, const struct client *client, const struct resources *resources)
{
        const struct vector *minima = client->has_minima ? client->minima : policy->minima;
        size_t count = client->has_minima ? client->minimum_count : policy->minimum_count;
        if (resources_is_empty(resources))
                return false;
        struct vector quantities = vector_of(&policy->names, resources);
        for (size_t i = 0; i < count; i++)
                if (vector_contains(&quantities, &minima[i]))
                        return true;
        return count == 0;
}

static void make_offer(struct turn *turn, struct client *client, struct resources *resources_take)
{
        struct policy *policy = turn->policy;
        struct policy_outbox *outbox = &policy->outbox;
        char *offer_id = actor_asprintf("%s-O%" PRIu64, policy->master_id, policy->offer_next);
        policy->offer_next += policy->offer_step;
        struct ledger_piece *piece =
                ledger_take_out(&turn->agent->ledger, offer_id, client, true, resources_take);
        client_charge(&policy->clients, client, piece, true);
        resources_free(turn->offerable);
        turn->offerable = NULL;

        resources_allocate(resources_take, turn->role->name);
        ACTOR_ARRAY_RESERVE(outbox->offers, outbox->offer_count, outbox->offer_capacity);
        outbox->offers[outbox->offer_count++] = (struct policy_offer){
                .framework = actor_msg_ref(client->framework->msg),
                .framework_number = client->framework->number,
                .agent = actor_msg_ref(turn->agent->msg),
                .role = turn->role->name,
                .offer_id = offer_id,
                .resources = resources_take,
        };
        ACTOR_METRIC_ADD(policy->metrics->offers_made, 1);
        ACTOR_METRIC_ADD(policy->metrics->offers_outstanding, 1);
}

/* ---- wishes ----------------------------------------------------------------------------------- */

static bool stays_fair(const struct policy *policy, const struct client *client, const struct resources *more)
{
        struct vector held = *drf_held(client->place);
        struct vector quantities = vector_of(policy->clients.names, more);
        vector_add(&held, &quantities);
        double fair = drf_fair_share(policy->clients.roles_order, client->role->place) *
                      drf_fair_share(client->role->frameworks, client->place);
        return vector_share(&held, &policy->total.quantities) <= fair;
}

/* Offers what meets one of the client's wishes; `ahead`: only within its fair share. Says whether it did. */
static bool offer_wished(struct turn *turn, struct client *client, bool ahead)
{
        struct framework *framework = client->framework;
        if (framework->wishes.count == 0 || !may_use_agent(framework, turn->agent))
                return false;
        CLEANUP(resources_freep) struct resources *available = offerable_to(turn, client);
        CLEANUP(resources_freep) struct resources *part = NULL;
        int wish = wishes_pick(&framework->wishes, turn->agent->id, turn->role->name, available, &part);
        if (wish < 0 || !is_enough(turn->policy, client, part))
                return false;
        if (ahead && !stays_fair(turn->policy, client, part))
                return false;
        make_offer(turn, client, TAKE(part));
        size_t previous_count = framework->wishes.count;
        wishes_met(&framework->wishes, wish);
        policy_wishes_changed(turn->policy, framework, previous_count);
        *turn->idle_until_ns = 0; /* there may be more for the same client in the next run */
        return true;
}

/* ---- one agent -------------------------------------------------------------------------------- */

/* Whether the agent's free resources are still (or again) those that something is known about; if
 * not, begins anew with what they are now. */
static void refresh_knowledge(struct policy *policy, struct policy_agent *agent)
{
        const struct ledger *ledger = &agent->ledger;
        bool same = agent->held_generation == policy->clients.columns_generation;
        if (same && agent->known_free != NULL && agent->known_version == ledger->version)
                return;
        agent->known_version = ledger->version;
        if (same && agent->known_free != NULL &&
            vector_equal(&agent->known_quantities, &ledger->free_quantities) &&
            resources_equal(agent->known_free, ledger->free))
                return;
        resources_free(agent->known_free);
        agent->known_free = resources_copy(ledger->free);
        agent->known_quantities = ledger->free_quantities;
        agent->held_generation = policy->clients.columns_generation;
        agent->held_count = 0;
        agent->idle_until_ns = 0;
}

/* Until when the agent's free resources are known to be held back from the client; 0: not known. */
static int64_t known_until(const struct policy_agent *agent, const struct client *client, int64_t now_ns)
{
        if (agent->known_version != agent->ledger.version || client->column >= agent->held_count)
                return 0;
        int64_t until_ns = agent->held_until_ns[client->column];
        return until_ns > now_ns ? until_ns : 0;
}

static void remember(struct policy *policy, struct policy_agent *agent, const struct client *client,
                     int64_t until_ns)
{
        size_t count = policy->clients.next_column;
        if (agent->known_version != agent->ledger.version)
                return;
        if (agent->held_count < count) {
                agent->held_until_ns = actor_realloc_array(agent->held_until_ns, count, sizeof(int64_t));
                memset(&agent->held_until_ns[agent->held_count], 0,
                       (count - agent->held_count) * sizeof(int64_t));
                agent->held_count = count;
        }
        agent->held_until_ns[client->column] = until_ns;
}

static void held_back(struct turn *turn, int64_t until_ns)
{
        if (until_ns < *turn->idle_until_ns)
                *turn->idle_until_ns = until_ns;
}

static void offer_ordinary(struct turn *turn, struct client *client)
{
        struct policy_agent *agent = turn->agent;
        if (client->suppressed || !may_use_agent(client->framework, agent))
                return;
        int64_t until_ns = known_until(agent, client, turn->now_ns);
        if (until_ns > 0) {
                held_back(turn, until_ns);
                return;
        }
        CLEANUP(resources_freep) struct resources *resources = offerable_to(turn, client);
        if (!is_enough(turn->policy, client, resources))
                return;
        until_ns = filters_until(turn->policy->filters, agent, client, resources, turn->now_ns);
        if (until_ns > 0) {
                remember(turn->policy, agent, client, until_ns);
                held_back(turn, until_ns);
                return;
        }
        make_offer(turn, client, TAKE(resources));
}

/* The role's clients in order, in an array that stays as it is while they are charged. */
static struct client **clients_in_order(struct policy *policy, struct role *role, size_t *ret_count)
{
        void *const *order = drf_order(role->frameworks, ret_count);
        if (*ret_count > policy->clients_scratch_capacity) {
                policy->clients_scratch_capacity = *ret_count * 2;
                policy->clients_scratch = actor_realloc_array(
                        policy->clients_scratch, policy->clients_scratch_capacity, sizeof(struct client *));
        }
        if (*ret_count > 0)
                memcpy(policy->clients_scratch, order, *ret_count * sizeof *order);
        return policy->clients_scratch;
}

static void allocate_role(struct turn *turn)
{
        struct policy *policy = turn->policy;
        const struct ledger *ledger = &turn->agent->ledger;
        size_t count;
        struct client **clients = clients_in_order(policy, turn->role, &count);
        const struct client *served = NULL;
        for (size_t i = 0; policy->wishing_count > 0 && i < count && served == NULL; i++)
                if (offer_wished(turn, clients[i], true))
                        served = clients[i];
        for (size_t i = 0; i < count && !resources_is_empty(ledger->free); i++) {
                if (clients[i] == served)
                        continue;
                if (policy->wishing_count == 0 || !offer_wished(turn, clients[i], false))
                        offer_ordinary(turn, clients[i]);
        }
        resources_free(turn->offerable);
        turn->offerable = NULL;
}

static struct role **roles_in_order(struct policy *policy, size_t *ret_count)
{
        void *const *order = drf_order(policy->clients.roles_order, ret_count);
        if (*ret_count > policy->roles_scratch_capacity) {
                policy->roles_scratch_capacity = *ret_count * 2;
                policy->roles_scratch = actor_realloc_array(
                        policy->roles_scratch, policy->roles_scratch_capacity, sizeof(struct role *));
        }
        if (*ret_count > 0)
                memcpy(policy->roles_scratch, order, *ret_count * sizeof *order);
        return policy->roles_scratch;
}

static bool is_idle(const struct policy *policy, const struct policy_agent *agent, int64_t now_ns)
{
        return agent->idle_clients_version == policy->clients_version && now_ns < agent->idle_until_ns;
}

static void allocate_agent(struct policy *policy, struct policy_agent *agent, int64_t now_ns)
{
        if (!agent->active || resources_is_empty(agent->ledger.free))
                return;
        refresh_knowledge(policy, agent);
        if (is_idle(policy, agent, now_ns))
                return;
        int64_t idle_until_ns = INT64_MAX;
        size_t count;
        struct role **roles = roles_in_order(policy, &count);
        for (size_t i = 0; i < count && !resources_is_empty(agent->ledger.free); i++) {
                struct turn turn = {policy, agent, roles[i], NULL, now_ns, &idle_until_ns};
                allocate_role(&turn);
        }
        bool unchanged = agent->known_version == agent->ledger.version; /* no offer was made */
        agent->idle_clients_version = policy->clients_version;
        agent->idle_until_ns = unchanged ? idle_until_ns : 0;
}

/* Filters are swept a part of the agents at a time: they need not be, but for memory. */
#define SWEEP_BATCHES 32

static void begin_batch(struct policy *policy, int64_t now_ns)
{
        /* A little early: ticks are not exact, and the next one must not come just too soon. */
        policy->next_batch_ns = now_ns + policy->interval_ns - policy->interval_ns / 10;
        uint64_t turn = policy->batch_count++;
        const struct policy_agent *agent = policy->agents;
        for (uint64_t i = 0; agent != NULL; agent = agent->hh.next, i++)
                if (i % SWEEP_BATCHES == turn % SWEEP_BATCHES)
                        filters_expire(policy->filters, agent, now_ns);
}

void policy_run(struct policy *policy, int64_t now_ns, bool batch)
{
        if (batch)
                begin_batch(policy, now_ns);
        bool all = batch || policy->all_dirty;
        for (size_t i = 0; i < policy->dirty_count; i++) {
                policy->dirty[i]->dirty = false;
                if (!all)
                        allocate_agent(policy, policy->dirty[i], now_ns);
        }
        policy->dirty_count = 0;
        policy->all_dirty = false;
        struct policy_agent *agent, *next;
        for (agent = all ? policy->agents : NULL; agent != NULL; agent = next) {
                next = agent->hh.next;
                allocate_agent(policy, agent, now_ns);
        }
        int64_t filter_count = (int64_t) filters_count(policy->filters);
        ACTOR_METRIC_ADD(policy->metrics->filters, filter_count - policy->filters_reported);
        policy->filters_reported = filter_count;
}
