/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks that no reference case speaks of: numbers that are no value of their enum, and times that are no
 * time. */
#include "check_main.h"
#include "validation/agent_info.h"
#include "validation/framework_info.h"
#include "validation/task_info.h"
#include <math.h>
#include <string.h>

/* A sound task with everything that can be spoilt. */
struct subject {
        V1__TaskID task_id;
        V1__AgentID agent_id;
        V1__ExecutorID executor_id;
        V1__CommandInfo command;
        V1__Resource cpus, *resources[1];
        V1__CheckInfo check;
        V1__CheckInfo__Tcp check_tcp;
        V1__HealthCheck health_check;
        V1__HealthCheck__TCPCheckInfo health_tcp;
        V1__ContainerInfo container;
        V1__ExecutorInfo executor;
        V1__TaskInfo task;
};

static void subject_checks(struct subject *s)
{
        v1__check_info__init(&s->check);
        v1__check_info__tcp__init(&s->check_tcp);
        s->check.has_type = true;
        s->check.type = V1__CHECK_INFO__TYPE__TCP;
        s->check.tcp = &s->check_tcp;
        v1__health_check__init(&s->health_check);
        v1__health_check__tcpcheck_info__init(&s->health_tcp);
        s->health_check.has_type = true;
        s->health_check.type = V1__HEALTH_CHECK__TYPE__TCP;
        s->health_check.tcp = &s->health_tcp;
}

static void subject_executor(struct subject *s)
{
        v1__executor_id__init(&s->executor_id);
        s->executor_id.value = "e";
        v1__executor_info__init(&s->executor);
        s->executor.executor_id = &s->executor_id;
        s->executor.command = &s->command;
        s->executor.has_type = true;
        s->executor.type = V1__EXECUTOR_INFO__TYPE__CUSTOM;
        v1__container_info__init(&s->container);
        s->container.type = V1__CONTAINER_INFO__TYPE__MESOS;
}

static void subject_init(struct subject *s)
{
        v1__task_id__init(&s->task_id);
        v1__agent_id__init(&s->agent_id);
        v1__command_info__init(&s->command);
        v1__resource__init(&s->cpus);
        s->task_id.value = "t";
        s->agent_id.value = "s";
        s->command.value = "true";
        s->cpus.name = "cpus";
        s->resources[0] = &s->cpus;
        subject_checks(s);
        subject_executor(s);
        v1__task_info__init(&s->task);
        s->task.name = "t";
        s->task.task_id = &s->task_id;
        s->task.agent_id = &s->agent_id;
        s->task.command = &s->command;
        s->task.container = &s->container;
        s->task.check = &s->check;
        s->task.health_check = &s->health_check;
        s->task.resources = s->resources;
        s->task.n_resources = 1;
}

/* What spoils it, and the sentence's beginning. */
struct spoilt {
        void (*spoil)(struct subject *s, double number);
        double number;
        const char *sentence;
};

static void spoil_check_type(struct subject *s, double number)
{
        s->check.type = (V1__CheckInfo__Type) number;
}

static void spoil_health_type(struct subject *s, double number)
{
        s->health_check.type = (V1__HealthCheck__Type) number;
}

static void spoil_container(struct subject *s, double number)
{
        s->container.type = (V1__ContainerInfo__Type) number;
}

static void spoil_resource(struct subject *s, double number)
{
        s->cpus.type = (V1__Value__Type) number;
}

static void spoil_delay(struct subject *s, double number)
{
        s->check.delay_seconds = number;
}

static void spoil_grace(struct subject *s, double number)
{
        s->health_check.grace_period_seconds = number;
}

START_TEST(a_strange_number_in_a_task_is_named)
{
        static const struct spoilt table[] = {
                {spoil_check_type, 4, "TaskInfo.check.type: 4 is no mesos.v1.CheckInfo.Type"},
                {spoil_health_type, 99, "TaskInfo.health_check.type: 99 is no mesos.v1.HealthCheck.Type"},
                {spoil_container, -1, "TaskInfo.container.type: -1 is no mesos.v1.ContainerInfo.Type"},
                {spoil_resource, 17, "TaskInfo.resources[0].type: 17 is no mesos.v1.Value.Type"},
                {spoil_delay, NAN, "the times of the task's check must be seconds"},
                {spoil_delay, INFINITY, "the times of the task's check must be seconds"},
                {spoil_delay, -0.5, "the times of the task's check must be seconds"},
                {spoil_grace, NAN, "the times of the task's health check must be seconds"},
                {spoil_grace, 1e300, "the times of the task's health check must be seconds"},
        };
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
                struct subject s;
                struct actor_error error = {""};
                subject_init(&s);
                ck_assert_msg(task_info_validate(&s.task, "s", false, &error) == 0, "%s", error.text);
                table[i].spoil(&s, table[i].number);
                ck_assert_int_lt(task_info_validate(&s.task, "s", false, &error), 0);
                ck_assert_msg(strstr(error.text, table[i].sentence) == error.text, "%zu: %s", i, error.text);
        }
}
END_TEST

START_TEST(an_executor_of_a_strange_type_is_refused)
{
        struct subject s;
        struct actor_error error = {""};
        subject_init(&s);
        ck_assert_int_eq(executor_info_validate(&s.executor, "f", NULL), 0);
        s.executor.type = (V1__ExecutorInfo__Type) 3;
        ck_assert_int_lt(executor_info_validate(&s.executor, "f", &error), 0);
        ck_assert_str_eq(error.text,
                         "ExecutorInfo.type: 3 is no mesos.v1.ExecutorInfo.Type (DEFAULT, CUSTOM)");
}
END_TEST

START_TEST(frameworks_and_agents_may_do_what_we_do_not_know_but_say_nothing_strange)
{
        V1__AgentInfo agent = V1__AGENT_INFO__INIT;
        V1__Attribute attribute = V1__ATTRIBUTE__INIT, *attributes[] = {&attribute};
        struct actor_error error = {""};
        agent.hostname = "h";
        attribute.name = "rack";
        attribute.type = V1__VALUE__TYPE__TEXT;
        agent.attributes = attributes;
        agent.n_attributes = 1;
        ck_assert_int_eq(agent_info_validate(&agent, false, NULL), 0);
        attribute.type = (V1__Value__Type) 9;
        ck_assert_int_lt(agent_info_validate(&agent, false, &error), 0);
        ck_assert_ptr_eq(strstr(error.text, "AgentInfo.attributes[0].type: 9 is no"), error.text);

        V1__FrameworkInfo framework = V1__FRAMEWORK_INFO__INIT;
        V1__FrameworkInfo__Capability strange = V1__FRAMEWORK_INFO__CAPABILITY__INIT, *list[] = {&strange};
        framework.user = "u";
        framework.name = "n";
        strange.has_type = true;
        strange.type = (V1__FrameworkInfo__Capability__Type) 99;
        framework.capabilities = list;
        framework.n_capabilities = 1;
        ck_assert_int_eq(framework_info_validate(&framework, NULL), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_strange_number_in_a_task_is_named);
        tcase_add_test(tcase, an_executor_of_a_strange_type_is_refused);
        tcase_add_test(tcase, frameworks_and_agents_may_do_what_we_do_not_know_but_say_nothing_strange);
}

TEST_MAIN("validation of tasks", add_tests)
