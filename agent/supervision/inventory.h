/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_INVENTORY_H
#define AGENT_SUPERVISION_INVENTORY_H

#include "supervision/books.h"
#include "supervision/messages.h"

/* All that is known, as the master wants it told. The caller owns the message; it holds what it
 * points to. `agent_id` is this agent's. Pure. */
struct inventory *inventory_make(const struct books *books, const char *agent_id);

#endif
