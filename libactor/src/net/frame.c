/* SPDX-License-Identifier: Apache-2.0 */
#include "net/frame_control.h"

#include <actor/memory.h>
#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t magic[2] = {'T', 'A'};

/* What an item holds beside its kind, flags and size; in the order of the bits' values. */
enum {
        HAS_TO_NAME = 1 << 0, /* otherwise an id */
        HAS_FROM_ID = 1 << 1,
        HAS_FROM_NAME = 1 << 2,
        HAS_ASK = 1 << 3,
        HAS_TRACE = 1 << 4,
        HAS_OUTCOME = 1 << 5,
        HAS_BODY = 1 << 6,
        IS_RETURNABLE = 1 << 7,
};
/* Beside the kind, in the same byte: what is as in the item before and therefore left out. */
enum { KIND_MASK = 0x0f, SAME_TO = 1 << 4, SAME_FROM = 1 << 5, SAME_TYPE = 1 << 6, IS_CUT = 1 << 7 };
enum { ID_SIZE = 12, OUTCOME_SIZE = 5, CUT_SIZE = 8, PART_SIZE = 8, VARINT_MAX = 5 };

/* Which parts a kind must have, and which it must not. */
static const struct {
        uint8_t required, forbidden;
} kinds[FRAME_KIND_COUNT] = {
        [FRAME_MESSAGE] = {HAS_BODY, HAS_ASK | HAS_OUTCOME},
        [FRAME_ASK] = {HAS_BODY | HAS_ASK | HAS_FROM_ID, HAS_OUTCOME},
        [FRAME_REPLY] = {HAS_ASK, HAS_TO_NAME},
        [FRAME_UNDELIVERED] = {HAS_BODY | HAS_OUTCOME, HAS_ASK | HAS_TO_NAME},
        [FRAME_MONITOR] = {HAS_ASK | HAS_FROM_ID, HAS_BODY | HAS_OUTCOME},
        [FRAME_DEMONITOR] = {HAS_ASK | HAS_FROM_ID, HAS_BODY | HAS_OUTCOME},
        [FRAME_DOWN] = {HAS_ASK | HAS_OUTCOME, HAS_BODY | HAS_TO_NAME},
        [FRAME_PART] = {0, 0xff}, /* has a form of its own */
};

/* ---- numbers --------------------------------------------------------------------------------- */

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
        value = htole32(value);
        memcpy(at, &value, sizeof value);
        return at + sizeof value;
}

static uint8_t *put_u64(uint8_t *at, uint64_t value)
{
        value = htole64(value);
        memcpy(at, &value, sizeof value);
        return at + sizeof value;
}

/* What is left to read. A read past the end fails, as do all after it, and gives zero. */
struct cursor {
        const uint8_t *at;
        size_t left;
        bool failed;
};

static size_t varint_size(uint32_t value)
{
        size_t size = 1;
        for (; value >= 0x80; value >>= 7)
                size++;
        return size;
}

static inline const uint8_t *take(struct cursor *cursor, size_t size)
{
        if (unlikely(cursor->left < size)) {
                cursor->failed = true;
                cursor->left = 0;
                return NULL;
        }
        const uint8_t *at = cursor->at;
        cursor->at += size;
        cursor->left -= size;
        return at;
}

static inline uint8_t take_u8(struct cursor *cursor)
{
        const uint8_t *at = take(cursor, 1);
        return likely(at != NULL) ? *at : 0;
}

static inline uint32_t take_u32(struct cursor *cursor)
{
        uint32_t value = 0;
        const uint8_t *at = take(cursor, sizeof value);
        if (likely(at != NULL))
                memcpy(&value, at, sizeof value);
        return le32toh(value);
}

static inline uint64_t take_u64(struct cursor *cursor)
{
        uint64_t value = 0;
        const uint8_t *at = take(cursor, sizeof value);
        if (likely(at != NULL))
                memcpy(&value, at, sizeof value);
        return le64toh(value);
}

static uint32_t take_varint(struct cursor *cursor)
{
        uint64_t value = 0;
        for (unsigned shift = 0; shift < 7 * VARINT_MAX; shift += 7) {
                uint8_t byte = take_u8(cursor);
                value |= (uint64_t) (byte & 0x7f) << shift;
                if (likely((byte & 0x80) == 0)) {
                        cursor->failed |= value > UINT32_MAX;
                        return (uint32_t) value;
                }
        }
        cursor->failed = true;
        return 0;
}

/* A text with a length byte before it, into `ret` of FRAME_TEXT_MAX + 1 bytes. */
static void take_text(struct cursor *cursor, char *ret)
{
        size_t size = take_u8(cursor);
        const uint8_t *at = take(cursor, size);
        ret[0] = '\0';
        if (!at)
                return;
        for (size_t i = 0; i < size; i++)
                cursor->failed |= at[i] <= ' ' || at[i] >= 0x7f;
        memcpy(ret, at, size);
        ret[size] = '\0';
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
        size_t size = strnlen(text, FRAME_TEXT_MAX);
        *at++ = (uint8_t) size;
        memcpy(at, text, size);
        return at + size;
}

/* ---- the frame ------------------------------------------------------------------------------- */

int frame_header_decode(const uint8_t *data, size_t size, struct frame_header *ret)
{
        *ret = (struct frame_header){0};
        if (size < sizeof magic + 1 || memcmp(data, magic, sizeof magic) != 0)
                return FRAME_E_MALFORMED;
        ret->version = data[2];
        if (ret->version != FRAME_VERSION)
                return FRAME_E_VERSION;
        struct cursor cursor = {data + 3, size - 3, false};
        ret->type = take_u8(&cursor);
        ret->count = take_u32(&cursor);
        ret->sequence = take_u64(&cursor);
        if (cursor.failed || ret->type == 0 || ret->type >= FRAME_TYPE_COUNT)
                return FRAME_E_MALFORMED;
        return (ret->count != 0) == (ret->type == FRAME_DATA) ? 0 : FRAME_E_MALFORMED;
}

void frame_buffer_done(struct frame_buffer *buffer)
{
        free(buffer->data);
        *buffer = (struct frame_buffer){0};
}

void frame_reserve(struct frame_buffer *buffer, size_t capacity)
{
        if (capacity <= buffer->capacity)
                return;
        buffer->data = actor_realloc_array(buffer->data, capacity, 1);
        buffer->capacity = capacity;
}

static __attribute__((noinline, cold)) void grow(struct frame_buffer *buffer, size_t size)
{
        size_t capacity = buffer->capacity ? buffer->capacity : 512;
        while (capacity < buffer->size + size)
                capacity *= 2;
        frame_reserve(buffer, capacity);
}

static inline uint8_t *append(struct frame_buffer *buffer, size_t size)
{
        if (unlikely(buffer->size + size > buffer->capacity))
                grow(buffer, size);
        uint8_t *at = buffer->data + buffer->size;
        buffer->size += size;
        return at;
}

void frame_begin(struct frame_buffer *buffer, enum frame_type type)
{
        assert(buffer->size == 0);
        uint8_t *at = append(buffer, FRAME_HEADER_SIZE);
        memset(at, 0, FRAME_HEADER_SIZE);
        memcpy(at, magic, sizeof magic);
        at[2] = FRAME_VERSION;
        at[3] = (uint8_t) type;
}

void frame_end(struct frame_buffer *buffer, uint32_t count, uint64_t sequence)
{
        assert(buffer->size >= FRAME_HEADER_SIZE);
        put_u32(buffer->data + 4, count);
        put_u64(buffer->data + 8, sequence);
}

static struct cursor payload(const uint8_t *data, size_t size)
{
        assert(size >= FRAME_HEADER_SIZE);
        return (struct cursor){data + FRAME_HEADER_SIZE, size - FRAME_HEADER_SIZE, false};
}

/* ---- control frames -------------------------------------------------------------------------- */

void frame_hello_encode(struct frame_buffer *buffer, enum frame_type type, const struct frame_hello *hello)
{
        assert(type == FRAME_HELLO || type == FRAME_WELCOME || type == FRAME_REDUNDANT);
        assert(hello->incarnation != 0);
        frame_begin(buffer, type);
        size_t texts = strnlen(hello->name, FRAME_TEXT_MAX) + strnlen(hello->endpoint, FRAME_TEXT_MAX);
        uint8_t *at = append(buffer, 8 + 8 + 4 + 2 + texts);
        at = put_u64(at, hello->incarnation);
        at = put_u64(at, hello->message_max);
        at = put_u32(at, hello->heartbeat_ms);
        at = put_text(at, hello->name);
        put_text(at, hello->endpoint);
}

int frame_hello_decode(const uint8_t *data, size_t size, struct frame_hello *ret)
{
        struct cursor cursor = payload(data, size);
        ret->incarnation = take_u64(&cursor);
        ret->message_max = take_u64(&cursor);
        ret->heartbeat_ms = take_u32(&cursor);
        take_text(&cursor, ret->name);
        take_text(&cursor, ret->endpoint);
        bool sound =
                !cursor.failed && ret->incarnation != 0 && ret->message_max != 0 && ret->heartbeat_ms != 0;
        return sound ? 0 : FRAME_E_MALFORMED; /* more bytes may follow: a later version's */
}

void frame_alive_encode(struct frame_buffer *buffer, const struct frame_alive *alive)
{
        frame_begin(buffer, FRAME_ALIVE);
        put_u64(put_u64(append(buffer, 16), alive->frames), alive->bytes);
}

int frame_alive_decode(const uint8_t *data, size_t size, struct frame_alive *ret)
{
        struct cursor cursor = payload(data, size);
        ret->frames = take_u64(&cursor);
        ret->bytes = take_u64(&cursor);
        return cursor.failed ? FRAME_E_MALFORMED : 0;
}

void frame_error_encode(struct frame_buffer *buffer, const char *text)
{
        frame_begin(buffer, FRAME_ERROR);
        size_t size = strlen(text);
        memcpy(append(buffer, size), text, size);
}

void frame_error_decode(const uint8_t *data, size_t size, char *ret, size_t ret_size)
{
        assert(ret_size > 0);
        struct cursor cursor = payload(data, size);
        size_t count = cursor.left < ret_size - 1 ? cursor.left : ret_size - 1;
        for (size_t i = 0; i < count; i++)
                ret[i] = (char) (cursor.at[i] >= ' ' && cursor.at[i] < 0x7f ? cursor.at[i] : '?');
        ret[count] = '\0';
}

/* ---- items ----------------------------------------------------------------------------------- */

static uint8_t item_flags(const struct frame_item *item)
{
        unsigned flags = item->to.name && !item->same_to ? HAS_TO_NAME : 0;
        if (item->from.name && !item->same_from)
                flags |= HAS_FROM_NAME;
        else if (item->from.generation != 0 && !item->same_from)
                flags |= HAS_FROM_ID;
        flags |= item->ask_id ? HAS_ASK : 0;
        flags |= item->trace_id ? HAS_TRACE : 0;
        flags |= item->reason || item->error ? HAS_OUTCOME : 0;
        flags |= item->type ? HAS_BODY : 0;
        flags |= item->returnable ? IS_RETURNABLE : 0;
        return (uint8_t) flags;
}

static uint8_t item_kind(const struct frame_item *item)
{
        unsigned kind = item->kind;
        kind |= item->same_to ? SAME_TO : 0;
        kind |= item->same_from ? SAME_FROM : 0;
        kind |= item->same_type ? SAME_TYPE : 0;
        kind |= item->cut_size ? IS_CUT : 0;
        return (uint8_t) kind;
}

static size_t address_size(const struct frame_address *address)
{
        return address->name ? 1u + address->name_size : ID_SIZE;
}

/* What follows the size, except the body. */
static size_t rest_size(const struct frame_item *item, uint8_t flags)
{
        size_t size = item->same_to ? 0 : address_size(&item->to);
        if ((flags & (HAS_FROM_ID | HAS_FROM_NAME)) && !item->same_from)
                size += address_size(&item->from);
        size += flags & HAS_ASK ? 8 : 0;
        size += flags & HAS_TRACE ? 8 : 0;
        size += flags & HAS_OUTCOME ? OUTCOME_SIZE : 0;
        size += (flags & HAS_BODY) && !item->same_type ? 8 : 0;
        return item->cut_size ? size + CUT_SIZE : size;
}

size_t frame_item_size(const struct frame_item *item)
{
        size_t rest = rest_size(item, item_flags(item)) + item->body_size;
        return 2 + varint_size((uint32_t) rest) + rest;
}

static uint8_t *put_address(uint8_t *at, const struct frame_address *address)
{
        if (!address->name)
                return put_u64(put_u32(at, address->slot), address->generation);
        *at++ = address->name_size;
        memcpy(at, address->name, address->name_size);
        return at + address->name_size;
}

static uint8_t *put_rest(uint8_t *at, const struct frame_item *item, uint8_t flags)
{
        if (!item->same_to)
                at = put_address(at, &item->to);
        if ((flags & (HAS_FROM_ID | HAS_FROM_NAME)) && !item->same_from)
                at = put_address(at, &item->from);
        if (unlikely(flags & HAS_ASK))
                at = put_u64(at, item->ask_id);
        if (unlikely(flags & HAS_TRACE))
                at = put_u64(at, item->trace_id);
        if (unlikely(flags & HAS_OUTCOME)) {
                *at++ = item->reason;
                at = put_u32(at, (uint32_t) item->error);
        }
        if ((flags & HAS_BODY) && !item->same_type)
                at = put_u64(at, item->type);
        return unlikely(item->cut_size) ? put_u32(put_u32(at, item->cut), item->cut_size) : at;
}

uint8_t *frame_item_encode(struct frame_buffer *buffer, const struct frame_item *item)
{
        uint8_t flags = item_flags(item);
        size_t rest = rest_size(item, flags) + item->body_size;
        assert(rest <= UINT32_MAX - 16 && item->kind > 0 && item->kind < FRAME_PART);
        assert((flags & kinds[item->kind].forbidden) == 0 && (item->cut_size == 0 || item->body_size == 0));
        uint8_t *at = append(buffer, 2 + varint_size((uint32_t) rest) + rest);
        *at++ = item_kind(item);
        *at++ = flags;
        return put_rest(frame_put_varint(at, (uint32_t) rest), item, flags);
}

_Static_assert(FRAME_SAME_KIND == ((int) FRAME_MESSAGE | SAME_TO | SAME_FROM | SAME_TYPE) &&
                       FRAME_SAME_FLAGS == (int) HAS_BODY,
               "as the table says");

uint8_t *frame_same_encode(struct frame_buffer *buffer, size_t body_size)
{
        uint8_t *at = append(buffer, 2 + varint_size((uint32_t) body_size) + body_size);
        return frame_put_same(at, body_size);
}

void frame_part_encode(struct frame_buffer *buffer, uint32_t cut, size_t size)
{
        assert(size > 0 && size <= UINT32_MAX);
        uint8_t *at = append(buffer, 3 + PART_SIZE);
        *at++ = FRAME_PART;
        *at++ = 0;
        put_u32(put_u32(frame_put_varint(at, PART_SIZE), cut), (uint32_t) size);
}

static const bool name_bytes[256] = {
        ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['.'] = true, ['_'] = true,
        ['/'] = true,         [':'] = true,         ['~'] = true,         ['-'] = true,
};

static void take_name(struct cursor *cursor, struct frame_address *ret)
{
        ret->name_size = take_u8(cursor);
        ret->name = (const char *) take(cursor, ret->name_size);
        cursor->failed |= ret->name_size == 0;
        for (size_t i = 0; ret->name && i < ret->name_size; i++)
                cursor->failed |= !name_bytes[(uint8_t) ret->name[i]];
}

static void take_id(struct cursor *cursor, struct frame_address *ret)
{
        ret->slot = take_u32(cursor);
        ret->generation = take_u64(cursor);
        cursor->failed |= ret->generation == 0;
}

static void take_addresses(struct cursor *cursor, uint8_t flags, struct frame_item *ret)
{
        if (!ret->same_to && (flags & HAS_TO_NAME))
                take_name(cursor, &ret->to);
        else if (!ret->same_to)
                take_id(cursor, &ret->to);
        if (!ret->same_from && (flags & HAS_FROM_ID))
                take_id(cursor, &ret->from);
        if (!ret->same_from && (flags & HAS_FROM_NAME))
                take_name(cursor, &ret->from);
}

static void take_body(struct cursor *cursor, bool is_cut, struct frame_item *ret)
{
        if (likely(!ret->same_type))
                ret->type = take_u64(cursor);
        if (unlikely(is_cut)) {
                ret->cut = take_u32(cursor);
                ret->cut_size = take_u32(cursor);
                cursor->failed |= ret->cut_size == 0;
                return;
        }
        ret->body_size = cursor->left;
        ret->body = take(cursor, cursor->left);
}

static void take_parts(struct cursor *cursor, uint8_t flags, bool is_cut, struct frame_item *ret)
{
        ret->returnable = flags & IS_RETURNABLE;
        take_addresses(cursor, flags, ret);
        if (unlikely(flags & HAS_ASK))
                ret->ask_id = take_u64(cursor);
        if (unlikely(flags & HAS_TRACE))
                ret->trace_id = take_u64(cursor);
        if (unlikely(flags & HAS_OUTCOME)) {
                ret->reason = take_u8(cursor);
                ret->error = (int32_t) take_u32(cursor);
        }
        if (likely(flags & HAS_BODY))
                take_body(cursor, is_cut, ret);
        else
                cursor->failed |= is_cut || ret->same_type;
}

static bool item_is_sound(uint8_t flags, const struct frame_item *item)
{
        if ((flags & kinds[item->kind].required) != kinds[item->kind].required)
                return false;
        if (flags & kinds[item->kind].forbidden)
                return false;
        if ((flags & HAS_FROM_ID) && (flags & HAS_FROM_NAME))
                return false;
        if (((flags & HAS_ASK) && item->ask_id == 0) || ((flags & HAS_BODY) && item->type == 0))
                return false;
        if ((item->kind == FRAME_DOWN && item->reason == 0) ||
            (item->kind == FRAME_UNDELIVERED && item->error == 0))
                return false;
        /* An error is 0 or -errno; a reason is one of four (actor/actor.h). */
        return item->error <= 0 && item->error > -4096 && item->reason <= 4;
}

/* `is_bare`: neither its kind nor its flags say more. */
static int take_part(struct frame_reader *reader, struct cursor *cursor, bool is_bare, struct frame_item *ret)
{
        const struct frame_trailer *trailer = reader->trailer;
        *ret = (struct frame_item){.kind = FRAME_PART, .cut = take_u32(cursor)};
        ret->body_size = take_u32(cursor);
        if (cursor->failed || cursor->left != 0 || !is_bare || ret->body_size == 0 || reader->items_left != 1)
                return FRAME_E_MALFORMED;
        if (!trailer || trailer->size != ret->body_size)
                return FRAME_E_TRAILER;
        ret->body = trailer->data;
        reader->trailer = NULL;
        return 0;
}

/* An item begins as what it has in common with the one before. False: there is nothing of the kind. */
static bool take_over(const struct frame_before *before, uint8_t kind, struct frame_item *ret)
{
        *ret = (struct frame_item){
                .kind = kind & KIND_MASK,
                .same_to = kind & SAME_TO,
                .same_from = kind & SAME_FROM,
                .same_type = kind & SAME_TYPE,
        };
        if (ret->same_to)
                ret->to = before->to;
        if (ret->same_from)
                ret->from = before->from;
        if (ret->same_type)
                ret->type = before->type;
        bool has_to = before->to.name || before->to.generation != 0;
        bool has_from = before->from.name || before->from.generation != 0;
        return (has_to || !ret->same_to) && (has_from || !ret->same_from) &&
               (before->type != 0 || !ret->same_type);
}

/* What the flags would say if nothing had been left out; an address left out has none of its flags. */
static int whole_flags(uint8_t flags, const struct frame_item *item)
{
        if ((item->same_to && (flags & HAS_TO_NAME)) ||
            (item->same_from && (flags & (HAS_FROM_ID | HAS_FROM_NAME))))
                return -1;
        if (item->same_to && item->to.name)
                flags |= HAS_TO_NAME;
        if (item->same_from)
                flags |= item->from.name ? HAS_FROM_NAME : HAS_FROM_ID;
        return flags;
}

static int take_item(struct frame_reader *reader, struct cursor *cursor, uint8_t kind, uint8_t flags,
                     struct frame_item *ret)
{
        uint8_t plain = kind & KIND_MASK;
        if (unlikely(plain == 0 || plain >= FRAME_KIND_COUNT))
                return FRAME_E_MALFORMED;
        if (unlikely(plain == FRAME_PART))
                return take_part(reader, cursor, kind == FRAME_PART && flags == 0, ret);
        int whole = take_over(&reader->before, kind, ret) ? whole_flags(flags, ret) : -1;
        if (unlikely(whole < 0))
                return FRAME_E_MALFORMED;
        take_parts(cursor, flags, kind & IS_CUT, ret);
        if (unlikely(cursor->failed || cursor->left != 0 || !item_is_sound((uint8_t) whole, ret)))
                return FRAME_E_MALFORMED;
        reader->before.to = ret->to;
        reader->before.from = ret->from;
        reader->before.type = ret->type;
        reader->before.is_whole = (ret->to.name || ret->to.generation != 0) &&
                                  (ret->from.name || ret->from.generation != 0) && ret->type != 0;
        return 0;
}

/* Most items of a full frame: a plain message like the one before. */
static void take_same(const struct frame_before *before, struct cursor *cursor, struct frame_item *ret)
{
        *ret = (struct frame_item){
                .kind = FRAME_MESSAGE,
                .same_to = true,
                .same_from = true,
                .same_type = true,
                .to = before->to,
                .from = before->from,
                .type = before->type,
                .body = cursor->at,
                .body_size = cursor->left,
        };
}

int frame_reader_next(struct frame_reader *reader, struct frame_item *ret)
{
        if (reader->items_left == 0 && reader->left == 0)
                return reader->trailer ? FRAME_E_TRAILER : FRAME_E_END;
        if (reader->items_left == 0)
                return FRAME_E_MALFORMED;
        struct cursor cursor = {reader->at, reader->left, false};
        uint8_t kind = take_u8(&cursor), flags = take_u8(&cursor);
        size_t rest = take_varint(&cursor);
        if (unlikely(cursor.failed || rest > cursor.left))
                return FRAME_E_MALFORMED;
        const uint8_t *end = cursor.at + rest;
        size_t left = cursor.left - rest;
        cursor.left = rest;
        int r = 0;
        if (kind == FRAME_SAME_KIND && flags == FRAME_SAME_FLAGS && reader->before.is_whole)
                take_same(&reader->before, &cursor, ret);
        else
                r = take_item(reader, &cursor, kind, flags, ret);
        if (r != 0)
                return r;
        reader->at = end;
        reader->left = left;
        reader->items_left--;
        return 0;
}

uint64_t frame_type_hash(const char *name)
{
        uint64_t hash = 0xcbf29ce484222325u;
        for (const char *at = name; *at; at++)
                hash = (hash ^ (uint8_t) *at) * 0x100000001b3u;
        return hash ? hash : 1;
}
