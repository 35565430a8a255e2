/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_HTTP_RENDER_H
#define AGENT_HTTP_RENDER_H

#include "registration/messages.h"
#include "supervision/messages.h"
#include <jansson.h>

/* The agent's /state as JSON (shared/protocol.md §12, the keys that exist here). Pure. The caller's
 * reference. */
json_t *agent_render_state(const struct agent_session *session, const struct inventory *inventory);

#endif
