/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include <actor/error.h>
#include <actor/ref.h>
#include <errno.h>
#include <string.h>

static const struct {
        const char *text, *name, *endpoint;
} good[] = {
        {"master", "master", ""},
        {"allocator/shard/3", "allocator/shard/3", ""},
        {"master@127.0.0.1:5050", "master", "tcp://127.0.0.1:5050"},
        {"master@m1.example.org:1", "master", "tcp://m1.example.org:1"},
        {"master@[::1]:65535", "master", "tcp://[::1]:65535"},
        {"master@[fe80::1%eth0]:5050", "master", "tcp://[fe80::1%eth0]:5050"},
        {"a@ipc:/run/troupe/m.sock", "a", "ipc:///run/troupe/m.sock"},
        {"a@ipc:///run/m", "a", "ipc:///run/m"},
        {"a@ipc://@abstract", "a", "ipc://@abstract"},
        {"a@tcp://host:5", "a", "tcp://host:5"},
        {"a@ipc:5050", "a", "tcp://ipc:5050"},
        {"A-Z.a_z:0~9/", "A-Z.a_z:0~9/", ""},
};

static const char *const bad[] = {"",
                                  "@",
                                  "@host:1",
                                  "na me",
                                  "name!",
                                  "n\n",
                                  "m@",
                                  "m@host",
                                  "m@host:",
                                  "m@host:0",
                                  "m@host:65536",
                                  "m@host:99999999999",
                                  "m@host:+1",
                                  "m@host: 1",
                                  "m@host:1x",
                                  "m@:1",
                                  "m@ho st:1",
                                  "m@a@b:1",
                                  "m@[]:1",
                                  "m@[::g]:1",
                                  "m@[::1]",
                                  "m@::1:5050",
                                  "m@[::1:5050",
                                  "m@]:1",
                                  "m@[:1",
                                  "m@[fe80::1%e h]:1",
                                  "m@ipc:/",
                                  "m@ipc://run/x",
                                  "m@tcp://",
                                  "m@tcp://h",
                                  "m@udp://h:1"};

START_TEST(each_written_form_gives_its_name_and_endpoint)
{
        for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
                struct actor_error error = {""};
                struct actor_address address;
                ck_assert_msg(actor_address_parse(good[i].text, &address, &error) == 0, "%s", error.text);
                ck_assert_str_eq(address.name, good[i].name);
                ck_assert_str_eq(address.endpoint, good[i].endpoint);
        }
}
END_TEST

START_TEST(what_is_no_address_is_refused_and_changes_nothing)
{
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct actor_error error = {""};
                struct actor_address address = {"kept", "kept"};
                ck_assert_msg(actor_address_parse(bad[i], &address, &error) == -EINVAL, "%s", bad[i]);
                ck_assert_str_eq(address.name, "kept");
                ck_assert_str_eq(address.endpoint, "kept");
                ck_assert_ptr_nonnull(strstr(error.text, "address"));
                ck_assert_int_eq(actor_address_parse(bad[i], &address, NULL), -EINVAL);
        }
}
END_TEST

START_TEST(names_hosts_and_paths_have_limits)
{
        struct actor_address address;
        char text[2000];
        memset(text, 'a', sizeof text);
        text[ACTOR_NAME_MAX] = '\0';
        ck_assert_int_eq(actor_address_parse(text, &address, NULL), 0);
        text[ACTOR_NAME_MAX] = 'a';
        text[ACTOR_NAME_MAX + 1] = '\0';
        ck_assert_int_eq(actor_address_parse(text, &address, NULL), -EINVAL);

        memset(text, 'h', sizeof text);
        memcpy(text, "m@", 2);
        memcpy(text + 2 + 253, ":5050", 6);
        ck_assert_int_eq(actor_address_parse(text, &address, NULL),
                         -EINVAL); /* "tcp://" does not fit any more */
        memcpy(text + 2 + 200, ":5050", 6);
        ck_assert_int_eq(actor_address_parse(text, &address, NULL), 0);

        memset(text, 'p', sizeof text);
        memcpy(text, "m@ipc:/", 7);
        text[6 + 107] = '\0';
        ck_assert_int_eq(actor_address_parse(text, &address, NULL), 0);
        text[6 + 107] = 'p';
        text[6 + 108] = '\0';
        ck_assert_int_eq(actor_address_parse(text, &address, NULL), -EINVAL);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, each_written_form_gives_its_name_and_endpoint);
        tcase_add_test(tcase, what_is_no_address_is_refused_and_changes_nothing);
        tcase_add_test(tcase, names_hosts_and_paths_have_limits);
}
TEST_MAIN("addresses", add_tests)
