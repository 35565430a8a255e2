/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_FIXTURE_H
#define POLICY_FIXTURE_H

#include "allocator/policy.h"

#include <check.h>
#include <proto/copy.h>
#include <stdarg.h>
#include <string.h>

/* A policy with words for what happens to it. Sessions are numbered refs; `now` is in the test's hands. */
#define SECOND 1000000000LL

struct fixture {
        struct allocator_metrics metrics;
        struct policy *policy;
        int64_t now_ns;
};

static inline void set_up(struct fixture *f)
{
        *f = (struct fixture){.now_ns = 1000 * SECOND};
        const struct policy_config config = {
                .master_id = "M", .offer_step = 1, .interval_ns = SECOND, .metrics = &f->metrics};
        ck_assert_int_eq(policy_new(&config, &f->policy, NULL), 0);
}

static inline void tear_down(struct fixture *f)
{
        ck_assert(policy_adds_up(f->policy));
        policy_free(f->policy);
}

static inline struct resources *parse(const char *text)
{
        struct resources *resources = NULL;
        struct actor_error error;
        ck_assert_msg(resources_parse(text, NULL, &resources, &error) == 0, "%s", error.text);
        return resources;
}

static inline void add_agent_in(struct fixture *f, const char *id, const char *total, const char *region)
{
        struct allocator_add_agent *msg = actor_msg_new(&allocator_add_agent_type);
        V1__AgentInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__agent_info__init(info);
        msg->agent_id = actor_msg_strdup(msg, id);
        msg->info = info;
        msg->total = parse(total);
        if (region != NULL) {
                info->domain = actor_msg_alloc(msg, sizeof *info->domain);
                v1__domain_info__init(info->domain);
                info->domain->fault_domain = actor_msg_alloc(msg, sizeof *info->domain->fault_domain);
                v1__domain_info__fault_domain__init(info->domain->fault_domain);
                info->domain->fault_domain->region =
                        actor_msg_alloc(msg, sizeof *info->domain->fault_domain->region);
                v1__domain_info__fault_domain__region_info__init(info->domain->fault_domain->region);
                info->domain->fault_domain->region->name = actor_msg_strdup(msg, region);
        }
        policy_add_agent(f->policy, msg);
        actor_msg_unref(msg);
}

static inline void add_agent(struct fixture *f, const char *id, const char *total)
{
        add_agent_in(f, id, total, NULL);
}

/* With one task running on it already. */
static inline void add_agent_with_task(struct fixture *f, const char *id, const char *total,
                                       const char *framework, const char *role, const char *used)
{
        struct allocator_add_agent *msg = actor_msg_new(&allocator_add_agent_type);
        V1__AgentInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__agent_info__init(info);
        msg->agent_id = actor_msg_strdup(msg, id);
        msg->info = info;
        msg->total = parse(total);
        struct allocator_piece *piece = actor_msg_alloc(msg, sizeof *piece);
        piece->token = actor_msg_printf(msg, "task/%s/%s", framework, id);
        piece->framework_id = actor_msg_strdup(msg, framework);
        piece->role = actor_msg_strdup(msg, role);
        piece->resources = parse(used);
        msg->used = piece;
        msg->used_count = 1;
        policy_add_agent(f->policy, msg);
        actor_msg_unref(msg);
}

static inline const char **words(void *msg, const char *list, size_t *ret_count)
{
        const char **array = actor_msg_alloc(msg, 16 * sizeof *array);
        char *rest = actor_msg_strdup(msg, list), *word;
        *ret_count = 0;
        while ((word = strsep(&rest, " ")) != NULL)
                if (*word != '\0')
                        array[(*ret_count)++] = word;
        return array;
}

/* `roles`, `suppressed`: separated by blanks; `capabilities`: of V1__FrameworkInfo__Capability__Type, ends
 * with 0. */
static inline void add_framework_with(struct fixture *f, const char *id, const char *roles,
                                      const char *suppressed, const int *capabilities)
{
        struct allocator_add_framework *msg = actor_msg_new(&allocator_add_framework_type);
        V1__FrameworkInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__framework_info__init(info);
        msg->framework_id = actor_msg_strdup(msg, id);
        msg->info = info;
        msg->active = true;
        info->roles = words(msg, roles, &info->n_roles);
        msg->suppressed_roles = words(msg, suppressed, &msg->suppressed_count);
        for (; capabilities != NULL && *capabilities != 0; capabilities++) {
                V1__FrameworkInfo__Capability *capability = actor_msg_alloc(msg, sizeof *capability);
                v1__framework_info__capability__init(capability);
                capability->has_type = true;
                capability->type = (V1__FrameworkInfo__Capability__Type) *capabilities;
                PROTO_APPEND(msg, info->n_capabilities, info->capabilities, capability);
        }
        policy_add_framework(f->policy, msg);
        actor_msg_unref(msg);
}

static inline void add_framework(struct fixture *f, const char *id, const char *roles)
{
        add_framework_with(f, id, roles, "", NULL);
}

/* Runs the policy and compares what was offered: "framework role agent resources" a line, ids left out. */
static inline void expect_run(struct fixture *f, bool batch, const char *expected)
{
        policy_run(f->policy, f->now_ns, batch);
        struct policy_outbox *outbox = policy_outbox(f->policy);
        char found[4096] = "";
        for (size_t i = 0; i < outbox->offer_count; i++) {
                struct policy_offer *offer = &outbox->offers[i];
                resources_unallocate(offer->resources);
                char *text = resources_print(offer->resources);
                size_t size = strlen(found);
                snprintf(found + size, sizeof found - size, "%s %s %s %s\n", offer->framework->framework_id,
                         offer->role, offer->agent->agent_id, text);
                free(text);
        }
        policy_outbox_clear(outbox);
        ck_assert_str_eq(found, expected);
        ck_assert(policy_adds_up(f->policy));
}

static inline void expect_offers(struct fixture *f, const char *expected)
{
        expect_run(f, false, expected);
}

/* Lets time pass and the batch tick come. */
static inline void expect_batch_after(struct fixture *f, int64_t ns, const char *expected)
{
        f->now_ns += ns;
        expect_run(f, true, expected);
}

static inline void give_back(struct fixture *f, const char *agent, const char *framework, const char *token,
                             int64_t refuse_ns)
{
        const struct allocator_give_back msg = {agent, framework, &token, 1, refuse_ns};
        policy_give_back(f->policy, &msg, f->now_ns);
}

/* Of one offer, uses a part under a token. */
static inline void use(struct fixture *f, const char *agent, const char *framework, const char *role,
                       const char *offer, const char *token, const char *resources, int64_t refuse_ns)
{
        CLEANUP(resources_freep) struct resources *used = parse(resources);
        const struct allocator_piece piece = {token, framework, role, used};
        const struct allocator_use msg = {.agent_id = agent,
                                          .framework_id = framework,
                                          .offer_ids = &offer,
                                          .offer_count = 1,
                                          .uses = &piece,
                                          .use_count = 1,
                                          .refuse_ns = refuse_ns};
        policy_use(f->policy, &msg, f->now_ns);
}

/* REQUEST with one wish; either may be NULL. */
static inline void request(struct fixture *f, const char *framework, const char *agent, const char *resources)
{
        struct allocator_request *msg = actor_msg_new(&allocator_request_type);
        V1__Request *wish = actor_msg_alloc(msg, sizeof *wish);
        v1__request__init(wish);
        if (agent != NULL)
                wish->agent_id = proto_agent_id(msg, agent);
        if (resources != NULL) {
                CLEANUP(resources_freep) struct resources *wanted = parse(resources);
                resources_to_v1(wanted, msg, &wish->n_resources, &wish->resources);
        }
        V1__Request **list = actor_msg_memdup(msg, &wish, sizeof wish);
        msg->framework_id = framework;
        msg->requests = list;
        msg->request_count = 1;
        policy_request(f->policy, msg);
        actor_msg_unref(msg);
}

#endif
