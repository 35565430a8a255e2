/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_DAEMON_H
#define AGENT_DAEMON_H

#include "wiring.h"

/* An agent as a process: its work directory, node, ports and signals, and the rooms on them. */
struct agent_daemon;

/* Takes the work directory, listens, makes the rooms and begins to register. Blocks on SIGTERM and
 * SIGINT only through agent_daemon_wait(): the caller has blocked both signals. `flags` and `log` are
 * borrowed and outlive the daemon. Returns 0 and the daemon in *ret, or -errno with a sentence. */
int agent_daemon_new(const struct agent_flags *flags, struct actor_log *log, struct agent_daemon **ret,
                     struct actor_error *error);

/* Blocks until the agent has ended and returns its exit status. */
int agent_daemon_wait(struct agent_daemon *daemon);
void agent_daemon_free(struct agent_daemon *daemon); /* NULL is fine */

#endif
