/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include "http/render.h"
#include <actor/http.h>
#include <actor/memory.h>
#include <stdlib.h>
#include <string.h>

#define INVENTORY_TIMEOUT_MS 5000

struct http {
        struct http_config config;
        const struct agent_session *session; /* a reference of ours; NULL before the first */
        struct asked *asked;
};

/* A /state request that waits for the inventory. */
struct asked {
        struct actor_asker asker;
        uint64_t number;
        struct asked *next;
};

static struct actor_http_response *response_make(unsigned status, const char *type, const char *text)
{
        struct actor_http_response *response = actor_msg_new(&actor_http_response_type);
        response->status = status;
        response->content_type = type;
        response->body = actor_msg_strdup(response, text);
        response->body_size = strlen(text);
        return response;
}

static struct actor_http_response *response_json(json_t *json_take)
{
        char *text = json_dumps(json_take, JSON_COMPACT | JSON_ENSURE_ASCII);
        json_decref(json_take);
        struct actor_http_response *response = response_make(200, "application/json", text);
        free(text);
        return response;
}

static int on_inventory(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct http *h = state;
        struct asked **at = &h->asked;
        while (*at && (*at)->number != (uintptr_t) arg)
                at = &(*at)->next;
        struct asked *asked = *at;
        if (asked == NULL)
                return 0;
        *at = asked->next;
        struct actor_http_response *response =
                body ? response_json(agent_render_state(h->session, body))
                     : response_make(503, "text/plain", "The agent is busy; try again later.");
        actor_reply_to(mail->self, asked->asker, response);
        actor_freep(&asked);
        return 0;
}

static void ask_state(struct http *h, const struct actor_mail *mail)
{
        struct asked *asked = actor_zalloc(sizeof *asked);
        asked->asker = actor_asker(mail);
        asked->number = h->asked ? h->asked->number + 1 : 1;
        asked->next = h->asked;
        h->asked = asked;
        actor_ask(mail->self, h->config.supervision, actor_msg_new(&inventory_request_type),
                  INVENTORY_TIMEOUT_MS, on_inventory, (void *) (uintptr_t) asked->number);
}

static struct actor_http_response *metrics_response(const struct http *h, struct actor *self)
{
        CLEANUP(actor_freep) char *text = NULL;
        actor_metrics_print(agent_metric_table, agent_metric_count, h->config.metrics, "troupe", &text);
        actor_metrics_print_node(actor_node(self), "troupe", &text);
        return response_make(200, "text/plain; version=0.0.4", text ? text : "");
}

static int on_request(struct http *h, const struct actor_mail *mail, const struct actor_http_request *msg)
{
        if (strcmp(msg->path, "/state") == 0 && h->session)
                ask_state(h, mail);
        else if (strcmp(msg->path, "/metrics") == 0)
                actor_reply(mail, metrics_response(h, mail->self));
        else if (strcmp(msg->path, "/version") == 0)
                actor_reply(mail, response_json(json_pack("{s:s}", "version", TROUPE_VERSION)));
        else if (strcmp(msg->path, "/health") == 0)
                actor_reply(mail, response_make(200, NULL, ""));
        else
                actor_reply(mail, response_make(404, "text/plain", "404 Not Found."));
        return 0;
}

static int on_session(struct http *h, const struct actor_mail *mail, const struct agent_session *msg)
{
        actor_msg_unref(h->session);
        h->session = actor_msg_ref(msg);
        return 0;
}

ACTOR_BIND(on_request, struct http, struct actor_http_request)
ACTOR_BIND(on_session, struct http, struct agent_session)

static const struct actor_handler handlers[] = {
        {&actor_http_request_type, on_request_bound, ACTOR_FROM_LOCAL},
        {&agent_session_type, on_session_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static int http_init(void *state, struct actor *self, const void *config)
{
        ((struct http *) state)->config = *(const struct http_config *) config;
        return 0;
}

static void http_fini(void *state)
{
        struct http *h = state;
        actor_msg_unref(h->session);
        while (h->asked) {
                struct asked *asked = h->asked;
                h->asked = asked->next;
                actor_freep(&asked);
        }
}

const struct actor_class agent_http_class = {
        .name = "http",
        .state_size = sizeof(struct http),
        .init = http_init,
        .fini = http_fini,
        .handlers = handlers,
};
