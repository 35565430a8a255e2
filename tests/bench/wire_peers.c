/* SPDX-License-Identifier: Apache-2.0
 *
 * Many peers of one node, in one process: each has its own connection, keeps it alive and sends one message
 * a second. They speak the envelope themselves, so that what is measured is the node they talk to.
 *
 *   wire_peers ENDPOINT COUNT SECONDS      prints "begin" when all are connected and have spoken once, "end"
 * so many seconds later; ends when its input ends */
#include "net/frame_control.h"

#include "measure.h"

#include <actor/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { MESSAGE_BYTES = 100 };

struct peer {
        void *dealer;
        struct frame_alive received;
        uint64_t sent;
};

static void must(bool fine, const char *what)
{
        if (fine)
                return;
        fprintf(stderr, "wire_peers: %s: %s\n", what, zmq_strerror(zmq_errno()));
        exit(1);
}

static void send_frame(struct peer *peer, struct frame_buffer *frame, uint32_t count)
{
        frame_end(frame, count, peer->sent);
        must(zmq_send(peer->dealer, frame->data, frame->size, 0) >= 0, "send");
        frame_buffer_done(frame);
}

static void connect_peer(struct peer *peer, void *context, const char *endpoint, uint64_t incarnation)
{
        uint8_t answer[512];
        struct frame_header header;
        struct frame_buffer frame = {0};
        struct frame_hello hello = {
                .incarnation = incarnation, .message_max = 1 << 20, .heartbeat_ms = 5000, .name = "peer"};
        peer->dealer = zmq_socket(context, ZMQ_DEALER);
        must(peer->dealer && zmq_connect(peer->dealer, endpoint) == 0, "connect");
        frame_hello_encode(&frame, FRAME_HELLO, &hello);
        send_frame(peer, &frame, 0);
        int size = zmq_recv(peer->dealer, answer, sizeof answer, 0);
        must(size > 0 && frame_header_decode(answer, (size_t) size, &header) == 0 &&
                     header.type == FRAME_WELCOME,
             "welcome");
        frame_begin(&frame, FRAME_CONFIRM);
        send_frame(peer, &frame, 0);
}

/* One message to the actor "server", after the heartbeats that have come were read. */
static void speak(void *peers, long index)
{
        struct peer *peer = (struct peer *) peers + index;
        char heard[512];
        struct frame_buffer frame = {0};
        struct frame_item item = {.kind = FRAME_MESSAGE,
                                  .to = {.name = "server", .name_size = 6},
                                  .type = frame_type_hash("bench.item"),
                                  .body_size = MESSAGE_BYTES};
        while (zmq_recv(peer->dealer, heard, sizeof heard, ZMQ_DONTWAIT) >= 0)
                ;
        frame_begin(&frame, FRAME_DATA);
        memset(frame_item_encode(&frame, &item), 0, MESSAGE_BYTES);
        peer->sent++;
        send_frame(peer, &frame, 1);
}

int main(int argc, char **argv)
{
        if (argc != 4)
                return 2;
        long seconds = number(argv[3]), count = number(argv[2]);
        void *context = zmq_ctx_new();
        struct peer *peers = actor_zalloc((size_t) count * sizeof *peers);
        zmq_ctx_set(context, ZMQ_MAX_SOCKETS, (int) count + 16);
        for (long i = 0; i < count; i++)
                connect_peer(&peers[i], context, argv[1], (uint64_t) i + 1);
        in_turn(count, seconds, speak, peers);
        return 0; /* the sockets end with the process */
}
