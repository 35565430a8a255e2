/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>

#include "check_main.h"
#include "net/frame_control.h"

#include <actor/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t dice_state = 20260101;
static uint64_t dice(void)
{
        dice_state ^= dice_state << 13;
        dice_state ^= dice_state >> 7;
        dice_state ^= dice_state << 17;
        return dice_state;
}

static const struct frame_hello hello_sample = {
        .incarnation = 0x1122334455667788,
        .message_max = 64 << 20,
        .heartbeat_ms = 5000,
        .name = "master",
        .endpoint = "tcp://m1:5050",
};

/* One item of each kind, with everything the kind may have. */
static const struct frame_item samples[] = {
        {.kind = FRAME_MESSAGE,
         .returnable = true,
         .to = {.name = "master", .name_size = 6},
         .from = {.slot = 3, .generation = 9},
         .trace_id = 5,
         .type = 77,
         .body_size = 11},
        {.kind = FRAME_MESSAGE, .to = {.slot = 1, .generation = 2}, .type = 1},
        {.kind = FRAME_ASK,
         .to = {.slot = 1, .generation = 2},
         .from = {.slot = 3, .generation = 9},
         .ask_id = 12,
         .type = 1,
         .body_size = 300},
        {.kind = FRAME_REPLY,
         .to = {.slot = 1, .generation = 2},
         .from = {.name = "a/b", .name_size = 3},
         .ask_id = 12,
         .error = -110},
        {.kind = FRAME_REPLY, .to = {.slot = 1, .generation = 2}, .ask_id = 12, .type = 5, .body_size = 1},
        {.kind = FRAME_UNDELIVERED,
         .to = {.slot = 1, .generation = 2},
         .error = -3,
         .type = 5,
         .body_size = 7},
        {.kind = FRAME_MONITOR,
         .to = {.name = "x", .name_size = 1},
         .from = {.slot = 3, .generation = 9},
         .ask_id = 1},
        {.kind = FRAME_DEMONITOR,
         .to = {.slot = 1, .generation = 2},
         .from = {.slot = 3, .generation = 9},
         .ask_id = 1},
        {.kind = FRAME_DOWN,
         .to = {.slot = 1, .generation = 2},
         .from = {.slot = 3, .generation = 9},
         .ask_id = 1,
         .reason = 4},
        /* What they have in common with the one before is left out. */
        {.kind = FRAME_MESSAGE,
         .to = {.name = "master", .name_size = 6},
         .from = {.slot = 3, .generation = 9},
         .same_from = true,
         .type = 77,
         .body_size = 200},
        {.kind = FRAME_ASK,
         .to = {.name = "master", .name_size = 6},
         .from = {.slot = 3, .generation = 9},
         .same_to = true,
         .same_from = true,
         .same_type = true,
         .ask_id = 8,
         .type = 77,
         .body_size = 3},
        {.kind = FRAME_MESSAGE,
         .to = {.slot = 4, .generation = 2},
         .from = {.slot = 3, .generation = 9},
         .same_from = true,
         .same_type = true,
         .type = 77,
         .cut = 6,
         .cut_size = 100000},
        {.kind = FRAME_DOWN, .to = {.slot = 4, .generation = 2}, .same_to = true, .ask_id = 1, .reason = 4},
};
enum { SAMPLE_COUNT = sizeof samples / sizeof *samples, DOWN_SAMPLE = 8 };

static struct frame_buffer data_frame(void)
{
        struct frame_buffer frame = {0};
        frame_begin(&frame, FRAME_DATA);
        for (size_t i = 0; i < SAMPLE_COUNT; i++)
                memset(frame_item_encode(&frame, &samples[i]), (int) i, samples[i].body_size);
        frame_end(&frame, SAMPLE_COUNT, 42);
        return frame;
}

static void expect_address(const struct frame_address *got, const struct frame_address *wanted)
{
        ck_assert_uint_eq(got->name_size, wanted->name_size);
        if (wanted->name)
                ck_assert_mem_eq(got->name, wanted->name, wanted->name_size);
        ck_assert_uint_eq(got->slot, wanted->slot);
        ck_assert_uint_eq(got->generation, wanted->generation);
}

START_TEST(every_kind_of_item_is_read_as_it_was_written)
{
        struct frame_buffer frame = data_frame();
        struct frame_header header;
        ck_assert_int_eq(frame_header_decode(frame.data, frame.size, &header), 0);
        ck_assert_uint_eq(header.sequence, 42);
        struct frame_reader reader;
        struct frame_item item;
        frame_reader_init(&reader, frame.data, frame.size, &header, NULL);
        for (size_t i = 0; i < SAMPLE_COUNT; i++) {
                const struct frame_item *wanted = &samples[i];
                ck_assert_int_eq(frame_reader_next(&reader, &item), 0);
                ck_assert_uint_eq(item.kind, wanted->kind);
                ck_assert(item.returnable == wanted->returnable);
                ck_assert_int_eq(item.error, wanted->error);
                ck_assert_uint_eq(item.reason, wanted->reason);
                ck_assert_uint_eq(item.ask_id, wanted->ask_id);
                ck_assert_uint_eq(item.trace_id, wanted->trace_id);
                ck_assert_uint_eq(item.type, wanted->type);
                ck_assert_uint_eq(item.body_size, wanted->body_size);
                ck_assert_uint_eq(item.cut, wanted->cut);
                ck_assert_uint_eq(item.cut_size, wanted->cut_size);
                for (size_t j = 0; j < item.body_size; j++)
                        ck_assert_uint_eq(item.body[j], i);
                expect_address(&item.to, &wanted->to);
                expect_address(&item.from, &wanted->from);
        }
        ck_assert_int_eq(frame_reader_next(&reader, &item), FRAME_E_END);
        frame_buffer_done(&frame);
}
END_TEST

/* ck_assert() writes down where it stands each time: too much for what is done a million times. */
static void require(bool holds)
{
        if (!holds)
                ck_abort_msg("an item that no encoder writes was shown");
}

/* What frame_reader_next() says after the last item that it shows. Each is looked at. */
static int read_items(const uint8_t *data, size_t size, const struct frame_header *header,
                      const struct frame_trailer *trailer)
{
        struct frame_reader reader;
        struct frame_item item;
        unsigned sum = 0;
        int r;
        frame_reader_init(&reader, data, size, header, trailer);
        while ((r = frame_reader_next(&reader, &item)) == 0) {
                require(item.kind > 0 && item.kind < FRAME_KIND_COUNT);
                require(item.kind == FRAME_PART || item.to.name || item.to.generation != 0);
                require(item.error <= 0);
                for (size_t i = 0; i < item.body_size; i++)
                        sum += item.body[i];
                for (size_t i = 0; item.to.name && i < item.to.name_size; i++)
                        sum += (unsigned) item.to.name[i];
        }
        require(sum != UINT32_MAX); /* it has been read */
        return r;
}

/* Reads a frame of exactly this size, as the room does, from memory that ends where the frame ends; and with
 * a trailer of exactly so many bytes, if any. Says whether all of it was sound. */
static bool read_with(const uint8_t *data, size_t size, size_t trailer_size)
{
        struct frame_trailer trailer = {trailer_size ? actor_zalloc(trailer_size) : NULL, trailer_size};
        uint8_t *exact = size ? actor_memdup(data, size) : NULL;
        struct frame_header header;
        struct frame_hello hello;
        struct frame_alive alive;
        char text[64];
        int r = frame_header_decode(exact, size, &header);
        if (r == 0 && header.type == FRAME_DATA) {
                r = read_items(exact, size, &header, trailer_size ? &trailer : NULL);
                r = r == FRAME_E_END ? 0 : r;
        } else if (r == 0 && header.type <= FRAME_REDUNDANT) {
                r = frame_hello_decode(exact, size, &hello);
        } else if (r == 0 && header.type == FRAME_ALIVE) {
                r = frame_alive_decode(exact, size, &alive);
        } else if (r == 0 && header.type == FRAME_ERROR) {
                frame_error_decode(exact, size, text, sizeof text);
        }
        free(exact);
        free((uint8_t *) trailer.data);
        return r == 0;
}

static bool read_frame(const uint8_t *data, size_t size)
{
        return read_with(data, size, 0);
}

/* The short way of a plain message like the one before, and the piece of a body that was cut. */
START_TEST(a_repeated_message_takes_three_bytes_more_and_a_part_eleven)
{
        static const uint8_t piece[1000] = {[999] = 3};
        struct frame_trailer trailer = {piece, sizeof piece};
        struct frame_buffer frame = {0};
        struct frame_header header;
        struct frame_reader reader;
        struct frame_item item;
        frame_begin(&frame, FRAME_DATA);
        memset(frame_item_encode(&frame, &samples[0]), 1, samples[0].body_size);
        size_t before = frame.size;
        memset(frame_same_encode(&frame, 100), 2, 100);
        ck_assert_uint_eq(frame.size, before + 3 + 100);
        frame_part_encode(&frame, 7, sizeof piece);
        ck_assert_uint_eq(frame.size, before + 103 + 11);
        frame_end(&frame, 3, 1);
        ck_assert_int_eq(frame_header_decode(frame.data, frame.size, &header), 0);
        frame_reader_init(&reader, frame.data, frame.size, &header, &trailer);
        ck_assert_int_eq(frame_reader_next(&reader, &item), 0);
        ck_assert_int_eq(frame_reader_next(&reader, &item), 0);
        ck_assert(item.kind == FRAME_MESSAGE && item.same_to && item.same_from && item.same_type);
        expect_address(&item.to, &samples[0].to);
        expect_address(&item.from, &samples[0].from);
        ck_assert(item.type == 77 && item.body_size == 100 && item.body[99] == 2);
        ck_assert_int_eq(frame_reader_next(&reader, &item), 0);
        ck_assert(item.kind == FRAME_PART && item.cut == 7 && item.body_size == 1000 && item.body == piece);
        ck_assert_int_eq(frame_reader_next(&reader, &item), FRAME_E_END);
        frame_buffer_done(&frame);
}
END_TEST

static int read_last(const struct frame_buffer *frame, const struct frame_trailer *trailer)
{
        struct frame_header header;
        ck_assert_int_eq(frame_header_decode(frame->data, frame->size, &header), 0);
        return read_items(frame->data, frame->size, &header, trailer);
}

START_TEST(a_trailer_is_what_the_last_item_says)
{
        static const uint8_t bytes[1001];
        struct frame_buffer frame = data_frame();
        ck_assert_int_eq(read_last(&frame, &(struct frame_trailer){bytes, 1}), FRAME_E_TRAILER);
        ck_assert_int_eq(read_last(&frame, &(struct frame_trailer){bytes, 0}), FRAME_E_TRAILER);
        frame_part_encode(&frame, 7, 1000);
        frame_end(&frame, SAMPLE_COUNT + 1, 1);
        ck_assert_int_eq(read_last(&frame, &(struct frame_trailer){bytes, 1000}), FRAME_E_END);
        ck_assert_int_eq(read_last(&frame, &(struct frame_trailer){bytes, 999}), FRAME_E_TRAILER);
        ck_assert_int_eq(read_last(&frame, &(struct frame_trailer){bytes, 1001}), FRAME_E_TRAILER);
        ck_assert_int_eq(read_last(&frame, NULL), FRAME_E_TRAILER);
        frame_part_encode(&frame, 8, 1000); /* there is one trailer for both */
        frame_end(&frame, SAMPLE_COUNT + 2, 1);
        ck_assert_int_eq(read_last(&frame, &(struct frame_trailer){bytes, 1000}), FRAME_E_MALFORMED);
        frame_buffer_done(&frame);
}
END_TEST

START_TEST(a_part_that_says_anything_else_is_malformed)
{
        static const uint8_t other[][3] = {{8, 0, 7}, {8, 0, 9}, {8, 64, 8}, {8 | 128, 0, 8}, {8 | 64, 0, 8}};
        struct frame_buffer frame = {0};
        frame_begin(&frame, FRAME_DATA);
        frame_part_encode(&frame, 7, 1000);
        frame_end(&frame, 1, 1);
        ck_assert(read_with(frame.data, frame.size, 1000));
        for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
                memcpy(frame.data + FRAME_HEADER_SIZE, other[i], sizeof *other);
                ck_assert(!read_with(frame.data, frame.size, 1000));
        }
        memcpy(frame.data + FRAME_HEADER_SIZE, (uint8_t[]){8, 0, 8}, 3);
        memset(frame.data + FRAME_HEADER_SIZE + 7, 0, 4); /* of no bytes */
        ck_assert_int_eq(read_last(&frame, &(struct frame_trailer){(const uint8_t *) "", 0}),
                         FRAME_E_MALFORMED);
        frame_buffer_done(&frame);
}
END_TEST

START_TEST(what_nothing_before_could_have_in_common_is_malformed)
{
        struct frame_buffer frame = {0};
        frame_begin(&frame, FRAME_DATA);
        memset(frame_same_encode(&frame, 5), 0, 5);
        frame_end(&frame, 1, 1);
        ck_assert(!read_frame(frame.data, frame.size));
        frame_buffer_done(&frame);
}
END_TEST

START_TEST(an_item_takes_as_many_bytes_as_foretold)
{
        for (size_t i = 0; i < SAMPLE_COUNT; i++) {
                struct frame_buffer frame = {0};
                frame_begin(&frame, FRAME_DATA);
                memset(frame_item_encode(&frame, &samples[i]), 0, samples[i].body_size);
                ck_assert_uint_eq(frame.size, FRAME_HEADER_SIZE + frame_item_size(&samples[i]));
                frame_buffer_done(&frame);
        }
}
END_TEST

START_TEST(a_greeting_is_read_as_it_was_written)
{
        struct frame_buffer frame = {0};
        struct frame_hello got;
        frame_hello_encode(&frame, FRAME_WELCOME, &hello_sample);
        ck_assert_int_eq(frame_hello_decode(frame.data, frame.size, &got), 0);
        ck_assert_uint_eq(got.incarnation, hello_sample.incarnation);
        ck_assert_uint_eq(got.message_max, hello_sample.message_max);
        ck_assert_uint_eq(got.heartbeat_ms, hello_sample.heartbeat_ms);
        ck_assert_str_eq(got.name, hello_sample.name);
        ck_assert_str_eq(got.endpoint, hello_sample.endpoint);
        for (size_t size = FRAME_HEADER_SIZE; size < frame.size; size++)
                ck_assert_int_eq(frame_hello_decode(frame.data, size, &got), FRAME_E_MALFORMED);
        frame_buffer_done(&frame);
}
END_TEST

START_TEST(another_version_is_told_from_garbage)
{
        struct frame_buffer frame = {0};
        struct frame_header header;
        frame_hello_encode(&frame, FRAME_HELLO, &hello_sample);
        frame.data[2] = 7;
        ck_assert_int_eq(frame_header_decode(frame.data, frame.size, &header), FRAME_E_VERSION);
        ck_assert_uint_eq(header.version, 7);
        ck_assert_int_eq(frame_header_decode(frame.data, 3, &header), FRAME_E_VERSION);
        frame.data[0] = 'X';
        ck_assert_int_eq(frame_header_decode(frame.data, frame.size, &header), FRAME_E_MALFORMED);
        ck_assert_int_eq(frame_header_decode((const uint8_t *) "", 0, &header), FRAME_E_MALFORMED);
        frame_buffer_done(&frame);
}
END_TEST

START_TEST(a_frame_cut_anywhere_is_malformed)
{
        struct frame_buffer frame = data_frame();
        ck_assert(read_frame(frame.data, frame.size));
        for (size_t size = 0; size < frame.size; size++)
                ck_assert(!read_frame(frame.data, size));
        frame_buffer_done(&frame);
}
END_TEST

START_TEST(half_a_million_random_frames_are_survived)
{
        uint8_t data[256];
        for (int i = 0; i < 500000; i++) {
                size_t size = dice() % sizeof data;
                for (size_t j = 0; j < size; j++)
                        data[j] = (uint8_t) dice();
                if (i % 2 && size > 4) { /* half of them get past the magic */
                        memcpy(data, "TA\3", 3);
                        data[3] = (uint8_t) (dice() % (FRAME_TYPE_COUNT + 1));
                }
                (void) read_with(data, size, dice() % 3);
        }
}
END_TEST

START_TEST(half_a_million_mutated_frames_are_survived)
{
        struct frame_buffer frame = data_frame();
        frame_part_encode(&frame, 7, 2);
        frame_end(&frame, SAMPLE_COUNT + 1, 1);
        for (int i = 0; i < 500000; i++) {
                uint8_t *mutant = actor_memdup(frame.data, frame.size);
                size_t size = dice() % 4 ? frame.size : dice() % frame.size;
                for (uint64_t changes = 1 + dice() % 4; changes > 0; changes--)
                        mutant[dice() % frame.size] =
                                dice() % 2 ? (uint8_t) dice() : (uint8_t) (dice() % 2 ? 0 : 255);
                (void) read_with(mutant, size, dice() % 8 ? 2 : dice() % 4);
                free(mutant);
        }
        frame_buffer_done(&frame);
}
END_TEST

START_TEST(an_item_with_parts_its_kind_forbids_is_malformed)
{
        struct frame_buffer frame = {0};
        frame_begin(&frame, FRAME_DATA);
        (void) frame_item_encode(&frame, &samples[DOWN_SAMPLE]);
        frame_end(&frame, 1, 1);
        ck_assert(read_frame(frame.data, frame.size));
        for (int kind = 0; kind < 256; kind++) {
                frame.data[FRAME_HEADER_SIZE] = (uint8_t) kind;
                /* a reply has the same parts */
                ck_assert(read_frame(frame.data, frame.size) == (kind == FRAME_DOWN || kind == FRAME_REPLY));
        }
        frame_buffer_done(&frame);
}
END_TEST

/* Whoever hears of an end, or has a message back, is told why. */
START_TEST(an_outcome_that_says_nothing_is_malformed)
{
        static const struct frame_item outcomes[] = {
                {.kind = FRAME_DOWN, .to = {.slot = 1, .generation = 2}, .ask_id = 1, .reason = 3},
                {.kind = FRAME_UNDELIVERED, .to = {.slot = 1, .generation = 2}, .error = -3, .type = 5},
        };
        for (int i = 0; i < 2; i++) {
                struct frame_buffer frame = {0};
                size_t at = FRAME_HEADER_SIZE + 3 + 12 + (outcomes[i].ask_id != 0 ? 8 : 0);
                frame_begin(&frame, FRAME_DATA);
                (void) frame_item_encode(&frame, &outcomes[i]);
                frame_end(&frame, 1, 1);
                ck_assert(read_frame(frame.data, frame.size));
                memset(frame.data + at, 0, 5);
                ck_assert(!read_frame(frame.data, frame.size));
                frame_buffer_done(&frame);
        }
}
END_TEST

START_TEST(foreign_text_is_made_printable)
{
        struct frame_buffer frame = {0};
        char text[8];
        frame_error_encode(&frame, "a\n\x1b[2Jlong text");
        frame_error_decode(frame.data, frame.size, text, sizeof text);
        ck_assert_str_eq(text, "a??[2Jl");
        frame_buffer_done(&frame);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, every_kind_of_item_is_read_as_it_was_written);
        tcase_add_test(tcase, a_repeated_message_takes_three_bytes_more_and_a_part_eleven);
        tcase_add_test(tcase, a_trailer_is_what_the_last_item_says);
        tcase_add_test(tcase, a_part_that_says_anything_else_is_malformed);
        tcase_add_test(tcase, what_nothing_before_could_have_in_common_is_malformed);
        tcase_add_test(tcase, an_item_takes_as_many_bytes_as_foretold);
        tcase_add_test(tcase, a_greeting_is_read_as_it_was_written);
        tcase_add_test(tcase, another_version_is_told_from_garbage);
        tcase_add_test(tcase, a_frame_cut_anywhere_is_malformed);
        tcase_add_test(tcase, half_a_million_random_frames_are_survived);
        tcase_add_test(tcase, half_a_million_mutated_frames_are_survived);
        tcase_add_test(tcase, an_item_with_parts_its_kind_forbids_is_malformed);
        tcase_add_test(tcase, an_outcome_that_says_nothing_is_malformed);
        tcase_add_test(tcase, foreign_text_is_made_printable);
}

TEST_MAIN("the envelope", add_tests)
