/* SPDX-License-Identifier: Apache-2.0 */
/* zmq_send.c — frames become messages of libzmq without being copied: it is lent their memory, and its thread
 * lets go of it. */
#include "net/limits.h"
#include "net/zmq_private.h"

#include <assert.h>
#include <stdlib.h>

/* libzmq's thread frees a frame that ours has filled; how it passes from one to the other lies in libzmq,
 * which is not instrumented, so ThreadSanitizer is told. */
#ifdef __SANITIZE_THREAD__
void __tsan_release(void *address);
void __tsan_acquire(void *address);
#define HANDED_TO_LIBZMQ(data) __tsan_release(data)
#define TAKEN_FROM_LIBZMQ(data) __tsan_acquire(data)
#else
#define HANDED_TO_LIBZMQ(data) ((void) (data))
#define TAKEN_FROM_LIBZMQ(data) ((void) (data))
#endif

static void release_frame(void *data, void *hint)
{
        TAKEN_FROM_LIBZMQ(data);
        if (hint)
                frame_pool_give(hint, data);
        else
                free(data);
}

void zmq_driver_send(void *driver_arg, struct connection *connection, struct frame_buffer *frame_take)
{
        struct zmq_driver *driver = driver_arg;
        zmq_msg_t message;
        HANDED_TO_LIBZMQ(frame_take->data);
        struct frame_pool *pool = frame_take->capacity == NET_GATHER_BYTES ? &driver->net->frames : NULL;
        int r = zmq_msg_init_data(&message, frame_take->data, frame_take->size, release_frame, pool);
        assert(r == 0);
        *frame_take = (struct frame_buffer){0};
        void *socket = connection->dealer ? connection->dealer : driver->router;
        if (connection->dealer)
                zmq_mark_ready(connection);
        else
                driver->router_ready = true;
        if (!connection->dealer &&
            zmq_send(socket, connection->id, connection->id_size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
                r = -1;
        if (r == 0 && zmq_msg_send(&message, socket, ZMQ_DONTWAIT) < 0)
                r = -1;
        if (r == 0)
                return;
        zmq_msg_close(&message);
        zmq_mark_ending(connection);
}
