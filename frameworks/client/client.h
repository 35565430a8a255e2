/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include <troupe/scheduler.h>

/* What the frameworks that people start from a terminal have in common: who they are to the master. */
struct client_config {
        const char *master;                       /* NULL: the default one */
        const char *curve_key, *curve_server_key; /* key files; NULL: the default ones */
        const char *name;
        const char *role;
        const char *user;        /* NULL: whoever calls */
        struct actor_node *node; /* NULL: a node of its own */
        struct actor_log *log;
};

/* Makes a driver for a framework that uses several roles, hears precise states and TASK_KILLING. Everything
 * is borrowed for the call. As troupe_scheduler_new(). */
ACTOR_MUST_CHECK
int client_driver(const struct client_config *config, const struct troupe_scheduler_callbacks *callbacks, void *data,
                  struct troupe_scheduler **ret, struct actor_error *error);

#endif
