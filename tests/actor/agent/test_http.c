/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "http/http.h"
#include "registration/messages.h"
#include <actor/http.h>
#include <check_main.h>
#include <jansson.h>

static struct actor_http_response *get(struct rig *rig, struct actor_ref http, const char *path)
{
        void *answer = NULL;
        struct actor_http_request *request = actor_msg_new(&actor_http_request_type);
        request->method = "GET";
        request->path = path;
        ck_assert_int_eq(actor_node_ask(rig->agent_node, http, request, 10000, &answer), 0);
        return answer;
}

static struct actor_ref http_spawn(struct rig *rig)
{
        const struct http_config config = {.supervision = rig->supervision, .metrics = &rig->metrics};
        struct actor_ref http;
        rig_spawn(rig->agent_node, &agent_http_class, "http", &config, &http);
        struct agent_session *session = actor_msg_new(&agent_session_type);
        V1__AgentInfo *info = actor_msg_alloc(session, sizeof *info);
        v1__agent_info__init(info);
        info->hostname = "host1";
        session->agent = info;
        session->agent_id = "A1";
        session->master = "master:5050";
        session->connected = true;
        ck_assert_int_eq(actor_node_send(rig->agent_node, http, session), 0);
        actor_sim_settle(rig->sim);
        return http;
}

START_TEST(state_shows_what_runs_here)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        struct actor_ref http = http_spawn(rig);
        rig_run(rig, "t1", "e1");
        struct actor_http_response *response = get(rig, http, "/state");
        ck_assert_uint_eq(response->status, 200);
        json_t *state = json_loadb(response->body, response->body_size, 0, NULL);
        ck_assert_str_eq(json_string_value(json_object_get(state, "id")), "A1");
        json_t *framework = json_array_get(json_object_get(state, "frameworks"), 0);
        ck_assert_str_eq(json_string_value(json_object_get(framework, "id")), "F1");
        json_t *task = json_array_get(json_object_get(framework, "tasks"), 0);
        ck_assert_str_eq(json_string_value(json_object_get(task, "id")), "t1");
        ck_assert_str_eq(json_string_value(json_object_get(task, "state")), "TASK_STAGING");
        json_decref(state);
        actor_msg_unref(response);
}
END_TEST

START_TEST(health_version_and_metrics_answer)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        struct actor_ref http = http_spawn(rig);
        const char *const paths[] = {"/health", "/version", "/metrics"};
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
                struct actor_http_response *response = get(rig, http, paths[i]);
                ck_assert_uint_eq(response->status, 200);
                actor_msg_unref(response);
        }
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, state_shows_what_runs_here);
        tcase_add_test(tcase, health_version_and_metrics_answer);
}

TEST_MAIN("agent http", add_tests)
