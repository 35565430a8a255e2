/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_WIRING_H
#define AGENT_WIRING_H

#include <actor/flags.h>
#include <actor/log.h>
#include <actor/node.h>

struct agent_flags {
#define FLAG(field, type, def, accepts, help) flag_##type field;
#include "flags.def"
};

extern const struct actor_flag_set agent_flag_set;

/* An agent in this process: its node, its rooms, its durable records. The one place where all doors
 * are known. */
struct agent;

/* Takes the work directory, listens, makes the rooms and begins to register. Blocks on SIGTERM and
 * SIGINT only through agent_wait(): the caller has blocked both signals. `flags` and `log` are
 * borrowed and outlive the agent. Returns 0 and the agent in *ret, or -errno with a sentence. */
int agent_new(const struct agent_flags *flags, struct actor_log *log, struct agent **ret,
              struct actor_error *error);

/* Blocks until the agent has ended and returns its exit status. */
int agent_wait(struct agent *agent);
void agent_free(struct agent *agent); /* NULL is fine */

#endif
