/* SPDX-License-Identifier: Apache-2.0 */
/* policy.c — what each message does to the books.
 *
 * Nothing is offered here: what could be offered anew is only marked (an agent, or all of them when a
 * client may want more), and policy_run.c looks at the marks. So messages may come in any order and any
 * number before a run, and a run costs what has changed.
 *
 * A `use` whose offers are known turns them into pieces in use; whatever the offers had beyond them is free
 * again. A `use` whose offers were rescinded meanwhile is entered all the same: the launch is under way, and
 * its token will come back whether it succeeds or not. */
#include "allocator/policy_state.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define REFUSE_NS_MAX (365LL * 24 * 3600 * 1000000000LL)

/* ---- making and freeing ----------------------------------------------------------------------- */

static int read_minima(struct policy *policy, const char *text, struct actor_error *error)
{
        if (*text == '\0')
                return 0;
        CLEANUP(actor_freep) char *copy = actor_strdup(text);
        char *rest = copy;
        for (char *part = strsep(&rest, "|"); part != NULL; part = strsep(&rest, "|")) {
                CLEANUP(resources_freep) struct resources *minimum = NULL;
                int r = resources_parse(part, NULL, &minimum, error);
                if (r != 0)
                        return actor_error_prefix(error, r, "min_allocatable_resources \"%s\"", text);
                policy->minima = actor_realloc_array(policy->minima, policy->minimum_count + 1,
                                                     sizeof *policy->minima);
                policy->minima[policy->minimum_count++] = vector_of(&policy->names, minimum);
        }
        return 0;
}

static const char *region_of(const V1__DomainInfo *domain)
{
        if (domain == NULL || domain->fault_domain == NULL || domain->fault_domain->region == NULL)
                return NULL;
        return domain->fault_domain->region->name;
}

int policy_new(const struct policy_config *config, struct policy **ret, struct actor_error *error)
{
        assert(config->interval_ns > 0 && config->offer_step > 0 && config->metrics != NULL);
        struct policy *policy = actor_zalloc(sizeof *policy);
        policy->master_id = actor_strdup(config->master_id);
        policy->offer_next = config->offer_first;
        policy->offer_step = config->offer_step;
        policy->interval_ns = config->interval_ns;
        if (region_of(config->domain) != NULL)
                policy->region = actor_strdup(region_of(config->domain));
        policy->metrics = config->metrics;
        policy->filters = filters_new();
        clients_init(&policy->clients, &policy->names, &policy->total);
        const char *minima = config->min_allocatable_resources;
        int r = read_minima(policy, minima != NULL ? minima : "cpus:0.01|mem:32", error);
        if (r != 0) {
                policy_free(policy);
                return r;
        }
        *ret = policy;
        return 0;
}

static void agent_free(struct policy *policy, struct policy_agent *agent)
{
        HASH_DEL(policy->agents, agent);
        ledger_done(&agent->ledger);
        resources_free(agent->known_free);
        free(agent->held_until_ns);
        actor_msg_unref(agent->msg);
        free(agent->id);
        free(agent);
}

void policy_free(struct policy *policy)
{
        if (policy == NULL)
                return;
        struct policy_agent *agent, *next;
        HASH_ITER(hh, policy->agents, agent, next)
        {
                agent_free(policy, agent);
        }
        clients_done(&policy->clients);
        filters_free(policy->filters);
        policy_outbox_clear(&policy->outbox);
        free(policy->outbox.offers);
        free(policy->outbox.rescinds);
        vector_names_done(&policy->names);
        free(policy->minima);
        free(policy->dirty);
        free(policy->roles_scratch);
        free(policy->clients_scratch);
        free(policy->region);
        free(policy->master_id);
        free(policy);
}

struct policy_outbox *policy_outbox(struct policy *policy)
{
        return &policy->outbox;
}

void policy_outbox_clear(struct policy_outbox *outbox)
{
        for (size_t i = 0; i < outbox->offer_count; i++) {
                struct policy_offer *offer = &outbox->offers[i];
                resources_free(offer->resources);
                free(offer->offer_id);
                actor_msg_unref(offer->framework);
                actor_msg_unref(offer->agent);
        }
        for (size_t i = 0; i < outbox->rescind_count; i++)
                free(outbox->rescinds[i].offer_id);
        outbox->offer_count = outbox->rescind_count = 0;
}

/* ---- marks ------------------------------------------------------------------------------------ */

static struct policy_agent *agent_find(const struct policy *policy, const char *agent_id)
{
        struct policy_agent *agent = NULL;
        HASH_FIND_STR(policy->agents, agent_id, agent);
        return agent;
}

static void mark(struct policy *policy, struct policy_agent *agent)
{
        if (agent->dirty)
                return;
        agent->dirty = true;
        ACTOR_ARRAY_RESERVE(policy->dirty, policy->dirty_count, policy->dirty_capacity);
        policy->dirty[policy->dirty_count++] = agent;
}

static void unmark(struct policy *policy, struct policy_agent *agent)
{
        for (size_t i = 0; agent->dirty && i < policy->dirty_count; i++)
                if (policy->dirty[i] == agent) {
                        policy->dirty_count--;
                        memmove(&policy->dirty[i], &policy->dirty[i + 1],
                                (policy->dirty_count - i) * sizeof *policy->dirty);
                        agent->dirty = false;
                }
}

/* A client may want what it was not offered before. */
static void mark_all(struct policy *policy)
{
        policy->clients_version++;
        policy->all_dirty = true;
}

bool policy_wants_run(const struct policy *policy)
{
        return policy->all_dirty || policy->dirty_count > 0;
}

/* ---- pieces ----------------------------------------------------------------------------------- */

static void enter_used(struct policy *policy, struct policy_agent *agent, const struct allocator_piece *piece,
                       bool counts)
{
        if (ledger_find(&agent->ledger, piece->token) != NULL)
                return;
        struct client *client = clients_for(&policy->clients, piece->framework_id, piece->role);
        bool overcommitted = agent->ledger.overcommitted;
        struct ledger_piece *entry =
                ledger_take_out(&agent->ledger, piece->token, client, false, piece->resources);
        client_charge(&policy->clients, client, entry, counts);
        ACTOR_METRIC_ADD(policy->metrics->pieces_used, 1);
        if (agent->ledger.overcommitted && !overcommitted)
                ACTOR_METRIC_ADD(policy->metrics->overcommitted, 1);
}

static void put_back(struct policy *policy, struct policy_agent *agent, struct ledger_piece *piece)
{
        struct client *client = piece->holder;
        client_discharge(&policy->clients, client, piece);
        ACTOR_METRIC_ADD(
                *(piece->offered ? &policy->metrics->offers_outstanding : &policy->metrics->pieces_used), -1);
        ledger_put_back(&agent->ledger, piece);
        mark(policy, agent);
}

static void rescind(struct policy *policy, const struct ledger_piece *piece)
{
        const struct client *client = piece->holder;
        struct policy_outbox *outbox = &policy->outbox;
        if (client->framework->msg == NULL)
                return;
        ACTOR_ARRAY_RESERVE(outbox->rescinds, outbox->rescind_count, outbox->rescind_capacity);
        outbox->rescinds[outbox->rescind_count++] =
                (struct policy_rescind){client->framework->msg->session, actor_strdup(piece->token)};
        ACTOR_METRIC_ADD(policy->metrics->offers_rescinded, 1);
}

static void rescind_offers_of_agent(struct policy *policy, struct policy_agent *agent)
{
        struct ledger_piece *piece, *next;
        HASH_ITER(hh, agent->ledger.pieces, piece, next)
        {
                struct client *client = piece->holder;
                if (!piece->offered)
                        continue;
                rescind(policy, piece);
                put_back(policy, agent, piece);
                clients_tidy(&policy->clients, client);
        }
}

/* ---- agents ----------------------------------------------------------------------------------- */

static bool note_entry(void *arg, const V1__Resource *entry)
{
        struct policy_agent *agent = arg;
        agent->has_gpus |= strcmp(entry->name, "gpus") == 0;
        agent->has_reserved |= entry->n_reservations > 0;
        agent->has_special |= entry->revocable != NULL || entry->shared != NULL || entry->n_reservations > 1;
        return true;
}

static void take_message(struct policy *policy, struct policy_agent *agent,
                         const struct allocator_add_agent *msg)
{
        const void *previous = agent->msg;
        agent->msg = actor_msg_ref(msg);
        actor_msg_unref(previous);
        agent->has_gpus = agent->has_reserved = agent->has_special = false;
        resources_each(msg->total, note_entry, agent);
        const char *region = region_of(msg->info->domain);
        agent->remote = policy->region != NULL && region != NULL && strcmp(policy->region, region) != 0;
}

static struct policy_agent *agent_new(struct policy *policy, const struct allocator_add_agent *msg)
{
        struct policy_agent *agent = actor_zalloc(sizeof *agent);
        agent->id = actor_strdup(msg->agent_id);
        ledger_init(&agent->ledger, &policy->names, resources_copy(msg->total));
        HASH_ADD_KEYPTR(hh, policy->agents, agent->id, strlen(agent->id), agent);
        vector_add(&policy->total.quantities, &agent->ledger.total_quantities);
        ACTOR_METRIC_ADD(policy->metrics->agents, 1);
        return agent;
}

void policy_add_agent(struct policy *policy, const struct allocator_add_agent *msg)
{
        struct policy_agent *agent = agent_find(policy, msg->agent_id);
        if (agent == NULL) {
                agent = agent_new(policy, msg);
        } else if (!resources_equal(agent->ledger.total, msg->total)) {
                vector_subtract(&policy->total.quantities, &agent->ledger.total_quantities);
                ledger_set_total(&agent->ledger, resources_copy(msg->total));
                vector_add(&policy->total.quantities, &agent->ledger.total_quantities);
                if (agent->ledger.overcommitted) /* it offers what it no longer has */
                        rescind_offers_of_agent(policy, agent);
        }
        policy->total.version++;
        take_message(policy, agent, msg);
        agent->active = true;
        for (size_t i = 0; i < msg->used_count; i++)
                enter_used(policy, agent, &msg->used[i], true);
        agent->idle_until_ns = 0;
        mark(policy, agent);
}

void policy_remove_agent(struct policy *policy, const char *agent_id)
{
        struct policy_agent *agent = agent_find(policy, agent_id);
        if (agent == NULL)
                return;
        rescind_offers_of_agent(policy, agent);
        struct ledger_piece *piece, *next;
        HASH_ITER(hh, agent->ledger.pieces, piece, next)
        {
                struct client *client = piece->holder;
                put_back(policy, agent, piece);
                clients_tidy(&policy->clients, client);
        }
        filters_drop_agent(policy->filters, agent);
        vector_subtract(&policy->total.quantities, &agent->ledger.total_quantities);
        policy->total.version++;
        unmark(policy, agent);
        ACTOR_METRIC_ADD(policy->metrics->agents, -1);
        agent_free(policy, agent);
}

void policy_activate_agent(struct policy *policy, const char *agent_id, bool active)
{
        struct policy_agent *agent = agent_find(policy, agent_id);
        if (agent == NULL || agent->active == active)
                return;
        agent->active = active;
        if (!active)
                rescind_offers_of_agent(policy, agent);
        agent->idle_until_ns = 0;
        mark(policy, agent);
}

/* ---- frameworks ------------------------------------------------------------------------------- */

static struct policy_agent *agent_of(const struct ledger_piece *piece)
{
        return (struct policy_agent *) (void *) ((char *) piece->ledger -
                                                 offsetof(struct policy_agent, ledger));
}

/* `tell`: rescinds them; else nobody is listening. The client stays. */
static void give_back_offers(struct policy *policy, struct client *client, bool tell)
{
        struct ledger_piece *next;
        for (struct ledger_piece *piece = client->pieces; piece != NULL; piece = next) {
                next = piece->next;
                if (!piece->offered)
                        continue;
                if (tell)
                        rescind(policy, piece);
                put_back(policy, agent_of(piece), piece);
        }
}

static void drop_filters(struct policy *policy, struct client *client)
{
        filters_drop_client(policy->filters, client);
        client_forget_held(&policy->clients, client);
}

void policy_wishes_changed(struct policy *policy, struct framework *framework, size_t previous_count)
{
        policy->wishing_count += (framework->wishes.count > 0) - (previous_count > 0);
        for (struct client *client = framework->clients; client != NULL; client = client->next)
                client_refresh(&policy->clients, client);
}

void policy_add_framework(struct policy *policy, const struct allocator_add_framework *msg)
{
        struct framework *known = clients_framework(&policy->clients, msg->framework_id);
        if (known == NULL || known->msg == NULL)
                ACTOR_METRIC_ADD(policy->metrics->frameworks, 1);
        struct framework *framework = clients_register(&policy->clients, msg);
        struct client *next;
        for (struct client *client = framework->clients; client != NULL; client = next) {
                next = client->next;
                client_forget_held(&policy->clients, client); /* it may be able to take more now */
                if (client->subscribed)
                        continue;
                give_back_offers(policy, client, true);
                drop_filters(policy, client);
                clients_tidy(&policy->clients, client);
        }
        mark_all(policy);
}

/* Its offers are free again and its filters void. */
static void silence(struct policy *policy, struct framework *framework)
{
        framework->active = false;
        for (struct client *client = framework->clients; client != NULL; client = client->next) {
                give_back_offers(policy, client, false);
                drop_filters(policy, client);
                client_refresh(&policy->clients, client);
        }
}

void policy_deactivate_framework(struct policy *policy, const char *framework_id)
{
        struct framework *framework = clients_framework(&policy->clients, framework_id);
        if (framework != NULL)
                silence(policy, framework);
}

void policy_remove_framework(struct policy *policy, const char *framework_id)
{
        struct framework *framework = clients_framework(&policy->clients, framework_id);
        if (framework == NULL || framework->msg == NULL)
                return;
        silence(policy, framework);
        size_t wishes = framework->wishes.count;
        wishes_done(&framework->wishes);
        policy_wishes_changed(policy, framework, wishes);
        clients_unregister(&policy->clients, framework);
        ACTOR_METRIC_ADD(policy->metrics->frameworks, -1);
}

/* ---- what frameworks do with offers -------------------------------------------------------------- */

/* A refusal without a time still lasts until the next batch: offering it again at once would only
 * make the framework and the allocator throw it to and fro. */
static void refuse(struct policy *policy, const struct policy_agent *agent, const struct client *client,
                   const struct resources *refused, int64_t refuse_ns, int64_t now_ns)
{
        if (!client->subscribed || resources_is_empty(refused))
                return;
        int64_t until_ns =
                policy->next_batch_ns > now_ns ? policy->next_batch_ns : now_ns + policy->interval_ns;
        if (refuse_ns > 0) {
                int64_t lasts_ns = refuse_ns < REFUSE_NS_MAX ? refuse_ns : REFUSE_NS_MAX;
                until_ns = now_ns + (lasts_ns > policy->interval_ns ? lasts_ns : policy->interval_ns);
        }
        filters_add(policy->filters, agent, client, refused, until_ns);
}

void policy_use(struct policy *policy, const struct allocator_use *msg, int64_t now_ns)
{
        struct policy_agent *agent = agent_find(policy, msg->agent_id);
        if (agent == NULL)
                return;
        CLEANUP(resources_freep) struct resources *rest = resources_new();
        struct client *client = NULL;
        for (size_t i = 0; i < msg->offer_count; i++) {
                struct ledger_piece *piece = ledger_find(&agent->ledger, msg->offer_ids[i]);
                if (piece == NULL || !piece->offered)
                        continue;
                client = piece->holder;
                resources_add(rest, piece->resources);
                put_back(policy, agent, piece);
        }
        for (size_t i = 0; i < msg->use_count; i++) {
                enter_used(policy, agent, &msg->uses[i], false);
                resources_subtract(rest, msg->uses[i].resources);
        }
        if (client == NULL)
                return;
        if (msg->refuse_ns > 0 || msg->use_count == 0)
                refuse(policy, agent, client, rest, msg->refuse_ns, now_ns);
        clients_tidy(&policy->clients, client);
}

static void give_back(struct policy *policy, struct policy_agent *agent,
                      const struct allocator_give_back *msg, const char *token, int64_t now_ns)
{
        struct ledger_piece *piece = agent != NULL ? ledger_find(&agent->ledger, token) : NULL;
        struct client *client = piece != NULL ? piece->holder : NULL;
        if (client == NULL || strcmp(client->framework->id, msg->framework_id) != 0) {
                ACTOR_METRIC_ADD(policy->metrics->unknown_tokens, 1);
                return;
        }
        if (piece->offered)
                refuse(policy, agent, client, piece->resources, msg->refuse_ns, now_ns);
        put_back(policy, agent, piece);
        clients_tidy(&policy->clients, client);
}

void policy_give_back(struct policy *policy, const struct allocator_give_back *msg, int64_t now_ns)
{
        struct policy_agent *agent = agent_find(policy, msg->agent_id);
        for (size_t i = 0; i < msg->token_count; i++)
                give_back(policy, agent, msg, msg->tokens[i], now_ns);
}

/* The framework's client of each role named, or all of them; unknown roles are left out. */
static void for_roles(struct policy *policy, const char *framework_id, const char *const *roles, size_t count,
                      void (*act)(struct policy *policy, struct client *client))
{
        const struct framework *framework = clients_framework(&policy->clients, framework_id);
        if (framework == NULL)
                return;
        for (struct client *client = count == 0 ? framework->clients : NULL; client != NULL;
             client = client->next)
                act(policy, client);
        for (size_t i = 0; i < count; i++) {
                struct client *client = framework_client(framework, roles[i]);
                if (client != NULL)
                        act(policy, client);
        }
}

static void revive_client(struct policy *policy, struct client *client)
{
        client->suppressed = false;
        drop_filters(policy, client);
        client_refresh(&policy->clients, client);
}

static void suppress_client(struct policy *policy, struct client *client)
{
        client->suppressed = true;
        client_refresh(&policy->clients, client);
}

void policy_revive(struct policy *policy, const char *framework_id, const char *const *roles, size_t count)
{
        for_roles(policy, framework_id, roles, count, revive_client);
        mark_all(policy);
}

void policy_suppress(struct policy *policy, const char *framework_id, const char *const *roles, size_t count)
{
        for_roles(policy, framework_id, roles, count, suppress_client);
}

size_t policy_request(struct policy *policy, const struct allocator_request *msg)
{
        struct framework *framework = clients_framework(&policy->clients, msg->framework_id);
        if (framework == NULL || framework->msg == NULL)
                return msg->request_count;
        size_t previous_count = framework->wishes.count;
        size_t ignored_count = wishes_set(&framework->wishes, msg->requests, msg->request_count);
        policy_wishes_changed(policy, framework, previous_count);
        mark_all(policy);
        return ignored_count;
}

void policy_set_weight(struct policy *policy, const char *role, double weight)
{
        drf_set_weight(policy->clients.roles_order, role, weight);
        mark_all(policy);
}

/* ---- questions ---------------------------------------------------------------------------------- */

static void add_books(const struct ledger *ledger, struct allocator_totals *ret)
{
        resources_add(ret->total, ledger->total);
        resources_add(ret->offered, ledger->offered);
        resources_add(ret->used, ledger->used);
        resources_add(ret->free, ledger->free);
}

void policy_totals(const struct policy *policy, const char *agent_id, struct allocator_totals *ret)
{
        const struct policy_agent *agent, *next;
        if (agent_id != NULL) {
                agent = agent_find(policy, agent_id);
                if (agent != NULL)
                        add_books(&agent->ledger, ret);
                return;
        }
        HASH_ITER(hh, policy->agents, agent, next)
        {
                add_books(&agent->ledger, ret);
        }
}

static bool agent_adds_up(const struct policy_agent *agent)
{
        const struct ledger *ledger = &agent->ledger;
        CLEANUP(resources_freep) struct resources *sum = resources_copy(ledger->free);
        resources_add(sum, ledger->offered);
        resources_add(sum, ledger->used);
        return ledger_adds_up(ledger) && (ledger->overcommitted || resources_equal(sum, ledger->total));
}

static bool client_adds_up(const struct client *client)
{
        struct vector sum = {0};
        for (const struct ledger_piece *piece = client->pieces; piece != NULL; piece = piece->next)
                vector_add(&sum, &piece->quantities);
        return vector_equal(&sum, drf_held(client->place));
}

bool policy_adds_up(const struct policy *policy)
{
        const struct policy_agent *agent, *next_agent;
        HASH_ITER(hh, policy->agents, agent, next_agent)
        {
                if (!agent_adds_up(agent))
                        return false;
        }
        const struct framework *framework, *next_framework;
        HASH_ITER(hh, policy->clients.frameworks, framework, next_framework)
        {
                for (const struct client *client = framework->clients; client != NULL; client = client->next)
                        if (!client_adds_up(client))
                                return false;
        }
        return true;
}
