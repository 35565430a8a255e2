/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_UPDATES_STREAM_H
#define AGENT_UPDATES_STREAM_H

#include <actor/hash_table.h>
#include <actor/ref.h>
#include <proto/types.h>
#include <stdbool.h>

/* The status updates of one task, in order: the first is under way to the scheduler, the others
 * wait for its acknowledgement. Pure: decides, sends nothing.
 *
 * An update may be sent once it is `ready`: at once, or, for a checkpointing framework, when it
 * has been written down. */
#define STREAM_RETRY_MIN_MS (10 * 1000)
#define STREAM_RETRY_MAX_MS (10 * 60 * 1000)

struct stream_entry {
        const Troupe__StatusUpdate *update; /* a reference of ours */
        struct actor_ref sender;            /* hears of the acknowledgement; ACTOR_NOBODY: none */
        uint64_t record;                    /* number of its durable record; 0: none */
        bool ready;
        struct stream *stream;
        struct stream_entry *next;
        UT_hash_handle by_record; /* the actor's table of entries being written */
};

struct stream {
        struct stream_entry *first, *last;
        uint8_t (*acknowledged)[16]; /* what has been through, to know repetitions */
        size_t acknowledged_count, acknowledged_capacity;
        int64_t retry_ms; /* the delay after the next sending */
        uint64_t timer;   /* the actor's */
        bool ended;       /* a terminal update has come */
        UT_hash_handle hh;
        char key[]; /* "framework/task": ids hold no slash */
};

struct stream *stream_new(const char *framework_id, const char *task_id);
void stream_free(struct stream *stream); /* NULL is fine */
/* Writes the key of a stream, which takes stream_key_size() bytes, and returns `ret`. */
char *stream_key(const char *framework_id, const char *task_id, char *ret);
size_t stream_key_size(const char *framework_id, const char *task_id);

/* Why an update was not added: it waits here already; it has been acknowledged already; the task's
 * last update has come before it. */
enum { STREAM_E_WAITING = 1, STREAM_E_ACKNOWLEDGED, STREAM_E_ENDED };

/* Appends an update (takes a reference of its own). 0 and the entry in *ret, or STREAM_E_*. */
int stream_add(struct stream *stream, const Troupe__StatusUpdate *update, struct stream_entry **ret);

/* What is to be sent now; NULL where nothing waits or the first is not ready. */
struct stream_entry *stream_sendable(const struct stream *stream);

/* The delay until the first is sent again, doubling each time it is asked. */
int64_t stream_retry_delay_ms(struct stream *stream);

/* Takes the first entry out if `uuid` is its own, so that the next one's turn comes; the caller owns
 * it (stream_entry_free). NULL: not the acknowledgement awaited. */
struct stream_entry *stream_acknowledge(struct stream *stream, ProtobufCBinaryData uuid);
void stream_entry_free(struct stream_entry *entry);

/* The last update has been acknowledged: nothing is left to do. */
bool stream_is_over(const struct stream *stream);

#endif
