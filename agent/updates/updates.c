/* SPDX-License-Identifier: Apache-2.0 */
/* updates.c — acts on what stream.c decides.
 *
 * An update of a checkpointing framework is written down before it is sent, so that an agent that
 * is killed in between finds it again; those of other frameworks live in memory only, because
 * their tasks do not outlive the agent either. The record is erased, without waiting for the disk,
 * when the acknowledgement has come: the worst a crash can cause is one repetition, which the
 * master and the scheduler know by its uuid. */
#include "updates/updates.h"

#include "arena.h"
#include "meta/messages.h"
#include "registration/messages.h"
#include "supervision/messages.h"
#include "updates/messages.h"
#include "updates/stream.h"
#include <actor/log.h>
#include <actor/memory.h>
#include <actor/node.h>
#include <assert.h>
#include <inttypes.h>
#include <proto/task_state.h>
#include <stdio.h>

static void update_new_fini(void *body)
{
        actor_msg_unref(((struct update_new *) body)->update);
}
const struct actor_type update_new_type = {
        .name = "agent.update_new", .size = sizeof(struct update_new), .fini = update_new_fini};

static void update_acknowledged_fini(void *body)
{
        actor_msg_unref(((struct update_acknowledged *) body)->update);
}
const struct actor_type update_acknowledged_type = {.name = "agent.update_acknowledged",
                                                    .size = sizeof(struct update_acknowledged),
                                                    .fini = update_acknowledged_fini};

ACTOR_LOCAL_TYPE(updates_forget_type, struct updates_forget);

/* A stream's timer. The stream outlives it: freeing the stream cancels it. */
struct update_retry {
        struct stream *stream;
};
static ACTOR_LOCAL_TYPE(update_retry_type, struct update_retry);

#define RECORD_KEY_SIZE (sizeof UPDATES_RECORD_PREFIX + 16)

struct updates {
        struct updates_config config;
        struct actor_ref supervision; /* resolved at first use: it is made after this actor */
        struct stream *streams;       /* by key */
        struct stream_entry *written; /* entries with a record, by its number */
        uint64_t record_last;
        bool connected;
};

/* ---- sending ----------------------------------------------------------------------------------- */

/* The update itself, or a copy that also says where the stream's end is already. */
static void *update_to_send(const struct stream *stream)
{
        const Troupe__StatusUpdate *first = stream->first->update;
        if (stream->first == stream->last)
                return actor_msg_ref(first);
        Troupe__StatusUpdate *copy = actor_msg_new(&status_update_type);
        actor_msg_hold(copy, first);
        copy->framework_id = first->framework_id;
        copy->status = first->status;
        copy->has_latest_state = true;
        actor_msg_hold(copy, stream->last->update);
        copy->latest_state = stream->last->update->status->state;
        return copy;
}

static void updates_send(struct updates *u, struct actor *self, struct stream *stream)
{
        actor_timer_cancel(self, stream->timer);
        stream->timer = 0;
        if (!u->connected || stream_sendable(stream) == NULL)
                return;
        actor_send(self, u->config.gateway, update_to_send(stream));
        ACTOR_METRIC_ADD(u->config.metrics->updates_sent, 1);
        struct update_retry *retry = actor_msg_new(&update_retry_type);
        retry->stream = stream;
        stream->timer = actor_after(self, stream_retry_delay_ms(stream), retry);
}

static int on_retry(struct updates *u, const struct actor_mail *mail, const struct update_retry *msg)
{
        const V1__TaskStatus *status = msg->stream->first->update->status;
        actor_log_debug(mail->self, "updates: task %s %s not acknowledged yet: sending again",
                        status->task_id->value, task_state_name(status->state));
        msg->stream->timer = 0;
        updates_send(u, mail->self, msg->stream);
        return 0;
}

/* ---- durable records --------------------------------------------------------------------------- */

static void record_key(uint64_t record, char ret[RECORD_KEY_SIZE])
{
        snprintf(ret, RECORD_KEY_SIZE, UPDATES_RECORD_PREFIX "%016" PRIx64, record);
}

static struct meta_commit *commit_of_one(struct actor_store_change **ret, uint64_t record)
{
        struct meta_commit *commit = actor_msg_new(&meta_commit_type);
        struct actor_store_change *change = actor_msg_alloc(commit, sizeof *change);
        char *key = actor_msg_alloc(commit, RECORD_KEY_SIZE);
        record_key(record, key);
        change->key = key;
        change->key_size = RECORD_KEY_SIZE - 1;
        commit->count = 1;
        commit->changes = change;
        *ret = change;
        return commit;
}

static int written(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct updates *u = state;
        uint64_t record = (uintptr_t) arg;
        struct stream_entry *entry;
        HASH_FIND(by_record, u->written, &record, sizeof record, entry);
        if (entry == NULL)
                return 0; /* its framework has been shut down meanwhile */
        const struct meta_committed *committed = body;
        if (committed == NULL || committed->error)
                actor_log_warn(mail->self,
                               "updates: task %s could not be checkpointed: sending it all the same",
                               entry->update->status->task_id->value);
        entry->ready = true;
        if (entry == entry->stream->first)
                updates_send(u, mail->self, entry->stream);
        return 0;
}

#define WRITE_TIMEOUT_MS 60000

static void entry_write(struct updates *u, struct actor *self, struct stream_entry *entry,
                        const V1__FrameworkInfo *framework)
{
        entry->record = ++u->record_last;
        HASH_ADD(by_record, u->written, record, sizeof entry->record, entry);

        struct actor_store_change *change;
        struct meta_commit *commit = commit_of_one(&change, entry->record);
        Troupe__StatusUpdate whole = *entry->update;
        whole.framework = (V1__FrameworkInfo *) framework;
        uint8_t *packed = actor_msg_alloc(commit, protobuf_c_message_get_packed_size(&whole.base));
        change->value_size = protobuf_c_message_pack(&whole.base, packed);
        change->value = packed;
        actor_ask(self, u->config.meta, commit, WRITE_TIMEOUT_MS, written,
                  (void *) (uintptr_t) entry->record);
}

static void entry_erase(struct updates *u, struct actor *self, struct stream_entry *entry)
{
        if (entry->record == 0)
                return;
        HASH_DELETE(by_record, u->written, entry);
        struct actor_store_change *change;
        struct meta_commit *commit = commit_of_one(&change, entry->record);
        change->erase = true;
        actor_send(self, u->config.meta, commit);
}

/* ---- streams ----------------------------------------------------------------------------------- */

static struct stream *updates_stream(struct updates *u, const char *framework_id, const char *task_id,
                                     bool make)
{
        CLEANUP(actor_freep) char *long_key = NULL;
        char short_key[256], *key = short_key;
        size_t size = stream_key_size(framework_id, task_id);
        if (size > sizeof short_key)
                key = long_key = actor_malloc(size);
        stream_key(framework_id, task_id, key);
        struct stream *stream;
        HASH_FIND_STR(u->streams, key, stream);
        if (stream == NULL && make) {
                stream = stream_new(framework_id, task_id);
                HASH_ADD_KEYPTR(hh, u->streams, stream->key, strlen(stream->key), stream);
                ACTOR_METRIC_ADD(u->config.metrics->updates_pending, 1);
        }
        return stream;
}

static void updates_drop(struct updates *u, struct actor *self, struct stream *stream)
{
        HASH_DEL(u->streams, stream);
        ACTOR_METRIC_ADD(u->config.metrics->updates_pending, -1);
        actor_timer_cancel(self, stream->timer);
        for (struct stream_entry *e = stream->first; e; e = e->next)
                entry_erase(u, self, e);
        stream_free(stream);
}

static void tell_acknowledged(struct updates *u, struct actor *self, const Troupe__StatusUpdate *update,
                              struct actor_ref sender, bool over)
{
        struct update_acknowledged *told = actor_msg_new(&update_acknowledged_type);
        told->update = actor_msg_ref(update);
        told->terminal = over;
        if (over) {
                if (actor_ref_is_nobody(u->supervision))
                        actor_node_resolve(actor_node(self), u->config.supervision, &u->supervision, NULL);
                actor_send(self, u->supervision, actor_msg_ref(told));
        }
        if (!actor_ref_is_nobody(sender))
                actor_send(self, sender, actor_msg_ref(told));
        actor_msg_unref(told);
}

static int on_update_new(struct updates *u, const struct actor_mail *mail, const struct update_new *msg)
{
        const V1__TaskStatus *status = msg->update->status;
        struct actor_ref sender = msg->from_executor ? mail->from : ACTOR_NOBODY;
        struct stream *stream =
                updates_stream(u, msg->update->framework_id->value, status->task_id->value, true);
        struct stream_entry *entry;
        switch (stream_add(stream, msg->update, &entry)) {
        case STREAM_E_WAITING: /* the executor repeats what it has not heard back of: harmless */
                return 0;
        case STREAM_E_ACKNOWLEDGED:
                tell_acknowledged(u, mail->self, msg->update, sender, false);
                return 0;
        case STREAM_E_ENDED:
                actor_log_warn(mail->self, "updates: task %s %s after its last update: dropped",
                               status->task_id->value, task_state_name(status->state));
                return 0;
        }
        ACTOR_METRIC_ADD(u->config.metrics->updates_received, 1);
        entry->sender = sender;
        entry->ready = msg->framework == NULL;
        if (msg->framework)
                entry_write(u, mail->self, entry, msg->framework);
        else if (entry == stream->first)
                updates_send(u, mail->self, stream);
        return 0;
}

static int on_acknowledgement(struct updates *u, const struct actor_mail *mail,
                              const Troupe__StatusUpdateAcknowledgement *msg)
{
        struct stream *stream = updates_stream(u, msg->framework_id->value, msg->task_id->value, false);
        struct stream_entry *entry = stream ? stream_acknowledge(stream, msg->uuid) : NULL;
        if (entry == NULL) { /* the scheduler answered a repetition as well: harmless */
                actor_log_debug(mail->self, "updates: task %s acknowledgement not awaited: ignored",
                                msg->task_id->value);
                return 0;
        }
        ACTOR_METRIC_ADD(u->config.metrics->updates_acknowledged, 1);
        bool over = stream_is_over(stream);
        entry_erase(u, mail->self, entry);
        tell_acknowledged(u, mail->self, entry->update, entry->sender, over);
        stream_entry_free(entry);
        if (over)
                updates_drop(u, mail->self, stream);
        else
                updates_send(u, mail->self, stream);
        return 0;
}

static int on_session(struct updates *u, const struct actor_mail *mail, const struct agent_session *msg)
{
        u->connected = msg->connected;
        for (struct stream *stream = u->streams; stream; stream = stream->hh.next) {
                stream->retry_ms = STREAM_RETRY_MIN_MS;
                updates_send(u, mail->self, stream);
        }
        return 0;
}

static int on_forget(struct updates *u, const struct actor_mail *mail, const struct updates_forget *msg)
{
        CLEANUP(actor_freep) char *prefix = actor_asprintf("%s/", msg->framework_id);
        struct stream *stream, *next;
        HASH_ITER(hh, u->streams, stream, next)
        {
                if (strncmp(stream->key, prefix, strlen(prefix)) == 0)
                        updates_drop(u, mail->self, stream);
        }
        return 0;
}

/* Passes through here on its way to the gateway, so that it comes after the updates before it. */
static int on_supervision_stopped(struct updates *u, const struct actor_mail *mail,
                                  const struct supervision_stopped *msg)
{
        actor_send(mail->self, u->config.gateway, actor_msg_ref(msg));
        return 0;
}

ACTOR_BIND(on_supervision_stopped, struct updates, struct supervision_stopped)
ACTOR_BIND(on_update_new, struct updates, struct update_new)
ACTOR_BIND(on_acknowledgement, struct updates, Troupe__StatusUpdateAcknowledgement)
ACTOR_BIND(on_session, struct updates, struct agent_session)
ACTOR_BIND(on_forget, struct updates, struct updates_forget)
ACTOR_BIND(on_retry, struct updates, struct update_retry)

static const struct actor_handler handlers[] = {
        {&update_new_type, on_update_new_bound, ACTOR_FROM_LOCAL},
        {&status_update_acknowledgement_type, on_acknowledgement_bound, ACTOR_FROM_LOCAL},
        {&agent_session_type, on_session_bound, ACTOR_FROM_LOCAL},
        {&updates_forget_type, on_forget_bound, ACTOR_FROM_LOCAL},
        {&supervision_stopped_type, on_supervision_stopped_bound, ACTOR_FROM_LOCAL},
        {&update_retry_type, on_retry_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

static void updates_recover(struct updates *u, const struct updates_recovered *recovered)
{
        const Troupe__StatusUpdate *update = recovered->update;
        struct stream *stream =
                updates_stream(u, update->framework_id->value, update->status->task_id->value, true);
        struct stream_entry *entry;
        if (stream_add(stream, update, &entry) != 0)
                return;
        entry->ready = true;
        entry->record = recovered->record;
        HASH_ADD(by_record, u->written, record, sizeof entry->record, entry);
        if (recovered->record > u->record_last)
                u->record_last = recovered->record;
}

static int updates_init(void *state, struct actor *self, const void *config)
{
        struct updates *u = state;
        u->config = *(const struct updates_config *) config;
        for (size_t i = 0; i < u->config.recovered_count; i++)
                updates_recover(u, &u->config.recovered[i]);
        u->config.recovered = NULL;
        u->config.recovered_count = 0;
        return 0;
}

static void updates_fini(void *state)
{
        struct updates *u = state;
        struct stream *stream, *next;
        HASH_CLEAR(by_record, u->written);
        HASH_ITER(hh, u->streams, stream, next)
        {
                HASH_DEL(u->streams, stream);
                stream_free(stream);
        }
}

const struct actor_class updates_class = {
        .name = "updates",
        .state_size = sizeof(struct updates),
        .init = updates_init,
        .fini = updates_fini,
        .handlers = handlers,
};
