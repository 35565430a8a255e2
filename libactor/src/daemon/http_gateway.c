/* SPDX-License-Identifier: Apache-2.0 */
/* http_gateway.c — the actor that asks on behalf of the server's thread, which may not block. It
 * keeps the exchanges it has asked for, so that its own end answers them too. */
#include "daemon/http_private.h"

#include <actor/memory.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct forward {
        struct actor_ref to;
        const struct actor_http_request *request; /* one reference */
        struct exchange *exchange;                /* one reference, NULL once the gateway has taken it */
};

struct end {
        char unused;
};

struct gateway {
        int64_t timeout_ms;
        struct exchange *asked;
};

/* A forward nobody took: the gateway is gone or full. */
static void forward_fini(void *body)
{
        struct forward *forward = body;
        actor_msg_unref(forward->request);
        if (forward->exchange) {
                (void) exchange_refuse(forward->exchange, 503,
                                       "The server is shutting down or overloaded; try again "
                                       "later.");
                exchange_unref(forward->exchange);
        }
}

static const struct actor_type forward_type = {
        .name = "http forward", .size = sizeof(struct forward), .fini = forward_fini};
static ACTOR_LOCAL_TYPE(end_type, struct end);

ACTOR_LOCAL_TYPE(actor_http_request_type, struct actor_http_request);
ACTOR_LOCAL_TYPE(actor_http_response_type, struct actor_http_response);

static void remember(struct gateway *gateway, struct exchange *exchange)
{
        exchange->next_asked = gateway->asked;
        exchange->asked_link = &gateway->asked;
        if (gateway->asked)
                gateway->asked->asked_link = &exchange->next_asked;
        gateway->asked = exchange;
}

static void forget(struct exchange *exchange)
{
        *exchange->asked_link = exchange->next_asked;
        if (exchange->next_asked)
                exchange->next_asked->asked_link = exchange->asked_link;
        exchange_unref(exchange);
}

static void refuse_for(struct exchange *exchange, int error, int64_t timeout_ms)
{
        switch (error) {
        case -ETIMEDOUT:
                (void) exchange_refuse(exchange, 504, "No answer within %lld ms; try again later.",
                                       (long long) timeout_ms);
                return;
        case -ENOBUFS:
                (void) exchange_refuse(exchange, 503, "Too many requests are waiting; try again later.");
                return;
        default:
                (void) exchange_refuse(exchange, 503,
                                       "The part that serves this path is not available (%s); try again "
                                       "later.",
                                       strerror(-error));
        }
}

static int on_reply(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct gateway *gateway = state;
        struct exchange *exchange = arg;
        if (mail->error != 0)
                refuse_for(exchange, mail->error, gateway->timeout_ms);
        else if (actor_msg_type(body) != &actor_http_response_type)
                (void) exchange_refuse(exchange, 500,
                                       "The part that serves this path gave no HTTP answer but a \"%s\".",
                                       actor_msg_type(body)->name);
        else
                (void) exchange_answer(exchange, body);
        forget(exchange);
        return 0;
}

/* The message is immutable but for this one field, which the gateway alone reads and writes. */
static int on_forward(struct gateway *gateway, const struct actor_mail *mail, const struct forward *forward)
{
        struct exchange *exchange = forward->exchange;
        assert(exchange);
        ((struct forward *) forward)->exchange = NULL;
        remember(gateway, exchange);
        actor_ask(mail->self, forward->to, actor_msg_ref(forward->request), gateway->timeout_ms, on_reply,
                  exchange);
        return 0;
}

static int on_end(struct gateway *gateway, const struct actor_mail *mail, const struct end *body)
{
        actor_exit(mail->self, 0);
        return 0;
}

ACTOR_BIND(on_forward, struct gateway, struct forward)
ACTOR_BIND(on_end, struct gateway, struct end)

static const struct actor_handler handlers[] = {
        {&forward_type, on_forward_bound, ACTOR_FROM_LOCAL},
        {&end_type, on_end_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static int gateway_init(void *state, struct actor *self, const void *config)
{
        struct gateway *gateway = state;
        gateway->timeout_ms = *(const int64_t *) config;
        return 0;
}

static void gateway_fini(void *state)
{
        struct gateway *gateway = state;
        while (gateway->asked) {
                (void) exchange_refuse(gateway->asked, 503, "The server is shutting down; try again later.");
                forget(gateway->asked);
        }
}

static const struct actor_class gateway_class = {
        .name = "http gateway",
        .state_size = sizeof(struct gateway),
        .init = gateway_init,
        .fini = gateway_fini,
        .handlers = handlers,
};

int http_gateway_spawn(struct actor_node *node, int64_t timeout_ms, struct actor_ref *ret)
{
        return actor_node_spawn(node, &gateway_class, NULL, &timeout_ms, ret);
}

void http_gateway_forward(struct actor_node *node, struct actor_ref gateway, struct actor_ref to,
                          struct actor_http_request *request_take, struct exchange *exchange_take)
{
        struct forward *forward = actor_msg_new(&forward_type);
        forward->to = to;
        forward->request = request_take;
        forward->exchange = exchange_take;
        (void) actor_node_send(node, gateway, forward); /* refused: forward_fini() answers */
}

void http_gateway_end(struct actor_node *node, struct actor_ref gateway)
{
        (void) actor_node_send(node, gateway, actor_msg_new(&end_type));
}
