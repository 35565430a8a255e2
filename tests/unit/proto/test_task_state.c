/* SPDX-License-Identifier: Apache-2.0 */
#include <check_main.h>
#include <proto/task_state.h>

START_TEST(eight_states_end_a_task_and_nothing_follows_them)
{
        int terminal = 0;
        for (unsigned i = 0; i < v1__task_state__descriptor.n_values; i++) {
                V1__TaskState state = (V1__TaskState) v1__task_state__descriptor.values[i].value;
                if (!task_state_is_terminal(state))
                        continue;
                terminal++;
                for (unsigned k = 0; k < v1__task_state__descriptor.n_values; k++)
                        ck_assert(!task_state_may_follow(
                                state, (V1__TaskState) v1__task_state__descriptor.values[k].value));
        }
        ck_assert_int_eq(terminal, 8);
}
END_TEST

START_TEST(a_task_does_not_go_back_but_may_return_from_doubt)
{
        ck_assert(task_state_may_follow(V1__TASK_STATE__TASK_STAGING, V1__TASK_STATE__TASK_RUNNING));
        ck_assert(task_state_may_follow(V1__TASK_STATE__TASK_RUNNING, V1__TASK_STATE__TASK_RUNNING));
        ck_assert(!task_state_may_follow(V1__TASK_STATE__TASK_RUNNING, V1__TASK_STATE__TASK_STARTING));
        ck_assert(!task_state_may_follow(V1__TASK_STATE__TASK_KILLING, V1__TASK_STATE__TASK_RUNNING));
        ck_assert(task_state_may_follow(V1__TASK_STATE__TASK_KILLING, V1__TASK_STATE__TASK_KILLED));
        ck_assert(task_state_may_follow(V1__TASK_STATE__TASK_RUNNING, V1__TASK_STATE__TASK_UNREACHABLE));
        ck_assert(task_state_may_follow(V1__TASK_STATE__TASK_UNREACHABLE, V1__TASK_STATE__TASK_RUNNING));
}
END_TEST

START_TEST(a_number_that_is_no_state_ends_nothing_and_follows_nothing)
{
        static const int strange[] = {-1, 14, 99, INT32_MAX};
        for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
                V1__TaskState state = (V1__TaskState) strange[i];
                ck_assert(!task_state_is_terminal(state));
                ck_assert(!task_state_may_follow(V1__TASK_STATE__TASK_RUNNING, state));
                ck_assert(!task_state_may_follow(V1__TASK_STATE__TASK_UNREACHABLE, state));
        }
}
END_TEST

START_TEST(only_partition_aware_frameworks_see_the_precise_state)
{
        V1__FrameworkInfo framework = V1__FRAMEWORK_INFO__INIT;
        ck_assert_int_eq(task_state_for(&framework, V1__TASK_STATE__TASK_DROPPED), V1__TASK_STATE__TASK_LOST);
        ck_assert_int_eq(task_state_for(&framework, V1__TASK_STATE__TASK_FAILED),
                         V1__TASK_STATE__TASK_FAILED);
        V1__FrameworkInfo__Capability aware = V1__FRAMEWORK_INFO__CAPABILITY__INIT;
        aware.has_type = 1;
        aware.type = V1__FRAMEWORK_INFO__CAPABILITY__TYPE__PARTITION_AWARE;
        V1__FrameworkInfo__Capability *list[] = {&aware};
        framework.capabilities = list;
        framework.n_capabilities = 1;
        ck_assert_int_eq(task_state_for(&framework, V1__TASK_STATE__TASK_DROPPED),
                         V1__TASK_STATE__TASK_DROPPED);
}
END_TEST

START_TEST(a_state_has_its_name_and_a_strange_one_too)
{
        ck_assert_str_eq(task_state_name(V1__TASK_STATE__TASK_RUNNING), "TASK_RUNNING");
        ck_assert_str_eq(task_state_name((V1__TaskState) 4711), "UNKNOWN");
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, eight_states_end_a_task_and_nothing_follows_them);
        tcase_add_test(tcase, a_task_does_not_go_back_but_may_return_from_doubt);
        tcase_add_test(tcase, a_number_that_is_no_state_ends_nothing_and_follows_nothing);
        tcase_add_test(tcase, only_partition_aware_frameworks_see_the_precise_state);
        tcase_add_test(tcase, a_state_has_its_name_and_a_strange_one_too);
}

TEST_MAIN("task states", add_tests)
