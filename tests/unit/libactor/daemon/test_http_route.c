/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "daemon/http_route.h"
#include <string.h>

static const struct actor_http_route routes[] = {
        {"GET", "/state", {0, 1, 1}},           {"GET", "/files/*", {0, 2, 1}},
        {"POST", "/api/v1", {0, 3, 1}},         {"GET", "/files/browse", {0, 4, 1}},
        {"POST", "/files/*", {0, 5, 1}},        {"GET", "/files/logs/*", {0, 6, 1}},
        {"DELETE", "/files/browse", {0, 7, 1}},
};
#define COUNT (sizeof routes / sizeof *routes)

static void takes(const char *method, const char *path, uint32_t slot)
{
        const struct actor_http_route *route = NULL;
        ck_assert_int_eq(http_route_find(routes, COUNT, method, path, &route), 0);
        ck_assert_uint_eq(route->actor.slot, slot);
}

START_TEST(an_exact_path_wins_over_prefixes_and_a_longer_prefix_over_a_shorter)
{
        takes("GET", "/state", 1);
        takes("HEAD", "/state", 1);
        takes("GET", "/files/", 2);
        takes("GET", "/files/other", 2);
        takes("GET", "/files/browse", 4);
        takes("GET", "/files/logs/a/b", 6);
        takes("POST", "/files/logs/a", 5);
        takes("POST", "/files/browse", 5);
        takes("DELETE", "/files/browse", 7);
}
END_TEST

START_TEST(what_no_route_serves_is_told_apart_from_what_other_methods_may)
{
        const struct actor_http_route *route = NULL;
        ck_assert_int_eq(http_route_find(routes, COUNT, "GET", "/", &route), ROUTE_E_NO_PATH);
        ck_assert_int_eq(http_route_find(routes, COUNT, "GET", "/states", &route), ROUTE_E_NO_PATH);
        ck_assert_int_eq(http_route_find(routes, COUNT, "GET", "/files", &route), ROUTE_E_NO_PATH);
        ck_assert_int_eq(http_route_find(routes, COUNT, "get", "/state", &route), ROUTE_E_NO_METHOD);
        ck_assert_int_eq(http_route_find(routes, COUNT, "HEAD", "/api/v1", &route), ROUTE_E_NO_METHOD);
        ck_assert_int_eq(http_route_find(routes, 0, "GET", "/state", &route), ROUTE_E_NO_PATH);
        ck_assert_ptr_null(route);
}
END_TEST

START_TEST(the_allowed_methods_are_named_once_each)
{
        char allowed[64];
        http_route_allowed(routes, COUNT, "/files/browse", allowed, sizeof allowed);
        ck_assert_str_eq(allowed, "GET, HEAD, POST, DELETE");
        http_route_allowed(routes, COUNT, "/nowhere", allowed, sizeof allowed);
        ck_assert_str_eq(allowed, "");
        http_route_allowed(routes, COUNT, "/files/browse", allowed, 12);
        ck_assert_str_eq(allowed, "GET, HEAD");
}
END_TEST

START_TEST(escapes_are_decoded_but_never_end_a_text)
{
        static const char *const cases[][2] = {
                {"/a%20b", "/a b"}, {"%41%4a%4A", "AJJ"}, {"a%00b", "a%00b"},   {"%", "%"},
                {"%4", "%4"},       {"%zz%4", "%zz%4"},   {"%25%32%30", "%20"}, {"", ""},
                {"%ff", "\xff"},    {"100%", "100%"}};
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                char text[32];
                memcpy(text, cases[i][0], strlen(cases[i][0]) + 1);
                size_t length = http_unescape(text);
                ck_assert_str_eq(text, cases[i][1]);
                ck_assert_uint_eq(length, strlen(text));
        }
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_exact_path_wins_over_prefixes_and_a_longer_prefix_over_a_shorter);
        tcase_add_test(tcase, what_no_route_serves_is_told_apart_from_what_other_methods_may);
        tcase_add_test(tcase, the_allowed_methods_are_named_once_each);
        tcase_add_test(tcase, escapes_are_decoded_but_never_end_a_text);
}
TEST_MAIN("http routes", add_tests)
