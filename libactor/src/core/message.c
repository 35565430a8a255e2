/* SPDX-License-Identifier: Apache-2.0 */
/* message.c: a message is one block (envelope, then body) and, where it needs one, an arena of chunks.
 *
 * While it has one owner it may grow; once sent it is only read, so the reference count is the one
 * word that several threads write. The last to let go frees all, and what the message holds. */
#include "core/envelope.h"
#include "core/nesting.h"

#include <actor/memory.h>
#include <actor/message.h>
#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 16u
#define CHUNK_FIRST 240u /* with its head, a block of 256 bytes */
#define CHUNK_MAX (64u << 10)

struct chunk {
        alignas(16) struct chunk *next;
        uint8_t block_class;
};

struct hold {
        struct hold *next;
        const void *msg;
};

/* Lies in its own first chunk. */
struct arena {
        char *free;                   /* the room left in the newest chunk */
        size_t free_size, chunk_next; /* size of the next chunk */
        struct chunk *chunks;
        struct hold *holds;
};

static size_t round_up(size_t size)
{
        return (size + ALIGNMENT - 1) & ~(size_t) (ALIGNMENT - 1);
}

static void *new_raw(const struct actor_type *type)
{
        size_t body_size = round_up(type->size);
        return memset(envelope_new(type, body_size)->body, 0, body_size);
}

/* Most bodies are no larger, and the compiler knows what is to be done for them. */
enum { SMALL_BODY = 32 };

void *actor_msg_new(const struct actor_type *type)
{
        if (likely(type->size <= SMALL_BODY && type->descriptor == NULL))
                return memset(envelope_new(type, SMALL_BODY)->body, 0, SMALL_BODY);
        void *body = new_raw(type);
        if (type->descriptor != NULL) {
                assert(type->size == type->descriptor->sizeof_message);
                type->descriptor->message_init(body);
        }
        return body;
}

struct actor_bytes *bytes_new(const struct actor_type *type, size_t size)
{
        assert(type->is_bytes && type->size == sizeof(struct actor_bytes));
        struct actor_bytes *bytes =
                (struct actor_bytes *) (void *) envelope_new(type, sizeof *bytes + size)->body;
        *bytes = (struct actor_bytes){(const uint8_t *) (bytes + 1), size};
        return bytes;
}

void *actor_msg_bytes(const struct actor_type *type, const void *data, size_t size)
{
        assert(type->is_bytes && type->size == sizeof(struct actor_bytes));
        return envelope_of_bytes(type, data, size)->body;
}

/* Not zeroed. */
static char *chunk_add(struct arena *arena, size_t size)
{
        uint8_t block_class = blocks_class(sizeof(struct chunk) + size);
        struct chunk *chunk = blocks_new(sizeof *chunk + size, &block_class);
        chunk->next = arena->chunks;
        chunk->block_class = block_class;
        arena->chunks = chunk;
        return (char *) (chunk + 1);
}

static char *take_room(struct arena *arena, size_t size)
{
        char *memory = arena->free;
        arena->free += size;
        arena->free_size -= size;
        return memory;
}

static void add_room(struct arena *arena, size_t size)
{
        while (arena->chunk_next < size)
                arena->chunk_next *= 2;
        arena->free = chunk_add(arena, arena->chunk_next);
        arena->free_size = arena->chunk_next;
        if (arena->chunk_next < CHUNK_MAX)
                arena->chunk_next *= 2;
}

/* `first_size`: how much the first chunk is to hold. */
static struct arena *arena_of(struct envelope *envelope, size_t first_size)
{
        if (envelope->arena == NULL) {
                struct arena first = {.chunk_next = CHUNK_FIRST};
                add_room(&first, first_size);
                struct arena *arena = (struct arena *) take_room(&first, round_up(sizeof first));
                *arena = first;
                envelope->arena = arena;
                envelope->has_more = true;
        }
        return envelope->arena;
}

/* Not zeroed; `size` is rounded up. */
static char *arena_take(struct arena *arena, size_t size)
{
        if (size > CHUNK_MAX / 4) /* large ones stand alone, and the newest chunk's room is kept */
                return chunk_add(arena, size);
        if (size > arena->free_size)
                add_room(arena, size);
        return take_room(arena, size);
}

void *actor_msg_alloc(void *msg, size_t size)
{
        assert(size <= SIZE_MAX / 2);
        size = round_up(size ? size : 1);
        return memset(arena_take(arena_of(envelope_of(msg), 0), size), 0, size);
}

char *actor_msg_strdup(void *msg, const char *text)
{
        return actor_msg_memdup(msg, text, strlen(text) + 1);
}

void *actor_msg_memdup(void *msg, const void *data, size_t size)
{
        void *copy = actor_msg_alloc(msg, size);
        if (size > 0)
                memcpy(copy, data, size);
        return copy;
}

char *actor_msg_printf(void *msg, const char *format, ...)
{
        va_list args, again;
        va_start(args, format);
        va_copy(again, args);
        int size = vsnprintf(NULL, 0, format, args);
        va_end(args);
        assert(size >= 0);
        char *text = actor_msg_alloc(msg, (size_t) size + 1);
        (void) vsnprintf(text, (size_t) size + 1, format, again);
        va_end(again);
        return text;
}

static void *arena_alloc(void *msg, size_t size)
{
        return actor_msg_alloc(msg, size);
}

static void arena_free(void *msg, void *memory)
{
        (void) msg;
        (void) memory;
}

ProtobufCAllocator *actor_msg_allocator(void *msg)
{
        ProtobufCAllocator *allocator = actor_msg_alloc(msg, sizeof *allocator);
        *allocator = (ProtobufCAllocator){arena_alloc, arena_free, msg};
        return allocator;
}

void actor_msg_hold(void *msg, const void *other)
{
        struct hold *hold = actor_msg_alloc(msg, sizeof *hold);
        struct arena *arena = envelope_of(msg)->arena;
        assert(other != NULL && other != msg);
        hold->msg = actor_msg_ref(other);
        hold->next = arena->holds;
        arena->holds = hold;
}

void *actor_msg_ref(const void *msg)
{
        struct envelope *envelope = envelope_of(msg);
        /* Relaxed: whoever makes a reference has one already, so nothing can be freed meanwhile. */
        uint32_t before = atomic_fetch_add_explicit(&envelope->refs, 1, memory_order_relaxed);
        assert(before > 0 && before < UINT32_MAX);
        return envelope->body;
}

void envelope_clean(struct envelope *envelope)
{
        struct arena *arena = envelope->arena;
        if (envelope->type->fini != NULL)
                envelope->type->fini(envelope->body);
        if (arena == NULL)
                return;
        for (struct hold *hold = arena->holds; hold != NULL; hold = hold->next)
                actor_msg_unref(hold->msg);
        for (struct chunk *chunk = arena->chunks, *next; chunk != NULL;
             chunk = next) { /* the arena lies in the last */
                next = chunk->next;
                blocks_free(chunk, chunk->block_class);
        }
}

void *actor_msg_unref(const void *msg)
{
        if (msg == NULL)
                return NULL;
        struct envelope *envelope = envelope_of(msg);
        /* Acquire and release: the reads of all former owners come before the free. An only owner
         * need not write: nobody else can make a second reference. */
        if (atomic_load_explicit(&envelope->refs, memory_order_acquire) == 1 ||
            atomic_fetch_sub_explicit(&envelope->refs, 1, memory_order_acq_rel) == 1) {
                if (envelope->has_more)
                        envelope_clean(envelope);
                blocks_free(envelope, envelope->block_class);
        }
        return NULL;
}

const struct actor_type *actor_msg_type(const void *msg)
{
        return envelope_of(msg)->type;
}

struct unpacking {
        void *msg;
        struct arena *arena; /* NULL: the body has not been taken */
        size_t packed_size;
};

/* What protobuf-c makes of packed bytes is this many times their size, for messages of many small parts. */
enum { UNPACKED_RATIO = 5 };

/* protobuf-c allocates the outermost struct first: that one is the body, the rest is arena. It writes all
 * that it has asked for. */
static void *unpack_alloc(void *arg, size_t size)
{
        struct unpacking *unpacking = arg;
        if (unpacking->arena != NULL)
                return arena_take(unpacking->arena, round_up(size ? size : 1));
        struct envelope *envelope = envelope_of(unpacking->msg);
        size_t room = unpacking->packed_size < CHUNK_MAX / UNPACKED_RATIO / 2
                              ? unpacking->packed_size * UNPACKED_RATIO
                              : CHUNK_MAX / 2;
        assert(size <= envelope->type->size);
        unpacking->arena = arena_of(envelope, room);
        return unpacking->msg;
}

void *actor_msg_unpack(const struct actor_type *type, const uint8_t *data, size_t size)
{
        assert(type->descriptor != NULL);
        if (!nesting_is_bounded(type->descriptor, data, size, ACTOR_NESTING_MAX))
                return NULL;
        struct unpacking unpacking = {.msg = new_raw(type), .packed_size = size};
        ProtobufCAllocator allocator = {unpack_alloc, arena_free, &unpacking};
        void *body = protobuf_c_message_unpack(type->descriptor, &allocator, size, data);
        if (body == NULL)
                return actor_msg_unref(unpacking.msg);
        assert(body == unpacking.msg);
        return body;
}
