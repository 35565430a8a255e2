/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTORCTL_CLIENT_H
#define ACTORCTL_CLIENT_H

#include "inspect/messages.h"

#include <actor/curve.h>
#include <actor/error.h>
#include <stddef.h>

/* A node that asks inspectors and listens nowhere. One thread. */
struct client;

/* Makes it, to ask with these keys; NULL: without. Returns 0, or -errno with a sentence. */
int client_open(int64_t timeout_ms, const struct actor_curve *curve, struct client **ret,
                struct actor_error *error);
void client_close(struct client *client); /* NULL is fine */

/* Answers that are held together, since rows point into them. Zeroed is empty. */
struct answers {
        const void **held;
        size_t count, capacity;
};
void answers_done(struct answers *answers);

/* Asks the inspector at `place` ("host:port" or "ipc:/path"). On 0 the answer is among `answers` and lives as
 * long; else -errno with a sentence that names the place. */
int client_ask(struct client *client, const char *place, const Actor__Inspect__Question *question,
               struct answers *answers, const Actor__Inspect__Answer **ret, struct actor_error *error);

/* A question whose answer comes in pages: each is handed to `each`. */
struct pages {
        Actor__Inspect__Question question;
        struct answers *answers;
        void (*each)(void *arg, const Actor__Inspect__Answer *answer);
        void *arg;
};
int client_ask_pages(struct client *client, const char *place, const struct pages *pages,
                     struct actor_error *error);

#endif
