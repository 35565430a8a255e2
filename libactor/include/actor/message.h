/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_MESSAGE_H
#define ACTOR_MESSAGE_H

#include <actor/api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

ACTOR_API_BEGIN

/* A message is a body of a declared type plus an arena in which all it points to lives, so that one
 * unref releases everything. It is private to its maker until it is sent; from then on it is
 * immutable and shared by reference: forwarding costs no copy (actor_msg_ref), and a new message may
 * point into another (actor_msg_hold). Inside a node it is never packed. */
struct actor_type {
        const char *name;  /* unique; on the wire for protobuf types, e.g. "mesos.v1.scheduler.Call" */
        size_t size;       /* of the body */
        const ProtobufCMessageDescriptor *descriptor; /* NULL: the type never leaves its node, or is bytes */
        void (*fini)(void *body); /* releases what is not in the arena (descriptors, refs), on whatever thread lets go last; may be NULL */
        bool is_bytes; /* the body is a struct actor_bytes, and travels between nodes as it is */
};

/* A type is known by its address: one object, defined once. A header that shares it declares it extern.
 * The first of these is for a plain C struct that travels within the node only, the second for a
 * protobuf-c message, which also travels between nodes. */
#define ACTOR_LOCAL_TYPE(symbol, c_type) const struct actor_type symbol = {#c_type, sizeof(c_type), NULL, NULL, false}
#define ACTOR_PROTO_TYPE(symbol, wire_name, c_type, descriptor_symbol)                                     \
        const struct actor_type symbol = {wire_name, sizeof(c_type), &descriptor_symbol, NULL, false}

/* The body of a message that is bytes: what is sent unpacked, for those who have a format of their own. */
struct actor_bytes {
        const uint8_t *data; /* in the message, or in another that it holds (actor_msg_hold) */
        size_t size;
};
#define ACTOR_BYTES_TYPE(symbol, wire_name)                                                                \
        const struct actor_type symbol = {wire_name, sizeof(struct actor_bytes), NULL, NULL, true}

/* Makes a message: a zeroed body, or for protobuf types an initialised one (defaults set). The
 * caller owns the only reference. Any thread. Never NULL (memory.h). */
void *actor_msg_new(const struct actor_type *type) __attribute__((returns_nonnull));

/* Makes a message of a bytes type with a copy of `size` bytes of `data` (NULL: zeroed, for the caller to write
 * before it sends). The caller owns the only reference. Any thread. */
void *actor_msg_bytes(const struct actor_type *type, const void *data, size_t size) __attribute__((returns_nonnull));

/* Zeroed memory, 16-byte aligned, that lives as long as the message; strdup, memdup and printf fill it.
 * Only before it is sent. */
void *actor_msg_alloc(void *msg, size_t size) __attribute__((returns_nonnull));
char *actor_msg_strdup(void *msg, const char *text) __attribute__((returns_nonnull));
void *actor_msg_memdup(void *msg, const void *data, size_t size);
char *actor_msg_printf(void *msg, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The arena as protobuf-c wants it: to unpack sub-messages into the message. Its free is a no-op. */
ProtobufCAllocator *actor_msg_allocator(void *msg);

/* Makes `msg` keep `other` alive: pointers from msg into other's body or arena are then safe.
 * Takes a reference of its own. Only before msg is sent. */
void actor_msg_hold(void *msg, const void *other);

/* One more reference to an immutable message / one less (frees with the last; NULL is fine).
 * Any thread. unref returns NULL. */
void *actor_msg_ref(const void *msg);
void *actor_msg_unref(const void *msg);

/* The type it was made with. Any thread. */
const struct actor_type *actor_msg_type(const void *msg);

/* Unpacks protobuf bytes into a new message of `type`. NULL where the bytes are not a message of
 * that type (truncated, wrong wire type, required field missing, nested deeper than ACTOR_NESTING_MAX). */
void *actor_msg_unpack(const struct actor_type *type, const uint8_t *data, size_t size);
#define ACTOR_NESTING_MAX 64

ACTOR_API_END

#endif
