/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_FETCHER_FETCHER_H
#define AGENT_FETCHER_FETCHER_H

#include <actor/actor.h>

/* The actor "fetcher": brings files into sandboxes before their commands start. It makes one child
 * a request, so that requests do not wait for each other.
 *
 * Receives fetch_request (ask, messages.h); answers fetch_result. Asks the actors "files" of other
 * agents (agent.Call READ_FILE). */
extern const struct actor_class fetcher_class; /* config: none */

#endif
