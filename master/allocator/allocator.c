/* SPDX-License-Identifier: Apache-2.0 */
/* allocator.c — the router in front of the shards.
 *
 * An agent belongs to the shard that its id hashes to, so the router keeps no table: messages about
 * an agent go to one shard, messages about a framework or a role to all. Messages are forwarded as
 * they are, by reference.
 *
 * Order matters at one place: a task's `use` (from its framework's session) must reach its shard before
 * the task's give_back (from its agent's session). It does, because the first was in the router's
 * mailbox before the second could be caused, and the router forwards in order. */
#include "allocator/allocator.h"
#include "allocator/messages.h"
#include "allocator/metrics.h"
#include "allocator/policy.h"
#include "allocator/shard.h"

#include <errno.h>
#include <proto/copy.h>
#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

#define SHARDS_MAX 64
#define ANSWER_TIMEOUT_MS 10000

struct gathering;

struct allocator {
        struct actor *self;
        struct gathering *gatherings;        /* totals being asked for */
        struct allocator_config config;      /* its strings are owned */
        struct allocator_metrics unread;     /* where no metrics were given */
        struct actor_ref shards[SHARDS_MAX]; /* config.shards of them */
};

/* FNV-1a: the same on every run, so that a simulation is replayed exactly. */
static struct actor_ref shard_of(const struct allocator *a, const char *agent_id)
{
        uint32_t hash = 2166136261u;
        for (; *agent_id != '\0'; agent_id++)
                hash = (hash ^ (unsigned char) *agent_id) * 16777619u;
        return a->shards[hash % a->config.shards];
}

static int to_shard_of(struct allocator *a, const char *agent_id, const void *msg)
{
        return actor_send(a->self, shard_of(a, agent_id), actor_msg_ref(msg));
}

static int on_any_framework(struct allocator *a, const struct actor_mail *mail, const void *msg)
{
        for (unsigned i = 0; i < a->config.shards; i++) {
                int r = actor_send(a->self, a->shards[i], actor_msg_ref(msg));
                if (r != 0)
                        return r;
        }
        return 0;
}

/* A handler for a message about one agent. */
#define FOR_AGENT(type)                                                                                  \
        static int on_##type(struct allocator *a, const struct actor_mail *mail, const struct type *msg) \
        {                                                                                                \
                return to_shard_of(a, msg->agent_id, msg);                                               \
        }                                                                                                \
        ACTOR_BIND(on_##type, struct allocator, struct type)

FOR_AGENT(allocator_add_agent)
FOR_AGENT(allocator_remove_agent)
FOR_AGENT(allocator_activate_agent)
FOR_AGENT(allocator_use)
FOR_AGENT(allocator_give_back)
ACTOR_BIND(on_any_framework, struct allocator, void)

/* ---- totals: asked of one shard, or gathered from all ------------------------------------------- */

struct gathering {
        struct actor_asker asker;
        struct allocator_totals *sum;
        unsigned awaited;
        bool incomplete;
        struct gathering *prev, *next;
};

static void gathering_free(struct allocator *a, struct gathering *gathering)
{
        DL_DELETE(a->gatherings, gathering);
        actor_msg_unref(gathering->sum);
        free(gathering);
}

static int on_shard_totals(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct gathering *gathering = arg;
        struct allocator_totals *sum = gathering->sum;
        const struct allocator_totals *part = body;
        if (part != NULL) {
                resources_add(sum->total, part->total);
                resources_add(sum->offered, part->offered);
                resources_add(sum->used, part->used);
                resources_add(sum->free, part->free);
        }
        gathering->incomplete |= part == NULL;
        if (--gathering->awaited > 0)
                return 0;
        if (!gathering->incomplete) /* else a shard is gone, so we are about to end: the asker times out */
                actor_reply_to(mail->self, gathering->asker, TAKE(gathering->sum));
        gathering_free(state, gathering);
        return 0;
}

static int on_get_totals(struct allocator *a, const struct actor_mail *mail,
                         const struct allocator_get_totals *msg)
{
        struct gathering *gathering = actor_zalloc(sizeof *gathering);
        gathering->asker = actor_asker(mail);
        gathering->sum = actor_msg_new(&allocator_totals_type);
        *gathering->sum =
                (struct allocator_totals){resources_new(), resources_new(), resources_new(), resources_new()};
        DL_APPEND(a->gatherings, gathering);
        gathering->awaited = msg->agent_id != NULL ? 1 : a->config.shards;
        for (unsigned i = 0, count = gathering->awaited; i < count; i++) {
                struct actor_ref shard = msg->agent_id != NULL ? shard_of(a, msg->agent_id) : a->shards[i];
                actor_ask(a->self, shard, actor_msg_ref(msg), ANSWER_TIMEOUT_MS, on_shard_totals, gathering);
        }
        return 0;
}
ACTOR_BIND(on_get_totals, struct allocator, struct allocator_get_totals)

static const struct actor_handler handlers[] = {
        {&allocator_add_agent_type, on_allocator_add_agent_bound, ACTOR_FROM_LOCAL},
        {&allocator_remove_agent_type, on_allocator_remove_agent_bound, ACTOR_FROM_LOCAL},
        {&allocator_activate_agent_type, on_allocator_activate_agent_bound, ACTOR_FROM_LOCAL},
        {&allocator_add_framework_type, on_any_framework_bound, ACTOR_FROM_LOCAL},
        {&allocator_deactivate_framework_type, on_any_framework_bound, ACTOR_FROM_LOCAL},
        {&allocator_remove_framework_type, on_any_framework_bound, ACTOR_FROM_LOCAL},
        {&allocator_use_type, on_allocator_use_bound, ACTOR_FROM_LOCAL},
        {&allocator_give_back_type, on_allocator_give_back_bound, ACTOR_FROM_LOCAL},
        {&allocator_revive_type, on_any_framework_bound, ACTOR_FROM_LOCAL},
        {&allocator_suppress_type, on_any_framework_bound, ACTOR_FROM_LOCAL},
        {&allocator_request_type, on_any_framework_bound, ACTOR_FROM_LOCAL},
        {&allocator_set_weight_type, on_any_framework_bound, ACTOR_FROM_LOCAL},
        {&allocator_get_totals_type, on_get_totals_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static int allocator_init(void *state, struct actor *self, const void *arg)
{
        struct allocator *a = state;
        const struct allocator_config *config = arg;
        a->self = self;
        a->config = *config;
        a->config.master_id = actor_strdup(config->master_id);
        if (config->min_allocatable_resources != NULL)
                a->config.min_allocatable_resources = actor_strdup(config->min_allocatable_resources);
        if (config->domain != NULL)
                a->config.domain = proto_dup(config->domain);
        if (config->metrics == NULL)
                a->config.metrics = &a->unread;
        for (unsigned i = 0; i < config->shards; i++) {
                struct shard_config shard = {a->config, i, config->shards};
                char name[sizeof "allocator/shard/" + 10];
                snprintf(name, sizeof name, "allocator/shard/%u", i);
                int r = actor_spawn(self, &shard_class, name, &shard, &a->shards[i]);
                if (r != 0)
                        return r;
        }
        return 0;
}

static void allocator_fini(void *state)
{
        struct allocator *a = state;
        struct gathering *gathering, *next;
        DL_FOREACH_SAFE(a->gatherings, gathering, next)
        {
                gathering_free(a, gathering);
        }
        free((char *) a->config.master_id);
        free((char *) a->config.min_allocatable_resources);
        proto_free((void *) a->config.domain);
}

static const struct actor_class allocator_class = {
        .name = "allocator",
        .state_size = sizeof(struct allocator),
        .init = allocator_init,
        .fini = allocator_fini,
        .handlers = handlers,
};

/* What a shard's init would refuse, refused here with a sentence. */
static int check_minima(const struct allocator_config *config, struct actor_error *error)
{
        struct allocator_metrics unread = {0};
        const struct policy_config policy_config = {
                .master_id = config->master_id,
                .offer_step = 1,
                .interval_ns = 1,
                .min_allocatable_resources = config->min_allocatable_resources,
                .metrics = &unread,
        };
        struct policy *policy = NULL;
        int r = policy_new(&policy_config, &policy, error);
        policy_free(policy);
        return r;
}

int allocator_spawn(struct actor_node *node, const struct allocator_config *config, struct actor_ref *ret,
                    struct actor_error *error)
{
        struct allocator_config complete = *config;
        if (complete.shards == 0)
                complete.shards = 1;
        if (complete.allocation_interval_ms == 0)
                complete.allocation_interval_ms = 1000;
        if (config->master_id == NULL)
                return actor_error_set(error, -EINVAL, "allocator: it needs the master's id");
        if (complete.shards > SHARDS_MAX)
                return actor_error_set(error, -EINVAL, "allocator: %u shards; at most %d are possible",
                                       complete.shards, SHARDS_MAX);
        if (complete.allocation_interval_ms < 0)
                return actor_error_set(error, -EINVAL, "allocator: allocation_interval must be more than 0");
        int r = check_minima(&complete, error);
        if (r != 0)
                return r;
        return actor_node_spawn(node, &allocator_class, "allocator", &complete, ret);
}
