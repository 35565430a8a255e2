/* SPDX-License-Identifier: Apache-2.0 */
/* fetcher.c — one child actor ("fetch") a request, its URIs one after the other.
 *
 *     next URI ─▶ open output (pool) ─▶ file:   copy (same job) ─▶ next URI
 *                                    └▶ troupe: ask READ_FILE at offset ─▶ write (pool) ─▶ … until the end
 *
 * Every step comes back as one message, so a fetch that is slow costs one small actor and no thread. */
#include "fetcher/fetcher.h"

#include "arena.h"
#include "fetcher/messages.h"
#include "fetcher/output.h"
#include <actor/log.h>
#include <actor/memory.h>
#include <actor/node.h>
#include <actor/system.h>
#include <assert.h>
#include <errno.h>
#include <string.h>

ACTOR_LOCAL_TYPE(fetch_request_type, struct fetch_request);
ACTOR_LOCAL_TYPE(fetch_result_type, struct fetch_result);

#define CHUNK_BYTES (1u << 20)
#define CHUNK_TIMEOUT_MS 30000

struct fetch_begin {
        bool unused;
};
static ACTOR_LOCAL_TYPE(fetch_begin_type, struct fetch_begin);

struct fetch_config {
        const struct fetch_request *request;
        struct actor_asker asker;
};

struct fetch {
        const struct fetch_request *request; /* a reference of ours */
        struct actor_asker asker;
        size_t index; /* of the URI at work */
        struct uri uri;
        int fd; /* of its output; -1: none */
        uint64_t offset;
};

/* One piece of blocking work: open (and for files copy), or write a chunk. */
struct fetch_step {
        const struct fetch_request *request; /* held */
        struct uri uri;
        int fd;
        const AgentApi__Response__ReadFile *chunk; /* held; NULL: open */
        int result;
        struct actor_error error;
};
static ACTOR_LOCAL_TYPE(fetch_step_type, struct fetch_step);

static void step_work(void *body)
{
        struct fetch_step *step = body;
        if (step->chunk) {
                step->result =
                        output_write(step->fd, step->chunk->data.data, step->chunk->data.len, &step->error);
                return;
        }
        step->result = output_open(step->request->directory, step->request->user, &step->uri, &step->fd,
                                   &step->error);
        if (step->result == 0 && step->uri.source == URI_FILE)
                step->result = output_copy(step->fd, step->uri.path, step->request->user, &step->error);
}

static void fetch_end(struct fetch *f, struct actor *self, const char *error)
{
        struct fetch_result *result = actor_msg_new(&fetch_result_type);
        if (error)
                result->error = actor_msg_printf(result, "cannot fetch \"%s\": %s",
                                                 f->request->uris[f->index]->value, error);
        actor_reply_to(self, f->asker, result);
        actor_exit(self, 0);
}

static void fetch_step(struct fetch *f, struct actor *self, const void *chunk_msg,
                       const AgentApi__Response__ReadFile *chunk)
{
        struct fetch_step *step = actor_msg_new(&fetch_step_type);
        actor_msg_hold(step, f->request);
        if (chunk_msg)
                actor_msg_hold(step, chunk_msg);
        step->request = f->request;
        step->uri = f->uri;
        step->fd = f->fd;
        step->chunk = chunk;
        actor_run_blocking(self, step_work, step);
}

static void fetch_next(struct fetch *f, struct actor *self)
{
        actor_closep(&f->fd);
        f->fd = -1;
        f->offset = 0;
        if (f->index == f->request->count) {
                f->index--; /* no error names it */
                fetch_end(f, self, NULL);
                return;
        }
        struct actor_error error;
        if (uri_parse(f->request->uris[f->index], &f->uri, &error) != 0)
                fetch_end(f, self, error.text);
        else
                fetch_step(f, self, NULL, NULL);
}

/* ---- from another agent ------------------------------------------------------------------------ */

static int on_chunk(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct fetch *f = state;
        if (body == NULL) {
                fetch_end(f, mail->self, strerror(-mail->error));
                return 0;
        }
        if (actor_msg_type(body) == &operator_result_type) {
                const char *why = ((const Troupe__OperatorResult *) body)->message;
                fetch_end(f, mail->self, why ? why : "refused");
                return 0;
        }
        const AgentApi__Response *response = body;
        if (actor_msg_type(body) != &agent_response_type || response->read_file == NULL) {
                fetch_end(f, mail->self, "the agent's answer is not a file");
                return 0;
        }
        fetch_step(f, mail->self, response, response->read_file);
        return 0;
}

static void ask_chunk(struct fetch *f, struct actor *self)
{
        struct actor_ref files;
        struct actor_error error;
        if (actor_node_resolve(actor_node(self), f->uri.address, &files, &error) != 0) {
                fetch_end(f, self, error.text);
                return;
        }
        AgentApi__Call *call = actor_msg_new(&agent_call_type);
        call->has_type = true;
        call->type = AGENT_API__CALL__TYPE__READ_FILE;
        call->read_file = ARENA_NEW(call, AgentApi__Call__ReadFile, agent_api__call__read_file);
        call->read_file->path = actor_msg_strdup(call, f->uri.path);
        call->read_file->offset = f->offset;
        call->read_file->has_length = true;
        call->read_file->length = CHUNK_BYTES;
        actor_ask(self, files, call, CHUNK_TIMEOUT_MS, on_chunk, NULL);
}

static int on_step(struct fetch *f, const struct actor_mail *mail, const struct fetch_step *step)
{
        f->fd = step->fd;
        if (step->result != 0) {
                fetch_end(f, mail->self, step->error.text);
                return 0;
        }
        bool more = f->uri.source == URI_AGENT;
        if (step->chunk) {
                f->offset += step->chunk->data.len;
                more = step->chunk->data.len > 0 && f->offset < step->chunk->size;
        }
        if (more) {
                ask_chunk(f, mail->self);
                return 0;
        }
        f->index++;
        fetch_next(f, mail->self);
        return 0;
}

static int on_begin(struct fetch *f, const struct actor_mail *mail, const struct fetch_begin *msg)
{
        fetch_next(f, mail->self);
        return 0;
}

ACTOR_BIND(on_begin, struct fetch, struct fetch_begin)
ACTOR_BIND(on_step, struct fetch, struct fetch_step)

static const struct actor_handler fetch_handlers[] = {
        {&fetch_begin_type, on_begin_bound, ACTOR_FROM_SELF},
        {&fetch_step_type, on_step_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

static int fetch_init(void *state, struct actor *self, const void *config)
{
        struct fetch *f = state;
        const struct fetch_config *c = config;
        assert(c->request->count > 0);
        f->request = actor_msg_ref(c->request);
        f->asker = c->asker;
        f->fd = -1;
        actor_send(self, actor_self(self), actor_msg_new(&fetch_begin_type));
        return 0;
}

static void fetch_fini(void *state)
{
        struct fetch *f = state;
        actor_closep(&f->fd);
        actor_msg_unref(f->request);
}

static const struct actor_class fetch_class = {
        .name = "fetch",
        .state_size = sizeof(struct fetch),
        .init = fetch_init,
        .fini = fetch_fini,
        .handlers = fetch_handlers,
};

/* ---- the door ---------------------------------------------------------------------------------- */

struct fetcher {
        uint64_t fetches;
};

static int on_request(struct fetcher *fetcher, const struct actor_mail *mail, const struct fetch_request *msg)
{
        fetcher->fetches++;
        if (msg->count == 0) {
                actor_reply(mail, actor_msg_new(&fetch_result_type));
                return 0;
        }
        const struct fetch_config config = {.request = msg, .asker = actor_asker(mail)};
        struct actor_ref child;
        return actor_spawn(mail->self, &fetch_class, NULL, &config, &child);
}

ACTOR_BIND(on_request, struct fetcher, struct fetch_request)

static const struct actor_handler handlers[] = {
        {&fetch_request_type, on_request_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

const struct actor_class fetcher_class = {
        .name = "fetcher",
        .state_size = sizeof(struct fetcher),
        .handlers = handlers,
};
