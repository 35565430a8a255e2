/* SPDX-License-Identifier: Apache-2.0 */
/* message.c: a message is one block (header, then body) and a chain of arena chunks.
 *
 * While it has one owner it may grow; once sent it is only read, so the reference count is the one
 * word that several threads write. The last to let go frees all, and what the message holds. */
#include "core/blocks.h"
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
#define CHUNK_FIRST 256u
#define CHUNK_MAX (64u << 10)

struct chunk {
        alignas(16) struct chunk *next;
        size_t size;
};

struct hold {
        struct hold *next;
        const void *msg;
};

struct header {
        alignas(16) const struct actor_type *type;
        _Atomic uint32_t refs;
        uint32_t chunk_next : 24; /* size of the next chunk; 0: none so far */
        uint32_t block_class : 8;
        char *free; /* the room left in the newest chunk */
        size_t free_size;
        struct chunk *chunks;
        struct hold *holds; /* in the arena */
};

static struct header *header_of(const void *msg)
{
        assert(msg != NULL);
        return (struct header *) ((uintptr_t) msg - sizeof(struct header));
}

static size_t round_up(size_t size)
{
        return (size + ALIGNMENT - 1) & ~(size_t) (ALIGNMENT - 1);
}

static void *new_raw(const struct actor_type *type)
{
        size_t size = sizeof(struct header) + round_up(type->size);
        unsigned block_class = blocks_class(size);
        struct header *header = blocks_new(size, block_class);
        memset(header, 0, size);
        header->type = type;
        header->block_class = block_class & 0xff;
        atomic_init(&header->refs, 1);
        return header + 1;
}

void *actor_msg_new(const struct actor_type *type)
{
        assert(type != NULL && type->name != NULL);
        void *body = new_raw(type);
        if (type->descriptor != NULL) {
                assert(type->size == type->descriptor->sizeof_message);
                type->descriptor->message_init(body);
        }
        return body;
}

static char *chunk_add(struct header *header, size_t size)
{
        struct chunk *chunk = actor_zalloc(sizeof *chunk + size);
        chunk->next = header->chunks;
        chunk->size = size;
        header->chunks = chunk;
        return (char *) (chunk + 1);
}

void *actor_msg_alloc(void *msg, size_t size)
{
        struct header *header = header_of(msg);
        assert(size <= SIZE_MAX / 2);
        size = round_up(size ? size : 1);
        if (size > CHUNK_MAX / 4) /* large ones stand alone, and the newest chunk's room is kept */
                return chunk_add(header, size);
        if (size > header->free_size) {
                uint32_t next = header->chunk_next ? header->chunk_next : CHUNK_FIRST;
                while (next < size)
                        next *= 2;
                header->free = chunk_add(header, next);
                header->free_size = next;
                header->chunk_next = next < CHUNK_MAX ? next * 2 : CHUNK_MAX;
        }
        char *memory = header->free;
        header->free += size;
        header->free_size -= size;
        return memory;
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
        struct header *header = header_of(msg);
        assert(other != NULL && other != msg);
        hold->msg = actor_msg_ref(other);
        hold->next = header->holds;
        header->holds = hold;
}

void *actor_msg_ref(const void *msg)
{
        struct header *header = header_of(msg);
        /* Relaxed: whoever makes a reference has one already, so nothing can be freed meanwhile. */
        uint32_t before = atomic_fetch_add_explicit(&header->refs, 1, memory_order_relaxed);
        assert(before > 0 && before < UINT32_MAX);
        return header + 1;
}

static void free_message(struct header *header)
{
        if (header->type->fini != NULL)
                header->type->fini(header + 1);
        for (struct hold *hold = header->holds; hold != NULL; hold = hold->next)
                actor_msg_unref(hold->msg);
        for (struct chunk *chunk = header->chunks, *next; chunk != NULL; chunk = next) {
                next = chunk->next;
                free(chunk);
        }
        blocks_free(header, header->block_class);
}

void *actor_msg_unref(const void *msg)
{
        if (msg == NULL)
                return NULL;
        struct header *header = header_of(msg);
        /* Acquire and release: the reads of all former owners come before the free. An only owner
         * need not write: nobody else can make a second reference. */
        if (atomic_load_explicit(&header->refs, memory_order_acquire) == 1 ||
            atomic_fetch_sub_explicit(&header->refs, 1, memory_order_acq_rel) == 1)
                free_message(header);
        return NULL;
}

const struct actor_type *actor_msg_type(const void *msg)
{
        return header_of(msg)->type;
}

struct unpacking {
        void *msg;
        bool body_taken;
};

/* protobuf-c allocates the outermost struct first: that one is the body, the rest is arena. */
static void *unpack_alloc(void *arg, size_t size)
{
        struct unpacking *unpacking = arg;
        if (unpacking->body_taken)
                return actor_msg_alloc(unpacking->msg, size);
        unpacking->body_taken = true;
        assert(size <= header_of(unpacking->msg)->type->size);
        return unpacking->msg;
}

void *actor_msg_unpack(const struct actor_type *type, const uint8_t *data, size_t size)
{
        assert(type->descriptor != NULL);
        if (!nesting_is_bounded(type->descriptor, data, size, ACTOR_NESTING_MAX))
                return NULL;
        struct unpacking unpacking = {.msg = new_raw(type)};
        ProtobufCAllocator allocator = {unpack_alloc, arena_free, &unpacking};
        void *body = protobuf_c_message_unpack(type->descriptor, &allocator, size, data);
        if (body == NULL)
                return actor_msg_unref(unpacking.msg);
        assert(body == unpacking.msg);
        return body;
}
