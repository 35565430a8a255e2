/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_SETTINGS_H
#define AGENT_SUPERVISION_SETTINGS_H

#include "agent_metrics.h"
#include <actor/ref.h>
#include <stdbool.h>
#include <stdint.h>

/* What does not change while the agent runs. Borrowed by every executor's actor: it lives as long as
 * the node. */
struct supervision_settings {
        const char *work_dir;          /* absolute */
        const char *launcher_dir;      /* where troupe-executor lies */
        const char *hostname;          /* tasks see it as HOSTNAME */
        const char *agent_endpoint;    /* "host:port" */
        const char *executor_endpoint; /* "ipc:/path": where executors connect */
        const char *const
                *executor_environment; /* NULL-terminated "NAME=value": what every executor starts with */
        const char *own_user;          /* whoever the agent runs as */
        bool switch_user;              /* run tasks as their frameworks' users */
        bool is_root;                  /* … and able to */
        int64_t registration_timeout_ms, shutdown_grace_ms;
        int64_t recovery_timeout_ms; /* executors wait so long for the agent */
        int64_t command_idle_ms;     /* a command executor without tasks ends after this */
        struct agent_metrics *metrics;
        struct actor_ref gateway, updates, containerizer, fetcher, meta;
};

#endif
