/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_FETCHER_MESSAGES_H
#define AGENT_FETCHER_MESSAGES_H

#include <actor/message.h>
#include <proto/types.h>

/* Brings what a command needs into its sandbox, one URI after the other. Asked of "fetcher"; answered
 * by fetch_result. Texts lie in the message or in one it holds. */
struct fetch_request {
        size_t count;
        V1__CommandInfo__URI *const *uris;
        const char *directory; /* a prepared sandbox */
        const char *user;      /* owner of the files; NULL: whoever the agent runs as */
};
extern const struct actor_type fetch_request_type;

struct fetch_result {
        const char *error; /* NULL, or a sentence naming the URI */
};
extern const struct actor_type fetch_result_type;

/* Longest time a fetch may take before whoever asked gives up. */
#define FETCH_TIMEOUT_MS (60 * 60 * 1000)

#endif
