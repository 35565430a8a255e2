/* SPDX-License-Identifier: Apache-2.0 */
/* meta.c — the agent's durable records.
 *
 * While one commit is on the blocking pool, what arrives is gathered; when the commit is back, all
 * of it becomes the next one. So the number of fsyncs follows the disk's speed, not the number of
 * updates. A failed commit is told to each asker: they decide what a promise they could not write
 * down means. */
#include "meta/meta.h"

#include "meta/messages.h"
#include <actor/log.h>
#include <actor/memory.h>
#include <actor/system.h>
#include <assert.h>
#include <string.h>

const struct actor_type meta_commit_type = {.name = "agent.meta_commit", .size = sizeof(struct meta_commit)};
const struct actor_type meta_committed_type = {.name = "agent.meta_committed",
                                               .size = sizeof(struct meta_committed)};

struct entry {
        const struct meta_commit *request; /* a reference of ours */
        struct actor_asker asker;
};

struct batch {
        struct entry *entries;
        size_t count, capacity;
};

/* What goes to the blocking pool and comes back. */
struct meta_job {
        struct actor_store *store;
        struct batch batch;
        int error;
        struct actor_error text;
};

struct meta {
        struct actor_store *store;
        struct batch waiting;
        bool busy;
};

static void batch_done(struct batch *batch)
{
        for (size_t i = 0; i < batch->count; i++)
                actor_msg_unref(batch->entries[i].request);
        actor_realloc_array(batch->entries, 0, sizeof *batch->entries);
        *batch = (struct batch){0};
}

static void job_fini(void *body)
{
        batch_done(&((struct meta_job *) body)->batch);
}

static const struct actor_type meta_job_type = {
        .name = "agent.meta_job", .size = sizeof(struct meta_job), .fini = job_fini};

static void job_commit(void *body)
{
        struct meta_job *job = body;
        size_t count = 0, used = 0;
        for (size_t i = 0; i < job->batch.count; i++)
                count += job->batch.entries[i].request->count;

        CLEANUP(actor_freep)
        struct actor_store_change *changes = actor_realloc_array(NULL, count + 1, sizeof *changes);
        for (size_t i = 0; i < job->batch.count; i++) {
                const struct meta_commit *request = job->batch.entries[i].request;
                memcpy(changes + used, request->changes, request->count * sizeof *changes);
                used += request->count;
        }
        assert(used == count);
        job->error = actor_store_commit(job->store, changes, count, true, &job->text);
}

static void meta_start(struct meta *m, struct actor *self)
{
        if (m->busy || m->waiting.count == 0)
                return;
        struct meta_job *job = actor_msg_new(&meta_job_type);
        job->store = m->store;
        job->batch = m->waiting;
        m->waiting = (struct batch){0};
        m->busy = true;
        actor_run_blocking(self, job_commit, job);
}

static int on_commit(struct meta *m, const struct actor_mail *mail, const struct meta_commit *msg)
{
        ACTOR_ARRAY_RESERVE(m->waiting.entries, m->waiting.count, m->waiting.capacity);
        m->waiting.entries[m->waiting.count++] =
                (struct entry){.request = actor_msg_ref(msg), .asker = actor_asker(mail)};
        meta_start(m, mail->self);
        return 0;
}

static int on_job(struct meta *m, const struct actor_mail *mail, const struct meta_job *job)
{
        assert(m->busy);
        m->busy = false;
        if (job->error)
                actor_log_error(mail->self, "meta: commit of %zu changes failed: %s", job->batch.count,
                                job->text.text);
        for (size_t i = 0; i < job->batch.count; i++) {
                if (job->batch.entries[i].asker.ask_id == 0)
                        continue;
                struct meta_committed *answer = actor_msg_new(&meta_committed_type);
                answer->error = job->error;
                answer->text = job->error ? actor_msg_strdup(answer, job->text.text) : NULL;
                actor_reply_to(mail->self, job->batch.entries[i].asker, answer);
        }
        meta_start(m, mail->self);
        return 0;
}

ACTOR_BIND(on_commit, struct meta, struct meta_commit)
ACTOR_BIND(on_job, struct meta, struct meta_job)

static const struct actor_handler handlers[] = {
        {&meta_commit_type, on_commit_bound, ACTOR_FROM_LOCAL},
        {&meta_job_type, on_job_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

static int meta_init(void *state, struct actor *self, const void *config)
{
        ((struct meta *) state)->store = ((const struct meta_config *) config)->store;
        return 0;
}

static void meta_fini(void *state)
{
        batch_done(&((struct meta *) state)->waiting);
}

const struct actor_class meta_class = {
        .name = "meta",
        .state_size = sizeof(struct meta),
        .init = meta_init,
        .fini = meta_fini,
        .handlers = handlers,
};
