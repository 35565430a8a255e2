/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_FRAME_CONTROL_H
#define NET_FRAME_CONTROL_H

#include "net/frame.h"

/* The frames beside DATA (frame.c): greetings, the heartbeat, a sentence. */

/* What HELLO, WELCOME and REDUNDANT carry. */
struct frame_hello {
        uint64_t incarnation; /* not 0 */
        uint64_t message_max; /* bytes of the largest message the sender accepts */
        uint32_t heartbeat_ms;
        char name[FRAME_TEXT_MAX + 1];
        char endpoint[FRAME_TEXT_MAX + 1]; /* "" if it listens nowhere */
};
void frame_hello_encode(struct frame_buffer *buffer, enum frame_type type, const struct frame_hello *hello);
int frame_hello_decode(const uint8_t *data, size_t size, struct frame_hello *ret);

/* What ALIVE carries: the DATA frames and their bytes read so far on this connection. */
struct frame_alive {
        uint64_t frames, bytes;
};
void frame_alive_encode(struct frame_buffer *buffer, const struct frame_alive *alive);
int frame_alive_decode(const uint8_t *data, size_t size, struct frame_alive *ret);

void frame_error_encode(struct frame_buffer *buffer, const char *text);
/* Always gives a printable text, cut to `ret_size`. */
void frame_error_decode(const uint8_t *data, size_t size, char *ret, size_t ret_size);

#endif
