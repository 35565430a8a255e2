/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes with keys, and raw peers that are let in or need no key, but say to be somebody they are not. */
#include <check.h>

#include "check_main.h"
#include "endpoints.h"
#include "guarded.h"
#include "net/frame_control.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void *raw_client(void *context, const struct actor_certificate *own, const char *endpoint)
{
        void *socket = zmq_socket(context, ZMQ_DEALER);
        int linger = 0, wait_ms = PATIENCE_S * 1000;
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
        zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
        if (own) {
                zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server.public_key, ACTOR_KEY_SIZE + 1);
                zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, own->public_key, ACTOR_KEY_SIZE + 1);
                zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, own->secret_key, ACTOR_KEY_SIZE + 1);
        }
        ck_assert_int_eq(zmq_connect(socket, endpoint), 0);
        return socket;
}

static void say(void *socket, struct frame_buffer *frame)
{
        ck_assert_int_ge(zmq_send(socket, frame->data, frame->size, 0), 0);
        frame_buffer_done(frame);
}

static void say_hello(void *socket, uint64_t incarnation, const char *endpoint)
{
        struct frame_buffer frame = {0};
        struct frame_hello hello = {
                .incarnation = incarnation, .message_max = 1 << 20, .heartbeat_ms = 60000, .name = "raw"};
        snprintf(hello.endpoint, sizeof hello.endpoint, "%s", endpoint);
        frame_hello_encode(&frame, FRAME_HELLO, &hello);
        say(socket, &frame);
}

static int hear(void *socket)
{
        uint8_t data[512];
        struct frame_header header;
        int size = zmq_recv(socket, data, sizeof data, 0);
        ck_assert_int_gt(size, 0);
        ck_assert_int_eq(frame_header_decode(data, (size_t) size, &header), 0);
        return header.type;
}

static void confirm(void *socket)
{
        struct frame_buffer frame = {0};
        frame_begin(&frame, FRAME_CONFIRM);
        frame_end(&frame, 0, 0);
        say(socket, &frame);
}

START_TEST(nobody_takes_over_an_incarnation_with_another_key)
{
        char bound[256];
        struct actor_certificate list[] = {ops, stranger};
        struct actor_curve curve = {.own = server, .allowed = {list, 2}};
        struct actor_node *b = listening(&curve, "tcp://127.0.0.1:0", bound, sizeof bound);
        void *context = zmq_ctx_new(), *first = raw_client(context, &ops, bound);
        void *other = raw_client(context, &stranger, bound), *again = raw_client(context, &ops, bound);
        say_hello(first, 77, "");
        ck_assert_int_eq(hear(first), FRAME_WELCOME);
        confirm(first);
        await_log("connected");
        say_hello(other, 77, "");
        await_log("it says to be a node that holds another key");
        ck_assert_uint_eq(denied(b), 1);
        say_hello(again, 77, ""); /* the node itself may */
        ck_assert_int_eq(hear(again), FRAME_WELCOME);
        ck_assert_uint_eq(times_logged("lost"), 0);
        zmq_close(first);
        zmq_close(other);
        zmq_close(again);
        zmq_ctx_term(context);
        actor_node_free(b);
}
END_TEST

/* Who is let in may not draw the mail for a server to itself by saying that it listens there. */
START_TEST(a_claim_to_an_endpoint_of_a_server_needs_its_key)
{
        char bound[256], log_line[128];
        struct actor_certificate allowed[] = {stranger}, servers[] = {ops};
        struct actor_curve curve = {.own = server, .servers = {servers, 1}, .allowed = {allowed, 1}};
        struct actor_node *b = listening(&curve, "tcp://127.0.0.1:0", bound, sizeof bound);
        void *context = zmq_ctx_new(), *client = raw_client(context, &stranger, bound);
        say_hello(client, 78, "tcp://127.0.0.1:9");
        ck_assert_int_eq(hear(client), FRAME_WELCOME);
        confirm(client);
        snprintf(log_line, sizeof log_line, "peer %s of node connected", "inbound");
        await_log(log_line);
        zmq_close(client);
        zmq_ctx_term(context);
        actor_node_free(b);
}
END_TEST

/* Takes so many bytes off a connection. */
static void take_bytes(int fd, uint8_t *ret, size_t size)
{
        for (size_t got = 0; got < size;) {
                ssize_t r = read(fd, ret + got, size - got);
                ck_assert_int_gt(r, 0);
                got += (size_t) r;
        }
}

/* A ZMTP 3.0 peer written by hand, over ipc, that says of itself to be the user of an allowed key. */
static void speak_as_user(int fd, const char *key)
{
        static const char greeting[64] = "\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL";
        static const char metadata[] = "\x05READY\x0bSocket-Type\0\0\0\x06"
                                       "DEALER\x07User-Id\0\0\0\x28";
        char ready[2 + sizeof metadata - 1 + ACTOR_KEY_SIZE] = {4, sizeof ready - 2};
        uint8_t theirs[256];
        memcpy(ready + 2, metadata, sizeof metadata - 1);
        memcpy(ready + 2 + sizeof metadata - 1, key, ACTOR_KEY_SIZE);
        ck_assert_int_eq(write(fd, greeting, sizeof greeting), sizeof greeting);
        take_bytes(fd, theirs, 64);
        ck_assert_int_eq(write(fd, ready, sizeof ready), sizeof ready);
        take_bytes(fd, theirs, 2); /* its READY: a flag, the size, the rest */
        take_bytes(fd, theirs + 2, theirs[1]);
}

static void write_frame(int fd, struct frame_buffer *frame)
{
        uint8_t head[] = {0, (uint8_t) frame->size};
        ck_assert_uint_lt(frame->size, 256);
        ck_assert_int_eq(write(fd, head, 2), 2);
        ck_assert_int_eq(write(fd, frame->data, frame->size), (ssize_t) frame->size);
        frame_buffer_done(frame);
}

START_TEST(over_ipc_nobody_makes_up_a_key)
{
        char endpoint[80];
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        struct actor_certificate list[] = {ops};
        struct actor_curve curve = {.own = server, .allowed = {list, 1}};
        struct actor_node *b = listening(&curve, own_ipc_endpoint(endpoint, "made-up"), NULL, 0);
        snprintf(address.sun_path, sizeof address.sun_path, "%s", endpoint + strlen("ipc://"));
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        ck_assert_int_eq(connect(fd, (const struct sockaddr *) &address, sizeof address), 0);
        speak_as_user(fd, ops.public_key);
        struct frame_buffer frame = {0};
        struct frame_hello hello = {
                .incarnation = 79, .message_max = 1 << 20, .heartbeat_ms = 60000, .name = "raw"};
        frame_hello_encode(&frame, FRAME_HELLO, &hello);
        write_frame(fd, &frame);
        frame_begin(&frame, FRAME_CONFIRM);
        frame_end(&frame, 0, 0);
        write_frame(fd, &frame);
        await_log("peer inbound of node connected");
        ck_assert_uint_eq(times_logged("its key is that of"), 0);
        close(fd);
        actor_node_free(b);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, make_keys, NULL);
        tcase_add_test(tcase, nobody_takes_over_an_incarnation_with_another_key);
        tcase_add_test(tcase, a_claim_to_an_endpoint_of_a_server_needs_its_key);
        tcase_add_test(tcase, over_ipc_nobody_makes_up_a_key);
}
TEST_MAIN("impostors", add_tests)
