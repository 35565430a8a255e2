/* SPDX-License-Identifier: Apache-2.0 */
#include "files/path.h"
#include <check_main.h>
#include <stdio.h>

static struct files_path path;
static struct actor_error error;

static int parse(const char *text)
{
        return files_path_parse(text, "/var/lib/troupe", "A1", &path, &error);
}

START_TEST(the_virtual_and_the_real_form_mean_the_same_file)
{
        ck_assert_int_eq(parse("/framework/F/executor/E/latest/stdout"), 0);
        ck_assert_str_eq(path.runs, "agents/A1/frameworks/F/executors/E/runs");
        ck_assert_str_eq(path.container, "latest");
        ck_assert_str_eq(path.inside, "stdout");
        ck_assert_int_eq(parse("/var/lib/troupe/agents/A1/frameworks/F/executors/E/runs/C/a/b"), 0);
        ck_assert_str_eq(path.runs, "agents/A1/frameworks/F/executors/E/runs");
        ck_assert_str_eq(path.container, "C");
        ck_assert_str_eq(path.inside, "a/b");
        ck_assert_int_eq(parse("/framework/F/executor/E/runs/C"), 0);
        ck_assert_str_eq(path.container, "C");
        ck_assert_str_eq(path.inside, ".");
        ck_assert_int_eq(parse("/framework/F/executor/E/latest/"), 0);
        ck_assert_str_eq(path.inside, ".");
}
END_TEST

START_TEST(no_other_path_is_taken)
{
        const char *const bad[] = {
                "",
                "/",
                "/etc/passwd",
                "stdout",
                "/framework/F",
                "/framework/F/executor/E",
                "/framework/F/executor/E/stdout",
                "/framework/../executor/E/latest/stdout",
                "/framework/F/executor/../latest/stdout",
                "/framework/F/executor/E/runs/../stdout",
                "/framework/F/executor/E/runs/./stdout",
                "/frameworks/F/executor/E/latest/stdout",
                "/var/lib/troupe/meta/data.mdb",
                "/var/lib/troupe/agents/A2/frameworks/F/executors/E/runs/C/a",
                "/var/lib/troupe/agents/A1/frameworks/F/executors/../runs/C/a",
                "/var/lib/troupe2/agents/A1/frameworks/F/executors/E/runs/C/a",
        };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
                ck_assert_msg(parse(bad[i]) < 0, "%s was taken", bad[i]);
        ck_assert_int_lt(files_path_parse("/framework/F/executor/E/latest", "/w", NULL, &path, &error), 0);
}
END_TEST

START_TEST(a_name_too_long_for_an_id_is_refused)
{
        char text[2 * PATH_MAX], name[257] = "";
        memset(name, 'x', 256);
        snprintf(text, sizeof text, "/framework/%s/executor/E/latest", name);
        ck_assert_int_lt(parse(text), 0);
        memset(text, '/', sizeof text - 1);
        ck_assert_int_lt(parse(text), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, the_virtual_and_the_real_form_mean_the_same_file);
        tcase_add_test(tcase, no_other_path_is_taken);
        tcase_add_test(tcase, a_name_too_long_for_an_id_is_refused);
}

TEST_MAIN("sandbox paths", add_tests)
