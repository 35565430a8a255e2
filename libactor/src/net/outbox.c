/* SPDX-License-Identifier: Apache-2.0 */
#include "net/outbox.h"
#include "net/frame_pool.h"

#include <actor/memory.h>
#include <stdlib.h>
#include <string.h>

struct outboxes *outboxes_new(struct intern *names, struct type_table *types, struct frame_pool *frames)
{
        struct outboxes *outboxes = actor_zalloc(sizeof *outboxes);
        outboxes->names = names;
        outboxes->types = types;
        outboxes->frames = frames;
        pthread_mutex_init(&outboxes->lock, NULL);
        return outboxes;
}

void packed_free(struct packed *packed)
{
        frame_buffer_done(&packed->frame);
        free(packed);
}

static void outbox_free(struct outbox *outbox)
{
        if (!outbox)
                return;
        for (struct packed *packed = outbox_take(outbox), *next; packed; packed = next) {
                next = packed->next;
                packed_free(packed);
        }
        free(outbox);
}

void outboxes_free(struct outboxes *outboxes)
{
        for (size_t i = 0; i < OUTBOXES_CHUNKS; i++) {
                _Atomic(struct outbox *) *chunk = atomic_load(&outboxes->chunks[i]);
                for (size_t j = 0; chunk && j < OUTBOXES_CHUNK; j++)
                        outbox_free(atomic_load(&chunk[j]));
                free(chunk);
        }
        pthread_mutex_destroy(&outboxes->lock);
        free(outboxes);
}

static struct outbox *outbox_new(uint32_t peer)
{
        struct outbox *outbox = actor_zalloc(sizeof *outbox);
        outbox->marker.kind = MAIL_OUTBOX;
        outbox->marker.to.peer = peer;
        return outbox;
}

void outboxes_make(struct outboxes *outboxes, uint32_t peer)
{
        if (peer / OUTBOXES_CHUNK >= OUTBOXES_CHUNKS || outboxes_at(outboxes, peer))
                return;
        pthread_mutex_lock(&outboxes->lock);
        _Atomic(struct outbox *) *chunk = atomic_load(&outboxes->chunks[peer / OUTBOXES_CHUNK]);
        if (!chunk) {
                chunk = actor_zalloc(OUTBOXES_CHUNK * sizeof *chunk);
                atomic_store(&outboxes->chunks[peer / OUTBOXES_CHUNK], chunk);
        }
        if (!atomic_load(&chunk[peer % OUTBOXES_CHUNK]))
                atomic_store(&chunk[peer % OUTBOXES_CHUNK], outbox_new(peer));
        pthread_mutex_unlock(&outboxes->lock);
}

/* ---- packing ----------------------------------------------------------------------------------- */

/* What of an item can be left out, as the frame now stands. */
static void note_same(struct outbox *outbox, const struct outgoing *message, const struct actor_type *type,
                      struct frame_item *item)
{
        bool begun = outbox->last->count > 0;
        item->same_to = begun && actor_ref_equal(message->to, outbox->last_to);
        item->same_from =
                begun && message->from.generation != 0 && actor_ref_equal(message->from, outbox->last_from);
        item->same_type = begun && type == outbox->last_type;
}

/* False: it is meant for a name that is unknown. */
static bool describe(struct outboxes *outboxes, struct outbox *outbox, const struct outgoing *message,
                     struct frame_item *item)
{
        const struct actor_type *type = actor_msg_type(message->body);
        struct actor_ref to = message->to, from = message->from;
        note_same(outbox, message, type, item);
        if (item->same_to) {
                item->to.generation = 1; /* whoever it is */
        } else if (to.generation == 0) {
                item->to.name = intern_text(outboxes->names, to.slot);
                if (unlikely(!item->to.name))
                        return false;
                item->to.name_size = (uint8_t) strlen(item->to.name);
        } else {
                item->to = (struct frame_address){.slot = to.slot, .generation = to.generation};
        }
        if (likely(from.peer == 0))
                item->from = (struct frame_address){.slot = from.slot, .generation = from.generation};
        item->type = item->same_type ? 1 : type_table_hash(outboxes->types, type);
        return true;
}

static void begin_frame(struct outboxes *outboxes, struct outbox *outbox)
{
        struct packed *packed = actor_malloc(sizeof *packed); /* calloc() would keep no thread's own memory */
        *packed = (struct packed){0};
        if (unlikely(outbox->last || outbox->size_before > NET_GATHER_BYTES / 4)) {
                packed->frame.data = frame_pool_take(outboxes->frames);
                packed->frame.capacity = NET_GATHER_BYTES;
        } else {
                frame_reserve(&packed->frame, outbox->size_before);
        }
        frame_begin(&packed->frame, FRAME_DATA);
        if (outbox->last) {
                outbox->last->next = packed;
                outbox->full_bytes += outbox->last->frame.size;
        } else {
                outbox->first = packed;
        }
        outbox->last = packed;
}

/* Packs what has nothing in common with the message before, or not all. False: as describe(). */
static bool pack_item(struct outboxes *outboxes, struct outbox *outbox, const struct outgoing *message,
                      size_t size)
{
        struct frame_item item = {.kind = FRAME_MESSAGE, .trace_id = message->trace_id, .body_size = size};
        if (!describe(outboxes, outbox, message, &item))
                return false;
        uint8_t *at = frame_item_encode(&outbox->last->frame, &item);
        if (size > 0)
                body_pack(message->body, at);
        outbox->last->count++;
        outbox->last_to = message->to;
        outbox->last_from = message->from;
        outbox->last_type = envelope_of(message->body)->type;
        bool has_sender = message->from.peer == 0 && message->from.generation != 0;
        outbox->same_type = has_sender ? outbox->last_type : NULL;
        return true;
}

static enum outbox_result pack_locked(struct outboxes *outboxes, struct outbox *outbox,
                                      const struct outgoing *message, size_t size)
{
        enum outbox_result result = OUTBOX_PACKED;
        if (unlikely(!outbox->is_open || atomic_load(&outbox->posted) > 0 || size > outbox->body_max ||
                     outbox->full_bytes > NET_PACKED_BYTES_MAX))
                return OUTBOX_NO;
        if (!outbox->last || outbox->last->frame.size + size > NET_GATHER_BYTES - NET_ITEM_BYTES_MAX) {
                result = outbox->last ? OUTBOX_FULL : OUTBOX_PACKED;
                begin_frame(outboxes, outbox);
        }
        if (unlikely(!pack_item(outboxes, outbox, message, size)))
                return OUTBOX_NO;
        if (outbox->is_marked)
                return result;
        outbox->is_marked = true;
        return OUTBOX_BEGUN;
}

enum outbox_result outbox_pack(struct outboxes *outboxes, struct outbox *outbox,
                               const struct outgoing *message)
{
        if (unlikely(!atomic_load_explicit(&outbox->is_open, memory_order_relaxed) ||
                     !body_travels(message->body)))
                return OUTBOX_NO;
        size_t size = body_size(message->body);
        spin_lock(&outbox->lock);
        enum outbox_result result = pack_locked(outboxes, outbox, message, size);
        spin_unlock(&outbox->lock);
        return result;
}

/* ---- the bridge's side --------------------------------------------------------------------------- */

void outbox_open(struct outbox *outbox, uint64_t body_max)
{
        spin_lock(&outbox->lock);
        outbox->body_max = body_max < NET_PACKED_BODY_MAX ? (uint32_t) body_max : NET_PACKED_BODY_MAX;
        outbox->is_open = true;
        spin_unlock(&outbox->lock);
}

void outbox_close(struct outbox *outbox)
{
        spin_lock(&outbox->lock);
        outbox->is_open = false;
        outbox->same_type = NULL;
        spin_unlock(&outbox->lock);
}

struct packed *outbox_take(struct outbox *outbox)
{
        spin_lock(&outbox->lock);
        struct packed *first = outbox->first;
        if (outbox->last)
                outbox->size_before = outbox->last->frame.size;
        outbox->first = outbox->last = NULL;
        outbox->same_type = NULL;
        outbox->full_bytes = 0;
        outbox->is_marked = false;
        spin_unlock(&outbox->lock);
        return first;
}
