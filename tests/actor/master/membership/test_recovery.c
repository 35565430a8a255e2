/* SPDX-License-Identifier: Apache-2.0 */
/* What the registry holds when a master begins to lead, and --weights, reach the other rooms. */
#include "check_main.h"
#include "text.h"

#include "agent/agent.h"
#include "allocator/messages.h"
#include "election/election.h"
#include "framework/framework.h"
#include "membership/membership.h"
#include "metrics.h"
#include "registrar/messages.h"
#include "registrar/registrar.h"
#include "state/messages.h"

#include <actor/sim.h>
#include <proto/copy.h>

/* Stands for the allocator and the read model, and writes down what it hears. */
struct room {
        struct actor_ref ref;
        char heard[1024];
};

static int on_set_weight(struct room **state, const struct actor_mail *mail,
                         const struct allocator_set_weight *msg)
{
        TEXT_APPEND((*state)->heard, "set %s %g\n", msg->role, msg->weight);
        return 0;
}

static int on_weight(struct room **state, const struct actor_mail *mail, const struct state_weight *msg)
{
        TEXT_APPEND((*state)->heard, "show %s %g\n", msg->role, msg->weight);
        return 0;
}

static int on_agent(struct room **state, const struct actor_mail *mail, const struct state_agent *msg)
{
        TEXT_APPEND((*state)->heard, "%s%s%s\n", msg->info->id->value, msg->removed ? " removed" : "",
                    msg->unreachable ? " unreachable" : "");
        return 0;
}

ACTOR_BIND(on_set_weight, struct room *, struct allocator_set_weight)
ACTOR_BIND(on_weight, struct room *, struct state_weight)
ACTOR_BIND(on_agent, struct room *, struct state_agent)

static const struct actor_handler room_handlers[] = {
        {&allocator_set_weight_type, on_set_weight_bound, ACTOR_FROM_LOCAL},
        {&state_weight_type, on_weight_bound, ACTOR_FROM_LOCAL},
        {&state_agent_type, on_agent_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static int room_init(void *state, struct actor *self, const void *config)
{
        *(struct room **) state = (struct room *) config;
        return 0;
}

static const struct actor_class room_class = {
        .name = "room", .state_size = sizeof(struct room *), .init = room_init, .handlers = room_handlers};

struct fixture {
        struct actor_sim *sim;
        struct actor_node *node;
        struct actor_disk *disk;
        struct actor_ref registrar;
        struct room allocator, state;
        struct master_metrics metrics;
        V1__MasterInfo info;
};

static void set_up(struct fixture *f)
{
        *f = (struct fixture){.sim = actor_sim_new(5), .disk = actor_disk_new()};
        const struct actor_node_config config = {.name = "m", .types = proto_wire_types};
        f->node = actor_sim_node(f->sim, "tcp://m:5050", &config);
        const struct registrar_config registrar = {.disk = f->disk};
        ck_assert_int_eq(registrar_spawn(f->node, &registrar, &f->registrar, NULL), 0);
        ck_assert_int_eq(actor_node_spawn(f->node, &room_class, NULL, &f->allocator, &f->allocator.ref), 0);
        ck_assert_int_eq(actor_node_spawn(f->node, &room_class, NULL, &f->state, &f->state.ref), 0);
        v1__master_info__init(&f->info);
        f->info.id = "M";
        void *content = NULL;
        ck_assert_int_eq(
                actor_node_ask(f->node, f->registrar, actor_msg_new(&registrar_get_type), 1000, &content), 0);
        actor_msg_unref(content); /* the registry has been read: it takes changes */
}

static void tear_down(struct fixture *f)
{
        actor_sim_free(f->sim);
        actor_disk_free(f->disk);
}

static void store(struct fixture *f, struct registrar_change *change_take)
{
        void *answer = NULL;
        ck_assert_int_eq(actor_node_ask(f->node, f->registrar, change_take, 10000, &answer), 0);
        ck_assert_int_eq(((struct registrar_stored *) answer)->outcome, REGISTRAR_STORED);
        actor_msg_unref(answer);
}

static void store_weight(struct fixture *f, const char *role, double weight)
{
        struct registrar_change *change = actor_msg_new(&registrar_change_type);
        change->kind = REGISTRAR_SET_WEIGHT;
        change->role = role;
        change->weight = weight;
        store(f, change);
}

static void store_agent(struct fixture *f, const char *id, bool unreachable)
{
        struct registrar_change *change = actor_msg_new(&registrar_change_type);
        V1__AgentInfo *info = actor_msg_alloc(change, sizeof *info);
        v1__agent_info__init(info);
        info->hostname = "h";
        info->id = proto_agent_id(change, id);
        change->kind = REGISTRAR_ADMIT_AGENT;
        change->agent = info;
        change->agent_id = info->id->value;
        store(f, change);
        if (!unreachable)
                return;
        change = actor_msg_new(&registrar_change_type);
        change->kind = REGISTRAR_MARK_UNREACHABLE;
        change->agent_id = id;
        change->when_ns = 5;
        store(f, change);
}

static void lead(struct fixture *f, const struct role_weight *weights, size_t weight_count)
{
        struct actor_ref membership, ref;
        const struct membership_config config = {
                .framework_class = &framework_class,
                .agent_class = &agent_class,
                .allocator = f->allocator.ref,
                .registrar = f->registrar,
                .state = f->state.ref,
                .master = &f->info,
                .metrics = &f->metrics,
                .agent_ping_timeout_ms = 15000,
                .agent_pings_missed_max = 5,
                .agent_reregister_timeout_ms = 600000,
                .heartbeat_ms = 15000,
                .weights = weights,
                .weight_count = weight_count,
        };
        ck_assert_int_eq(membership_spawn(f->node, &config, &membership), 0);
        const struct election_config election = {
                .address = "master@m:5050", .listeners = &membership, .listener_count = 1};
        ck_assert_int_eq(election_standalone_spawn(f->node, &election, &ref), 0);
        actor_sim_settle(f->sim);
}

START_TEST(stored_weights_reach_allocator_and_read_model)
{
        struct fixture f;
        set_up(&f);
        store_weight(&f, "eng", 2.5);
        store_weight(&f, "ops", 0.5);
        lead(&f, NULL, 0);
        ck_assert_str_eq(f.allocator.heard, "set eng 2.5\nset ops 0.5\n");
        ck_assert_str_eq(f.state.heard, "show eng 2.5\nshow ops 0.5\n");
        tear_down(&f);
}
END_TEST

START_TEST(given_weights_hold_where_the_registry_has_none)
{
        struct fixture f;
        set_up(&f);
        store_weight(&f, "eng", 2.5);
        const struct role_weight given[] = {{"eng", 7}, {"web", 3}};
        lead(&f, given, 2);
        ck_assert_str_eq(f.allocator.heard, "set eng 2.5\nset web 3\n");
        ck_assert_str_eq(f.state.heard, "show eng 2.5\nshow web 3\n");
        tear_down(&f);
}
END_TEST

START_TEST(agents_that_the_registry_holds_as_unreachable_and_those_that_do_not_return_are_reported)
{
        struct fixture f;
        set_up(&f);
        store_agent(&f, "a1", true);
        store_agent(&f, "a2", false);
        lead(&f, NULL, 0);
        ck_assert_str_eq(f.state.heard, "a1 removed unreachable\n");
        actor_sim_advance(f.sim, 600001);
        ck_assert_str_eq(f.state.heard, "a1 removed unreachable\na2 removed unreachable\n");
        tear_down(&f);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, stored_weights_reach_allocator_and_read_model);
        tcase_add_test(tests, given_weights_hold_where_the_registry_has_none);
        tcase_add_test(
                tests,
                agents_that_the_registry_holds_as_unreachable_and_those_that_do_not_return_are_reported);
}

TEST_MAIN("membership: what it takes up", add_tests)
