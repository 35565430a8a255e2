/* SPDX-License-Identifier: Apache-2.0 */
#include <check_main.h>
#include <proto/known_enums.h>
#include <string.h>

static void expect_refused(const void *msg, const char *sentence)
{
        struct actor_error error = {""};
        ck_assert_int_lt(enums_validate(msg, "Thing", &error), 0);
        ck_assert_str_eq(error.text, sentence);
}

START_TEST(a_strange_value_is_refused_with_its_path_and_what_would_be_right)
{
        V1__CheckInfo check = V1__CHECK_INFO__INIT;
        V1__TaskInfo task = V1__TASK_INFO__INIT, plain = V1__TASK_INFO__INIT;
        V1__TaskInfo *tasks[] = {&plain, &task};
        V1__TaskGroupInfo group = V1__TASK_GROUP_INFO__INIT;
        group.tasks = tasks;
        group.n_tasks = 2;
        task.check = &check;
        check.type = (V1__CheckInfo__Type) 7;
        ck_assert_int_eq(enums_validate(&group, "Thing", NULL), 0); /* not set, so it does not count */
        check.has_type = true;
        expect_refused(&group,
                       "Thing.tasks[1].check.type: 7 is no mesos.v1.CheckInfo.Type (COMMAND, HTTP, TCP)");
        check.type = V1__CHECK_INFO__TYPE__TCP;
        ck_assert_int_eq(enums_validate(&group, "Thing", NULL), 0);
}
END_TEST

START_TEST(a_required_enum_and_a_negative_number_count_too)
{
        V1__ContainerInfo container = V1__CONTAINER_INFO__INIT;
        container.type = V1__CONTAINER_INFO__TYPE__MESOS;
        ck_assert_int_eq(enums_validate(&container, "Thing", NULL), 0);
        container.type = (V1__ContainerInfo__Type) -1;
        expect_refused(&container, "Thing.type: -1 is no mesos.v1.ContainerInfo.Type (DOCKER, MESOS)");
}
END_TEST

START_TEST(a_long_list_of_names_is_cut)
{
        V1__TaskStatus status = V1__TASK_STATUS__INIT;
        status.has_reason = true;
        status.reason = (V1__TaskStatus__Reason) 12345;
        struct actor_error error = {""};
        ck_assert_int_lt(enums_validate(&status, "TaskStatus", &error), 0);
        ck_assert_ptr_eq(
                strstr(error.text, "TaskStatus.reason: 12345 is no mesos.v1.TaskStatus.Reason (REASON_"),
                error.text);
        ck_assert_str_eq(error.text + strlen(error.text) - strlen(", …)"), ", …)");
}
END_TEST

START_TEST(capabilities_nobody_knows_yet_are_taken)
{
        V1__FrameworkInfo__Capability strange = V1__FRAMEWORK_INFO__CAPABILITY__INIT;
        V1__FrameworkInfo__Capability *list[] = {&strange};
        V1__FrameworkInfo framework = V1__FRAMEWORK_INFO__INIT;
        strange.has_type = true;
        strange.type = (V1__FrameworkInfo__Capability__Type) 99;
        framework.capabilities = list;
        framework.n_capabilities = 1;
        ck_assert_int_eq(enums_validate(&framework, "Thing", NULL), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_strange_value_is_refused_with_its_path_and_what_would_be_right);
        tcase_add_test(tcase, a_required_enum_and_a_negative_number_count_too);
        tcase_add_test(tcase, a_long_list_of_names_is_cut);
        tcase_add_test(tcase, capabilities_nobody_knows_yet_are_taken);
}

TEST_MAIN("known enums", add_tests)
