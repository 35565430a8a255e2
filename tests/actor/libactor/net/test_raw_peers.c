/* SPDX-License-Identifier: Apache-2.0 */
/* Raw ZeroMQ clients that do not play by the rules, before a real node. */
#include "quiet.h"
#include "raw.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

static uint64_t dice_state = 20260101;
static uint64_t dice(void)
{
        dice_state ^= dice_state << 13;
        dice_state ^= dice_state >> 7;
        dice_state ^= dice_state << 17;
        return dice_state;
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
        ck_assert_str_eq(text, "this node speaks envelope version 3, the frame is of version 9");
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
        frame_part_encode(&frame, 1, 1);
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
                memcpy(data, "TA\3", 3);
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
        tcase_add_test(tcase, a_body_in_parts_over_the_limit_ends_the_link);
        tcase_add_test(tcase, another_version_is_answered_with_both_versions);
        tcase_add_test(tcase, a_frame_over_the_limit_closes_the_connection);
        tcase_add_test(tcase, tens_of_thousands_of_bad_frames_do_not_disturb_the_good_ones);
        tcase_add_test(tcase, a_peer_that_comes_from_another_address_is_the_same_peer);
        tcase_add_test(tcase, a_peer_that_does_not_read_costs_its_own_link_only);
}

TEST_MAIN("raw peers over ZeroMQ", add_tests)
