/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECK_MAIN_H
#define CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

/* Closes a test file: TEST_MAIN("registry operations", add_tests) where add_tests(TCase *) adds the
 * file's tests. One Check program a file; CTest runs them. */
#define TEST_MAIN(suite_name, add_tests)                                                                   \
        int main(void)                                                                                     \
        {                                                                                                  \
                Suite *suite = suite_create(suite_name);                                                   \
                TCase *tcase = tcase_create(suite_name);                                                   \
                add_tests(tcase);                                                                          \
                suite_add_tcase(suite, tcase);                                                             \
                SRunner *runner = srunner_create(suite);                                                   \
                srunner_run_all(runner, CK_ENV);                                                           \
                int failed = srunner_ntests_failed(runner);                                                \
                srunner_free(runner);                                                                      \
                return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;                                          \
        }

#endif
