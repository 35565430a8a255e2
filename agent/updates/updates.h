/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_UPDATES_UPDATES_H
#define AGENT_UPDATES_UPDATES_H

#include "agent_metrics.h"
#include "updates/messages.h"
#include <actor/actor.h>
#include <proto/types.h>

/* The actor "updates": carries every status update to the master until the scheduler has
 * acknowledged it, in order within a task, again after 10 s, 20 s, … up to 10 min.
 *
 * Receives                                       Sends
 *   update_new          executors, supervision     StatusUpdate          to the gateway ("agent")
 *   StatusUpdateAcknowledgement   the gateway      update_acknowledged   to the sender; at the end also to
 * supervision agent_session       the gateway                meta_commit           to "meta" (checkpointing
 * frameworks) updates_forget      supervision
 */
struct updates_config {
        struct actor_ref gateway, meta;
        struct agent_metrics *metrics;
        const char *supervision; /* the name of the actor that hears of ends; resolved at the first */
        /* From before a restart, in the order of their records; borrowed during init. */
        const struct updates_recovered *recovered;
        size_t recovered_count;
};
extern const struct actor_class updates_class; /* config: struct updates_config */

#endif
