/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include "election/election.h"
#include "state/messages.h"
#include "state/metrics.h"
#include "state/state.h"

#include <actor/sim.h>
#include <proto/copy.h>
#include <string.h>

struct fixture {
        struct actor_sim *sim;
        struct actor_node *node;
        struct actor_ref state;
        struct state_metrics metrics;
};

static void set_up(struct fixture *f)
{
        *f = (struct fixture){.sim = actor_sim_new(3)};
        const struct actor_node_config config = {.name = "m"};
        f->node = actor_sim_node(f->sim, "tcp://m:5050", &config);
        V1__MasterInfo master = V1__MASTER_INFO__INIT;
        master.id = "M";
        master.pid = "master@m:5050";
        master.hostname = "m";
        const struct actor_metric_table table = {state_metric_table, state_metric_count, &f->metrics};
        const struct state_config state = {
                .master = &master, .metrics = &f->metrics, .tables = &table, .table_count = 1};
        ck_assert_int_eq(state_spawn(f->node, &state, &f->state), 0);
        const struct election_config election = {
                .address = "master@m:5050", .listeners = &f->state, .listener_count = 1};
        struct actor_ref ref;
        ck_assert_int_eq(election_standalone_spawn(f->node, &election, &ref), 0);
}

static void tear_down(struct fixture *f)
{
        actor_sim_free(f->sim);
}

static const MasterApi__Response *ask(struct fixture *f, MasterApi__Call__Type type)
{
        MasterApi__Call *call = actor_msg_new(&master_call_type);
        call->has_type = true;
        call->type = type;
        void *answer = NULL;
        ck_assert_int_eq(actor_node_ask(f->node, f->state, call, 1000, &answer), 0);
        ck_assert_ptr_eq(actor_msg_type(answer), &master_response_type);
        return answer;
}

static void add_resources(void *msg, const char *text, const char *role, size_t *ret_count,
                          V1__Resource ***ret)
{
        CLEANUP(resources_freep) struct resources *resources = NULL;
        ck_assert_int_eq(resources_parse(text, NULL, &resources, NULL), 0);
        resources_allocate(resources, role);
        resources_to_v1(resources, msg, ret_count, ret);
}

static void tell_agent(struct fixture *f, const char *id, bool removed)
{
        struct state_agent *event = actor_msg_new(&state_agent_type);
        V1__AgentInfo *info = actor_msg_alloc(event, sizeof *info);
        v1__agent_info__init(info);
        info->hostname = "h";
        info->id = proto_agent_id(event, id);
        event->info = info;
        event->address = "agent@h:5051";
        event->version = "0.1.0";
        event->active = true;
        event->removed = removed;
        event->registered_ns = 5000000000;
        ck_assert_int_eq(resources_parse("cpus:4;mem:1024", NULL, &event->total, NULL), 0);
        actor_node_send(f->node, f->state, event);
}

static void tell_framework(struct fixture *f, const char *id, const char *role)
{
        struct state_framework *event = actor_msg_new(&state_framework_type);
        V1__FrameworkInfo *info = actor_msg_alloc(event, sizeof *info);
        v1__framework_info__init(info);
        info->user = "u";
        info->name = "n";
        info->id = proto_framework_id(event, id);
        const char **roles = actor_msg_memdup(event, &role, sizeof role);
        info->roles = roles;
        info->n_roles = 1;
        event->info = info;
        event->active = event->connected = true;
        actor_node_send(f->node, f->state, event);
}

static void tell_task(struct fixture *f, const char *id, V1__TaskState state)
{
        struct state_task *event = actor_msg_new(&state_task_type);
        V1__Task *task = actor_msg_alloc(event, sizeof *task);
        v1__task__init(task);
        task->name = id;
        task->framework_id = proto_framework_id(event, "f1");
        task->task_id = proto_task_id(event, id);
        task->agent_id = proto_agent_id(event, "a1");
        task->state = state;
        add_resources(event, "cpus:1;mem:128", "r", &task->n_resources, &task->resources);
        event->task = task;
        actor_node_send(f->node, f->state, event);
}

static void tell_offer(struct fixture *f, const char *id, bool gone)
{
        struct state_offer *event = actor_msg_new(&state_offer_type);
        V1__Offer *offer = actor_msg_alloc(event, sizeof *offer);
        v1__offer__init(offer);
        offer->id = proto_offer_id(event, id);
        offer->framework_id = proto_framework_id(event, "f1");
        offer->agent_id = proto_agent_id(event, "a1");
        offer->hostname = "h";
        add_resources(event, "cpus:2", "r", &offer->n_resources, &offer->resources);
        event->offer = offer;
        event->gone = gone;
        actor_node_send(f->node, f->state, event);
}

static double cpus(V1__Resource *const *list, size_t count)
{
        double sum = 0;
        for (size_t i = 0; i < count; i++)
                if (strcmp(list[i]->name, "cpus") == 0)
                        sum += list[i]->scalar->value;
        return sum;
}

START_TEST(the_whole_state_has_rows_and_what_they_hold)
{
        struct fixture f;
        set_up(&f);
        tell_agent(&f, "a1", false);
        tell_agent(&f, "a2", false);
        tell_agent(&f, "a2", true);
        tell_framework(&f, "f1", "r");
        tell_task(&f, "t1", V1__TASK_STATE__TASK_RUNNING);
        tell_task(&f, "t2", V1__TASK_STATE__TASK_FINISHED); /* ended: holds nothing */
        tell_offer(&f, "O1", false);
        tell_offer(&f, "O2", false);
        tell_offer(&f, "O2", true);
        const MasterApi__Response *answer = ask(&f, MASTER_API__CALL__TYPE__GET_STATE);
        const MasterApi__Response__GetState *state = answer->get_state;
        ck_assert_uint_eq(state->get_agents->n_agents, 1);
        const MasterApi__Response__GetAgents__Agent *agent = state->get_agents->agents[0];
        ck_assert_str_eq(agent->agent_info->id->value, "a1");
        ck_assert_str_eq(agent->pid, "agent@h:5051");
        ck_assert_int_eq(agent->registered_time->nanoseconds, 5000000000);
        ck_assert_double_eq(cpus(agent->total_resources, agent->n_total_resources), 4);
        ck_assert_double_eq(cpus(agent->allocated_resources, agent->n_allocated_resources), 1);
        ck_assert_double_eq(cpus(agent->offered_resources, agent->n_offered_resources), 2);
        ck_assert_uint_eq(state->get_frameworks->n_frameworks, 1);
        const MasterApi__Response__GetFrameworks__Framework *framework = state->get_frameworks->frameworks[0];
        ck_assert_uint_eq(framework->n_offers, 1);
        ck_assert_double_eq(cpus(framework->allocated_resources, framework->n_allocated_resources), 1);
        ck_assert_uint_eq(state->get_tasks->n_tasks, 2);
        actor_msg_unref(answer);
        tear_down(&f);
}
END_TEST

START_TEST(roles_show_their_frameworks_weight_and_holdings)
{
        struct fixture f;
        set_up(&f);
        tell_framework(&f, "f1", "r");
        tell_task(&f, "t1", V1__TASK_STATE__TASK_RUNNING);
        struct state_weight *weight = actor_msg_new(&state_weight_type);
        *weight = (struct state_weight){"r", 3.5};
        actor_node_send(f.node, f.state, weight);
        const MasterApi__Response *answer = ask(&f, MASTER_API__CALL__TYPE__GET_ROLES);
        ck_assert_uint_eq(answer->get_roles->n_roles, 1);
        const V1__Role *role = answer->get_roles->roles[0];
        ck_assert_str_eq(role->name, "r");
        ck_assert_double_eq(role->weight, 3.5);
        ck_assert_uint_eq(role->n_frameworks, 1);
        ck_assert_double_eq(cpus(role->resources, role->n_resources), 1);
        actor_msg_unref(answer);
        tear_down(&f);
}
END_TEST

START_TEST(the_master_says_who_it_is_and_that_it_leads)
{
        struct fixture f;
        set_up(&f);
        actor_sim_settle(f.sim);
        const MasterApi__Response *answer = ask(&f, MASTER_API__CALL__TYPE__GET_MASTER);
        ck_assert_str_eq(answer->get_master->master_info->id, "M");
        ck_assert(answer->get_master->has_elected_time);
        actor_msg_unref(answer);
        answer = ask(&f, MASTER_API__CALL__TYPE__GET_VERSION);
        ck_assert_str_eq(answer->get_version->version_info->version, "0.1.0");
        actor_msg_unref(answer);
        answer = ask(&f, MASTER_API__CALL__TYPE__GET_HEALTH);
        ck_assert(answer->get_health->healthy);
        actor_msg_unref(answer);
        tear_down(&f);
}
END_TEST

START_TEST(metrics_are_those_of_the_tables_at_the_moment)
{
        struct fixture f;
        set_up(&f);
        tell_agent(&f, "a1", false);
        tell_agent(&f, "a2", false);
        const MasterApi__Response *answer = ask(&f, MASTER_API__CALL__TYPE__GET_METRICS);
        ck_assert_int_eq(answer->type, MASTER_API__RESPONSE__TYPE__GET_METRICS);
        ck_assert_uint_eq(answer->get_metrics->n_metrics, state_metric_count);
        double agents = 0;
        for (size_t i = 0; i < state_metric_count; i++)
                if (strcmp(answer->get_metrics->metrics[i]->name, "state/agents") == 0)
                        agents = answer->get_metrics->metrics[i]->value;
        ck_assert_double_eq(agents, 2);
        actor_msg_unref(answer);
        tear_down(&f);
}
END_TEST

START_TEST(a_call_that_is_no_question_is_answered_all_the_same)
{
        struct fixture f;
        set_up(&f);
        const MasterApi__Response *answer = ask(&f, MASTER_API__CALL__TYPE__TEARDOWN);
        ck_assert_int_eq(answer->type, MASTER_API__RESPONSE__TYPE__UNKNOWN);
        actor_msg_unref(answer);
        tear_down(&f);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, the_whole_state_has_rows_and_what_they_hold);
        tcase_add_test(tests, roles_show_their_frameworks_weight_and_holdings);
        tcase_add_test(tests, the_master_says_who_it_is_and_that_it_leads);
        tcase_add_test(tests, metrics_are_those_of_the_tables_at_the_moment);
        tcase_add_test(tests, a_call_that_is_no_question_is_answered_all_the_same);
}

TEST_MAIN("state", add_tests)
