/* SPDX-License-Identifier: Apache-2.0 */
/* Two real nodes over loopback. */
#include <check.h>

#include "probe.h"
#include "check_main.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static struct actor_node *node_at(const char *endpoint, char *bound, size_t size)
{
        struct actor_node *node;
        struct actor_error error;
        struct actor_node_config config = {
                .name = "node", .workers = 1, .types = note_types, .heartbeat_ms = 200};
        int r = actor_node_new(&config, &node);
        ck_assert_int_eq(r, 0);
        if (endpoint)
                ck_assert_msg(actor_node_listen(node, endpoint, bound, size, &error) == 0, "%s", error.text);
        return node;
}

static void exchange(const char *endpoint)
{
        char bound[256];
        static struct probe p, q;
        p = q = (struct probe){0};
        struct actor_node *a = node_at(NULL, NULL, 0), *b = node_at(endpoint, bound, sizeof bound);
        struct actor_ref asker = probe_spawn(a, "p", &p);
        probe_spawn(b, "q", &q);
        struct actor_ref q_at_b = resolve(a, "q", bound);
        probe_order(a, asker, (struct order){.what = ORDER_SEND, .to = q_at_b, .number = 1});
        probe_order(a, asker, (struct order){.what = ORDER_ASK, .to = q_at_b, .number = 2});
        probe_await(&p, "reply 1002\n");
        probe_await(&q, "note 1\nnote 2\n");
        probe_order(a, asker, (struct order){.what = ORDER_MONITOR, .to = q_at_b});
        probe_order(a, asker,
                    (struct order){.what = ORDER_ASK, .to = resolve(a, "nobody", bound), .number = 3});
        probe_await(&p, "reply ESRCH\n");
        actor_node_free(b);
        probe_await(&p, "down finished\n");
        actor_node_free(a);
}

START_TEST(mail_and_answers_share_one_connection_over_tcp)
{
        exchange("tcp://127.0.0.1:0");
}
END_TEST

START_TEST(mail_and_answers_share_one_connection_over_ipc)
{
        exchange("ipc:///tmp/troupe-test-net.sock");
}
END_TEST

START_TEST(a_hundred_thousand_messages_arrive_in_order)
{
        char bound[256];
        static struct probe p, q;
        struct actor_node *a = node_at(NULL, NULL, 0), *b = node_at("tcp://127.0.0.1:*", bound, sizeof bound);
        struct actor_ref sender = probe_spawn(a, "p", &p);
        q.is_quiet = true;
        probe_spawn(b, "q", &q);
        struct actor_ref q_at_b = resolve(a, "q", bound);
        for (uint64_t i = 0; i < 100; i++)
                probe_order(a, sender,
                            (struct order){.what = ORDER_SEND_MANY,
                                           .to = q_at_b,
                                           .number = 1 + i * 1000,
                                           .count = 1000,
                                           .size = 100});
        probe_await_notes(&q, 100000);
        ck_assert_uint_eq(q.out_of_order, 0);
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, mail_and_answers_share_one_connection_over_tcp);
        tcase_add_test(tcase, mail_and_answers_share_one_connection_over_ipc);
        tcase_add_test(tcase, a_hundred_thousand_messages_arrive_in_order);
}

TEST_MAIN("nodes over ZeroMQ", add_tests)
