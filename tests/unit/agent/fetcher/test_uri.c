/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/uri.h"
#include <check_main.h>
#include <string.h>

static struct uri uri;
static struct actor_error error;

static int parse(const char *value, const char *output)
{
        V1__CommandInfo__URI info = V1__COMMAND_INFO__URI__INIT;
        info.value = value;
        info.output_file = output;
        return uri_parse(&info, &uri, &error);
}

/* mission: A6 */
START_TEST(files_of_this_machine_and_of_other_agents_are_understood)
{
        ck_assert_int_eq(parse("file:///etc/hosts", NULL), 0);
        ck_assert_int_eq(uri.source, URI_FILE);
        ck_assert_str_eq(uri.path, "/etc/hosts");
        ck_assert_str_eq(uri.output, "hosts");
        ck_assert_int_eq(parse("/etc/hosts", "in/names"), 0);
        ck_assert_str_eq(uri.output, "in/names");
        ck_assert_int_eq(parse("troupe://10.0.0.1:5051/framework/F/executor/E/latest/out", "m1"), 0);
        ck_assert_int_eq(uri.source, URI_AGENT);
        ck_assert_str_eq(uri.address, "files@10.0.0.1:5051");
        ck_assert_str_eq(uri.path, "/framework/F/executor/E/latest/out");
        ck_assert_uint_eq(uri.mode, 0644);
}
END_TEST

START_TEST(an_executable_gets_its_bits)
{
        V1__CommandInfo__URI info = V1__COMMAND_INFO__URI__INIT;
        info.value = "/bin/true";
        info.has_executable = info.executable = true;
        ck_assert_int_eq(uri_parse(&info, &uri, &error), 0);
        ck_assert_uint_eq(uri.mode, 0755);
}
END_TEST

START_TEST(bad_uris_are_refused_and_quoted)
{
        const char *const bad[][2] = {
                {"ftp://x/y", NULL},
                {"relative/file", NULL},
                {"file://relative", NULL},
                {"troupe:///x", NULL},
                {"troupe://nohost", NULL},
                {"troupe://host/x", NULL},
                {"troupe://host:port/x", NULL},
                {"/etc/", NULL},
                {"/etc/hosts", "../up"},
                {"/etc/hosts", "/abs"},
                {"/etc/hosts", "a/../../b"},
                {"/etc/hosts", "a//b"},
                {"/etc/hosts", "a/"},
                {"/etc/hosts", "."},
                {"/etc/..", NULL},
        };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                ck_assert_msg(parse(bad[i][0], bad[i][1]) < 0, "%s -> %s was taken", bad[i][0], bad[i][1]);
                ck_assert_ptr_nonnull(strstr(error.text, bad[i][0]));
        }
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, files_of_this_machine_and_of_other_agents_are_understood);
        tcase_add_test(tcase, an_executable_gets_its_bits);
        tcase_add_test(tcase, bad_uris_are_refused_and_quoted);
}

TEST_MAIN("fetched URIs", add_tests)
