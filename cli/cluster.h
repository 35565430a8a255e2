/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CLUSTER_H
#define CLI_CLUSTER_H

#include "session.h"

/* The whole state, asked once, and what the listing commands look up in it. */
struct cluster {
        struct session *session;
        void *answer;
        const MasterApi__Response__GetState *state;
};

/* Connects and asks for the state. Returns enum cli_exit; what went wrong is on standard error.
 * cluster_close() is due whatever the outcome. */
int cluster_open(struct cluster *ret, const char *command, const struct session_config *config);
void cluster_close(struct cluster *cluster);

/* Names for ids, the id itself where it is unknown. Borrowed from the cluster or the argument. */
const char *cluster_agent_hostname(const struct cluster *cluster, const char *agent_id);
const char *cluster_framework_name(const struct cluster *cluster, const char *framework_id);

/* The sum of the scalars of a name. */
double cluster_scalar(V1__Resource *const *resources, size_t count, const char *name);

/* "12s", "3m", "5h", "2d" since a time in seconds of the epoch. Returns `ret`. */
const char *cluster_age(double since, char ret[static 32]);

/* Prints a message as indented JSON ("{}" for NULL) and returns CLI_OK. */
int cluster_print_json(const void *message);

#endif
