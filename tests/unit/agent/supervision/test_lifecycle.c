/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/lifecycle.h"
#include <check_main.h>

START_TEST(an_executor_moves_forward_only)
{
        const enum executor_state order[] = {EXECUTOR_REGISTERING, EXECUTOR_RUNNING, EXECUTOR_TERMINATING,
                                             EXECUTOR_TERMINATED};
        for (size_t from = 0; from < 4; from++) {
                for (size_t to = 0; to < 4; to++) {
                        enum executor_state state = order[from];
                        int r = executor_move(&state, order[to]);
                        ck_assert_int_eq(r, to == from  ? LIFECYCLE_E_UNCHANGED
                                            : to < from ? LIFECYCLE_E_ILLEGAL
                                                        : 0);
                        ck_assert_int_eq(state, to > from ? order[to] : order[from]);
                }
        }
        ck_assert_str_eq(executor_state_name(EXECUTOR_TERMINATING), "TERMINATING");
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_executor_moves_forward_only);
}

TEST_MAIN("executor life cycle", add_tests)
