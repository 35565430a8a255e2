/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whatever bytes come as a frame, the decoder refuses them or shows values that are what
 * docs/protocol.md says, and reads nothing beyond them. Method: what it shows is encoded again and must
 * decode to the same. */
#include "net/frame_control.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_hello(const uint8_t *data, size_t size, enum frame_type type)
{
        struct frame_hello hello, again;
        struct frame_buffer frame = {0};
        if (frame_hello_decode(data, size, &hello) != 0)
                return;
        frame_hello_encode(&frame, type, &hello);
        int r = frame_hello_decode(frame.data, frame.size, &again);
        assert(r == 0 && again.incarnation == hello.incarnation && again.message_max == hello.message_max);
        assert(again.heartbeat_ms == hello.heartbeat_ms && strcmp(again.name, hello.name) == 0);
        assert(strcmp(again.endpoint, hello.endpoint) == 0);
        frame_buffer_done(&frame);
}

static void check_alive(const uint8_t *data, size_t size)
{
        struct frame_alive alive, again;
        struct frame_buffer frame = {0};
        if (frame_alive_decode(data, size, &alive) != 0)
                return;
        frame_alive_encode(&frame, &alive);
        int r = frame_alive_decode(frame.data, frame.size, &again);
        assert(r == 0 && again.frames == alive.frames && again.bytes == alive.bytes);
        frame_buffer_done(&frame);
}

static void check_error(const uint8_t *data, size_t size)
{
        char text[64];
        frame_error_decode(data, size, text, sizeof text);
        for (const char *at = text; *at; at++)
                assert(*at >= ' ' && *at < 0x7f);
}

static bool addresses_are_equal(const struct frame_address *a, const struct frame_address *b)
{
        if (a->name == NULL || b->name == NULL)
                return a->name == b->name && a->slot == b->slot && a->generation == b->generation;
        return a->name_size == b->name_size && memcmp(a->name, b->name, a->name_size) == 0;
}

static void check_equal(const struct frame_item *a, const struct frame_item *b)
{
        assert(a->kind == b->kind && a->returnable == b->returnable);
        assert(a->reason == b->reason && a->error == b->error);
        assert(addresses_are_equal(&a->to, &b->to) && addresses_are_equal(&a->from, &b->from));
        assert(a->ask_id == b->ask_id && a->trace_id == b->trace_id && a->type == b->type);
        assert(a->body_size == b->body_size && a->cut == b->cut && a->cut_size == b->cut_size);
        assert(a->body_size == 0 || memcmp(a->body, b->body, a->body_size) == 0);
}

static void encode_item(struct frame_buffer *frame, const struct frame_item *item)
{
        if (item->kind == FRAME_PART) {
                frame_part_encode(frame, item->cut, item->body_size);
                return;
        }
        uint8_t *body = frame_item_encode(frame, item);
        if (item->body_size > 0)
                memcpy(body, item->body, item->body_size);
}

static void check_item(const struct frame_item *decoded)
{
        struct frame_buffer frame = {0};
        struct frame_header header;
        struct frame_reader reader;
        struct frame_item item = *decoded, again;
        struct frame_trailer trailer = {item.body, item.body_size};
        item.same_to = item.same_from = item.same_type = false; /* the first of its frame */
        frame_begin(&frame, FRAME_DATA);
        encode_item(&frame, &item);
        frame_end(&frame, 1, 1);
        int r = frame_header_decode(frame.data, frame.size, &header);
        assert(r == 0);
        frame_reader_init(&reader, frame.data, frame.size, &header,
                          item.kind == FRAME_PART ? &trailer : NULL);
        r = frame_reader_next(&reader, &again);
        assert(r == 0);
        check_equal(&item, &again);
        r = frame_reader_next(&reader, &again);
        assert(r == FRAME_E_END);
        frame_buffer_done(&frame);
}

static void check_items(const uint8_t *data, size_t size, const struct frame_header *header,
                        const struct frame_trailer *trailer)
{
        struct frame_reader reader;
        struct frame_item item;
        uint32_t count = 0;
        int r;
        frame_reader_init(&reader, data, size, header, trailer);
        while ((r = frame_reader_next(&reader, &item)) == 0) {
                check_item(&item);
                count++;
        }
        assert(r == FRAME_E_MALFORMED || r == FRAME_E_TRAILER ||
               (r == FRAME_E_END && count == header->count));
}

/* Of the sequence the decoder makes nothing: here it says how many of the last bytes are a trailer, plus one.
 * Frame and trailer each end where their memory does. */
static void check_data(const uint8_t *data, size_t size, const struct frame_header *header)
{
        bool is_trailed = header->sequence > 0 && header->sequence - 1 <= size - FRAME_HEADER_SIZE;
        size_t trailer_size = is_trailed ? (size_t) header->sequence - 1 : 0;
        size_t frame_size = size - trailer_size;
        uint8_t *frame = actor_memdup(data, frame_size),
                *after = actor_memdup(data + frame_size, trailer_size);
        check_items(frame, frame_size, header,
                    is_trailed ? &(struct frame_trailer){after, trailer_size} : NULL);
        free(frame);
        free(after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct frame_header header;
        if (frame_header_decode(data, size, &header) != 0)
                return 0;
        switch (header.type) {
        case FRAME_HELLO:
        case FRAME_WELCOME:
        case FRAME_REDUNDANT:
                check_hello(data, size, header.type);
                break;
        case FRAME_DATA:
                check_data(data, size, &header);
                break;
        case FRAME_ALIVE:
                check_alive(data, size);
                break;
        case FRAME_ERROR:
                check_error(data, size);
                break;
        }
        return 0;
}
