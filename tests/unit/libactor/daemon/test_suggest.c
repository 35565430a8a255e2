/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include <actor/suggest.h>
#include <string.h>

static const char *const commands[] = {"agents", "cat", "cp",      "frameworks", "kill",
                                       "local",  "run", "version", NULL};

START_TEST(a_slip_of_the_hand_finds_the_word_meant)
{
        static const char *const slips[][2] = {
                {"agent", "agents"}, {"agetns", "agents"},        {"verison", "version"}, {"rnu", "run"},
                {"runn", "run"},     {"framework", "frameworks"}, {"ill", "kill"},        {"cat", "cat"}};
        for (size_t i = 0; i < sizeof slips / sizeof *slips; i++)
                ck_assert_pstr_eq(actor_suggest(slips[i][0], commands), slips[i][1]);
}
END_TEST

START_TEST(what_is_far_from_every_word_suggests_nothing)
{
        char word[70];
        memset(word, 'a', sizeof word);
        word[69] = '\0';
        ck_assert_ptr_null(actor_suggest("", commands));
        ck_assert_ptr_null(actor_suggest("x", commands));
        ck_assert_ptr_null(actor_suggest("zz", commands));
        ck_assert_ptr_null(actor_suggest("deploy", commands));
        ck_assert_ptr_null(actor_suggest(word, commands));
        ck_assert_ptr_null(actor_suggest("run", (const char *const[]){word, NULL}));
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_slip_of_the_hand_finds_the_word_meant);
        tcase_add_test(tcase, what_is_far_from_every_word_suggests_nothing);
}
TEST_MAIN("suggest", add_tests)
