/* SPDX-License-Identifier: Apache-2.0 */
/* The master's validators beside what the reference answered to the same messages
 * (tests/conformance/master_validation.json, message_validation.json). */
#include "check_main.h"
#include "validation/framework_info.h"
#include "validation/scheduler_call.h"
#include "validation/task_info.h"
#include <actor/memory.h>
#include <proto/json.h>
#include <stdio.h>
#include <string.h>

/* The reference's messages carry the names of its older API. */
static json_t *modern(json_t *json)
{
        if (json_is_array(json)) {
                json_t *array = json_array(), *element;
                size_t index;
                json_array_foreach(json, index, element) json_array_append_new(array, modern(element));
                return array;
        }
        if (!json_is_object(json))
                return json_incref(json);
        json_t *object = json_object(), *value;
        const char *key;
        json_object_foreach(json, key, value)
                json_object_set_new(object, strcmp(key, "slave_id") == 0 ? "agent_id" : key, modern(value));
        return object;
}

/* A message of the type that lies in one of a wire type, so that it can be read. */
static int read_part(void *holder, const ProtobufCMessageDescriptor *type, const json_t *json, void **ret)
{
        return proto_from_json_into(holder, type, json, ret, NULL);
}

struct subject {
        const char *op;
        const ProtobufCMessageDescriptor *type;
        int (*judge)(const void *message, struct actor_error *error);
};

static int judge_framework(const void *message, struct actor_error *error)
{
        return framework_info_validate(message, error);
}

static int judge_call(const void *message, struct actor_error *error)
{
        return scheduler_call_validate(message, error);
}

static int judge_executor(const void *message, struct actor_error *error)
{
        const V1__ExecutorInfo *executor = message;
        return executor_info_validate(executor, "f", error);
}

/* The type's rules alone: what an executor needs beside them is added where it is missing. */
static int judge_executor_id(const void *message, struct actor_error *error)
{
        V1__ExecutorInfo executor = *(const V1__ExecutorInfo *) message;
        executor.has_type = true;
        executor.type = V1__EXECUTOR_INFO__TYPE__DEFAULT;
        return executor_info_validate(&executor, "f", error);
}

static V1__TaskInfo sound_task(void)
{
        static V1__TaskID task_id;
        static V1__AgentID agent_id;
        static V1__CommandInfo command;
        static V1__Resource cpus, *resources[] = {&cpus};
        v1__task_id__init(&task_id);
        v1__agent_id__init(&agent_id);
        v1__command_info__init(&command);
        v1__resource__init(&cpus);
        cpus.name = "cpus";
        task_id.value = "t";
        agent_id.value = "s";
        command.value = "true";
        V1__TaskInfo task = V1__TASK_INFO__INIT;
        task.name = "t";
        task.task_id = &task_id;
        task.agent_id = &agent_id;
        task.command = &command;
        task.resources = resources;
        task.n_resources = 1;
        return task;
}

static int judge_task_time(const void *message, struct actor_error *error)
{
        V1__TaskInfo task = sound_task();
        task.max_completion_time = ((const V1__TaskInfo *) message)->max_completion_time;
        return task_info_validate(&task, "s", false, error);
}

static int judge_check(const void *message, struct actor_error *error)
{
        V1__TaskInfo task = sound_task();
        task.check = (V1__CheckInfo *) message;
        return task_info_validate(&task, "s", false, error);
}

static int judge_health_check(const void *message, struct actor_error *error)
{
        V1__TaskInfo task = sound_task();
        task.health_check = (V1__HealthCheck *) message;
        return task_info_validate(&task, "s", false, error);
}

static int judge_command(const void *message, struct actor_error *error)
{
        V1__TaskInfo task = sound_task();
        task.command = (V1__CommandInfo *) message;
        return task_info_validate(&task, "s", false, error);
}

static int judge_environment(const void *message, struct actor_error *error)
{
        V1__CommandInfo command = V1__COMMAND_INFO__INIT;
        command.environment = (V1__Environment *) message;
        return judge_command(&command, error);
}

static const struct subject subjects[] = {
        {"framework", &v1__framework_info__descriptor, judge_framework},
        {"scheduler_call", &sched__call__descriptor, judge_call},
        {"executor_type", &v1__executor_info__descriptor, judge_executor},
        {"executor_id", &v1__executor_info__descriptor, judge_executor_id},
        {"task_max_completion_time", &v1__task_info__descriptor, judge_task_time},
        {"validate.check", &v1__check_info__descriptor, judge_check},
        {"validate.healthcheck", &v1__health_check__descriptor, judge_health_check},
        {"validate.command", &v1__command_info__descriptor, judge_command},
        {"validate.env", &v1__environment__descriptor, judge_environment},
};

static const struct subject *subject_of(const char *op)
{
        for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
                if (strcmp(subjects[i].op, op) == 0)
                        return &subjects[i];
        }
        return NULL;
}

static json_t *argument(const json_t *test_case)
{
        json_t *arg = json_object_get(test_case, "arg"), *args = json_object_get(test_case, "args");
        if (arg != NULL)
                return modern(arg);
        return json_loads(json_string_value(json_array_get(args, 0)), 0, NULL);
}

static bool run_case(const json_t *test_case)
{
        const struct subject *subject = subject_of(json_string_value(json_object_get(test_case, "op")));
        /* who was authenticated is judged where authentication is */
        if (subject == NULL || json_object_get(test_case, "principal") != NULL)
                return false;
        json_t *json = argument(test_case);
        struct actor_error error = {""};
        void *holder = actor_msg_new(&sched_call_type), *message = NULL;
        int r = read_part(holder, subject->type, json, &message);
        if (r == 0)
                r = subject->judge(message, &error);
        bool expected = json_object_get(json_object_get(test_case, "expect"), "ok") != NULL;
        ck_assert_msg((r == 0) == expected, "%s: %s, %s", json_string_value(json_object_get(test_case, "id")),
                      expected ? "should be accepted" : "should be refused", error.text);
        actor_msg_unref(holder);
        json_decref(json);
        return true;
}

static size_t run_suite(const char *name)
{
        const char *source = getenv("TROUPE_SOURCE");
        CLEANUP(actor_freep)
        char *path = actor_asprintf("%s/tests/conformance/%s.json", source ? source : ".", name);
        json_t *suite = json_load_file(path, 0, NULL), *test_case;
        ck_assert_msg(suite != NULL, "%s cannot be read", path);
        size_t index, count = 0;
        json_array_foreach(json_object_get(suite, "cases"), index, test_case) count += run_case(test_case);
        json_decref(suite);
        return count;
}

/* mission: F9 F10 F13 */
START_TEST(frameworks_calls_and_executors_are_judged_as_the_reference_judges_them)
{
        ck_assert_uint_gt(run_suite("master_validation"), 50);
}
END_TEST

START_TEST(checks_commands_and_environments_are_judged_as_the_reference_judges_them)
{
        ck_assert_uint_gt(run_suite("message_validation"), 30);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, frameworks_calls_and_executors_are_judged_as_the_reference_judges_them);
        tcase_add_test(tcase, checks_commands_and_environments_are_judged_as_the_reference_judges_them);
}

TEST_MAIN("validation beside the reference", add_tests)
