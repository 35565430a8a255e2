/* SPDX-License-Identifier: Apache-2.0 */
/* Real nodes over loopback, and raw ZeroMQ clients that do not play by the rules. */
#include <check.h>

#include "probe.h"
#include "check_main.h"
#include "endpoints.h"
#include "net/frame.h"

#include <actor/log.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

enum { HEARTBEAT_MS = 10000 }; /* patience for machines that do much else */

/* What the nodes log, for the tests that look. */
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_text[65536];

static void keep_line(void *arg, enum actor_log_level level, const char *line)
{
        pthread_mutex_lock(&log_lock);
        size_t used = strlen(log_text);
        snprintf(log_text + used, sizeof log_text - used, "%s\n", line);
        pthread_mutex_unlock(&log_lock);
}

static bool was_logged(const char *text)
{
        pthread_mutex_lock(&log_lock);
        bool found = strstr(log_text, text) != NULL;
        pthread_mutex_unlock(&log_lock);
        return found;
}

static struct actor_node *quiet_node(void)
{
        static struct actor_log *log;
        struct actor_node *node;
        if (!log)
                log = actor_log_new_function(keep_line, NULL, ACTOR_LOG_WARN);
        struct actor_node_config config = {.name = "node",
                                           .workers = 1,
                                           .types = note_types,
                                           .message_max = 1 << 20,
                                           .heartbeat_ms = HEARTBEAT_MS,
                                           .log = log};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        return node;
}

static struct actor_node *listening_node(const char *endpoint, char *bound, size_t size)
{
        struct actor_error error;
        struct actor_node *node = quiet_node();
        ck_assert_msg(actor_node_listen(node, endpoint, bound, size, &error) == 0, "%s", error.text);
        return node;
}

static struct actor_node_totals totals_of(struct actor_node *node)
{
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        return totals;
}

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
        ck_assert_uint_gt(totals_of(a).wire_frames_out, SENDERS * EACH * (SIZE / 65536));
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

/* ---- bad input ------------------------------------------------------------------------------------ */

static uint64_t dice_state = 20260101;
static uint64_t dice(void)
{
        dice_state ^= dice_state << 13;
        dice_state ^= dice_state >> 7;
        dice_state ^= dice_state << 17;
        return dice_state;
}

static void *raw_client(void *context, const char *endpoint)
{
        void *socket = zmq_socket(context, ZMQ_DEALER);
        int linger = 1000, wait_ms = PATIENCE_S * 1000;
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
        zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
        ck_assert_int_eq(zmq_connect(socket, endpoint), 0);
        return socket;
}

static struct frame_buffer hello_frame(uint64_t incarnation)
{
        struct frame_buffer frame = {0};
        struct frame_hello hello = {
                .incarnation = incarnation, .message_max = 1 << 20, .heartbeat_ms = 60000, .name = "raw"};
        frame_hello_encode(&frame, FRAME_HELLO, &hello);
        return frame;
}

static void send_frame(void *socket, struct frame_buffer *frame)
{
        ck_assert_int_ge(zmq_send(socket, frame->data, frame->size, 0), 0);
        frame_buffer_done(frame);
}

/* The next frame's type; its bytes in `data`. */
static int receive_frame(void *socket, uint8_t *data, size_t data_size, int *ret_size)
{
        struct frame_header header;
        *ret_size = zmq_recv(socket, data, data_size, 0);
        ck_assert_int_gt(*ret_size, 0);
        ck_assert_int_eq(frame_header_decode(data, (size_t) *ret_size, &header), 0);
        return header.type;
}

/* Greets, and is let in. */
static void *raw_peer(void *context, const char *endpoint, uint64_t incarnation)
{
        uint8_t data[512];
        int size;
        void *client = raw_client(context, endpoint);
        struct frame_buffer frame = hello_frame(incarnation);
        send_frame(client, &frame);
        ck_assert_int_eq(receive_frame(client, data, sizeof data, &size), FRAME_WELCOME);
        frame_begin(&frame, FRAME_CONFIRM);
        send_frame(client, &frame);
        return client;
}

START_TEST(another_version_is_answered_with_both_versions)
{
        char bound[256], text[256];
        uint8_t data[512];
        int size;
        struct actor_node *a = listening_node("tcp://127.0.0.1:0", bound, sizeof bound);
        void *context = zmq_ctx_new(), *client = raw_client(context, bound);
        struct frame_buffer frame = hello_frame(5);
        frame.data[2] = 9;
        send_frame(client, &frame);
        ck_assert_int_eq(receive_frame(client, data, sizeof data, &size), FRAME_ERROR);
        frame_error_decode(data, (size_t) size, text, sizeof text);
        ck_assert_str_eq(text, "this node speaks envelope version 2, the frame is of version 9");
        ck_assert_uint_eq(totals_of(a).wire_rejected, 1);
        zmq_close(client);
        zmq_ctx_term(context);
        actor_node_free(a);
}
END_TEST

/* Who announces more than this node can want has broken the rules, before a byte of it has come. */
START_TEST(a_body_in_parts_over_the_limit_ends_the_link)
{
        char bound[256];
        uint8_t data[512];
        int size;
        struct actor_node *a = listening_node("tcp://127.0.0.1:0", bound, sizeof bound);
        void *context = zmq_ctx_new(), *client = raw_peer(context, bound, 5);
        struct frame_buffer frame = {0};
        struct frame_item item = {.kind = FRAME_MESSAGE,
                                  .to = {.slot = 1, .generation = 1},
                                  .type = 1,
                                  .cut = 1,
                                  .cut_size = (1 << 20) + 1};
        frame_begin(&frame, FRAME_DATA);
        (void) frame_item_encode(&frame, &item);
        frame_end(&frame, 1, 1);
        send_frame(client, &frame);
        frame_begin(&frame, FRAME_DATA); /* to hear that there is no such link any more */
        memset(frame_part_encode(&frame, 1, 1), 0, 1);
        frame_end(&frame, 1, 2);
        send_frame(client, &frame);
        ck_assert_int_eq(receive_frame(client, data, sizeof data, &size), FRAME_GOODBYE);
        ck_assert_uint_eq(totals_of(a).wire_rejected, 1);
        ck_assert_uint_eq(totals_of(a).peers, 0);
        zmq_close(client);
        zmq_ctx_term(context);
        actor_node_free(a);
}
END_TEST

START_TEST(a_frame_over_the_limit_closes_the_connection)
{
        char bound[256];
        uint8_t data[512];
        int size;
        struct actor_node *a = listening_node("tcp://127.0.0.1:0", bound, sizeof bound);
        void *context = zmq_ctx_new(), *client = raw_client(context, bound);
        struct frame_buffer frame = hello_frame(5);
        send_frame(client, &frame);
        ck_assert_int_eq(receive_frame(client, data, sizeof data, &size), FRAME_WELCOME);
        void *events = zmq_socket(context, ZMQ_PAIR);
        zmq_socket_monitor(client, "inproc://client-events", ZMQ_EVENT_DISCONNECTED);
        zmq_connect(events, "inproc://client-events");
        static uint8_t large[4 << 20];
        ck_assert_int_eq(zmq_send(client, large, sizeof large, 0), sizeof large);
        ck_assert_int_gt(zmq_recv(events, data, sizeof data, 0), 0);
        zmq_close(events);
        zmq_close(client);
        zmq_ctx_term(context);
        actor_node_free(a);
}
END_TEST

/* A frame a raw client may send: noise, noise behind a good header, or a good frame with a few bytes
 * changed. */
static void send_bad_frame(void *socket, const struct frame_buffer *sound)
{
        uint8_t data[512];
        size_t size = dice() % sizeof data;
        for (size_t i = 0; i < size; i++)
                data[i] = (uint8_t) dice();
        uint64_t choice = dice() % 3;
        if (choice == 1 && size >= FRAME_HEADER_SIZE) {
                memcpy(data, "TA\1", 3);
                data[3] = (uint8_t) (dice() % 10);
        } else if (choice == 2) {
                size = sound->size;
                memcpy(data, sound->data, size);
                for (int i = 0; i < 3; i++)
                        data[dice() % size] = (uint8_t) dice();
        }
        int flags = dice() % 16 == 0 ? ZMQ_SNDMORE : 0;
        ck_assert_int_ge(zmq_send(socket, data, size, flags), 0);
        if (flags)
                ck_assert_int_ge(zmq_send(socket, data, size, 0), 0);
}

/* A frame with an ask and a monitor for "q". */
static struct frame_buffer asking_frame(void)
{
        struct frame_buffer frame = {0};
        struct frame_item item = {.kind = FRAME_ASK,
                                  .to = {.name = "q", .name_size = 1},
                                  .from = {.slot = 1, .generation = 1},
                                  .ask_id = 1,
                                  .type = frame_type_hash("test.Note"),
                                  .body_size = 2};
        frame_begin(&frame, FRAME_DATA);
        memcpy(frame_item_encode(&frame, &item), "\010\001", 2);
        item.kind = FRAME_MONITOR;
        item.type = 0;
        item.body_size = 0;
        (void) frame_item_encode(&frame, &item);
        frame_end(&frame, 2, 1);
        return frame;
}

/* The node hears of a peer's actor: its first peer, and the id that asking_frame() gives. */
static const struct actor_ref known = {1, 1, 1};
static void make_known(void *client)
{
        uint8_t data[512];
        int size;
        struct frame_buffer frame = asking_frame();
        send_frame(client, &frame);
        ck_assert_int_eq(receive_frame(client, data, sizeof data, &size), FRAME_DATA);
}

/* Some of the bad frames arrive after a proper handshake, the others as a first word. */
static void misbehave(void *context, const char *endpoint)
{
        void *client = raw_client(context, endpoint);
        struct frame_buffer sound = asking_frame(), frame = hello_frame(dice() | 1);
        int linger = PATIENCE_S * 1000; /* all of them shall get there */
        zmq_setsockopt(client, ZMQ_LINGER, &linger, sizeof linger);
        if (dice() % 2) {
                send_frame(client, &frame);
                frame_begin(&frame, FRAME_CONFIRM);
                send_frame(client, &frame);
                ck_assert_int_ge(zmq_send(client, sound.data, sound.size, 0), 0);
                frame_end(&sound, 2, 2);
        }
        for (int i = 0; i < 100; i++)
                send_bad_frame(client, &sound);
        frame_buffer_done(&sound);
        frame_buffer_done(&frame);
        zmq_close(client);
}

static bool has_rejected_many(void *node)
{
        return totals_of(node).wire_rejected > 1000;
}

START_TEST(tens_of_thousands_of_bad_frames_do_not_disturb_the_good_ones)
{
        char bound[256];
        static struct probe p, q = {.is_quiet = true};
        struct actor_node *a = quiet_node(), *b = listening_node("tcp://127.0.0.1:0", bound, sizeof bound);
        struct actor_ref sender = probe_spawn(a, "p", &p);
        probe_spawn(b, "good", &q);
        static struct probe victim = {.is_quiet = true};
        probe_spawn(b, "q", &victim);
        struct actor_ref to = resolve(a, "good", bound);
        void *context = zmq_ctx_new();
        for (uint64_t i = 0; i < 300; i++) {
                misbehave(context, bound);
                probe_order(a, sender,
                            (struct order){.what = ORDER_SEND_MANY,
                                           .to = to,
                                           .number = 1 + i * 100,
                                           .count = 100,
                                           .size = 50});
        }
        probe_await_notes(&q, 30000);
        ck_assert_uint_eq(q.out_of_order, 0);
        zmq_ctx_term(context);
        ck_assert(comes_true(has_rejected_many, b));
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

/* Its machine has another address now, or a way through another one's: who knew it by id still reaches it. */
START_TEST(a_peer_that_comes_from_another_address_is_the_same_peer)
{
        char bound[256];
        uint8_t data[512];
        int size;
        static struct probe q = {.is_quiet = true};
        struct actor_node *a = listening_node("tcp://127.0.0.1:0", bound, sizeof bound);
        struct actor_ref asker = probe_spawn(a, "q", &q);
        void *context = zmq_ctx_new(), *before = raw_peer(context, bound, 5);
        make_known(before);
        void *now = raw_peer(context, bound, 5);
        make_known(now);
        ck_assert_uint_eq(totals_of(a).peers, 1);
        probe_order(a, asker, (struct order){.what = ORDER_SEND, .to = known, .number = 9});
        ck_assert_int_eq(receive_frame(now, data, sizeof data, &size), FRAME_DATA);
        zmq_close(before);
        zmq_close(now);
        zmq_ctx_term(context);
        actor_node_free(a);
}
END_TEST

/* A peer that greets, and then neither reads nor acknowledges: it fills its own window and queue, no
 * more, while another peer's traffic goes on. */
START_TEST(a_peer_that_does_not_read_costs_its_own_link_only)
{
        char bound[256];
        static struct probe p, q = {.is_quiet = true};
        struct actor_node *a = listening_node("tcp://127.0.0.1:0", bound, sizeof bound);
        struct actor_ref asker = probe_spawn(a, "q", &q);
        void *context = zmq_ctx_new(), *client = raw_peer(context, bound, 5);
        make_known(client);
        probe_order(a, asker,
                    (struct order){
                            .what = ORDER_SEND_MANY, .to = known, .number = 1, .count = 50000, .size = 1000});
        struct actor_node *b = quiet_node();
        struct actor_ref other = probe_spawn(b, "p", &p);
        probe_order(b, other, (struct order){.what = ORDER_ASK, .to = resolve(b, "q", bound), .number = 7});
        probe_await(&p, "reply 1007\n");
        ck_assert_uint_lt(totals_of(a).wire_bytes_out, 12 << 20);
        zmq_close(client);
        zmq_ctx_term(context);
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
        tcase_add_test(tcase, a_body_in_parts_over_the_limit_ends_the_link);
        tcase_add_test(tcase, what_was_sent_before_the_end_arrives);
        tcase_add_test(tcase, a_peer_that_comes_back_at_its_endpoint_is_found_again);
        tcase_add_test(tcase, an_endpoint_that_cannot_be_had_is_refused_with_a_sentence);
        tcase_add_test(tcase, a_socket_file_is_taken_over_from_the_dead_only);
        tcase_add_test(tcase, listening_to_the_world_without_keys_is_warned_of);
        tcase_add_test(tcase, a_host_name_can_be_listened_on);
        tcase_add_test(tcase, another_version_is_answered_with_both_versions);
        tcase_add_test(tcase, a_frame_over_the_limit_closes_the_connection);
        tcase_add_test(tcase, tens_of_thousands_of_bad_frames_do_not_disturb_the_good_ones);
        tcase_add_test(tcase, a_peer_that_comes_from_another_address_is_the_same_peer);
        tcase_add_test(tcase, a_peer_that_does_not_read_costs_its_own_link_only);
}

TEST_MAIN("nodes over ZeroMQ", add_tests)
