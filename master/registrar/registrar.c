/* SPDX-License-Identifier: Apache-2.0 */
/* registrar.c — the one writer of the registry.
 *
 * A master may act on an agent's or framework's fate only after the registry says so, because the
 * next leader knows nothing else. Hence: a change is applied in memory, its store changes join
 * the batch that is waiting, and its answer leaves when that batch is durable. One batch is under way at
 * a time, on the blocking pool; what arrives meanwhile goes together into the next, so a burst of
 * changes costs two waits for the disk, not one each. An answer that changed nothing waits as well: it may
 * rest on a change that is still under way.
 *
 * A batch that fails ends the actor, and with it the master: nobody can know whether it reached the
 * disk, so nobody may go on. All who wait are told REGISTRAR_FAILED first.
 *
 * The store lives in a message of its own, held by whatever works on it, so that it is closed only when
 * the last job has ended, even if the actor ended before. */
#include "registrar/registrar.h"
#include "registrar/messages.h"
#include "registrar/metrics.h"
#include "registrar/ops.h"

#include <actor/log.h>
#include <actor/system.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the store, and jobs on it ------------------------------------------------------------------ */

struct registrar_store {
        struct actor_store *store;
        struct actor_disk *own_disk; /* of a store in memory that is nobody else's */
};

static void registrar_store_fini(void *body)
{
        struct registrar_store *store = body;
        actor_store_close(store->store);
        actor_disk_free(store->own_disk);
}

static const struct actor_type registrar_store_type = {
        .name = "registrar_store", .size = sizeof(struct registrar_store), .fini = registrar_store_fini};

struct registrar_answer {
        struct actor_asker asker;
        enum registrar_outcome outcome;
        char *message; /* NULL: none */
};

/* A batch: changes, and who waits for them. */
struct registrar_commit {
        struct actor_store *store; /* held with the message */
        struct registry_batch batch;
        struct registrar_answer *answers;
        size_t answer_count, answer_capacity;
        int64_t started_ns;
        int result;
        struct actor_error error;
};

static void registrar_commit_fini(void *body)
{
        struct registrar_commit *commit = body;
        registry_batch_done(&commit->batch);
        for (size_t i = 0; i < commit->answer_count; i++)
                free(commit->answers[i].message);
        free(commit->answers);
}

static const struct actor_type registrar_commit_type = {
        .name = "registrar_commit", .size = sizeof(struct registrar_commit), .fini = registrar_commit_fini};

static void work_commit(void *body)
{
        struct registrar_commit *commit = body;
        commit->result = actor_store_commit(commit->store, commit->batch.changes, commit->batch.count, true,
                                            &commit->error);
}

/* Reading the store at the start of a leadership. */
struct registrar_load {
        struct actor_store *store;
        struct registry *registry;
        int result;
        struct actor_error error;
};

static void registrar_load_fini(void *body)
{
        registry_free(((struct registrar_load *) body)->registry);
}

static const struct actor_type registrar_load_type = {
        .name = "registrar_load", .size = sizeof(struct registrar_load), .fini = registrar_load_fini};

static int load_record(void *arg, const void *key, size_t key_size, const void *value, size_t value_size)
{
        struct registrar_load *load = arg;
        return registry_load(load->registry, key, key_size, value, value_size, &load->error);
}

static void work_load(void *body)
{
        struct registrar_load *load = body;
        struct registry_batch batch = {0};
        load->registry = registry_new();
        load->result = actor_store_each(load->store, "", 0, load_record, load, &load->error);
        if (load->result == 0) {
                registry_begin_epoch(load->registry, &batch);
                load->result =
                        actor_store_commit(load->store, batch.changes, batch.count, true, &load->error);
        }
        registry_batch_done(&batch);
}

/* To self: commits what has gathered. What was in the mailbox before it shares the batch. */
struct registrar_due {
        char unused;
};
ACTOR_LOCAL_TYPE(registrar_due_type, struct registrar_due);

/* ---- the actor ------------------------------------------------------------------------------------ */

struct registrar {
        struct actor *self;
        struct registrar_metrics *metrics, unread;
        const struct registrar_store *store; /* references: */
        const struct registrar_load *loaded; /* NULL until the store has been read; owns the registry */
        struct registrar_commit *waiting;    /* the next batch; NULL: nobody waits */
        bool loading, committing;
        bool commit_is_due;                 /* a struct registrar_due is on its way */
        struct actor_asker *content_askers; /* who asked before it was read */
        size_t content_asker_count, content_asker_capacity;
};

static void answer(struct registrar *r, const struct registrar_answer *to, enum registrar_outcome outcome,
                   const char *message)
{
        struct registrar_stored *msg = actor_msg_new(&registrar_stored_type);
        msg->outcome = outcome;
        if (message != NULL)
                msg->message = actor_msg_strdup(msg, message);
        actor_reply_to(r->self, to->asker, msg);
}

static void answer_all(struct registrar *r, const struct registrar_commit *commit)
{
        for (size_t i = 0; i < commit->answer_count; i++) {
                const struct registrar_answer *to = &commit->answers[i];
                answer(r, to, to->outcome, to->message);
        }
}

static void fail_all(struct registrar *r, const struct registrar_commit *commit, const char *why)
{
        for (size_t i = 0; commit != NULL && i < commit->answer_count; i++)
                answer(r, &commit->answers[i], REGISTRAR_FAILED, why);
}

static void commit_waiting(struct registrar *r)
{
        struct registrar_commit *commit = r->waiting;
        if (commit == NULL || r->committing)
                return;
        r->waiting = NULL;
        ACTOR_METRIC_SET(r->metrics->waiting, 0);
        ACTOR_METRIC_SET(r->metrics->records, (int64_t) registry_record_count(r->loaded->registry));
        if (commit->batch.count == 0) {
                answer_all(r, commit);
                actor_msg_unref(commit);
                return;
        }
        r->committing = true;
        actor_run_blocking(r->self, work_commit, commit);
}

static int on_committed(struct registrar *r, const struct actor_mail *mail,
                        const struct registrar_commit *msg)
{
        assert(r->committing);
        r->committing = false;
        if (msg->result != 0) {
                actor_log_error(r->self, "registrar: write failed, the master ends: %s", msg->error.text);
                fail_all(r, msg, msg->error.text);
                fail_all(r, r->waiting, msg->error.text);
                return msg->result;
        }
        int64_t took_ns = mail->now_ns - msg->started_ns;
        ACTOR_METRIC_ADD(r->metrics->commits, 1);
        ACTOR_METRIC_ADD(r->metrics->commits_ns, took_ns);
        if (took_ns > r->metrics->commit_slowest_ns)
                ACTOR_METRIC_SET(r->metrics->commit_slowest_ns, took_ns);
        answer_all(r, msg);
        if (r->waiting != NULL)
                r->waiting->started_ns = mail->now_ns;
        commit_waiting(r);
        return 0;
}

static struct registrar_commit *next_batch(struct registrar *r, int64_t now_ns)
{
        if (r->waiting != NULL)
                return r->waiting;
        r->waiting = actor_msg_new(&registrar_commit_type);
        r->waiting->store = r->store->store;
        r->waiting->started_ns = now_ns;
        actor_msg_hold(r->waiting, r->store);
        return r->waiting;
}

static void count_outcome(struct registrar *r, enum registrar_outcome outcome)
{
        ACTOR_METRIC_ADD(r->metrics->changes, 1);
        ACTOR_METRIC_ADD(r->metrics->unchanged, outcome == REGISTRAR_UNCHANGED);
        ACTOR_METRIC_ADD(r->metrics->refused, outcome == REGISTRAR_REFUSED);
}

static int on_change(struct registrar *r, const struct actor_mail *mail, const struct registrar_change *msg)
{
        struct actor_error error = {""};
        if (r->loaded == NULL) {
                struct registrar_answer now = {.asker = actor_asker(mail)};
                count_outcome(r, REGISTRAR_REFUSED);
                answer(r, &now, REGISTRAR_REFUSED, "the registry has not been read yet");
                return 0;
        }
        struct registrar_commit *batch = next_batch(r, mail->now_ns);
        enum registrar_outcome outcome = registry_apply(r->loaded->registry, msg, &batch->batch, &error);
        count_outcome(r, outcome);
        ACTOR_ARRAY_RESERVE(batch->answers, batch->answer_count, batch->answer_capacity);
        batch->answers[batch->answer_count++] = (struct registrar_answer){
                actor_asker(mail), outcome, outcome == REGISTRAR_REFUSED ? actor_strdup(error.text) : NULL};
        ACTOR_METRIC_SET(r->metrics->waiting, (int64_t) batch->answer_count);
        if (r->committing || r->commit_is_due)
                return 0;
        r->commit_is_due = true;
        return actor_send(r->self, actor_self(r->self), actor_msg_new(&registrar_due_type));
}

static int on_due(struct registrar *r, const struct actor_mail *mail, const struct registrar_due *msg)
{
        r->commit_is_due = false;
        commit_waiting(r);
        return 0;
}

static int on_get(struct registrar *r, const struct actor_mail *mail, const struct registrar_get *msg)
{
        if (r->loaded != NULL)
                return actor_reply(mail, registry_content(r->loaded->registry));
        ACTOR_ARRAY_RESERVE(r->content_askers, r->content_asker_count, r->content_asker_capacity);
        r->content_askers[r->content_asker_count++] = actor_asker(mail);
        if (r->loading)
                return 0;
        r->loading = true;
        struct registrar_load *load = actor_msg_new(&registrar_load_type);
        load->store = r->store->store;
        actor_msg_hold(load, r->store);
        actor_run_blocking(r->self, work_load, load);
        return 0;
}

static int on_loaded(struct registrar *r, const struct actor_mail *mail, const struct registrar_load *msg)
{
        if (msg->result != 0) {
                actor_log_error(r->self, "registrar: registry cannot be read, the master ends: %s",
                                msg->error.text);
                return msg->result;
        }
        r->loaded = actor_msg_ref(msg);
        struct registry_content *content = registry_content(msg->registry);
        ACTOR_METRIC_SET(r->metrics->epoch, (int64_t) content->epoch);
        ACTOR_METRIC_SET(r->metrics->records, (int64_t) registry_record_count(msg->registry));
        actor_log_info(r->self, "registrar: registry read: epoch %llu, %zu agents, %zu frameworks",
                       (unsigned long long) content->epoch, content->agent_count, content->framework_count);
        for (size_t i = 0; i < r->content_asker_count; i++)
                actor_reply_to(r->self, r->content_askers[i], actor_msg_ref(content));
        actor_msg_unref(content);
        r->content_asker_count = 0;
        return 0;
}

ACTOR_BIND(on_change, struct registrar, struct registrar_change)
ACTOR_BIND(on_due, struct registrar, struct registrar_due)
ACTOR_BIND(on_get, struct registrar, struct registrar_get)
ACTOR_BIND(on_committed, struct registrar, struct registrar_commit)
ACTOR_BIND(on_loaded, struct registrar, struct registrar_load)

static const struct actor_handler handlers[] = {
        {&registrar_change_type, on_change_bound, ACTOR_FROM_LOCAL},
        {&registrar_due_type, on_due_bound, ACTOR_FROM_SELF},
        {&registrar_get_type, on_get_bound, ACTOR_FROM_LOCAL},
        {&registrar_commit_type, on_committed_bound, ACTOR_FROM_SELF},
        {&registrar_load_type, on_loaded_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

struct registrar_init {
        const struct registrar_store *store; /* a message; init takes a reference of its own */
        struct registrar_metrics *metrics;
};

static int registrar_init(void *state, struct actor *self, const void *arg)
{
        struct registrar *r = state;
        const struct registrar_init *init = arg;
        r->self = self;
        r->store = actor_msg_ref(init->store);
        r->metrics = init->metrics != NULL ? init->metrics : &r->unread;
        return 0;
}

static void registrar_fini(void *state)
{
        struct registrar *r = state;
        actor_msg_unref(r->waiting);
        actor_msg_unref(r->loaded);
        actor_msg_unref(r->store);
        free(r->content_askers);
}

static const struct actor_class registrar_class = {
        .name = "registrar",
        .state_size = sizeof(struct registrar),
        .init = registrar_init,
        .fini = registrar_fini,
        .handlers = handlers,
};

static int open_store(struct registrar_store *ret, const struct registrar_config *config,
                      struct actor_error *error)
{
        if (config->directory != NULL)
                return actor_store_open_lmdb(config->directory, REGISTRY_FORMAT, REGISTRY_VERSION, 0,
                                             &ret->store, error);
        struct actor_disk *disk = config->disk;
        if (disk == NULL)
                disk = ret->own_disk = actor_disk_new();
        return actor_store_open_memory(disk, REGISTRY_FORMAT, REGISTRY_VERSION, &ret->store, error);
}

int registrar_spawn(struct actor_node *node, const struct registrar_config *config, struct actor_ref *ret,
                    struct actor_error *error)
{
        struct registrar_store *store = actor_msg_new(&registrar_store_type);
        int r = open_store(store, config, error);
        if (r == 0) {
                const struct registrar_init init = {store, config->metrics};
                r = actor_node_spawn(node, &registrar_class, "registrar", &init, ret);
        }
        actor_msg_unref(store);
        return r;
}
