/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a large body travels in parts that nobody copies into frames, arrives as it was, is let go of once
 * its last part has left or its connection has ended; and whoever sends parts that are none loses their own
 * link only.
 *
 * Method: real nodes on loopback and a raw peer that reads and writes frames and trailers. Bodies have a
 * pattern, and their type counts how many were released; that none is read afterwards is for AddressSanitizer
 * to say. */
#include <check.h>

#include "check_main.h"
#include "endpoints.h"
#include "net/limits.h"
#include "probe.h"
#include "raw.h"

#include <actor/log.h>
#include <stdatomic.h>

enum { MESSAGE_MAX = 4 << 20, HEARTBEAT_MS = 100000, LARGE = 1 << 20 };

/* ---- bodies -------------------------------------------------------------------------------------- */

static atomic_int released;

static void pile_fini(void *body)
{
        atomic_fetch_add(&released, 1);
}

static const struct actor_type pile_type = {"test.Pile", sizeof(struct actor_bytes), NULL, pile_fini, true};
static const struct actor_type *const types[] = {&note_type, &pile_type, NULL};

static uint8_t byte_at(size_t i)
{
        return (uint8_t) (i * 7 + (i >> 8) + (i >> 16) * 31);
}

static bool has_pattern(const uint8_t *data, size_t size, size_t from)
{
        for (size_t i = 0; i < size; i++)
                if (data[i] != byte_at(from + i))
                        return false;
        return true;
}

static struct actor_bytes *pile_of(size_t size)
{
        struct actor_bytes *pile = actor_msg_bytes(&pile_type, NULL, size);
        for (size_t i = 0; i < size; i++)
                ((uint8_t *) pile->data)[i] = byte_at(i);
        return pile;
}

/* The body of a note is packed first. */
static struct note *large_note(size_t size)
{
        struct note *note = note_of(&note_type, 1, size);
        for (size_t i = 0; i < size; i++)
                note->data.data[i] = byte_at(i);
        return note;
}

/* ---- nodes --------------------------------------------------------------------------------------- */

/* What has come, in bytes; and how much of it was not as it was sent. */
static atomic_size_t got_bytes, got_wrong;

static int on_pile(void *state, const struct actor_mail *mail, const struct actor_bytes *pile)
{
        atomic_fetch_add(&got_wrong, !has_pattern(pile->data, pile->size, 0));
        atomic_fetch_add(&got_bytes, pile->size);
        return 0;
}
ACTOR_BIND(on_pile, void, struct actor_bytes)

static int on_note(void *state, const struct actor_mail *mail, const struct note *note)
{
        atomic_fetch_add(&got_wrong, !has_pattern(note->data.data, note->data.len, 0));
        atomic_fetch_add(&got_bytes, note->data.len);
        return 0;
}
ACTOR_BIND(on_note, void, struct note)

static const struct actor_handler keeper_handlers[] = {{&pile_type, on_pile_bound, ACTOR_FROM_ANY},
                                                       {&note_type, on_note_bound, ACTOR_FROM_ANY},
                                                       ACTOR_HANDLER_END};
static const struct actor_class keeper_class = {.name = "keeper", .handlers = keeper_handlers};

static bool has_come(void *bytes)
{
        return atomic_load(&got_bytes) == *(size_t *) bytes;
}

static bool is_released(void *count)
{
        return atomic_load(&released) == *(int *) count;
}

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_text[65536];

static void keep_line(void *arg, enum actor_log_level level, const char *line)
{
        pthread_mutex_lock(&log_lock);
        size_t used = strlen(log_text);
        snprintf(log_text + used, sizeof log_text - used, "%s\n", line);
        pthread_mutex_unlock(&log_lock);
}

static void expect_logged(const char *text)
{
        pthread_mutex_lock(&log_lock);
        ck_assert_msg(strstr(log_text, text) != NULL, "no \"%s\" in:\n%s", text, log_text);
        pthread_mutex_unlock(&log_lock);
}

static struct actor_node *plain_node(void)
{
        static struct actor_log *log;
        struct actor_node *node;
        if (!log)
                log = actor_log_new_function(keep_line, NULL, ACTOR_LOG_INFO);
        struct actor_node_config config = {.name = "node",
                                           .workers = 1,
                                           .types = types,
                                           .message_max = MESSAGE_MAX,
                                           .heartbeat_ms = HEARTBEAT_MS,
                                           .log = log};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        return node;
}

static struct actor_node *keeping_node(const char *endpoint, char *bound, size_t size)
{
        struct actor_error error;
        struct actor_ref ref;
        struct actor_node *node = plain_node();
        ck_assert_msg(actor_node_listen(node, endpoint, bound, size, &error) == 0, "%s", error.text);
        ck_assert_int_eq(actor_node_spawn(node, &keeper_class, "keeper", NULL, &ref), 0);
        return node;
}

/* ---- between nodes ------------------------------------------------------------------------------- */

static void exchange(const char *endpoint)
{
        static const size_t sizes[] = {1,
                                       NET_WHOLE_BYTES_MAX,
                                       NET_WHOLE_BYTES_MAX + 1,
                                       NET_PART_BYTES,
                                       NET_PART_BYTES + 1,
                                       3 * NET_PART_BYTES + 7,
                                       MESSAGE_MAX - 100};
        enum { COUNT = sizeof sizes / sizeof *sizes };
        char bound[256];
        struct actor_node *a = plain_node(), *b = keeping_node(endpoint, bound, sizeof bound);
        struct actor_ref keeper = resolve(a, "keeper", bound);
        size_t bytes = 0;
        for (int i = 0; i < COUNT; i++, bytes += 2 * sizes[i - 1]) {
                ck_assert_int_eq(actor_node_send(a, keeper, pile_of(sizes[i])), 0);
                ck_assert_int_eq(actor_node_send(a, keeper, large_note(sizes[i])), 0);
        }
        ck_assert(comes_true(has_come, &bytes));
        ck_assert_uint_eq(totals_of(b).wire_received, 2 * COUNT);
        actor_node_free(a);
        actor_node_free(b);
        ck_assert_uint_eq(got_wrong, 0);
        ck_assert_int_eq(released, 2 * COUNT); /* each here and there */
}

START_TEST(bodies_of_all_sizes_arrive_as_they_were_over_tcp)
{
        exchange("tcp://127.0.0.1:0");
}
END_TEST

START_TEST(bodies_of_all_sizes_arrive_as_they_were_over_ipc)
{
        char own[80];
        exchange(own_ipc_endpoint(own, "parts"));
}
END_TEST

/* ---- a raw peer ---------------------------------------------------------------------------------- */

struct raw {
        void *context, *socket;
        struct actor_node *node;
        char bound[256];               /* where the node listens */
        struct actor_ref known, other; /* actors of the raw peer, as the node knows them */
        struct frame_alive read;
        uint64_t sent;
};

/* A frame that was received, and its trailer. */
struct got_frame {
        uint8_t data[512];
        struct frame_header header;
        struct frame_reader reader;
        struct frame_trailer trailer;
        zmq_msg_t part;
};

static bool has_more(void *socket)
{
        int more = 0;
        size_t size = sizeof more;
        ck_assert_int_eq(zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size), 0);
        return more != 0;
}

/* The next frame, which is DATA. */
static void raw_receive(struct raw *raw, struct got_frame *ret)
{
        int size;
        ck_assert_int_eq(receive_frame(raw->socket, ret->data, sizeof ret->data, &size), FRAME_DATA);
        ck_assert_int_eq(frame_header_decode(ret->data, (size_t) size, &ret->header), 0);
        zmq_msg_init(&ret->part);
        bool is_trailed = has_more(raw->socket);
        if (is_trailed)
                ck_assert_int_ge(zmq_msg_recv(&ret->part, raw->socket, 0), 0);
        ck_assert(!has_more(raw->socket));
        ret->trailer = (struct frame_trailer){zmq_msg_data(&ret->part), zmq_msg_size(&ret->part)};
        frame_reader_init(&ret->reader, ret->data, (size_t) size, &ret->header,
                          is_trailed ? &ret->trailer : NULL);
        raw->read.frames++;
        raw->read.bytes += (size_t) size + ret->trailer.size;
}

/* The frame's next item, which is of that kind. */
static struct frame_item next_item(struct got_frame *frame, enum frame_kind kind)
{
        struct frame_item item;
        ck_assert_int_eq(frame_reader_next(&frame->reader, &item), 0);
        ck_assert_int_eq(item.kind, kind);
        return item;
}

/* All its items have been seen. */
static void got_all(struct got_frame *frame)
{
        struct frame_item item;
        ck_assert_int_eq(frame_reader_next(&frame->reader, &item), FRAME_E_END);
        zmq_msg_close(&frame->part);
}

/* Sends a frame, and after it message parts of these sizes, with the pattern from `from` on. 0 ends them. */
static void raw_send(struct raw *raw, struct frame_buffer *frame, size_t from, const size_t *sizes)
{
        static uint8_t pattern[LARGE];
        ck_assert_int_ge(zmq_send(raw->socket, frame->data, frame->size, *sizes ? ZMQ_SNDMORE : 0), 0);
        frame_buffer_done(frame);
        for (; *sizes; from += *sizes++) {
                for (size_t i = 0; i < *sizes; i++)
                        pattern[i] = byte_at(from + i);
                ck_assert_int_ge(zmq_send(raw->socket, pattern, *sizes, sizes[1] ? ZMQ_SNDMORE : 0), 0);
        }
}

static void raw_say_read(struct raw *raw)
{
        struct frame_buffer frame = {0};
        frame_alive_encode(&frame, &raw->read);
        frame_end(&frame, 0, raw->sent);
        send_frame(raw->socket, &frame);
}

/* Announces a body for the keeper, under a number. */
static void raw_announce(struct raw *raw, uint32_t cut, uint32_t size)
{
        struct frame_buffer frame = {0};
        struct frame_item item = {.kind = FRAME_MESSAGE,
                                  .to = {.name = "keeper", .name_size = 6},
                                  .type = frame_type_hash("test.Pile"),
                                  .cut = cut,
                                  .cut_size = size};
        frame_begin(&frame, FRAME_DATA);
        (void) frame_item_encode(&frame, &item);
        frame_end(&frame, 1, ++raw->sent);
        send_frame(raw->socket, &frame);
}

static void raw_send_part(struct raw *raw, uint32_t cut, size_t from, size_t size)
{
        struct frame_buffer frame = {0};
        frame_begin(&frame, FRAME_DATA);
        frame_part_encode(&frame, cut, size);
        frame_end(&frame, 1, ++raw->sent);
        raw_send(raw, &frame, from, (const size_t[]){size, 0});
}

static struct frame_item nobody_watched(void)
{
        return (struct frame_item){.kind = FRAME_MONITOR,
                                   .to = {.name = "nobody", .name_size = 6},
                                   .from = {.slot = 1, .generation = 1},
                                   .ask_id = 1};
}

/* The raw peer dials the node. */
static void raw_dials(struct raw *raw)
{
        struct got_frame answer;
        struct frame_buffer frame = {0};
        struct frame_item item = nobody_watched();
        raw->node = keeping_node("tcp://127.0.0.1:0", raw->bound, sizeof raw->bound);
        raw->socket = raw_peer(raw->context, raw->bound, 5);
        raw->known = (struct actor_ref){1, 1, 1};
        raw->other = (struct actor_ref){1, 2, 1};
        frame_begin(&frame, FRAME_DATA); /* once it has an answer it is known */
        (void) frame_item_encode(&frame, &item);
        frame_end(&frame, 1, ++raw->sent);
        send_frame(raw->socket, &frame);
        raw_receive(raw, &answer);
        next_item(&answer, FRAME_DOWN);
        got_all(&answer);
}

/* The node dials the raw peer, to send it a note. */
static void raw_is_dialed(struct raw *raw)
{
        char endpoint[256];
        uint8_t data[512];
        int size;
        size_t endpoint_size = sizeof endpoint;
        struct got_frame note;
        struct frame_buffer frame = greeting_frame(FRAME_WELCOME, 5);
        raw->node = keeping_node("tcp://127.0.0.1:0", raw->bound, sizeof raw->bound);
        raw->socket = raw_socket(raw->context);
        ck_assert_int_eq(zmq_bind(raw->socket, "tcp://127.0.0.1:*"), 0);
        zmq_getsockopt(raw->socket, ZMQ_LAST_ENDPOINT, endpoint, &endpoint_size);
        struct actor_ref named = resolve(raw->node, "x", endpoint);
        ck_assert_int_eq(actor_node_send(raw->node, named, note_of(&note_type, 1, 0)), 0);
        raw->known = (struct actor_ref){named.peer, 1, 1};
        raw->other = (struct actor_ref){named.peer, 2, 1};
        ck_assert_int_eq(receive_frame(raw->socket, data, sizeof data, &size), FRAME_HELLO);
        send_frame(raw->socket, &frame);
        ck_assert_int_eq(receive_frame(raw->socket, data, sizeof data, &size), FRAME_CONFIRM);
        raw_receive(raw, &note);
        next_item(&note, FRAME_MESSAGE);
        got_all(&note);
}

static void (*const ways[])(struct raw *raw) = {raw_dials, raw_is_dialed};
enum { WAYS = sizeof ways / sizeof *ways };

static struct raw raw_begin(int way)
{
        struct raw raw = {.context = zmq_ctx_new()};
        ways[way](&raw);
        return raw;
}

static void raw_end(struct raw *raw)
{
        zmq_close(raw->socket);
        zmq_ctx_term(raw->context);
        actor_node_free(raw->node);
}

/* ---- parts that leave ---------------------------------------------------------------------------- */

static void expect_part(struct raw *raw, struct got_frame *frame, size_t from)
{
        struct frame_item part = next_item(frame, FRAME_PART);
        ck_assert_uint_eq(part.cut, 1);
        ck_assert_uint_eq(part.body_size, NET_PART_BYTES);
        ck_assert(has_pattern(part.body, part.body_size, from));
        got_all(frame);
}

/* The node sends a large body, and two of its four parts have come. */
static void half_way(struct raw *raw)
{
        struct got_frame frame;
        ck_assert_int_eq(actor_node_send(raw->node, raw->known, pile_of(LARGE)), 0);
        raw_receive(raw, &frame);
        ck_assert_uint_eq(next_item(&frame, FRAME_MESSAGE).cut_size, LARGE);
        expect_part(raw, &frame, 0);
        raw_receive(raw, &frame);
        expect_part(raw, &frame, NET_PART_BYTES);
        ck_assert_int_eq(released, 0);
}

/* Two parts are as much as may be unread; what else is sent goes before the next. */
START_TEST(parts_leave_as_they_are_read_and_others_go_between)
{
        struct raw raw = raw_begin(_i);
        struct got_frame frame;
        int once = 1;
        half_way(&raw);
        ck_assert_int_eq(actor_node_send(raw.node, raw.other, note_of(&note_type, 1, 0)), 0);
        raw_receive(&raw, &frame);
        next_item(&frame, FRAME_MESSAGE);
        got_all(&frame);
        ck_assert_int_eq(released, 0);
        raw_say_read(&raw);
        for (size_t from = 2 * NET_PART_BYTES; from < LARGE; from += NET_PART_BYTES) {
                raw_receive(&raw, &frame);
                expect_part(&raw, &frame, from);
        }
        ck_assert(comes_true(is_released, &once));
        raw_end(&raw);
        ck_assert_int_eq(released, 1);
}
END_TEST

/* What is under way is libzmq's to let go of, the rest the link's. */
START_TEST(a_body_is_let_go_of_when_its_connection_ends)
{
        struct raw raw = raw_begin(_i);
        int once = 1;
        half_way(&raw);
        zmq_close(raw.socket);
        ck_assert(comes_true(is_released, &once));
        zmq_ctx_term(raw.context);
        actor_node_free(raw.node);
        ck_assert_int_eq(released, 1);
}
END_TEST

/* Its parts lie unread, and others have not left: as many bodies as may be under way, and more. */
START_TEST(bodies_are_let_go_of_when_their_node_ends)
{
        enum { BODIES = 12 };
        struct raw raw = raw_begin(_i);
        for (int i = 0; i < BODIES; i++)
                ck_assert_int_eq(actor_node_send(raw.node, i % 2 ? raw.known : raw.other, pile_of(LARGE / 2)),
                                 0);
        struct got_frame frame;
        raw_receive(&raw, &frame); /* they have begun to leave */
        zmq_msg_close(&frame.part);
        raw_end(&raw);
        ck_assert_int_eq(released, BODIES);
}
END_TEST

/* ---- parts that come ----------------------------------------------------------------------------- */

START_TEST(bodies_are_put_together_from_parts_of_any_size)
{
        struct raw raw = raw_begin(_i);
        size_t bytes = LARGE + 3;
        raw_announce(&raw, 1, LARGE);
        raw_send_part(&raw, 1, 0, 1);
        raw_announce(&raw, 2, 3);
        raw_send_part(&raw, 1, 1, 700000);
        raw_send_part(&raw, 2, 0, 2);
        raw_send_part(&raw, 2, 2, 1);
        raw_send_part(&raw, 1, 700001, LARGE - 700001);
        ck_assert(comes_true(has_come, &bytes));
        ck_assert_uint_eq(got_wrong, 0);
        ck_assert_uint_eq(totals_of(raw.node).wire_received, _i == 0 ? 3 : 2); /* a monitor too */
        raw_end(&raw);
        ck_assert_int_eq(released, 2);
}
END_TEST

enum { ANNOUNCED = 1000 };

static const struct wrong {
        const char *why;
        uint32_t cut;      /* 0: the frame has another item and no part */
        size_t says;       /* bytes of the part */
        size_t trailer[3]; /* and what comes */
        bool is_alive;     /* the frame is no DATA */
} wrongs[] = {
        {"it sent a trailer that is not what its frame says, or none", 1, 500, {0}, false},
        {"it sent a trailer that is not what its frame says, or none", 1, 500, {499}, false},
        {"it sent a trailer that is not what its frame says, or none", 1, 500, {501}, false},
        {"it sent a trailer that is not what its frame says, or none", 0, 0, {500}, false},
        {"it sent more than a frame and its trailer", 1, 500, {500, 1}, false},
        {"it sent more than a frame and its trailer", 0, 0, {1, 1}, false},
        {"it sent a trailer with a frame that has none", 0, 0, {1}, true},
        {"it sent a malformed frame", 1, ANNOUNCED + 1, {ANNOUNCED + 1}, false},
        {"it sent a malformed frame", 2, 500, {500}, false},
};
enum { WRONGS = sizeof wrongs / sizeof *wrongs };

static struct frame_buffer wrong_frame(struct raw *raw, const struct wrong *wrong)
{
        struct frame_buffer frame = {0};
        struct frame_item item = nobody_watched();
        if (wrong->is_alive) {
                frame_alive_encode(&frame, &raw->read);
                frame_end(&frame, 0, raw->sent);
                return frame;
        }
        frame_begin(&frame, FRAME_DATA);
        if (wrong->cut)
                frame_part_encode(&frame, wrong->cut, wrong->says);
        else
                (void) frame_item_encode(&frame, &item);
        frame_end(&frame, 1, ++raw->sent);
        return frame;
}

static bool has_no_peer(void *node)
{
        return totals_of(node).peers == 0;
}

/* In the middle of a body, which is then nobody's; the next peer's arrive. */
START_TEST(what_is_no_part_ends_the_link_and_nothing_else)
{
        const struct wrong *wrong = &wrongs[_i % WRONGS];
        struct raw raw = raw_begin(_i / WRONGS);
        struct frame_buffer frame = {0};
        size_t bytes = 300000;
        int once = 1;
        raw_announce(&raw, 1, ANNOUNCED);
        if (wrong->says <= ANNOUNCED)
                raw_send_part(&raw, 1, 0, 100);
        frame = wrong_frame(&raw, wrong);
        raw_send(&raw, &frame, 0, wrong->trailer);
        ck_assert(comes_true(has_no_peer, raw.node));
        ck_assert_uint_eq(totals_of(raw.node).wire_rejected, 1);
        expect_logged(wrong->why);
        ck_assert_uint_eq(got_bytes, 0);
        struct raw next = {.context = raw.context, .socket = raw_peer(raw.context, raw.bound, 6)};
        raw_announce(&next, 1, (uint32_t) bytes);
        raw_send_part(&next, 1, 0, bytes);
        ck_assert(comes_true(has_come, &bytes));
        ck_assert(comes_true(is_released, &once));
        zmq_close(next.socket);
        raw_end(&raw);
}
END_TEST

START_TEST(a_part_that_is_lost_is_noticed_by_the_next)
{
        struct raw raw = raw_begin(_i);
        raw_announce(&raw, 1, ANNOUNCED);
        raw_send_part(&raw, 1, 0, 100);
        raw.sent++;
        raw_send_part(&raw, 1, 200, ANNOUNCED - 200);
        ck_assert(comes_true(has_no_peer, raw.node));
        expect_logged("a frame was lost");
        raw_end(&raw);
        ck_assert_uint_eq(got_bytes, 0);
}
END_TEST

/* A link that has ended here goes on there until it hears so. */
START_TEST(a_part_on_no_link_is_answered_with_goodbye)
{
        uint8_t data[512];
        int size;
        struct raw raw = raw_begin(0);
        struct frame_buffer frame = wrong_frame(&raw, &wrongs[0]);
        raw_send(&raw, &frame, 0, wrongs[0].trailer);
        raw_send_part(&raw, 1, 0, 100);
        ck_assert_int_eq(receive_frame(raw.socket, data, sizeof data, &size), FRAME_GOODBYE);
        raw_end(&raw);
}
END_TEST

START_TEST(a_greeting_has_no_trailer)
{
        struct raw raw = raw_begin(0);
        uint8_t data[512];
        int size;
        void *client = raw_client(raw.context, raw.bound);
        struct raw greeter = {.socket = client};
        struct frame_buffer frame = hello_frame(6);
        raw_send(&greeter, &frame, 0, (const size_t[]){5, 0});
        ck_assert_int_eq(receive_frame(client, data, sizeof data, &size), FRAME_WELCOME);
        frame_begin(&frame, FRAME_CONFIRM);
        send_frame(client, &frame);
        ck_assert_int_eq(receive_frame(client, data, sizeof data, &size), FRAME_GOODBYE);
        ck_assert_uint_eq(totals_of(raw.node).wire_rejected, 1);
        ck_assert_uint_eq(totals_of(raw.node).peers, 1);
        zmq_close(client);
        raw_end(&raw);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, bodies_of_all_sizes_arrive_as_they_were_over_tcp);
        tcase_add_test(tcase, bodies_of_all_sizes_arrive_as_they_were_over_ipc);
        tcase_add_loop_test(tcase, parts_leave_as_they_are_read_and_others_go_between, 0, WAYS);
        tcase_add_loop_test(tcase, a_body_is_let_go_of_when_its_connection_ends, 0, WAYS);
        tcase_add_loop_test(tcase, bodies_are_let_go_of_when_their_node_ends, 0, WAYS);
        tcase_add_loop_test(tcase, bodies_are_put_together_from_parts_of_any_size, 0, WAYS);
        tcase_add_loop_test(tcase, what_is_no_part_ends_the_link_and_nothing_else, 0, WAYS * WRONGS);
        tcase_add_loop_test(tcase, a_part_that_is_lost_is_noticed_by_the_next, 0, WAYS);
        tcase_add_test(tcase, a_part_on_no_link_is_answered_with_goodbye);
        tcase_add_test(tcase, a_greeting_has_no_trailer);
}

TEST_MAIN("large bodies in parts over ZeroMQ", add_tests)
