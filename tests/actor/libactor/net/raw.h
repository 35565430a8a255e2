/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_NET_RAW_H
#define TESTS_NET_RAW_H

/* A client that speaks the envelope by itself, frame by frame. */
#include <check.h>

#include "net/frame_control.h"
#include "patience.h"

#include <zmq.h>

static inline void *raw_socket(void *context)
{
        void *socket = zmq_socket(context, ZMQ_DEALER);
        int linger = 1000, wait_ms = PATIENCE_S * 1000;
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
        zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
        return socket;
}

static inline void *raw_client(void *context, const char *endpoint)
{
        void *socket = raw_socket(context);
        ck_assert_int_eq(zmq_connect(socket, endpoint), 0);
        return socket;
}

static inline struct frame_buffer greeting_frame(enum frame_type type, uint64_t incarnation)
{
        struct frame_buffer frame = {0};
        struct frame_hello hello = {
                .incarnation = incarnation, .message_max = 1 << 20, .heartbeat_ms = 60000, .name = "raw"};
        frame_hello_encode(&frame, type, &hello);
        return frame;
}

static inline struct frame_buffer hello_frame(uint64_t incarnation)
{
        return greeting_frame(FRAME_HELLO, incarnation);
}

static inline void send_frame(void *socket, struct frame_buffer *frame)
{
        ck_assert_int_ge(zmq_send(socket, frame->data, frame->size, 0), 0);
        frame_buffer_done(frame);
}

/* The next frame's type; its bytes in `data`. */
static inline int receive_frame(void *socket, uint8_t *data, size_t data_size, int *ret_size)
{
        struct frame_header header;
        *ret_size = zmq_recv(socket, data, data_size, 0);
        ck_assert_int_gt(*ret_size, 0);
        ck_assert_int_eq(frame_header_decode(data, (size_t) *ret_size, &header), 0);
        return header.type;
}

/* Greets, and is let in. */
static inline void *raw_peer(void *context, const char *endpoint, uint64_t incarnation)
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

#endif
