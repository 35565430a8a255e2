/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_SIM_SEEDS_H
#define TESTS_LIB_SIM_SEEDS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* Adds a test that runs once a seed, 1 … count, its `_i`. A failure is printed with its seed behind the
 * test's name; TEST_SEED=N runs that one alone, TEST_LOG=1 prints what the cluster logs. */
static inline void sim_add_by_seed(TCase *tcase, const TTest *test, int count)
{
        const char *text = getenv("TEST_SEED");
        char *end = NULL;
        long seed = text != NULL ? strtol(text, &end, 10) : 0;
        if (text != NULL && (seed <= 0 || seed >= 1000000000 || *end != '\0')) {
                fprintf(stderr, "TEST_SEED=%s: must be a number from 1\n", text);
                exit(EXIT_FAILURE);
        }
        tcase_add_loop_test(tcase, test, seed > 0 ? (int) seed : 1, seed > 0 ? (int) seed + 1 : count + 1);
}

#endif
