/* SPDX-License-Identifier: Apache-2.0 */
/* http.c — the actor behind the HTTP server's routes.
 *
 * What is small is answered at once. A /state is four questions to the state room, one after the
 * other, then a job for the blocking pool that writes the document; its job message holds the
 * answers, and the response holds the job, so nothing is copied and nobody waits. Jobs of one actor run one
 * at a time: a crowd of readers queues up among itself only. */
#include "http/http.h"
#include "http/render.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <actor/system.h>
#include <proto/types.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define ANSWER_TIMEOUT_MS 8000
#define METRICS_PREFIX "troupe"

struct http_render;

struct http {
        struct actor *self;
        struct actor_ref state;
        struct http_render *asking; /* renders that wait for an answer */
        struct actor_metric_table *tables;
        size_t table_count;
};

/* ---- responses ------------------------------------------------------------------------------------ */

static struct actor_http_response *response_new(unsigned status, const char *content_type)
{
        struct actor_http_response *response = actor_msg_new(&actor_http_response_type);
        response->status = status;
        response->content_type = content_type;
        return response;
}

static struct actor_http_response *response_text(unsigned status, const char *content_type, const void *text,
                                                 size_t size)
{
        struct actor_http_response *response = response_new(status, content_type);
        response->body = actor_msg_memdup(response, text, size);
        response->body_size = size;
        return response;
}

static int reply_problem(struct actor *self, struct actor_asker asker, unsigned status, const char *text)
{
        return actor_reply_to(self, asker, response_text(status, "text/plain", text, strlen(text)));
}

/* ---- /state ----------------------------------------------------------------------------------------- */

/* The answers it is made of, in the order they are asked for; the state last, so that it is fresh. */
enum { MASTER, FLAGS, METRICS, STATE, ANSWER_COUNT };
static const MasterApi__Call__Type calls[ANSWER_COUNT] = {
        [MASTER] = MASTER_API__CALL__TYPE__GET_MASTER,
        [FLAGS] = MASTER_API__CALL__TYPE__GET_FLAGS,
        [METRICS] = MASTER_API__CALL__TYPE__GET_METRICS,
        [STATE] = MASTER_API__CALL__TYPE__GET_STATE,
};

struct http_render {
        struct actor_asker asker;
        const MasterApi__Response *answers[ANSWER_COUNT]; /* references */
        unsigned answer_count;
        struct text text;
        struct http_render *prev, *next; /* among those asking */
};

static void http_render_fini(void *body)
{
        struct http_render *render = body;
        for (unsigned i = 0; i < render->answer_count; i++)
                actor_msg_unref(render->answers[i]);
        text_done(&render->text);
}

static const struct actor_type http_render_type = {
        .name = "http_render", .size = sizeof(struct http_render), .fini = http_render_fini};

static void work_render(void *body)
{
        struct http_render *render = body;
        const struct render_answers answers = {
                .state = render->answers[STATE]->get_state,
                .master = render->answers[MASTER]->get_master,
                .flags = render->answers[FLAGS]->get_flags,
                .metrics = render->answers[METRICS]->get_metrics,
        };
        render_state(&answers, &render->text);
}

static void ask_next(struct http *h, struct http_render *render_take);

static int on_answer(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct http *h = state;
        struct http_render *render = arg;
        DL_DELETE(h->asking, render);
        if (body == NULL || actor_msg_type(body) != &master_response_type) {
                reply_problem(h->self, render->asker, 503, "The state cannot be read at the moment.\n");
                actor_msg_unref(render);
                return 0;
        }
        render->answers[render->answer_count++] = actor_msg_ref(body);
        if (render->answer_count < ANSWER_COUNT)
                ask_next(h, render);
        else
                actor_run_blocking(h->self, work_render, render);
        return 0;
}

static void ask_next(struct http *h, struct http_render *render_take)
{
        MasterApi__Call *call = actor_msg_new(&master_call_type);
        DL_APPEND(h->asking, render_take);
        call->has_type = true;
        call->type = calls[render_take->answer_count];
        actor_ask(h->self, h->state, call, ANSWER_TIMEOUT_MS, on_answer, render_take);
}

static int on_rendered(struct http *h, const struct actor_mail *mail, const struct http_render *msg)
{
        struct actor_http_response *response = response_new(200, "application/json");
        actor_msg_hold(response, msg);
        response->body = msg->text.data;
        response->body_size = msg->text.size;
        return actor_reply_to(h->self, msg->asker, response);
}

static int get_state(struct http *h, const struct actor_mail *mail)
{
        struct http_render *render = actor_msg_new(&http_render_type);
        render->asker = actor_asker(mail);
        ask_next(h, render);
        return 0;
}

/* ---- the small ones ----------------------------------------------------------------------------------- */

static int get_health(struct http *h, const struct actor_mail *mail)
{
        return actor_reply(mail, response_new(200, NULL));
}

static int get_version(struct http *h, const struct actor_mail *mail)
{
        struct text text = {0};
        render_version(&text);
        struct actor_http_response *response = response_text(200, "application/json", text.data, text.size);
        text_done(&text);
        return actor_reply(mail, response);
}

static int get_metrics(struct http *h, const struct actor_mail *mail)
{
        CLEANUP(actor_freep) char *text = NULL;
        for (size_t i = 0; i < h->table_count; i++) {
                const struct actor_metric_table *table = &h->tables[i];
                actor_metrics_print(table->metrics, table->count, table->values, METRICS_PREFIX, &text);
        }
        actor_metrics_print_node(actor_node(h->self), METRICS_PREFIX, &text);
        size_t size = text != NULL ? strlen(text) : 0;
        return actor_reply(mail, response_text(200, "text/plain; version=0.0.4", text, size));
}

static const struct {
        const char *path;
        int (*get)(struct http *h, const struct actor_mail *mail);
} pages[] = {
        {"/state", get_state},
        {"/health", get_health},
        {"/version", get_version},
        {"/metrics", get_metrics},
};
#define PAGE_COUNT (sizeof pages / sizeof pages[0])

/* ---- the actor ------------------------------------------------------------------------------------------
 */

static int on_request(struct http *h, const struct actor_mail *mail, const struct actor_http_request *request)
{
        const char *path = request->path;
        if (strncmp(path, "/master/", 8) == 0)
                path += 7;
        for (size_t i = 0; i < PAGE_COUNT; i++)
                if (strcmp(path, pages[i].path) == 0)
                        return pages[i].get(h, mail);
        return reply_problem(h->self, actor_asker(mail), 404, "There is no such page.\n");
}

ACTOR_BIND(on_request, struct http, struct actor_http_request)
ACTOR_BIND(on_rendered, struct http, struct http_render)

static const struct actor_handler handlers[] = {
        {&actor_http_request_type, on_request_bound, ACTOR_FROM_LOCAL},
        {&http_render_type, on_rendered_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

static int http_init(void *state, struct actor *self, const void *arg)
{
        struct http *h = state;
        const struct http_config *config = arg;
        h->self = self;
        h->state = config->state;
        h->table_count = config->table_count;
        h->tables = actor_realloc_array(NULL, config->table_count, sizeof *h->tables);
        if (config->table_count > 0)
                memcpy(h->tables, config->tables, config->table_count * sizeof *h->tables);
        return 0;
}

static void http_fini(void *state)
{
        struct http *h = state;
        struct http_render *render, *next;
        DL_FOREACH_SAFE(h->asking, render, next)
        {
                DL_DELETE(h->asking, render);
                actor_msg_unref(render);
        }
        free(h->tables);
}

static const struct actor_class http_class = {
        .name = "http",
        .state_size = sizeof(struct http),
        .init = http_init,
        .fini = http_fini,
        .handlers = handlers,
};

int http_spawn(struct actor_node *node, const struct http_config *config, struct actor_ref *ret)
{
        return actor_node_spawn(node, &http_class, "http", config, ret);
}

size_t http_routes(struct actor_ref http, struct actor_http_route ret[HTTP_ROUTES_MAX])
{
        static const char *const paths[] = {"/state",          "/health",        "/version",
                                            "/metrics",        "/master/state",  "/master/health",
                                            "/master/version", "/master/metrics"};
        _Static_assert(sizeof paths / sizeof paths[0] == 2 * PAGE_COUNT, "each page with and without prefix");
        size_t count = 0;
        for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
                ret[count++] = (struct actor_http_route){"GET", paths[i], http};
        return count;
}
