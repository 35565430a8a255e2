/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "children/plan.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static const char *const environment[] = {"PATH=/bin", "LANG=C", "HOSTNAME=h1", NULL};
static const struct child_context context = {.environment = environment, .sandbox = "/executor"};

static V1__TaskInfo command_task(V1__TaskID *id, V1__CommandInfo *command)
{
        V1__TaskInfo task = V1__TASK_INFO__INIT;
        *id = (V1__TaskID) V1__TASK_ID__INIT;
        id->value = "t1";
        task.task_id = id;
        task.command = command;
        return task;
}

static const char *variable(const struct child_plan *plan, const char *name)
{
        const char *found = NULL;
        for (size_t i = 0; plan->environment[i] != NULL; i++)
                if (strncmp(plan->environment[i], name, strlen(name)) == 0) {
                        ck_assert_msg(found == NULL, "%s is there twice", name);
                        found = plan->environment[i] + strlen(name);
                }
        return found;
}

START_TEST(a_command_runs_in_its_own_sandbox_with_its_own_environment)
{
        V1__TaskID id;
        V1__CommandInfo command = V1__COMMAND_INFO__INIT;
        V1__Environment own = V1__ENVIRONMENT__INIT;
        V1__Environment__Variable a = V1__ENVIRONMENT__VARIABLE__INIT, b = a, *variables[] = {&a, &b};
        a.name = "MESOS_SANDBOX";
        a.value = "/box";
        b.name = "LANG";
        b.value = "de";
        own.n_variables = 2;
        own.variables = variables;
        command.value = "echo $LANG";
        command.environment = &own;
        V1__TaskInfo task = command_task(&id, &command);
        struct child_plan *plan = NULL;
        ck_assert_int_eq(child_plan_command(&task, &context, &plan, NULL), 0);
        ck_assert_str_eq(plan->argv[0], "/bin/sh");
        ck_assert_str_eq(plan->argv[2], "echo $LANG");
        ck_assert_ptr_null(plan->argv[3]);
        ck_assert_str_eq(plan->directory, "/box");
        ck_assert_str_eq(plan->stdout_path, "/box/stdout");
        ck_assert_str_eq(variable(plan, "LANG="), "de");
        ck_assert_str_eq(variable(plan, "HOSTNAME="), "h1");
        ck_assert_int_eq(plan->grace_ms, 3000);
        actor_msg_unref(plan);
}
END_TEST

START_TEST(without_a_shell_the_value_is_the_program)
{
        V1__TaskID id;
        V1__CommandInfo command = V1__COMMAND_INFO__INIT;
        const char *arguments[] = {"awk", "{print}", "a b"};
        command.value = "/usr/bin/awk";
        command.has_shell = true;
        command.shell = false;
        command.n_arguments = 3;
        command.arguments = arguments;
        V1__TaskInfo task = command_task(&id, &command);
        struct child_plan *plan = NULL;
        ck_assert_int_eq(child_plan_command(&task, &context, &plan, NULL), 0);
        ck_assert_str_eq(plan->argv[0], "/usr/bin/awk");
        ck_assert_str_eq(plan->argv[1], "{print}");
        ck_assert_str_eq(plan->argv[2], "a b");
        ck_assert_ptr_null(plan->argv[3]);
        actor_msg_unref(plan);
}
END_TEST

START_TEST(limits_and_policies_of_the_task_are_kept)
{
        V1__TaskID id;
        V1__CommandInfo command = V1__COMMAND_INFO__INIT;
        V1__RLimitInfo__RLimit limit = V1__RLIMIT_INFO__RLIMIT__INIT, *limits[] = {&limit};
        V1__RLimitInfo info = V1__RLIMIT_INFO__INIT;
        V1__ContainerInfo container = V1__CONTAINER_INFO__INIT;
        V1__DurationInfo grace = V1__DURATION_INFO__INIT, most = grace;
        V1__KillPolicy policy = V1__KILL_POLICY__INIT;
        command.value = "x";
        limit.has_type = limit.has_soft = limit.has_hard = true;
        limit.type = V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_CPU;
        limit.soft = 1;
        limit.hard = 2;
        info.n_rlimits = 1;
        info.rlimits = limits;
        container.rlimit_info = &info;
        grace.nanoseconds = 7000000000;
        most.nanoseconds = 1;
        policy.grace_period = &grace;
        V1__TaskInfo task = command_task(&id, &command);
        task.container = &container;
        task.kill_policy = &policy;
        task.max_completion_time = &most;
        struct child_plan *plan = NULL;
        ck_assert_int_eq(child_plan_command(&task, &context, &plan, NULL), 0);
        const struct actor_process_rlimit *last = &plan->rlimits[plan->rlimit_count - 1];
        ck_assert_int_eq(last->resource, RLIMIT_CPU);
        ck_assert_uint_eq(last->limit.rlim_cur, 1);
        ck_assert_uint_eq(last->limit.rlim_max, 2);
        ck_assert_int_eq(plan->grace_ms, 7000);
        ck_assert_int_eq(plan->completion_max_ms, 1);
        actor_msg_unref(plan);
        limit.soft = 3;
        ck_assert_int_eq(child_plan_command(&task, &context, &plan, NULL), -EINVAL);
        limit.has_type = false;
        limit.type = V1__RLIMIT_INFO__RLIMIT__TYPE__UNKNOWN;
        ck_assert_int_eq(child_plan_command(&task, &context, &plan, NULL), -EINVAL);
}
END_TEST

/* mission: F2 */
START_TEST(a_user_is_switched_to_only_by_one_who_may)
{
        V1__TaskID id;
        V1__CommandInfo command = V1__COMMAND_INFO__INIT;
        command.value = "x";
        command.user = "nobody";
        V1__TaskInfo task = command_task(&id, &command);
        struct child_context root = context;
        struct child_plan *plan = NULL;
        root.switches_user = true;
        ck_assert_int_eq(child_plan_command(&task, &context, &plan, NULL), 0);
        ck_assert_ptr_null(plan->user);
        actor_msg_unref(plan);
        ck_assert_int_eq(child_plan_command(&task, &root, &plan, NULL), 0);
        ck_assert_str_eq(plan->user, "nobody");
        actor_msg_unref(plan);
}
END_TEST

static int plan_data(const char *data, struct child_plan **ret, struct actor_error *error)
{
        V1__TaskID id;
        V1__TaskInfo task = command_task(&id, NULL);
        task.has_data = true;
        task.data.data = (uint8_t *) (uintptr_t) data;
        task.data.len = strlen(data);
        return child_plan_process(&task, &context, ret, error);
}

/* mission: H7 */
START_TEST(the_data_of_a_process_task_is_a_command_in_three_forms)
{
        struct child_plan *plan = NULL;
        ck_assert_int_eq(plan_data("{\"argv\": [\"ls\", \"-l\"], \"env\": {\"LANG\": \"fr\"}}", &plan, NULL),
                         0);
        ck_assert_str_eq(plan->argv[1], "-l");
        ck_assert_str_eq(variable(plan, "LANG="), "fr");
        ck_assert_str_eq(plan->stdout_path, "/executor/stdout.t1");
        actor_msg_unref(plan);
        ck_assert_int_eq(plan_data("{\"sh\": \"ls | wc\"}", &plan, NULL), 0);
        ck_assert_str_eq(plan->argv[2], "ls | wc");
        actor_msg_unref(plan);
        ck_assert_int_eq(plan_data("ls | wc", &plan, NULL), 0);
        ck_assert_str_eq(plan->argv[2], "ls | wc");
        actor_msg_unref(plan);
}
END_TEST

START_TEST(wrong_data_is_refused_with_a_reason)
{
        static const char *const wrong[] = {"",
                                            "{",
                                            "{}",
                                            "{\"argv\": []}",
                                            "{\"argv\": [1]}",
                                            "{\"sh\": 1}",
                                            "{\"argv\": [\"x\"], \"sh\": \"y\"}",
                                            "{\"sh\": \"x\", \"env\": [1]}",
                                            "{\"sh\": \"x\", \"env\": {\"A=B\": \"1\"}}"};
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
                struct actor_error error = {""};
                struct child_plan *plan = NULL;
                ck_assert_int_eq(plan_data(wrong[i], &plan, &error), -EINVAL);
                ck_assert_ptr_null(plan);
                ck_assert_str_ne(error.text, "");
        }
}
END_TEST

START_TEST(an_end_is_judged_by_its_status_and_by_what_was_demanded)
{
        static const struct {
                int status;
                enum child_demand demand;
                V1__TaskState state;
                const char *message;
        } cases[] = {
                {0, CHILD_UNDISTURBED, V1__TASK_STATE__TASK_FINISHED, "Command exited with status 0"},
                {3 << 8, CHILD_UNDISTURBED, V1__TASK_STATE__TASK_FAILED, "Command exited with status 3"},
                {SIGKILL, CHILD_UNDISTURBED, V1__TASK_STATE__TASK_FAILED,
                 "Command terminated with signal Killed"},
                {SIGTERM, CHILD_TO_BE_KILLED, V1__TASK_STATE__TASK_KILLED,
                 "Command terminated with signal Terminated"},
                {0, CHILD_TO_BE_KILLED, V1__TASK_STATE__TASK_KILLED, "Command exited with status 0"},
                {SIGTERM, CHILD_OUT_OF_TIME, V1__TASK_STATE__TASK_FAILED,
                 "Command ran longer than its max_completion_time of 5secs"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct child_verdict verdict;
                child_judge(cases[i].status, cases[i].demand, 5000, &verdict);
                ck_assert_int_eq(verdict.state, cases[i].state);
                ck_assert_str_eq(verdict.message, cases[i].message);
        }
}
END_TEST

START_TEST(tasks_do_not_see_what_is_only_the_executors)
{
        char *own[] = {"A=1", "TROUPE_EXECUTOR_ADDRESS=x", "HOSTNAME=old", "B=2", NULL};
        void *arena = actor_msg_new(&child_plan_type);
        const char **got = child_environment(arena, own, "new");
        ck_assert_str_eq(got[0], "A=1");
        ck_assert_str_eq(got[1], "B=2");
        ck_assert_str_eq(got[2], "HOSTNAME=new");
        ck_assert_ptr_null(got[3]);
        actor_msg_unref(arena);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_command_runs_in_its_own_sandbox_with_its_own_environment);
        tcase_add_test(tcase, without_a_shell_the_value_is_the_program);
        tcase_add_test(tcase, limits_and_policies_of_the_task_are_kept);
        tcase_add_test(tcase, a_user_is_switched_to_only_by_one_who_may);
        tcase_add_test(tcase, the_data_of_a_process_task_is_a_command_in_three_forms);
        tcase_add_test(tcase, wrong_data_is_refused_with_a_reason);
        tcase_add_test(tcase, an_end_is_judged_by_its_status_and_by_what_was_demanded);
        tcase_add_test(tcase, tasks_do_not_see_what_is_only_the_executors);
}

TEST_MAIN("plans of children", add_tests)
