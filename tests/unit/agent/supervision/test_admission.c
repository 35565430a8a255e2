/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/admission.h"
#include <check_main.h>
#include <string.h>

static V1__TaskID task_id = V1__TASK_ID__INIT;
static V1__ExecutorID executor_id = V1__EXECUTOR_ID__INIT;
static V1__CommandInfo command = V1__COMMAND_INFO__INIT;
static V1__ExecutorInfo executor = V1__EXECUTOR_INFO__INIT;

static V1__TaskInfo task_with(const char *id, V1__CommandInfo *task_command, V1__ExecutorInfo *task_executor)
{
        V1__TaskInfo task = V1__TASK_INFO__INIT;
        task_id.value = id;
        executor_id.value = "e1";
        command.value = "true";
        executor.executor_id = &executor_id;
        executor.command = &command;
        executor.has_type = false;
        task.task_id = &task_id;
        task.command = task_command;
        task.executor = task_executor;
        return task;
}

/* mission: H6 */
START_TEST(a_task_has_a_command_or_an_executor_and_a_name_for_a_directory)
{
        struct actor_error error;
        V1__TaskInfo task = task_with("t1", &command, NULL);
        ck_assert_int_eq(admission_task(&task, &error), 0);
        task = task_with("t1", NULL, &executor);
        ck_assert_int_eq(admission_task(&task, &error), 0);
        task = task_with("t1", &command, &executor);
        ck_assert_int_lt(admission_task(&task, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "both"));
        task = task_with("t1", NULL, NULL);
        ck_assert_int_lt(admission_task(&task, &error), 0);
        const char *const bad[] = {"", "..", ".", "a/b", "a\nb"};
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                task = task_with(bad[i], &command, NULL);
                ck_assert_int_lt(admission_task(&task, &error), 0);
        }
}
END_TEST

START_TEST(kinds_this_agent_does_not_know_are_refused_by_name)
{
        struct actor_error error;
        V1__TaskInfo task = task_with("t1", NULL, &executor);
        executor.has_type = true;
        executor.type = V1__EXECUTOR_INFO__TYPE__DEFAULT;
        ck_assert_int_lt(admission_task(&task, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "default executor"));

        V1__ContainerInfo container = V1__CONTAINER_INFO__INIT;
        container.type = V1__CONTAINER_INFO__TYPE__DOCKER;
        task = task_with("t1", &command, NULL);
        task.container = &container;
        ck_assert_int_lt(admission_task(&task, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "DOCKER"));
        container.type = (V1__ContainerInfo__Type) 99;
        ck_assert_int_lt(admission_task(&task, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "use MESOS"));
}
END_TEST

/* mission: F1 F2 */
START_TEST(a_switch_of_user_needs_root_and_the_flag)
{
        struct supervision_settings settings = {.own_user = "troupe", .switch_user = true};
        V1__FrameworkInfo framework = V1__FRAMEWORK_INFO__INIT;
        V1__CommandInfo own = V1__COMMAND_INFO__INIT;
        struct actor_error error;
        const char *user;
        framework.user = "alice";
        ck_assert_int_lt(admission_user(&settings, &framework, &own, &user, &error), 0);
        settings.is_root = true;
        ck_assert_int_eq(admission_user(&settings, &framework, &own, &user, &error), 0);
        ck_assert_str_eq(user, "alice");
        own.user = "bob";
        ck_assert_int_eq(admission_user(&settings, &framework, &own, &user, &error), 0);
        ck_assert_str_eq(user, "bob");
        own.user = "../bob";
        ck_assert_int_lt(admission_user(&settings, &framework, &own, &user, &error), 0);
        own.user = "troupe";
        ck_assert_int_eq(admission_user(&settings, &framework, &own, &user, &error), 0);
        ck_assert_ptr_null(user);
        settings.switch_user = false;
        own.user = "bob";
        ck_assert_int_eq(admission_user(&settings, &framework, &own, &user, &error), 0);
        ck_assert_ptr_null(user);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_task_has_a_command_or_an_executor_and_a_name_for_a_directory);
        tcase_add_test(tcase, kinds_this_agent_does_not_know_are_refused_by_name);
        tcase_add_test(tcase, a_switch_of_user_needs_root_and_the_flag);
}

TEST_MAIN("admission of tasks", add_tests)
