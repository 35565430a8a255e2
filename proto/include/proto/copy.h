/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_COPY_H
#define PROTO_COPY_H

#include <proto/types.h>
#include <stdbool.h>
#include <stdbool.h>

/* Deep copies of protobuf messages by their descriptors. */

/* A new message of the type, with its defaults, in the arena of `msg`, which it becomes a part of. Never NULL. */
void *proto_new(void *msg, const ProtobufCMessageDescriptor *descriptor) __attribute__((returns_nonnull));

/* Copies `source` (any protobuf-c message) with all it points to into the arena of `msg`, which may
 * then be sent. Never NULL. Unknown fields are copied too. */
void *proto_copy(void *msg, const void *source);

/* A copy that lives by itself, for an actor's state: one malloc'ed tree; release with proto_free(). */
void *proto_dup(const void *source);
void proto_free(void *copy); /* NULL is fine */

/* Structural equality: same descriptor, same fields set to the same values (order of repeated counts). */
bool proto_equal(const void *a, const void *b);

/* An id message (FrameworkID, TaskID, AgentID, ExecutorID, OfferID, …: all have the same shape, one
 * string) of the type `descriptor` in msg's arena. `value` is copied. */
V1__FrameworkID *proto_framework_id(void *msg, const char *value);
V1__AgentID *proto_agent_id(void *msg, const char *value);
V1__TaskID *proto_task_id(void *msg, const char *value);
V1__ExecutorID *proto_executor_id(void *msg, const char *value);
V1__OfferID *proto_offer_id(void *msg, const char *value);

/* Appends to a repeated message field in msg's arena: PROTO_APPEND(msg, offers->n_offers, offers->offers,
 * offer). */
#define PROTO_APPEND(msg, count, array, element) \
        ((array) = proto_grow((msg), (array), (count), sizeof *(array)), (array)[(count)++] = (element))
/* Room for one more element, doubling at powers of two; used by PROTO_APPEND. */
void *proto_grow(void *msg, void *array, size_t count, size_t element_size);

#endif
