/* SPDX-License-Identifier: Apache-2.0 */
/* Real nodes over loopback: mail, large bodies, peers that come back, endpoints. */
#include "quiet.h"

#include "endpoints.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- two nodes ----------------------------------------------------------------------------------- */

static void exchange(const char *endpoint)
{
        char bound[256];
        static struct probe p, q;
        struct actor_node *a = quiet_node(), *b = listening_node(endpoint, bound, sizeof bound);
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
        ck_assert_uint_eq(totals_of(b).peers, 1);
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
        char own[80];
        exchange(own_ipc_endpoint(own, "exchange"));
}
END_TEST

START_TEST(a_hundred_thousand_messages_arrive_in_order)
{
        char bound[256];
        static struct probe p, q = {.is_quiet = true};
        struct actor_node *a = quiet_node(), *b = listening_node("tcp://127.0.0.1:*", bound, sizeof bound);
        struct actor_ref sender = probe_spawn(a, "p", &p);
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
        ck_assert_uint_lt(totals_of(a).wire_frames_out, 50000); /* they travelled together */
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

/* Each travels in parts, between those of the others. */
START_TEST(large_messages_of_many_senders_arrive_whole_and_in_order)
{
        enum { SENDERS = 12, EACH = 20, SIZE = 300000 };
        char bound[256], name[8];
        static struct probe p[SENDERS], q[SENDERS];
        struct actor_node *a = quiet_node(), *b = listening_node("tcp://127.0.0.1:*", bound, sizeof bound);
        for (int i = 0; i < SENDERS; i++) {
                snprintf(name, sizeof name, "q%d", i);
                q[i].is_quiet = true;
                probe_spawn(b, name, &q[i]);
                probe_order(a, probe_spawn(a, NULL, &p[i]),
                            (struct order){.what = ORDER_SEND_MANY,
                                           .to = resolve(a, name, bound),
                                           .number = 1,
                                           .count = EACH,
                                           .size = SIZE});
        }
        for (int i = 0; i < SENDERS; i++) {
                probe_await_notes(&q[i], EACH);
                ck_assert_uint_eq(q[i].out_of_order, 0);
        }
        ck_assert_uint_ge(totals_of(a).wire_frames_out, SENDERS * EACH * 2);
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

/* Asks until there is an answer, and says under which number: a question that goes out before the old
 * connection's end is noticed is lost with it (it is told so, and nothing is repeated), however late that
 * notice comes. */
static uint64_t ask_until_answered(struct actor_node *node, struct actor_ref asker, struct probe *probe,
                                   struct actor_ref to, uint64_t number)
{
        struct timespec limit = patience_limit();
        for (bool answered = false; !answered; number++) {
                probe_order(node, asker, (struct order){.what = ORDER_ASK, .to = to, .number = number});
                probe_await_text(probe, "reply ");
                pthread_mutex_lock(&probe->lock);
                answered = strstr(probe->transcript, "reply 1") != NULL;
                probe->transcript[0] = '\0';
                pthread_mutex_unlock(&probe->lock);
                struct timespec now;
                clock_gettime(CLOCK_REALTIME, &now);
                ck_assert_msg(now.tv_sec < limit.tv_sec, "no answer after %llu questions",
                              (unsigned long long) number);
        }
        return number - 1;
}

/* The last messages of a program that ends at once are not lost; once it is connected, since it does not wait
 * for long (NET_LINGER_MS). */
START_TEST(what_was_sent_before_the_end_arrives)
{
        char bound[256];
        static struct probe p, q = {.is_quiet = true};
        struct actor_node *a = quiet_node(), *b = listening_node("tcp://127.0.0.1:0", bound, sizeof bound);
        struct actor_ref sender = probe_spawn(a, "p", &p);
        probe_spawn(b, "q", &q);
        struct actor_ref q_at_b = resolve(a, "q", bound);
        uint64_t number = ask_until_answered(a, sender, &p, q_at_b, 1);
        probe_order(
                a, sender,
                (struct order){.what = ORDER_SEND_MANY, .to = q_at_b, .number = number + 1, .count = 1000});
        actor_node_free(a);
        probe_await_notes(&q, number + 1000);
        ck_assert_uint_eq(q.out_of_order, 0);
        actor_node_free(b);
}
END_TEST

START_TEST(a_peer_that_comes_back_at_its_endpoint_is_found_again)
{
        char bound[256], own[32];
        static struct probe p, q, again;
        struct actor_node *a = quiet_node(), *b = listening_node(own_tcp_endpoint(own), bound, sizeof bound);
        struct actor_ref sender = probe_spawn(a, "p", &p);
        probe_spawn(b, "q", &q);
        struct actor_ref q_at_b = resolve(a, "q", bound);
        ck_assert_uint_eq(ask_until_answered(a, sender, &p, q_at_b, 1), 1);
        actor_node_free(b);
        b = listening_node(bound, NULL, 0);
        probe_spawn(b, "q", &again);
        uint64_t number = ask_until_answered(a, sender, &p, q_at_b, 2);
        actor_node_free(a);
        actor_node_free(b);
        ck_assert_uint_eq(again.last, number);
        ck_assert_uint_eq(q.notes, 1);
}
END_TEST

/* ---- listening ----------------------------------------------------------------------------------- */

static void expect_refusal(struct actor_node *node, const char *endpoint, int error_wanted, const char *text)
{
        struct actor_error error = {.text = ""};
        ck_assert_int_eq(actor_node_listen(node, endpoint, NULL, 0, &error), error_wanted);
        ck_assert_msg(strstr(error.text, text) && strstr(error.text, endpoint), "%s", error.text);
}

START_TEST(an_endpoint_that_cannot_be_had_is_refused_with_a_sentence)
{
        char bound[256];
        struct actor_node *a = listening_node("tcp://127.0.0.1:0", bound, sizeof bound), *b = quiet_node();
        expect_refusal(b, bound, -EADDRINUSE, "in use");
        expect_refusal(b, "tcp://203.0.113.7:5050", -EADDRNOTAVAIL, "no such address");
        expect_refusal(b, "tcp://127.0.0.1:70000", -EINVAL, "bad port");
        expect_refusal(b, "udp://127.0.0.1:7000", -EINVAL, "neither tcp");
        expect_refusal(b, "ipc:///no/such/folder/x", -ENOENT, "no such directory");
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

START_TEST(a_socket_file_is_taken_over_from_the_dead_only)
{
        char own[80];
        const char *endpoint = own_ipc_endpoint(own, "stale"), *path = endpoint + strlen("ipc://");
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
        unlink(path);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        ck_assert_int_eq(bind(fd, (const struct sockaddr *) &address, sizeof address), 0);
        close(fd); /* the file stays */
        struct actor_node *a = listening_node(endpoint, NULL, 0), *b = quiet_node();
        expect_refusal(b, endpoint, -EADDRINUSE, "another process");
        actor_node_free(a);
        FILE *file = fopen(path, "w");
        fclose(file);
        expect_refusal(b, endpoint, -EEXIST, "no socket");
        unlink(path);
        actor_node_free(b);
}
END_TEST

START_TEST(listening_to_the_world_without_keys_is_warned_of)
{
        char bound[256];
        struct actor_node *a = listening_node("tcp://127.0.0.1:0", bound, sizeof bound);
        ck_assert(!was_logged("WITHOUT ENCRYPTION"));
        ck_assert(strncmp(bound, "tcp://127.0.0.1:", 16) == 0 && strcmp(bound + 16, "0") != 0);
        struct actor_node *b = listening_node("tcp://*:0", bound, sizeof bound);
        ck_assert(was_logged("WITHOUT ENCRYPTION"));
        ck_assert(!strchr(bound, '*') && !strstr(bound, "0.0.0.0"));
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

START_TEST(a_host_name_can_be_listened_on)
{
        char bound[256];
        static struct probe p, q;
        struct actor_node *a = quiet_node(), *b = listening_node("tcp://localhost:0", bound, sizeof bound);
        ck_assert(strncmp(bound, "tcp://localhost:", 16) == 0);
        struct actor_ref asker = probe_spawn(a, "p", &p);
        probe_spawn(b, "q", &q);
        probe_order(a, asker, (struct order){.what = ORDER_ASK, .to = resolve(a, "q", bound), .number = 1});
        probe_await(&p, "reply 1001\n");
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, mail_and_answers_share_one_connection_over_tcp);
        tcase_add_test(tcase, mail_and_answers_share_one_connection_over_ipc);
        tcase_add_test(tcase, a_hundred_thousand_messages_arrive_in_order);
        tcase_add_test(tcase, large_messages_of_many_senders_arrive_whole_and_in_order);
        tcase_add_test(tcase, what_was_sent_before_the_end_arrives);
        tcase_add_test(tcase, a_peer_that_comes_back_at_its_endpoint_is_found_again);
        tcase_add_test(tcase, an_endpoint_that_cannot_be_had_is_refused_with_a_sentence);
        tcase_add_test(tcase, a_socket_file_is_taken_over_from_the_dead_only);
        tcase_add_test(tcase, listening_to_the_world_without_keys_is_warned_of);
        tcase_add_test(tcase, a_host_name_can_be_listened_on);
}

TEST_MAIN("nodes over ZeroMQ", add_tests)
