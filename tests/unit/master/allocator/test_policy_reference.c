/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "text.h"
#include "policy_fixture.h"

#include <jansson.h>
#include <proto/json.h>
#include <stdio.h>

/* Goal: the policy offers what the reference's allocator offers. Method: the recorded scenarios of
 * tests/conformance/allocator.json that use only what the policy knows (no quota, maintenance,
 * whitelist, conversions). A scenario is played step by step; what each step offers is compared. */

/* Scenarios in which ours differs on purpose. */
static const char *const different[] = {
        /* a declined offer goes to the next in turn at once; there it lies until the next batch */
        "alloc-028",
        "alloc-033",
        "alloc-057",
        /* offers of what an agent no longer has are rescinded and made anew; there the master does that */
        "alloc-067",
        "alloc-068",
};

struct held {
        char agent[64], framework[64], role[64], token[128];
        struct resources *resources;
};

struct play {
        struct fixture f;
        struct held held[256];
        size_t held_count;
        unsigned tokens_made;
        bool unsupported;
        json_t *offered; /* "framework role agent" → resources text, of this step */
        const json_t *test;
};

static const char *text(const json_t *object, const char *key)
{
        return json_string_value(json_object_get(object, key));
}

/* {"plain": {"cpus": 2, "ports": "[1-2]"}, "other": [Resource, …]} */
static struct resources *resources_from(const json_t *json)
{
        struct resources *sum = resources_new();
        const char *name;
        json_t *value;
        json_object_foreach(json_object_get(json, "plain"), name, value)
        {
                char entry[512];
                if (json_is_string(value))
                        snprintf(entry, sizeof entry, "%s:%s", name, json_string_value(value));
                else
                        snprintf(entry, sizeof entry, "%s:%g", name, json_number_value(value));
                CLEANUP(resources_freep) struct resources *part = parse(entry);
                resources_add(sum, part);
        }
        size_t i;
        json_array_foreach(json_object_get(json, "other"), i, value)
        {
                void *msg = actor_msg_new(&allocator_totals_type), *entry = NULL;
                CLEANUP(resources_freep) struct resources *part = NULL;
                ck_assert_int_eq(proto_from_json_into(msg, &v1__resource__descriptor, value, &entry, NULL),
                                 0);
                V1__Resource *list[] = {entry};
                ck_assert_int_eq(resources_from_v1(list, 1, &part, NULL), 0);
                resources_add(sum, part);
                actor_msg_unref(msg);
        }
        return sum;
}

static void hold(struct play *p, const char *agent, const char *framework, const char *role,
                 const char *token, struct resources *resources_take)
{
        ck_assert_uint_lt(p->held_count, sizeof p->held / sizeof p->held[0]);
        struct held *held = &p->held[p->held_count++];
        snprintf(held->agent, sizeof held->agent, "%s", agent);
        snprintf(held->framework, sizeof held->framework, "%s", framework);
        snprintf(held->role, sizeof held->role, "%s", role);
        snprintf(held->token, sizeof held->token, "%s", token);
        held->resources = resources_take;
}

static void drop(struct play *p, struct held *held)
{
        resources_free(held->resources);
        *held = p->held[--p->held_count];
}

/* ---- steps -------------------------------------------------------------------------------------- */

static void step_add_agent(struct play *p, const json_t *step)
{
        struct allocator_add_agent *msg = actor_msg_new(&allocator_add_agent_type);
        V1__AgentInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__agent_info__init(info);
        msg->agent_id = actor_msg_strdup(msg, text(step, "agent"));
        msg->info = info;
        msg->total = resources_from(json_object_get(step, "total"));
        p->unsupported |= json_object_get(step, "capabilities") != NULL; /* all our agents have all */
        struct allocator_piece *pieces = actor_msg_alloc(msg, 16 * sizeof *pieces);
        const char *framework, *role;
        json_t *used, *part;
        json_object_foreach(json_object_get(step, "used"), framework, used)
        {
                if (json_object_get(used, "allocated") == NULL)
                        p->unsupported = true;
                json_object_foreach(json_object_get(used, "allocated"), role, part)
                {
                        struct allocator_piece *piece = &pieces[msg->used_count++];
                        piece->token = actor_msg_printf(msg, "task/%u", p->tokens_made++);
                        piece->framework_id = actor_msg_strdup(msg, framework);
                        piece->role = actor_msg_strdup(msg, role);
                        piece->resources = resources_from(part);
                        hold(p, msg->agent_id, framework, role, piece->token, resources_from(part));
                }
        }
        msg->used = pieces;
        policy_add_agent(p->f.policy, msg);
        actor_msg_unref(msg);
}

static void read_capabilities(void *msg, V1__FrameworkInfo *info, const json_t *names)
{
        size_t i;
        const json_t *name;
        json_array_foreach(names, i, name)
        {
                const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value_by_name(
                        &v1__framework_info__capability__type__descriptor, json_string_value(name));
                V1__FrameworkInfo__Capability *capability = actor_msg_alloc(msg, sizeof *capability);
                v1__framework_info__capability__init(capability);
                capability->has_type = true;
                capability->type = (V1__FrameworkInfo__Capability__Type) value->value;
                PROTO_APPEND(msg, info->n_capabilities, info->capabilities, capability);
        }
}

static void step_add_framework(struct play *p, const json_t *step)
{
        struct allocator_add_framework *msg = actor_msg_new(&allocator_add_framework_type);
        V1__FrameworkInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__framework_info__init(info);
        msg->framework_id = actor_msg_strdup(msg, text(step, "framework"));
        msg->info = info;
        msg->active = !json_is_false(json_object_get(step, "active"));
        read_capabilities(msg, info, json_object_get(step, "capabilities"));
        size_t i;
        const json_t *role;
        json_array_foreach(json_object_get(step, "roles"), i, role)
        {
                PROTO_APPEND(msg, info->n_roles, info->roles, actor_msg_strdup(msg, json_string_value(role)));
        }
        p->unsupported |=
                json_object_get(step, "offer_filters") != NULL || json_object_get(step, "used") != NULL;
        policy_add_framework(p->f.policy, msg);
        actor_msg_unref(msg);
}

/* A part of what is held: its whole piece is given back, or the rest of it kept as used. */
static void recover(struct play *p, const json_t *step, const char *role, const struct resources *recovered)
{
        const char *agent = text(step, "agent"), *framework = text(step, "framework");
        int64_t refuse_ns = (int64_t) (json_number_value(json_object_get(step, "refuse_seconds")) * 1e9);
        for (size_t i = 0; i < p->held_count; i++) {
                struct held *held = &p->held[i];
                if (strcmp(held->agent, agent) != 0 || strcmp(held->framework, framework) != 0 ||
                    strcmp(held->role, role) != 0 || !resources_contain(held->resources, recovered))
                        continue;
                if (resources_equal(held->resources, recovered)) {
                        give_back(&p->f, agent, framework, held->token, refuse_ns);
                        drop(p, held);
                        return;
                }
                struct resources *kept = resources_copy(held->resources);
                resources_subtract(kept, recovered);
                char token[32];
                snprintf(token, sizeof token, "task/%u", p->tokens_made++);
                const char *offer = held->token;
                const struct allocator_piece piece = {token, framework, role, kept};
                const struct allocator_use msg = {.agent_id = agent,
                                                  .framework_id = framework,
                                                  .offer_ids = &offer,
                                                  .offer_count = 1,
                                                  .uses = &piece,
                                                  .use_count = 1,
                                                  .refuse_ns = refuse_ns};
                p->unsupported |= strncmp(offer, "task/", 5) == 0;
                policy_use(p->f.policy, &msg, p->f.now_ns);
                drop(p, held);
                hold(p, agent, framework, role, token, kept);
                return;
        }
        p->unsupported = true;
}

static void step_recover(struct play *p, const json_t *step)
{
        json_t *allocated = json_object_get(json_object_get(step, "resources"), "allocated"), *part;
        const char *role;
        p->unsupported |= allocated == NULL;
        json_object_foreach(allocated, role, part)
        {
                CLEANUP(resources_freep) struct resources *recovered = resources_from(part);
                recover(p, step, role, recovered);
        }
}

static void run(struct play *p, bool batch);

static void step_advance(struct play *p, const json_t *step)
{
        int64_t left_ns = (int64_t) (json_number_value(json_object_get(step, "seconds")) * 1e9);
        for (; left_ns >= SECOND; left_ns -= SECOND) {
                p->f.now_ns += SECOND;
                run(p, true);
        }
        p->f.now_ns += left_ns;
}

static void step_roles(struct play *p, const json_t *step, bool revive)
{
        const char *roles[16];
        size_t count = 0, i;
        const json_t *role;
        json_array_foreach(json_object_get(step, "roles"), i, role) roles[count++] = json_string_value(role);
        (revive ? policy_revive : policy_suppress)(p->f.policy, text(step, "framework"), roles, count);
}

static void step_weights(struct play *p, const json_t *step)
{
        json_t *weights = json_object_get(step, "weights"), *value;
        const char *role;
        p->unsupported |= !json_is_object(weights);
        json_object_foreach(weights, role, value)
                policy_set_weight(p->f.policy, role, json_number_value(value));
}

static void play_step(struct play *p, const json_t *step)
{
        const char *op = text(step, "op");
        if (strcmp(op, "add_agent") == 0 || strcmp(op, "update_agent") == 0)
                step_add_agent(p, step);
        else if (strcmp(op, "add_framework") == 0 || strcmp(op, "update_framework") == 0)
                step_add_framework(p, step);
        else if (strcmp(op, "recover_resources") == 0)
                step_recover(p, step);
        else if (strcmp(op, "advance_clock") == 0)
                step_advance(p, step);
        else if (strcmp(op, "revive") == 0 || strcmp(op, "suppress") == 0)
                step_roles(p, step, *op == 'r');
        else if (strcmp(op, "remove_agent") == 0)
                policy_remove_agent(p->f.policy, text(step, "agent"));
        else if (strcmp(op, "remove_framework") == 0)
                policy_remove_framework(p->f.policy, text(step, "framework"));
        else if (strcmp(op, "update_weights") == 0)
                step_weights(p, step);
        else if (strcmp(op, "settle") != 0)
                p->unsupported = true;
}

/* Resources as text, their entries sorted: a set has no order. */
static int compare_entries(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static json_t *sorted_text(const struct resources *resources)
{
        CLEANUP(actor_freep) char *print = resources_print(resources);
        char *entries[64], *rest = print, *entry, sorted[4096] = "";
        size_t count = 0;
        while ((entry = strsep(&rest, ";")) != NULL)
                entries[count++] = entry + (*entry == ' ');
        qsort(entries, count, sizeof *entries, compare_entries);
        for (size_t i = 0; i < count; i++)
                TEXT_APPEND(sorted, "%s%s", i ? "; " : "", entries[i]);
        return json_string(sorted);
}

/* ---- what is offered ------------------------------------------------------------------------------ */

static void run(struct play *p, bool batch)
{
        policy_run(p->f.policy, p->f.now_ns, batch);
        struct policy_outbox *outbox = policy_outbox(p->f.policy);
        for (size_t i = 0; i < outbox->offer_count; i++) {
                struct policy_offer *offer = &outbox->offers[i];
                resources_unallocate(offer->resources);
                char key[256];
                snprintf(key, sizeof key, "%s %s %s", offer->framework->framework_id, offer->role,
                         offer->agent->agent_id);
                json_object_set_new(p->offered, key, sorted_text(offer->resources));
                hold(p, offer->agent->agent_id, offer->framework->framework_id, offer->role, offer->offer_id,
                     resources_copy(offer->resources));
        }
        policy_outbox_clear(outbox);
        ck_assert(policy_adds_up(p->f.policy));
}

static json_t *expected_offers(const json_t *step)
{
        json_t *expected = json_object(), *roles, *agents, *resources;
        const char *framework, *role, *agent;
        json_object_foreach(json_object_get(json_object_get(step, "expect"), "offers"), framework, roles)
        {
                json_object_foreach(roles, role, agents)
                {
                        json_object_foreach(agents, agent, resources)
                        {
                                char key[256];
                                snprintf(key, sizeof key, "%s %s %s", framework, role, agent);
                                CLEANUP(resources_freep) struct resources *set = resources_from(resources);
                                json_object_set_new(expected, key, sorted_text(set));
                        }
                }
        }
        return expected;
}

/* Whether the scenario was played to its end. */
static bool play(const json_t *test)
{
        struct play *p = actor_zalloc(sizeof *p);
        set_up(&p->f);
        policy_run(p->f.policy, p->f.now_ns, true);
        size_t i;
        const json_t *step;
        json_array_foreach(json_object_get(test, "steps"), i, step)
        {
                p->offered = json_object();
                play_step(p, step);
                run(p, false);
                json_t *expected = expected_offers(step);
                if (!p->unsupported) {
                        CLEANUP(actor_freep) char *found = json_dumps(p->offered, JSON_SORT_KEYS);
                        CLEANUP(actor_freep) char *wanted = json_dumps(expected, JSON_SORT_KEYS);
                        ck_assert_msg(json_equal(p->offered, expected),
                                      "%s step %zu (%s)\nfound  %s\nwanted %s", text(test, "id"), i,
                                      text(step, "op"), found, wanted);
                }
                json_decref(expected);
                json_decref(p->offered);
                if (p->unsupported)
                        break;
        }
        bool complete = !p->unsupported;
        while (p->held_count > 0)
                drop(p, &p->held[0]);
        policy_free(p->f.policy);
        free(p);
        return complete;
}

/* mission: A7 */
START_TEST(the_reference_s_scenarios_without_quota_give_the_reference_s_offers)
{
        char path[4096];
        snprintf(path, sizeof path, "%s/tests/conformance/allocator.json", getenv("TROUPE_SOURCE"));
        json_t *suite = json_load_file(path, 0, NULL);
        ck_assert_ptr_nonnull(suite);
        size_t i;
        int played = 0;
        const json_t *test;
        json_array_foreach(json_object_get(suite, "cases"), i, test)
        {
                bool skip = !json_is_true(json_object_get(test, "deterministic"));
                for (size_t j = 0; j < sizeof different / sizeof different[0]; j++)
                        skip |= strcmp(text(test, "id"), different[j]) == 0;
                if (!skip)
                        played += play(test);
        }
        json_decref(suite);
        ck_assert_int_ge(played, 14);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, the_reference_s_scenarios_without_quota_give_the_reference_s_offers);
}

TEST_MAIN("allocator policy against the reference", add_tests)
