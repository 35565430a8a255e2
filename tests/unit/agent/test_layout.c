/* SPDX-License-Identifier: Apache-2.0 */
#include "layout.h"
#include <actor/memory.h>
#include <check_main.h>
#include <string.h>
#include <sys/un.h>

START_TEST(sandboxes_lie_where_the_clients_look_for_them)
{
        const struct layout_sandbox custom = {"A", "F", "E", NULL, "C"};
        CLEANUP(actor_freep) char *path = layout_sandbox_path("/w", &custom);
        ck_assert_str_eq(path, "/w/agents/A/frameworks/F/executors/E/runs/C");
        const struct layout_sandbox command = {"A", "F", NULL, "alice", "C"};
        CLEANUP(actor_freep) char *shared = layout_sandbox_path("/w", &command);
        ck_assert_str_eq(shared, "/w/agents/A/frameworks/F/command-executors/alice/runs/C");
}
END_TEST

START_TEST(a_socket_path_always_fits_and_two_agents_never_share_one)
{
        char deep[300] = "/";
        memset(deep + 1, 'd', 200);
        CLEANUP(actor_freep) char *inside = layout_socket("/w");
        CLEANUP(actor_freep) char *one = layout_socket(deep);
        deep[5] = 'e';
        CLEANUP(actor_freep) char *two = layout_socket(deep);
        ck_assert_str_eq(inside, "/w/agent.sock");
        ck_assert_uint_lt(strlen(one), sizeof((struct sockaddr_un *) NULL)->sun_path);
        ck_assert_str_ne(one, two);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, sandboxes_lie_where_the_clients_look_for_them);
        tcase_add_test(tcase, a_socket_path_always_fits_and_two_agents_never_share_one);
}

TEST_MAIN("work directory layout", add_tests)
