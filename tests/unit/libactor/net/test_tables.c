/* SPDX-License-Identifier: Apache-2.0 */
/* The small tables beneath the peers: names, crossings, endpoints. */
#include <check.h>

#include "check_main.h"
#include "net/crossings.h"
#include "net/endpoint.h"
#include "net/intern.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

START_TEST(a_text_keeps_its_number)
{
        struct intern *intern = intern_new(2000);
        char text[32];
        for (uint32_t i = 1; i <= 1000; i++) {
                snprintf(text, sizeof text, "tcp://host%u:1", i);
                ck_assert_uint_eq(intern_add(intern, text), i);
        }
        for (uint32_t i = 1; i <= 1000; i++) {
                snprintf(text, sizeof text, "tcp://host%u:1", i);
                ck_assert_uint_eq(intern_add(intern, text), i);
                ck_assert_uint_eq(intern_find(intern, text), i);
                ck_assert_str_eq(intern_text(intern, i), text);
        }
        ck_assert_uint_eq(intern_find(intern, "other"), 0);
        ck_assert_ptr_null(intern_text(intern, 0));
        ck_assert_ptr_null(intern_text(intern, 1001));
        intern_free(intern);
}
END_TEST

START_TEST(a_full_table_gives_no_numbers)
{
        struct intern *intern = intern_new(2);
        ck_assert_uint_eq(intern_add(intern, "a"), 1);
        ck_assert_uint_eq(intern_add_unnamed(intern, "a"), 2);
        ck_assert_uint_eq(intern_add(intern, "b"), 0);
        ck_assert_uint_eq(intern_add_unnamed(intern, "b"), 0);
        ck_assert_uint_eq(intern_add(intern, "a"), 1);
        ck_assert_uint_eq(intern_find(intern, "b"), 0);
        intern_free(intern);
}
END_TEST

static struct crossing crossing_of(uint64_t n)
{
        return (struct crossing){
                .near = {0, (uint32_t) (n % 7), 1 + n % 3}, .far = {1, (uint32_t) n, 1}, .id = 1 + n / 2};
}

START_TEST(a_crossing_is_there_until_it_is_removed)
{
        struct crossings crossings = {0};
        static bool there[4000];
        uint64_t state = 1;
        for (int i = 0; i < 200000; i++) {
                state = state * 6364136223846793005u + 1442695040888963407u;
                uint64_t n = (state >> 33) % 4000;
                struct crossing crossing = crossing_of(n), got;
                if (there[n]) {
                        ck_assert(crossings_remove(&crossings, crossing.near, crossing.id, &got));
                        ck_assert_uint_eq(got.far.slot, n);
                } else {
                        ck_assert(!crossings_remove(&crossings, crossing.near, crossing.id, NULL));
                        crossings_add(&crossings, &crossing);
                }
                there[n] = !there[n];
        }
        size_t count = 0;
        for (size_t n = 0; n < 4000; n++)
                count += there[n];
        ck_assert_uint_eq(crossings.count, count);
        crossings_done(&crossings);
}
END_TEST

START_TEST(endpoints_are_taken_apart)
{
        static const struct {
                const char *text, *host, *port;
                bool is_local, is_wildcard;
        } good[] = {
                {"tcp://127.0.0.1:5050", "127.0.0.1", "5050", true, false},
                {"tcp://127.3.2.1:0", "127.3.2.1", "0", true, false},
                {"tcp://localhost:*", "localhost", "0", true, false},
                {"tcp://[::1]:65535", "[::1]", "65535", true, false},
                {"tcp://*:5050", "*", "5050", false, true},
                {"tcp://0.0.0.0:1", "0.0.0.0", "1", false, true},
                {"tcp://[::]:1", "[::]", "1", false, true},
                {"tcp://m1.example.org:5050", "m1.example.org", "5050", false, false},
        };
        for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
                struct endpoint endpoint;
                ck_assert_int_eq(endpoint_parse(good[i].text, &endpoint, NULL), 0);
                ck_assert_str_eq(endpoint.host, good[i].host);
                ck_assert_str_eq(endpoint.port, good[i].port);
                ck_assert(endpoint_is_local(&endpoint) == good[i].is_local);
                ck_assert(endpoint_is_wildcard(&endpoint) == good[i].is_wildcard);
        }
}
END_TEST

START_TEST(a_bad_endpoint_is_named_in_the_error)
{
        static const char *const bad[] = {
                "",           "udp://a:1",     "tcp://",    "tcp://a",     "tcp://a:",
                "tcp://:1",   "tcp://a:65536", "tcp://a:x", "tcp://a b:1", "tcp://[::1:5",
                "tcp://a:-1", "ipc://",
        };
        char long_path[200] = "ipc:///";
        memset(long_path + strlen(long_path), 'a', 120);
        ck_assert_int_eq(endpoint_parse(long_path, &(struct endpoint){0}, NULL), -EINVAL);
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct endpoint endpoint = {.port = "x"};
                struct actor_error error;
                ck_assert_msg(endpoint_parse(bad[i], &endpoint, &error) == -EINVAL, "%s", bad[i]);
                ck_assert_msg(strstr(error.text, bad[i]) != NULL, "%s", error.text);
                ck_assert_str_eq(endpoint.port, "x");
        }
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_text_keeps_its_number);
        tcase_add_test(tcase, a_full_table_gives_no_numbers);
        tcase_add_test(tcase, a_crossing_is_there_until_it_is_removed);
        tcase_add_test(tcase, endpoints_are_taken_apart);
        tcase_add_test(tcase, a_bad_endpoint_is_named_in_the_error);
}

TEST_MAIN("the tables of the network", add_tests)
