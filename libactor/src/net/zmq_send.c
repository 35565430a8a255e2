/* SPDX-License-Identifier: Apache-2.0 */
/* zmq_send.c — frames become messages of libzmq without being copied: it is lent their memory, and that of a
 * body's pieces, and its thread lets go of it. */
#include "net/limits.h"
#include "net/zmq_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* libzmq's thread frees a frame that ours has filled, or lets go of a message; how it passes from one to the
 * other lies in libzmq, which is not instrumented, so ThreadSanitizer is told. */
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

static void release_lent(void *data, void *holder)
{
        (void) data;
        TAKEN_FROM_LIBZMQ(holder);
        actor_msg_unref(holder);
}

static void id_part(zmq_msg_t *ret, const struct connection *connection)
{
        int r = zmq_msg_init_size(ret, connection->id_size);
        assert(r == 0);
        memcpy(zmq_msg_data(ret), connection->id, connection->id_size);
}

static void frame_part(zmq_msg_t *ret, struct zmq_driver *driver, struct frame_buffer *frame_take)
{
        HANDED_TO_LIBZMQ(frame_take->data);
        struct frame_pool *pool = frame_take->capacity == NET_GATHER_BYTES ? &driver->net->frames : NULL;
        int r = zmq_msg_init_data(ret, frame_take->data, frame_take->size, release_frame, pool);
        assert(r == 0);
        *frame_take = (struct frame_buffer){0};
}

static void trailer_part(zmq_msg_t *ret, const struct lent_bytes *trailer_take)
{
        HANDED_TO_LIBZMQ(trailer_take->holder);
        int r = zmq_msg_init_data(ret, (void *) trailer_take->data, trailer_take->size, release_lent,
                                  trailer_take->holder);
        assert(r == 0);
}

/* Takes the parts of a message; says whether it could be sent. */
static bool send_parts(void *socket, zmq_msg_t *parts, int count)
{
        int sent = 0;
        while (sent < count) {
                int more = sent + 1 < count ? ZMQ_SNDMORE : 0;
                if (zmq_msg_send(&parts[sent], socket, ZMQ_DONTWAIT | more) < 0)
                        break;
                sent++;
        }
        bool all = sent == count;
        while (sent < count)
                zmq_msg_close(&parts[sent++]);
        return all;
}

void zmq_driver_send(void *driver_arg, struct connection *connection, struct frame_buffer *frame_take,
                     const struct lent_bytes *trailer_take)
{
        struct zmq_driver *driver = driver_arg;
        zmq_msg_t parts[3];
        int count = 0;
        if (connection->dealer)
                zmq_mark_ready(connection);
        else
                driver->router_ready = true;
        if (!connection->dealer)
                id_part(&parts[count++], connection);
        frame_part(&parts[count++], driver, frame_take);
        if (trailer_take)
                trailer_part(&parts[count++], trailer_take);
        if (!send_parts(connection->dealer ? connection->dealer : driver->router, parts, count))
                zmq_mark_ending(connection);
}
