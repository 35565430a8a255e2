/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_FRAME_H
#define NET_FRAME_H

#include "core/likely.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The envelope: how mails look on the wire (frame_control.h: all else). Pure: bytes in, values out; knows
 * neither sockets nor actors. The format table is docs/protocol.md, "Envelope". All numbers are
 * little-endian. */
enum {
        FRAME_VERSION = 3,
        FRAME_HEADER_SIZE = 16,
        FRAME_TEXT_MAX = 255, /* names and endpoints */
};

enum frame_type {
        FRAME_HELLO = 1, /* the dialer's first word */
        FRAME_WELCOME,   /* the answer: this connection is fine with me */
        FRAME_REDUNDANT, /* the answer: we have a connection already, or you are me */
        FRAME_CONFIRM,   /* the dialer's second word: from here on the connection carries data */
        FRAME_DATA,      /* items */
        FRAME_ALIVE,     /* heartbeat and acknowledgement */
        FRAME_GOODBYE,   /* the sender is leaving, or knows no such connection */
        FRAME_ERROR,     /* why the sender will not talk to you, as a sentence */
        FRAME_TYPE_COUNT,
};

/* Answers the caller must handle. */
enum { FRAME_E_MALFORMED = 1, FRAME_E_VERSION, FRAME_E_END, FRAME_E_TRAILER };

struct frame_header {
        uint8_t version;
        uint8_t type;
        uint32_t count;    /* of items in DATA, otherwise 0 */
        uint64_t sequence; /* DATA: its number, from 1; otherwise the number of the last DATA sent */
};

/* Reads the first 16 bytes. 0; FRAME_E_VERSION (`version` alone is filled) or FRAME_E_MALFORMED. */
int frame_header_decode(const uint8_t *data, size_t size, struct frame_header *ret);

/* ---- writing ----------------------------------------------------------------------------------- */

/* A frame being written: starts zeroed; `data` is malloc'ed and belongs to whoever holds the buffer. */
struct frame_buffer {
        uint8_t *data;
        size_t size, capacity;
};
void frame_buffer_done(struct frame_buffer *buffer);
/* Room for a frame of so many bytes, if it has less; a guess, for speed. */
void frame_reserve(struct frame_buffer *buffer, size_t capacity);
/* Begins a frame: its header with count and sequence still 0. */
void frame_begin(struct frame_buffer *buffer, enum frame_type type);
/* Fills in what is known only at the end. */
void frame_end(struct frame_buffer *buffer, uint32_t count, uint64_t sequence);

/* ---- items of DATA ----------------------------------------------------------------------------- */

enum frame_kind {
        FRAME_MESSAGE = 1,
        FRAME_ASK,
        FRAME_REPLY,
        FRAME_UNDELIVERED,
        FRAME_MONITOR,
        FRAME_DEMONITOR,
        FRAME_DOWN,
        FRAME_PART, /* a piece of the body of an item that was cut: the frame's trailer */
        FRAME_KIND_COUNT,
};

/* An actor: by name (`name` not NULL, not terminated), by id, or nobody (all zero). */
struct frame_address {
        const char *name;
        uint8_t name_size;
        uint32_t slot;
        uint64_t generation;
};

struct frame_item {
        uint8_t kind; /* enum frame_kind */
        bool returnable;
        uint8_t reason; /* enum actor_down_reason; 0 none */
        int32_t error;
        struct frame_address to, from;
        uint64_t ask_id, trace_id;
        uint64_t type;       /* frame_type_hash() of the body's type; 0: no body */
        const uint8_t *body; /* when decoded: borrowed from the frame */
        size_t body_size;
        /* As in the item before in the same frame, and therefore left out on the wire. The fields above are
         * as ever: when encoding, the caller sees to it that they are the same. */
        bool same_to, same_from, same_type;
        /* Of a body that travels in parts: its number on this connection and direction, and its size (0: this
         * one is whole). PART has the number alone, and the trailer as its body. */
        uint32_t cut, cut_size;
};

/* Appends an item and returns where its body_size bytes go (valid until the next append). item->body
 * is not read. */
uint8_t *frame_item_encode(struct frame_buffer *buffer, const struct frame_item *item);
/* The same for a plain message whose sender, receiver and type are as in the item before. */
uint8_t *frame_same_encode(struct frame_buffer *buffer, size_t body_size);
/* Appends a PART, the last item of its frame, whose `size` bytes travel as the frame's trailer. */
void frame_part_encode(struct frame_buffer *buffer, uint32_t cut, size_t size);
/* The bytes frame_item_encode() will append. */
size_t frame_item_size(const struct frame_item *item);

/* Bytes that travel beside a frame, as a message part of their own, so that nobody need copy them into it. */
struct frame_trailer {
        const uint8_t *data;
        size_t size;
};

/* What the next item may have in common with the one before. */
struct frame_before {
        struct frame_address to, from;
        uint64_t type;
        bool is_whole; /* has all three */
};

/* Reads items one by one. Everything in them is checked before it is shown. */
struct frame_reader {
        const uint8_t *at;
        size_t left;
        uint32_t items_left;
        const struct frame_trailer *trailer; /* not shown yet */
        struct frame_before before;
};
/* `trailer`: NULL where none has come. */
static inline void frame_reader_init(struct frame_reader *reader, const uint8_t *data, size_t size,
                                     const struct frame_header *header, const struct frame_trailer *trailer)
{
        *reader = (struct frame_reader){.at = data + FRAME_HEADER_SIZE,
                                        .left = size - FRAME_HEADER_SIZE,
                                        .items_left = header->count,
                                        .trailer = trailer};
}

/* 0 and an item; FRAME_E_END after the last; FRAME_E_MALFORMED; FRAME_E_TRAILER: there is none, or another,
 * than the last item says. */
int frame_reader_next(struct frame_reader *reader, struct frame_item *ret);

/* A number in groups of seven bits, the lowest first; returns where it ends. */
static inline uint8_t *frame_put_varint(uint8_t *at, uint32_t value)
{
        for (; unlikely(value >= 0x80); value >>= 7)
                *at++ = (uint8_t) (value | 0x80);
        *at++ = (uint8_t) value;
        return at;
}

/* How an item begins that is a plain message with sender, receiver and type as in the one before; its size,
 * up to five bytes of seven bits, and its body follow. */
enum { FRAME_SAME_KIND = 0x71, FRAME_SAME_FLAGS = 0x40, FRAME_SAME_BYTES_MAX = 2 + 5 };

/* Writes that beginning, FRAME_SAME_BYTES_MAX at most; returns where the body goes. */
static inline uint8_t *frame_put_same(uint8_t *at, size_t body_size)
{
        *at++ = FRAME_SAME_KIND;
        *at++ = FRAME_SAME_FLAGS;
        return frame_put_varint(at, (uint32_t) body_size);
}

/* frame_reader_next() where the next item is one of those, as most of a full frame are: takes it, and shows
 * its body. False: it is another, or none, or not sound. */
static inline bool frame_reader_same(struct frame_reader *reader, const uint8_t **ret_body, size_t *ret_size)
{
        const uint8_t *at = reader->at;
        size_t left = reader->left, head = 3;
        if (unlikely(reader->items_left == 0 || !reader->before.is_whole || left < head ||
                     at[0] != FRAME_SAME_KIND || at[1] != FRAME_SAME_FLAGS))
                return false;
        size_t size = at[2];
        for (unsigned shift = 7; unlikely(at[head - 1] >= 0x80); shift += 7, head++) {
                if (left == head || shift > 21) /* larger ones are seldom the same */
                        return false;
                size += ((size_t) at[head] - 1) << shift; /* less the bit that said so */
        }
        if (unlikely(size > left - head))
                return false;
        *ret_body = at + head;
        *ret_size = size;
        reader->at = at + head + size;
        reader->left = left - head - size;
        reader->items_left--;
        return true;
}

/* 64-bit FNV-1a of a type's name, never 0. */
uint64_t frame_type_hash(const char *name);

#endif
