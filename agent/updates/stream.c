/* SPDX-License-Identifier: Apache-2.0 */
#include "updates/stream.h"

#include <actor/memory.h>
#include <assert.h>
#include <proto/task_state.h>
#include <string.h>

size_t stream_key_size(const char *framework_id, const char *task_id)
{
        return strlen(framework_id) + strlen("/") + strlen(task_id) + 1;
}

char *stream_key(const char *framework_id, const char *task_id, char *ret)
{
        size_t framework_length = strlen(framework_id);
        memcpy(ret, framework_id, framework_length);
        ret[framework_length] = '/';
        memcpy(ret + framework_length + 1, task_id, strlen(task_id) + 1);
        return ret;
}

struct stream *stream_new(const char *framework_id, const char *task_id)
{
        struct stream *stream = actor_zalloc(sizeof *stream + stream_key_size(framework_id, task_id));
        stream_key(framework_id, task_id, stream->key);
        stream->retry_ms = STREAM_RETRY_MIN_MS;
        return stream;
}

void stream_entry_free(struct stream_entry *entry)
{
        if (entry == NULL)
                return;
        actor_msg_unref(entry->update);
        actor_freep(&entry);
}

void stream_free(struct stream *stream)
{
        if (stream == NULL)
                return;
        while (stream->first) {
                struct stream_entry *entry = stream->first;
                stream->first = entry->next;
                stream_entry_free(entry);
        }
        actor_freep(&stream->acknowledged);
        actor_freep(&stream);
}

static bool uuid_equal(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
        return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool stream_has_acknowledged(const struct stream *stream, ProtobufCBinaryData uuid)
{
        for (size_t i = 0; i < stream->acknowledged_count; i++)
                if (memcmp(stream->acknowledged[i], uuid.data, sizeof *stream->acknowledged) == 0)
                        return true;
        return false;
}

int stream_add(struct stream *stream, const Troupe__StatusUpdate *update, struct stream_entry **ret)
{
        const V1__TaskStatus *status = update->status;
        assert(status->has_uuid && status->uuid.len == sizeof *stream->acknowledged);

        if (stream_has_acknowledged(stream, status->uuid))
                return STREAM_E_ACKNOWLEDGED;
        for (const struct stream_entry *e = stream->first; e; e = e->next)
                if (uuid_equal(e->update->status->uuid, status->uuid))
                        return STREAM_E_WAITING;
        if (stream->ended)
                return STREAM_E_ENDED;

        struct stream_entry *entry = actor_zalloc(sizeof *entry);
        entry->update = actor_msg_ref(update);
        entry->stream = stream;
        if (stream->last)
                stream->last->next = entry;
        else
                stream->first = entry;
        stream->last = entry;
        stream->ended = task_state_is_terminal(status->state);
        *ret = entry;
        return 0;
}

struct stream_entry *stream_sendable(const struct stream *stream)
{
        return stream->first && stream->first->ready ? stream->first : NULL;
}

int64_t stream_retry_delay_ms(struct stream *stream)
{
        int64_t delay = stream->retry_ms;
        stream->retry_ms = delay * 2 < STREAM_RETRY_MAX_MS ? delay * 2 : STREAM_RETRY_MAX_MS;
        return delay;
}

struct stream_entry *stream_acknowledge(struct stream *stream, ProtobufCBinaryData uuid)
{
        struct stream_entry *entry = stream->first;
        if (entry == NULL || !uuid_equal(entry->update->status->uuid, uuid))
                return NULL;

        ACTOR_ARRAY_RESERVE(stream->acknowledged, stream->acknowledged_count, stream->acknowledged_capacity);
        memcpy(stream->acknowledged[stream->acknowledged_count++], uuid.data, sizeof *stream->acknowledged);
        stream->first = entry->next;
        if (stream->first == NULL)
                stream->last = NULL;
        stream->retry_ms = STREAM_RETRY_MIN_MS;
        return entry;
}

bool stream_is_over(const struct stream *stream)
{
        return stream->ended && stream->first == NULL;
}
