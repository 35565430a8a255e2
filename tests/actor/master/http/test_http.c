/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include "http/http.h"
#include "state/messages.h"
#include "state/metrics.h"
#include "state/state.h"

#include <actor/sim.h>
#include <jansson.h>
#include <proto/copy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
        struct actor_sim *sim;
        struct actor_node *node;
        struct actor_ref state, http;
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
        const struct http_config http = {f->state, &table, 1};
        ck_assert_int_eq(http_spawn(f->node, &http, &f->http), 0);
}

static void tear_down(struct fixture *f)
{
        actor_sim_free(f->sim);
}

/* The answer; *ret_text is its body, NUL-terminated, in a buffer that lasts until the next call. */
static unsigned get(struct fixture *f, const char *path, const char **ret_text)
{
        static char text[65536];
        struct actor_http_request *request = actor_msg_new(&actor_http_request_type);
        request->method = "GET";
        request->path = path;
        void *answer = NULL;
        ck_assert_int_eq(actor_node_ask(f->node, f->http, request, 10000, &answer), 0);
        ck_assert_ptr_eq(actor_msg_type(answer), &actor_http_response_type);
        const struct actor_http_response *response = answer;
        ck_assert_uint_lt(response->body_size, sizeof text);
        if (response->body_size > 0)
                memcpy(text, response->body, response->body_size);
        text[response->body_size] = '\0';
        *ret_text = text;
        unsigned status = response->status;
        actor_msg_unref(answer);
        return status;
}

static json_t *get_json(struct fixture *f, const char *path)
{
        const char *text;
        json_error_t error;
        ck_assert_uint_eq(get(f, path, &text), 200);
        json_t *json = json_loads(text, 0, &error);
        ck_assert_msg(json != NULL, "%s at %d in %s", error.text, error.position, text);
        return json;
}

static void add_resources(void *msg, const char *text, size_t *ret_count, V1__Resource ***ret)
{
        CLEANUP(resources_freep) struct resources *resources = NULL;
        ck_assert_int_eq(resources_parse(text, NULL, &resources, NULL), 0);
        resources_allocate(resources, "r");
        resources_to_v1(resources, msg, ret_count, ret);
}

static struct state_agent *agent_event(const char *id)
{
        struct state_agent *event = actor_msg_new(&state_agent_type);
        V1__AgentInfo *info = actor_msg_alloc(event, sizeof *info);
        v1__agent_info__init(info);
        info->hostname = "h";
        info->id = proto_agent_id(event, id);
        event->info = info;
        event->address = "agent@h:5051";
        return event;
}

static void tell_agent_left(struct fixture *f, const char *id, bool unreachable)
{
        struct state_agent *event = agent_event(id);
        event->removed = true;
        event->unreachable = unreachable;
        actor_node_send(f->node, f->state, event);
}

static void tell_agent(struct fixture *f)
{
        static const V1__AgentInfo__Capability__Type types[] = {
                V1__AGENT_INFO__CAPABILITY__TYPE__MULTI_ROLE,
                V1__AGENT_INFO__CAPABILITY__TYPE__RESERVATION_REFINEMENT};
        struct state_agent *event = agent_event("a1");
        V1__AgentInfo *info = (V1__AgentInfo *) event->info;
        V1__AgentInfo__Capability **capabilities = actor_msg_alloc(event, sizeof(void *[2]));
        for (size_t i = 0; i < 2; i++) {
                capabilities[i] = actor_msg_alloc(event, sizeof **capabilities);
                v1__agent_info__capability__init(capabilities[i]);
                capabilities[i]->has_type = true;
                capabilities[i]->type = types[i];
        }
        event->capabilities = capabilities;
        event->capability_count = 2;
        V1__Attribute *attribute = actor_msg_alloc(event, sizeof *attribute);
        v1__attribute__init(attribute);
        attribute->name = "rack";
        attribute->type = V1__VALUE__TYPE__TEXT;
        attribute->text = actor_msg_alloc(event, sizeof *attribute->text);
        v1__value__text__init(attribute->text);
        attribute->text->value = "r\"1";
        PROTO_APPEND(event, info->n_attributes, info->attributes, attribute);
        event->active = true;
        ck_assert_int_eq(resources_parse("cpus:4;mem:1024;cpus(r):2;ports:[1-5]", NULL, &event->total, NULL),
                         0);
        actor_node_send(f->node, f->state, event);
}

static void tell_framework(struct fixture *f, const char *id, bool completed)
{
        struct state_framework *event = actor_msg_new(&state_framework_type);
        V1__FrameworkInfo *info = actor_msg_alloc(event, sizeof *info);
        v1__framework_info__init(info);
        info->user = "u";
        info->name = "a \"name\"\n";
        info->id = proto_framework_id(event, id);
        event->info = info;
        event->active = event->connected = !completed;
        event->completed = completed;
        actor_node_send(f->node, f->state, event);
}

static void tell_task(struct fixture *f, const char *framework_id, const char *id, bool completed)
{
        struct state_task *event = actor_msg_new(&state_task_type);
        V1__Task *task = actor_msg_alloc(event, sizeof *task);
        v1__task__init(task);
        task->name = id;
        task->framework_id = proto_framework_id(event, framework_id);
        task->task_id = proto_task_id(event, id);
        task->agent_id = proto_agent_id(event, "a1");
        task->state = completed ? V1__TASK_STATE__TASK_FINISHED : V1__TASK_STATE__TASK_RUNNING;
        add_resources(event, "cpus:1;mem:128", &task->n_resources, &task->resources);
        event->task = task;
        event->completed = completed;
        actor_node_send(f->node, f->state, event);
}

/* The value at a path like "slaves/0/id", as JSON text. */
static void expect(const json_t *json, const char *path, const char *expected)
{
        char copy[128], *rest = copy, *step;
        snprintf(copy, sizeof copy, "%s", path);
        const json_t *at = json;
        while ((step = strsep(&rest, "/")) != NULL)
                at = json_is_array(at) ? json_array_get(at, strtoul(step, NULL, 10))
                                       : json_object_get(at, step);
        char *found = at != NULL ? json_dumps(at, JSON_COMPACT | JSON_ENCODE_ANY) : actor_strdup("absent");
        ck_assert_msg(strcmp(found, expected) == 0, "%s is %s, not %s", path, found, expected);
        free(found);
}

START_TEST(state_nests_tasks_in_their_frameworks_and_is_valid_json)
{
        struct fixture f;
        set_up(&f);
        tell_agent(&f);
        tell_framework(&f, "f1", false);
        tell_framework(&f, "f2", false);
        tell_task(&f, "f1", "t1", false);
        tell_task(&f, "f1", "t2", false);
        tell_task(&f, "f1", "t3", true);
        tell_task(&f, "f2", "t4", true);
        tell_framework(&f, "f2", true);
        json_t *json = get_json(&f, "/state");
        expect(json, "id", "\"M\"");
        expect(json, "pid", "\"master@m:5050\"");
        expect(json, "activated_slaves", "1");
        expect(json, "slaves/0/id", "\"a1\"");
        expect(json, "slaves/0/attributes/rack", "\"r\\\"1\"");
        expect(json, "slaves/0/resources/cpus", "6.0");
        expect(json, "slaves/0/resources/ports", "\"[1-5]\"");
        expect(json, "slaves/0/unreserved_resources/cpus", "4.0");
        expect(json, "slaves/0/reserved_resources/r/cpus", "2.0");
        expect(json, "slaves/0/used_resources/cpus", "2.0");
        expect(json, "slaves/0/capabilities", "[\"MULTI_ROLE\",\"RESERVATION_REFINEMENT\"]");
        expect(json, "frameworks/0/id", "\"f1\"");
        expect(json, "frameworks/0/name", "\"a \\\"name\\\"\\n\"");
        expect(json, "frameworks/0/role", "\"*\"");
        expect(json, "frameworks/0/used_resources/mem", "256.0");
        expect(json, "frameworks/0/tasks/0/id", "\"t1\"");
        expect(json, "frameworks/0/tasks/0/role", "\"r\"");
        expect(json, "frameworks/0/tasks/1/state", "\"TASK_RUNNING\"");
        expect(json, "frameworks/0/completed_tasks/0/id", "\"t3\"");
        expect(json, "frameworks/1", "absent");
        expect(json, "completed_frameworks/0/completed_tasks/0/id", "\"t4\"");
        expect(json, "orphan_tasks", "[]");
        json_decref(json);
        tear_down(&f);
}
END_TEST

START_TEST(agents_given_up_are_counted_until_they_return_or_are_removed)
{
        struct fixture f;
        set_up(&f);
        tell_agent(&f);
        tell_agent_left(&f, "a1", true);
        tell_agent_left(&f, "a1", true);
        tell_agent_left(&f, "a2", true); /* known from the registry alone */
        tell_agent_left(&f, "a3", false);
        json_t *json = get_json(&f, "/state");
        expect(json, "unreachable_slaves", "2");
        expect(json, "activated_slaves", "0");
        expect(json, "slaves", "[]");
        json_decref(json);
        tell_agent(&f);
        tell_agent_left(&f, "a2", false);
        json = get_json(&f, "/state");
        expect(json, "unreachable_slaves", "0");
        expect(json, "activated_slaves", "1");
        json_decref(json);
        tear_down(&f);
}
END_TEST

START_TEST(an_empty_cluster_has_every_list)
{
        struct fixture f;
        set_up(&f);
        json_t *json = get_json(&f, "/master/state");
        const char *lists[] = {"slaves",       "frameworks",       "completed_frameworks",
                               "orphan_tasks", "recovered_slaves", "unregistered_frameworks"};
        for (size_t i = 0; i < 6; i++)
                expect(json, lists[i], "[]");
        json_decref(json);
        tear_down(&f);
}
END_TEST

START_TEST(metrics_are_prometheus_text_of_the_rooms_and_the_node)
{
        struct fixture f;
        set_up(&f);
        tell_agent(&f);
        actor_sim_settle(f.sim);
        const char *text;
        ck_assert_uint_eq(get(&f, "/metrics", &text), 200);
        ck_assert_ptr_nonnull(strstr(text, "\ntroupe_state_agents 1\n"));
        ck_assert_ptr_nonnull(strstr(text, "# TYPE troupe_state_events counter\n"));
        ck_assert_ptr_nonnull(strstr(text, "actors"));
        tear_down(&f);
}
END_TEST

START_TEST(health_and_version_answer_and_unknown_pages_do_not_exist)
{
        struct fixture f;
        set_up(&f);
        const char *text;
        ck_assert_uint_eq(get(&f, "/health", &text), 200);
        ck_assert_uint_eq(get(&f, "/master/health", &text), 200);
        json_t *json = get_json(&f, "/version");
        expect(json, "version", "\"0.1.0\"");
        json_decref(json);
        ck_assert_uint_eq(get(&f, "/nothing", &text), 404);
        tear_down(&f);
}
END_TEST

START_TEST(without_a_state_room_the_page_says_so)
{
        struct fixture f;
        set_up(&f);
        const struct http_config http = {.state = ACTOR_NOBODY};
        actor_sim_free(f.sim);
        f.sim = actor_sim_new(4);
        const struct actor_node_config config = {.name = "m"};
        f.node = actor_sim_node(f.sim, "tcp://m:5050", &config);
        ck_assert_int_eq(http_spawn(f.node, &http, &f.http), 0);
        const char *text;
        ck_assert_uint_eq(get(&f, "/state", &text), 503);
        tear_down(&f);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, state_nests_tasks_in_their_frameworks_and_is_valid_json);
        tcase_add_test(tests, agents_given_up_are_counted_until_they_return_or_are_removed);
        tcase_add_test(tests, an_empty_cluster_has_every_list);
        tcase_add_test(tests, metrics_are_prometheus_text_of_the_rooms_and_the_node);
        tcase_add_test(tests, health_and_version_answer_and_unknown_pages_do_not_exist);
        tcase_add_test(tests, without_a_state_room_the_page_says_so);
}

TEST_MAIN("http pages", add_tests)
