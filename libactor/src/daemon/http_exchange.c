/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http_private.h"

#include <actor/memory.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void exchange_unref(struct exchange *exchange)
{
        /* release: our writes come before the free; acquire: the freeing thread sees everybody's */
        if (atomic_fetch_sub_explicit(&exchange->refs, 1, memory_order_acq_rel) != 1)
                return;
        actor_msg_unref(exchange->response);
        free(exchange->body);
        free(exchange);
}

static void resume(struct exchange *exchange)
{
        struct actor_http *http = exchange->http;
        MHD_resume_connection(exchange->connection); /* from here on the exchange may be gone */
        pthread_mutex_lock(&http->mutex);
        assert(http->suspended > 0);
        if (--http->suspended == 0)
                pthread_cond_signal(&http->none_suspended);
        pthread_mutex_unlock(&http->mutex);
}

/* The connection's side reads the answer only after it was resumed, which orders it after our
 * writes: libmicrohttpd passes resumptions through a mutex. */
static bool win(struct exchange *exchange)
{
        int expected = EXCHANGE_WAITING;
        return atomic_compare_exchange_strong(&exchange->state, &expected, EXCHANGE_ANSWERED);
}

bool exchange_answer(struct exchange *exchange, const struct actor_http_response *response)
{
        if (!win(exchange))
                return false;
        exchange->response = actor_msg_ref(response);
        exchange->status = response->status;
        resume(exchange);
        return true;
}

bool exchange_refuse(struct exchange *exchange, unsigned status, const char *format, ...)
{
        if (!win(exchange))
                return false;
        exchange->status = status;
        va_list args;
        va_start(args, format);
        vsnprintf(exchange->text, sizeof exchange->text, format, args);
        va_end(args);
        resume(exchange);
        return true;
}
