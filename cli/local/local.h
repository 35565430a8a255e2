/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LOCAL_LOCAL_H
#define CLI_LOCAL_LOCAL_H

#include <actor/error.h>
#include <stdbool.h>
#include <stdint.h>

/* A whole cluster on this machine: one master and some agents, each a process of its own, as they
 * would be on hosts of their own. */
struct local_config {
        const char *folder;   /* absolute; made if absent: work directories, logs, pids, address */
        const char *programs; /* the folder of troupe-master and troupe-agent */
        unsigned agents;
        uint16_t port, http_port; /* of the master; 0 picks one */
        const char *resources;    /* of each agent; NULL: an equal share of this machine's memory, all its cores */
        const char *attributes;   /* of the agents, see attributes.h; NULL: none */
        const char *curve_key, *curve_server_key, *curve_allow; /* of all of them; NULL: none */
        bool detach;              /* let the processes live on when this one ends */
        int64_t timeout_ms;       /* for the start */
};

/* Starts the processes, waits until every agent is registered, says what to try next; then, unless
 * detached, until interrupted, and stops them again. Returns enum cli_exit; errors are on standard error. */
int local_start(const struct local_config *config);

/* Stops what runs from `folder`: agents first, then the master; SIGKILL for what ignores SIGTERM for
 * `patience_ms`. Returns how many were stopped, or -errno with a sentence. */
int local_stop(const char *folder, int64_t patience_ms, struct actor_error *error);

#endif
