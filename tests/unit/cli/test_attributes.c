/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "local/attributes.h"

#include <actor/memory.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

START_TEST(each_agent_gets_its_own)
{
        static const struct {
                const char *text;
                unsigned number;
                const char *attributes;
        } cases[] = {
                {NULL, 1, ""},
                {"", 2, ""},
                {"rack:r1;cores:8", 7, "rack:r1;cores:8"},
                {"rack:r%n;name:n%n", 12, "rack:r12;name:n12"},
                {"rack:r1|rack:r2", 1, "rack:r1"},
                {"rack:r1|rack:r2", 2, "rack:r2"},
                {"rack:r1|rack:r2", 5, "rack:r1"},
                {"rack:r%n||gpu:1", 2, ""},
                {"rack:r%n||gpu:1", 4, "rack:r4"},
                {"share:5%", 1, "share:5%"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                CLEANUP(actor_freep) char *attributes = local_attributes(cases[i].text, cases[i].number);
                ck_assert_str_eq(attributes, cases[i].attributes);
        }
}
END_TEST

START_TEST(what_an_agent_would_not_take_is_refused_before_it_starts)
{
        struct actor_error error = {""};
        ck_assert_int_eq(local_attributes_check("rack:r1|rack:r%n", 5, &error), 0);
        ck_assert_int_eq(local_attributes_check(NULL, 5, &error), 0);
        ck_assert_int_eq(local_attributes_check("rack:r1|rack", 1, &error), 0); /* nobody gets the second */
        ck_assert_int_eq(local_attributes_check("rack:r1|rack", 2, &error), -EINVAL);
        ck_assert_str_eq(error.text, "--attributes, agent 2: attribute 'rack': expected NAME:VALUE");
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, each_agent_gets_its_own);
        tcase_add_test(tcase, what_an_agent_would_not_take_is_refused_before_it_starts);
}

TEST_MAIN("attributes of local agents", add_tests)
