/* SPDX-License-Identifier: Apache-2.0 */
/* shard.c — the actor around a policy.
 *
 * Handlers change the books; the first change that could make an offer possible also sends the shard a
 * message to itself. What arrived before that message is taken into account by the same run: under load many
 * changes cost one run, and when idle an offer follows its cause at once. The batch tick is only for
 * what time alone changes: filters that have ended. */
#include "allocator/shard.h"
#include "allocator/policy.h"

#include <actor/log.h>
#include <stdlib.h>

struct shard {
        struct actor *self;
        struct policy *policy;
        struct allocator_metrics *metrics;
        bool run_is_due; /* a struct shard_run is on its way */
};

struct shard_run {
        bool batch;
};
static const struct actor_type shard_run_type = {.name = "shard_run", .size = sizeof(struct shard_run)};

/* ---- telling the sessions --------------------------------------------------------------------- */

static int compare_offers(const void *a, const void *b)
{
        const struct policy_offer *left = a, *right = b;
        if (left->framework_number != right->framework_number)
                return left->framework_number < right->framework_number ? -1 : 1;
        return left < right ? -1 : left > right;
}

/* One message for one framework; takes the offers' resources. */
static void send_allocation(struct shard *s, struct policy_offer *offers, size_t count)
{
        struct allocator_allocation *msg = actor_msg_new(&allocator_allocation_type);
        msg->offers = actor_msg_alloc(msg, count * sizeof *msg->offers);
        msg->offer_count = count;
        for (size_t i = 0; i < count; i++) {
                actor_msg_hold(msg, offers[i].agent);
                msg->offers[i] = (struct allocator_offer){
                        .offer_id = actor_msg_strdup(msg, offers[i].offer_id),
                        .agent_id = offers[i].agent->agent_id,
                        .role = actor_msg_strdup(msg, offers[i].role),
                        .agent_session = offers[i].agent->session,
                        .agent_address = offers[i].agent->address,
                        .agent = offers[i].agent->info,
                        .resources = TAKE(offers[i].resources),
                };
        }
        actor_send(s->self, offers[0].framework->session, msg);
}

static void send_outbox(struct shard *s)
{
        struct policy_outbox *outbox = policy_outbox(s->policy);
        for (size_t i = 0; i < outbox->rescind_count; i++) {
                struct allocator_rescind *msg = actor_msg_new(&allocator_rescind_type);
                msg->offer_id = actor_msg_strdup(msg, outbox->rescinds[i].offer_id);
                actor_send(s->self, outbox->rescinds[i].session, msg);
        }
        if (outbox->offer_count > 1)
                qsort(outbox->offers, outbox->offer_count, sizeof *outbox->offers, compare_offers);
        for (size_t first = 0, end; first < outbox->offer_count; first = end) {
                end = first + 1;
                while (end < outbox->offer_count &&
                       outbox->offers[end].framework_number == outbox->offers[first].framework_number)
                        end++;
                send_allocation(s, &outbox->offers[first], end - first);
        }
        policy_outbox_clear(outbox);
}

/* Closes every handler that changed the books. */
static int done(struct shard *s)
{
        send_outbox(s);
        if (!policy_wants_run(s->policy) || s->run_is_due)
                return 0;
        s->run_is_due = true;
        return actor_send(s->self, actor_self(s->self), actor_msg_new(&shard_run_type));
}

/* ---- handlers --------------------------------------------------------------------------------- */

static int on_run(struct shard *s, const struct actor_mail *mail, const struct shard_run *msg)
{
        if (!msg->batch)
                s->run_is_due = false;
        int64_t started_ns = actor_now_ns(s->self);
        policy_run(s->policy, mail->now_ns, msg->batch);
        int64_t took_ns = actor_now_ns(s->self) - started_ns;
        ACTOR_METRIC_ADD(s->metrics->runs, 1);
        ACTOR_METRIC_ADD(s->metrics->runs_ns, took_ns);
        if (took_ns > s->metrics->run_slowest_ns)
                ACTOR_METRIC_SET(s->metrics->run_slowest_ns, took_ns);
        return done(s);
}

static int on_add_agent(struct shard *s, const struct actor_mail *mail, const struct allocator_add_agent *msg)
{
        policy_add_agent(s->policy, msg);
        return done(s);
}

static int on_remove_agent(struct shard *s, const struct actor_mail *mail,
                           const struct allocator_remove_agent *msg)
{
        policy_remove_agent(s->policy, msg->agent_id);
        return done(s);
}

static int on_activate_agent(struct shard *s, const struct actor_mail *mail,
                             const struct allocator_activate_agent *msg)
{
        policy_activate_agent(s->policy, msg->agent_id, msg->active);
        return done(s);
}

static int on_add_framework(struct shard *s, const struct actor_mail *mail,
                            const struct allocator_add_framework *msg)
{
        policy_add_framework(s->policy, msg);
        return done(s);
}

static int on_deactivate_framework(struct shard *s, const struct actor_mail *mail,
                                   const struct allocator_deactivate_framework *msg)
{
        policy_deactivate_framework(s->policy, msg->framework_id);
        return done(s);
}

static int on_remove_framework(struct shard *s, const struct actor_mail *mail,
                               const struct allocator_remove_framework *msg)
{
        policy_remove_framework(s->policy, msg->framework_id);
        return done(s);
}

static int on_use(struct shard *s, const struct actor_mail *mail, const struct allocator_use *msg)
{
        policy_use(s->policy, msg, mail->now_ns);
        return done(s);
}

static int on_give_back(struct shard *s, const struct actor_mail *mail, const struct allocator_give_back *msg)
{
        policy_give_back(s->policy, msg, mail->now_ns);
        return done(s);
}

static int on_revive(struct shard *s, const struct actor_mail *mail, const struct allocator_revive *msg)
{
        policy_revive(s->policy, msg->framework_id, msg->roles, msg->role_count);
        return done(s);
}

static int on_suppress(struct shard *s, const struct actor_mail *mail, const struct allocator_suppress *msg)
{
        policy_suppress(s->policy, msg->framework_id, msg->roles, msg->role_count);
        return done(s);
}

static int on_request(struct shard *s, const struct actor_mail *mail, const struct allocator_request *msg)
{
        size_t ignored_count = policy_request(s->policy, msg);
        if (ignored_count > 0)
                actor_log_debug(s->self, "allocator: framework %s request: %zu of its wishes ignored",
                                msg->framework_id, ignored_count);
        return done(s);
}

static int on_set_weight(struct shard *s, const struct actor_mail *mail,
                         const struct allocator_set_weight *msg)
{
        policy_set_weight(s->policy, msg->role, msg->weight);
        return done(s);
}

static int on_get_totals(struct shard *s, const struct actor_mail *mail,
                         const struct allocator_get_totals *msg)
{
        struct allocator_totals *totals = actor_msg_new(&allocator_totals_type);
        *totals =
                (struct allocator_totals){resources_new(), resources_new(), resources_new(), resources_new()};
        policy_totals(s->policy, msg->agent_id, totals);
        return actor_reply(mail, totals);
}

ACTOR_BIND(on_run, struct shard, struct shard_run)
ACTOR_BIND(on_add_agent, struct shard, struct allocator_add_agent)
ACTOR_BIND(on_remove_agent, struct shard, struct allocator_remove_agent)
ACTOR_BIND(on_activate_agent, struct shard, struct allocator_activate_agent)
ACTOR_BIND(on_add_framework, struct shard, struct allocator_add_framework)
ACTOR_BIND(on_deactivate_framework, struct shard, struct allocator_deactivate_framework)
ACTOR_BIND(on_remove_framework, struct shard, struct allocator_remove_framework)
ACTOR_BIND(on_use, struct shard, struct allocator_use)
ACTOR_BIND(on_give_back, struct shard, struct allocator_give_back)
ACTOR_BIND(on_revive, struct shard, struct allocator_revive)
ACTOR_BIND(on_suppress, struct shard, struct allocator_suppress)
ACTOR_BIND(on_request, struct shard, struct allocator_request)
ACTOR_BIND(on_set_weight, struct shard, struct allocator_set_weight)
ACTOR_BIND(on_get_totals, struct shard, struct allocator_get_totals)

static const struct actor_handler handlers[] = {
        {&shard_run_type, on_run_bound, ACTOR_FROM_SELF},
        {&allocator_add_agent_type, on_add_agent_bound, ACTOR_FROM_PARENT},
        {&allocator_remove_agent_type, on_remove_agent_bound, ACTOR_FROM_PARENT},
        {&allocator_activate_agent_type, on_activate_agent_bound, ACTOR_FROM_PARENT},
        {&allocator_add_framework_type, on_add_framework_bound, ACTOR_FROM_PARENT},
        {&allocator_deactivate_framework_type, on_deactivate_framework_bound, ACTOR_FROM_PARENT},
        {&allocator_remove_framework_type, on_remove_framework_bound, ACTOR_FROM_PARENT},
        {&allocator_use_type, on_use_bound, ACTOR_FROM_PARENT},
        {&allocator_give_back_type, on_give_back_bound, ACTOR_FROM_PARENT},
        {&allocator_revive_type, on_revive_bound, ACTOR_FROM_PARENT},
        {&allocator_suppress_type, on_suppress_bound, ACTOR_FROM_PARENT},
        {&allocator_request_type, on_request_bound, ACTOR_FROM_PARENT},
        {&allocator_set_weight_type, on_set_weight_bound, ACTOR_FROM_PARENT},
        {&allocator_get_totals_type, on_get_totals_bound, ACTOR_FROM_PARENT},
        ACTOR_HANDLER_END,
};

static int shard_init(void *state, struct actor *self, const void *arg)
{
        struct shard *s = state;
        const struct shard_config *config = arg;
        s->self = self;
        s->metrics = config->allocator.metrics;
        const struct policy_config policy = {
                .master_id = config->allocator.master_id,
                .offer_first = config->index,
                .offer_step = config->count,
                .interval_ns = config->allocator.allocation_interval_ms * 1000000,
                .min_allocatable_resources = config->allocator.min_allocatable_resources,
                .domain = config->allocator.domain,
                .metrics = s->metrics,
        };
        int r = policy_new(&policy, &s->policy, NULL);
        if (r != 0)
                return r;
        struct shard_run *tick = actor_msg_new(&shard_run_type);
        tick->batch = true;
        actor_every(self, config->allocator.allocation_interval_ms, tick);
        return 0;
}

static void shard_fini(void *state)
{
        policy_free(((struct shard *) state)->policy);
}

/* An allocator that lost its books cannot go on: the master ends and the next leader rebuilds them. */
const struct actor_class shard_class = {
        .name = "allocator_shard",
        .state_size = sizeof(struct shard),
        .init = shard_init,
        .fini = shard_fini,
        .handlers = handlers,
        .restart = ACTOR_ESCALATE,
};
