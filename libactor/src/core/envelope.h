/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_ENVELOPE_H
#define CORE_ENVELOPE_H

#include "core/mail.h"
#include <string.h>

/* How messages are made and released, for where that is done for each of many. */

/* A message of one owner with room for a body of `body_size`, which is not zeroed. */
static inline struct envelope *envelope_new(const struct actor_type *type, size_t body_size)
{
        size_t size = sizeof(struct envelope) + body_size;
        uint8_t block_class = blocks_class(size);
        struct envelope *envelope = blocks_new(size, &block_class);
        envelope->type = type;
        envelope->arena = NULL;
        envelope->block_class = block_class;
        envelope->has_more = type->fini != NULL;
        envelope->mail.body = NULL;
        atomic_init(&envelope->refs, 1);
        return envelope;
}

/* actor_msg_bytes(). */
static inline struct envelope *envelope_of_bytes(const struct actor_type *type, const void *data, size_t size)
{
        struct envelope *envelope = envelope_new(type, sizeof(struct actor_bytes) + size);
        struct actor_bytes *bytes = (struct actor_bytes *) (void *) envelope->body;
        bytes->size = size;
        bytes->data = likely(data != NULL) ? memcpy(bytes + 1, data, size) : memset(bytes + 1, 0, size);
        return envelope;
}

/* actor_msg_unref() of one that most often is nobody else's and no more than its block. */
static inline void envelope_done(struct envelope *envelope)
{
        if (likely(!envelope->has_more && atomic_load_explicit(&envelope->refs, memory_order_acquire) == 1))
                blocks_free(envelope, envelope->block_class);
        else
                actor_msg_unref(envelope->body);
}

#endif
