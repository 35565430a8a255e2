/* SPDX-License-Identifier: Apache-2.0 */
#include "actorctl/client.h"

#include <actor/inspect.h>
#include <actor/log.h>
#include <actor/memory.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct client {
        struct actor_node *node;
        struct actor_log *log;
        int64_t timeout_ms;
};

int client_open(int64_t timeout_ms, const struct actor_curve *curve, struct client **ret,
                struct actor_error *error)
{
        static const struct actor_type *const no_types[] = {NULL}; /* the runtime's own will do */
        struct client *client = actor_zalloc(sizeof *client);
        client->timeout_ms = timeout_ms;
        client->log = actor_log_new(STDERR_FILENO, ACTOR_LOG_ERROR, false);
        const struct actor_node_config config = {.name = "actorctl",
                                                 .workers = 1,
                                                 .blocking_threads = 1,
                                                 .types = no_types,
                                                 .log = client->log,
                                                 .curve = curve};
        int r = actor_node_new(&config, &client->node);
        if (r < 0) {
                client_close(client);
                return actor_error_set(error, r, "cannot start: %s", strerror(-r));
        }
        *ret = client;
        return 0;
}

void client_close(struct client *client)
{
        if (client == NULL)
                return;
        actor_node_free(client->node);
        actor_log_free(client->log);
        free(client);
}

void answers_done(struct answers *answers)
{
        for (size_t i = 0; i < answers->count; i++)
                actor_msg_unref(answers->held[i]);
        free(answers->held);
        *answers = (struct answers){NULL, 0, 0};
}

static int explain(const struct client *client, int r, const char *place, struct actor_ref to,
                   struct actor_error *error)
{
        char trouble[256];
        switch (-r) {
        case ETIMEDOUT:
                return actor_error_set(error, r, "%s did not answer within %.1f s; is a node running there?",
                                       place, (double) client->timeout_ms / 1000);
        case EHOSTUNREACH:
                if (actor_node_trouble(client->node, to, trouble, sizeof trouble))
                        return actor_error_set(error, r,
                                               "%s cannot be reached: %s (--curve_key, --curve_server_key)",
                                               place, trouble);
                return actor_error_set(error, r, "%s cannot be reached; is a node running there?", place);
        case ESRCH:
                return actor_error_set(error, r, "%s: the node there does not let itself be inspected",
                                       place);
        default:
                return actor_error_set(error, r, "%s: %s", place, strerror(-r));
        }
}

int client_ask(struct client *client, const char *place, const Actor__Inspect__Question *question,
               struct answers *answers, const Actor__Inspect__Answer **ret, struct actor_error *error)
{
        CLEANUP(actor_freep) char *address = actor_asprintf(ACTOR_INSPECT_NAME "@%s", place);
        struct actor_ref to;
        int r = actor_node_resolve(client->node, address, &to, error);
        if (r < 0)
                return r;
        Actor__Inspect__Question *msg = actor_msg_new(&inspect_question_type);
        *msg = *question;
        void *answer = NULL;
        r = actor_node_ask(client->node, to, msg, client->timeout_ms, &answer);
        if (r < 0)
                return explain(client, r, place, to, error);
        if (actor_msg_type(answer) != &inspect_answer_type) {
                actor_msg_unref(answer);
                return actor_error_set(error, -EPROTO, "%s: what answers there is no inspector", place);
        }
        ACTOR_ARRAY_RESERVE(answers->held, answers->count, answers->capacity);
        answers->held[answers->count++] = answer;
        *ret = answer;
        return 0;
}

int client_ask_pages(struct client *client, const char *place, const struct pages *pages,
                     struct actor_error *error)
{
        Actor__Inspect__Question question = pages->question;
        const Actor__Inspect__Answer *answer;
        do {
                int r = client_ask(client, place, &question, pages->answers, &answer, error);
                if (r < 0)
                        return r;
                pages->each(pages->arg, answer);
                if (answer->has_next && answer->next <= question.after)
                        return actor_error_set(error, -EPROTO, "%s: its pages go round in circles", place);
                INSPECT_SET(&question, after, answer->next);
        } while (answer->has_next);
        return 0;
}
