/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: frames that workers unpack keep the order of all that arrives, and what is wrong in one costs what it
 * would cost elsewhere; what is sent quietly leaves.
 *
 * Method: real nodes of one worker and of three on loopback, and a raw client that packs whole frames. */
#include <check.h>

#include "probe.h"
#include "check_main.h"
#include "raw.h"

#include <actor/log.h>
#include <stdatomic.h>

enum {
        HEARTBEAT_MS = 100000,
        PAIRS = 4,
        ROUNDS = 50,
        MANY = 500,
        GOOD = 50,
        ROOM = 20,
        FAST = 50,
        WATCHDOG_MS = 40
}; /* nobody wakes by the way */

static void ignore_line(void *arg, enum actor_log_level level, const char *line)
{
}

static struct actor_node *node_of(unsigned workers)
{
        static struct actor_log *log;
        struct actor_node *node;
        if (!log)
                log = actor_log_new_function(ignore_line, NULL, ACTOR_LOG_ERROR);
        struct actor_node_config config = {.name = "node",
                                           .workers = workers,
                                           .types = note_types,
                                           .heartbeat_ms = HEARTBEAT_MS,
                                           .watchdog_ms = WATCHDOG_MS,
                                           .log = log};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        return node;
}

static struct actor_node *listening_node(unsigned workers, char *bound, size_t size)
{
        struct actor_error error;
        struct actor_node *node = node_of(workers);
        ck_assert_msg(actor_node_listen(node, "tcp://127.0.0.1:*", bound, size, &error) == 0, "%s",
                      error.text);
        return node;
}

/* ---- order --------------------------------------------------------------------------------------- */

/* Many plain messages, which fill frames of their own, and two that are more than that; sometimes one in
 * parts.
 */
static void order_round(struct actor_node *node, struct actor_ref sender, struct actor_ref to, uint64_t round)
{
        uint64_t number = round * (MANY + 3);
        size_t last_size = round % 10 == 9 ? 100000 : 0;
        probe_order(
                node, sender,
                (struct order){
                        .what = ORDER_SEND_MANY, .to = to, .number = number + 1, .count = MANY, .size = 200});
        probe_order(node, sender, (struct order){.what = ORDER_ASK, .to = to, .number = number + MANY + 1});
        probe_order(node, sender,
                    (struct order){.what = ORDER_SEND_RETURNABLE, .to = to, .number = number + MANY + 2});
        probe_order(
                node, sender,
                (struct order){.what = ORDER_SEND, .to = to, .number = number + MANY + 3, .size = last_size});
}

START_TEST(all_that_one_sends_to_another_arrives_in_order)
{
        char bound[256], name[8];
        static struct probe p[PAIRS], q[PAIRS];
        struct actor_ref senders[PAIRS], receivers[PAIRS];
        struct actor_node *a = node_of((unsigned) _i),
                          *b = listening_node((unsigned) _i, bound, sizeof bound);
        for (int i = 0; i < PAIRS; i++) {
                snprintf(name, sizeof name, "q%d", i);
                q[i].is_quiet = q[i].is_mute = true;
                probe_spawn(b, name, &q[i]);
                senders[i] = probe_spawn(a, NULL, &p[i]);
                receivers[i] = resolve(a, name, bound);
        }
        for (uint64_t round = 0; round < ROUNDS; round++)
                for (int i = 0; i < PAIRS; i++)
                        order_round(a, senders[i], receivers[i], round);
        for (int i = 0; i < PAIRS; i++) {
                probe_await_notes(&q[i], ROUNDS * (MANY + 3));
                ck_assert_uint_eq(q[i].out_of_order, 0);
        }
        ck_assert_uint_eq(totals_of(b).wire_rejected, 0);
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

/* ---- a raw client -------------------------------------------------------------------------------- */

static void add_note(struct frame_buffer *frame, const char *to, const char *type, const char *body)
{
        struct frame_item item = {.kind = FRAME_MESSAGE,
                                  .to = {.name = to, .name_size = (uint8_t) strlen(to)},
                                  .from = {.slot = 1, .generation = 1},
                                  .type = frame_type_hash(type),
                                  .body_size = strlen(body)};
        memcpy(frame_item_encode(frame, &item), body, item.body_size);
}

/* A frame of notes to "q"; the first is whole, the others are like it. */
static void add_good_notes(struct frame_buffer *frame)
{
        add_note(frame, "q", "test.Note", "\010\001");
        for (int i = 1; i < GOOD; i++)
                memcpy(frame_same_encode(frame, 2), "\010\001", 2);
}

/* Where notes of one frame find no room for all of them. */
START_TEST(a_mailbox_takes_what_it_has_room_for)
{
        char bound[256];
        static struct probe q = {.is_quiet = true}, r = {.is_quiet = true}, *small = &q;
        struct actor_class class = probe_class;
        struct actor_ref ref;
        struct actor_node *b = listening_node((unsigned) _i, bound, sizeof bound);
        class.mailbox_max = ROOM;
        pthread_mutex_init(&q.lock, NULL);
        pthread_cond_init(&q.changed, NULL);
        ck_assert_int_eq(actor_node_spawn(b, &class, "q", &small, &ref), 0);
        probe_spawn(b, "r", &r);
        void *context = zmq_ctx_new(), *client = raw_peer(context, bound, 5);
        struct frame_buffer frame = {0};
        frame_begin(&frame, FRAME_DATA);
        add_good_notes(&frame);
        add_note(&frame, "r", "test.Note", "\010\001");
        frame_end(&frame, GOOD + 1, 1);
        send_frame(client, &frame);
        probe_await_notes(&r, 1); /* those before it have been taken or refused */
        uint64_t refused = totals_of(b).dead_letters;
        ck_assert_uint_le(refused, GOOD - ROOM);
        ck_assert_msg(_i > 1 || refused == GOOD - ROOM, "%llu", (unsigned long long) refused);
        probe_await_notes(&q, GOOD - refused);
        zmq_close(client);
        zmq_ctx_term(context);
        actor_node_free(b);
}
END_TEST

START_TEST(what_nobody_can_have_costs_itself)
{
        char bound[256];
        static struct probe q = {.is_quiet = true};
        struct actor_node *b = listening_node((unsigned) _i, bound, sizeof bound);
        probe_spawn(b, "q", &q);
        void *context = zmq_ctx_new(), *client = raw_peer(context, bound, 5);
        struct frame_buffer frame = {0};
        frame_begin(&frame, FRAME_DATA);
        add_good_notes(&frame);
        add_note(&frame, "nobody", "test.Note", "\010\001");
        add_note(&frame, "q", "test.Unknown", "\010\001");
        add_note(&frame, "q", "test.Note", "\377");
        add_good_notes(&frame);
        frame_end(&frame, 2 * GOOD + 3, 1);
        send_frame(client, &frame);
        probe_await_notes(&q, 2 * GOOD);
        ck_assert_uint_eq(totals_of(b).wire_rejected, 2);
        ck_assert_uint_eq(totals_of(b).peers, 1);
        zmq_close(client);
        zmq_ctx_term(context);
        actor_node_free(b);
}
END_TEST

START_TEST(a_full_frame_that_breaks_the_format_ends_the_link)
{
        char bound[256];
        uint8_t data[512];
        int size;
        static struct probe q = {.is_quiet = true};
        struct actor_node *b = listening_node((unsigned) _i, bound, sizeof bound);
        probe_spawn(b, "q", &q);
        void *context = zmq_ctx_new(), *client = raw_peer(context, bound, 5);
        struct frame_buffer frame = {0};
        frame_begin(&frame, FRAME_DATA);
        add_good_notes(&frame);
        frame_same_encode(&frame, 2)[-1] = 100; /* longer than the frame */
        frame_end(&frame, GOOD + 1, 1);
        send_frame(client, &frame);
        frame_begin(&frame, FRAME_DATA); /* to hear that there is no such link any more */
        add_good_notes(&frame);
        frame_end(&frame, GOOD, 2);
        send_frame(client, &frame);
        ck_assert_int_eq(receive_frame(client, data, sizeof data, &size), FRAME_GOODBYE);
        probe_await_notes(&q, GOOD);
        ck_assert_uint_eq(totals_of(b).wire_rejected, 1);
        ck_assert_uint_eq(totals_of(b).peers, 0);
        zmq_close(client);
        zmq_ctx_term(context);
        actor_node_free(b);
}
END_TEST

/* ---- quiet posts ------------------------------------------------------------------------------------ */

static struct probe heard; /* of the other node */

/* Sends, and the last time does not return before that has arrived. */
static int on_block(void *state, const struct actor_mail *mail, const struct order *order)
{
        (void) actor_send(mail->self, order->to, note_of(&note_type, order->number, 0));
        if (order->number > FAST)
                probe_await_notes(&heard, order->number);
        return 0;
}
ACTOR_BIND(on_block, void, struct order)

static const struct actor_handler blocker_handlers[] = {
        {&order_type, on_block_bound, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};
static const struct actor_class blocker_class = {.name = "blocker", .handlers = blocker_handlers};

START_TEST(what_a_blocked_handler_has_sent_leaves)
{
        char bound[256];
        struct actor_ref blocker;
        heard.is_quiet = true;
        struct actor_node *a = node_of((unsigned) _i), *b = listening_node(1, bound, sizeof bound);
        probe_spawn(b, "q", &heard);
        ck_assert_int_eq(actor_node_spawn(a, &blocker_class, NULL, NULL, &blocker), 0);
        for (uint64_t i = 1; i <= FAST + 1; i++) {
                probe_order(a, blocker, (struct order){.to = resolve(a, "q", bound), .number = i});
                probe_await_notes(&heard, i);
        }
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_loop_test(tcase, all_that_one_sends_to_another_arrives_in_order, 1, 4);
        tcase_add_loop_test(tcase, a_mailbox_takes_what_it_has_room_for, 1, 3);
        tcase_add_loop_test(tcase, what_nobody_can_have_costs_itself, 1, 3);
        tcase_add_loop_test(tcase, a_full_frame_that_breaks_the_format_ends_the_link, 1, 3);
        tcase_add_loop_test(tcase, what_a_blocked_handler_has_sent_leaves, 1, 3);
}

TEST_MAIN("parcels", add_tests)
