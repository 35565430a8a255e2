/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/environment.h"
#include <actor/memory.h>
#include <check_main.h>
#include <string.h>

static const char *const base[] = {"PATH=/bin", "HOSTNAME=agents-own", "LANG=C", NULL};

struct fixture {
        struct supervision_settings settings;
        V1__FrameworkInfo framework;
        V1__FrameworkID framework_id;
        struct environment_facts facts;
        void *msg;
};

static void fixture_init(struct fixture *f)
{
        v1__framework_info__init(&f->framework);
        v1__framework_id__init(&f->framework_id);
        f->framework_id.value = "F1";
        f->framework.id = &f->framework_id;
        f->settings = (struct supervision_settings){.hostname = "host1",
                                                    .agent_endpoint = "10.0.0.1:5051",
                                                    .executor_endpoint = "ipc:/run/x.sock",
                                                    .executor_environment = base,
                                                    .shutdown_grace_ms = 5000,
                                                    .recovery_timeout_ms = 90000};
        f->facts = (struct environment_facts){.settings = &f->settings,
                                              .framework = &f->framework,
                                              .agent_id = "A1",
                                              .executor_id = "e1",
                                              .container_id = "C1",
                                              .directory = "/somewhere/sandbox"};
        f->msg = actor_msg_new(&agent_call_type);
}

static const char *value_of(const char **list, const char *name)
{
        const char *found = NULL;
        size_t size = strlen(name);
        for (; *list; list++) {
                if (strncmp(*list, name, size) == 0 && (*list)[size] == '=') {
                        ck_assert_ptr_null(found); /* each name once */
                        found = *list + size + 1;
                }
        }
        return found;
}

/* mission: A2 F11 X1 */
START_TEST(an_executor_finds_what_it_needs_to_register)
{
        struct fixture f;
        fixture_init(&f);
        V1__ExecutorInfo info = V1__EXECUTOR_INFO__INIT;
        const char **list = environment_of_executor(f.msg, &f.facts, &info);
        ck_assert_str_eq(value_of(list, "MESOS_FRAMEWORK_ID"), "F1");
        ck_assert_str_eq(value_of(list, "MESOS_EXECUTOR_ID"), "e1");
        ck_assert_str_eq(value_of(list, "MESOS_SANDBOX"), "/somewhere/sandbox");
        ck_assert_str_eq(value_of(list, "MESOS_AGENT_ENDPOINT"), "10.0.0.1:5051");
        ck_assert_str_eq(value_of(list, "MESOS_CHECKPOINT"), "0");
        ck_assert_str_eq(value_of(list, "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"), "5secs");
        ck_assert_str_eq(value_of(list, "MESOS_RECOVERY_TIMEOUT"), "90secs");
        ck_assert_str_eq(value_of(list, "TROUPE_EXECUTOR_ADDRESS"), "executor/C1@ipc:/run/x.sock");
        ck_assert_str_eq(value_of(list, "HOSTNAME"), "host1");
        ck_assert_str_eq(value_of(list, "LANG"), "C");
        actor_msg_unref(f.msg);
}
END_TEST

START_TEST(a_commands_own_variables_win)
{
        struct fixture f;
        fixture_init(&f);
        V1__Environment__Variable one = V1__ENVIRONMENT__VARIABLE__INIT, *list[] = {&one};
        one.name = "LANG";
        one.value = "de";
        V1__Environment environment = V1__ENVIRONMENT__INIT;
        environment.n_variables = 1;
        environment.variables = list;
        V1__CommandInfo command = V1__COMMAND_INFO__INIT;
        command.environment = &environment;
        command.value = "x";
        V1__ExecutorInfo info = V1__EXECUTOR_INFO__INIT;
        info.command = &command;
        ck_assert_str_eq(value_of(environment_of_executor(f.msg, &f.facts, &info), "LANG"), "de");

        const V1__CommandInfo *task = environment_of_task(f.msg, &f.facts, &command);
        ck_assert_str_eq(task->value, "x");
        ck_assert_str_eq(task->environment->variables[task->environment->n_variables - 1]->name, "LANG");
        ck_assert_uint_eq(command.environment->n_variables, 1); /* the original is left alone */
        actor_msg_unref(f.msg);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_executor_finds_what_it_needs_to_register);
        tcase_add_test(tcase, a_commands_own_variables_win);
}

TEST_MAIN("executors' environment", add_tests)
