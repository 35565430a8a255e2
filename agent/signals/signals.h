/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SIGNALS_SIGNALS_H
#define AGENT_SIGNALS_SIGNALS_H

#include <actor/actor.h>

/* The actor "signals": turns SIGTERM and SIGINT, which main has blocked, into agent_stop for the
 * gateway ("agent"). */
struct signals_config {
        struct actor_ref gateway;
        int fd; /* of signalfd(2), not blocking; borrowed */
};
extern const struct actor_class signals_class; /* config: struct signals_config */

#endif
