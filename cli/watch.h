/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <actor/actor.h>
#include <proto/types.h>

/* Following the cluster: the master's read model sends a SUBSCRIBED with the whole state, then an
 * event for every change. A class that watches has rows for master_event_type and actor_down_type. */

/* From an actor's init: subscribes self to the events of the master at "host:port". Retrying is the
 * transport's business; losing the master arrives as an actor_down. 0, or -EINVAL for a bad address. */
int watch_subscribe(struct actor *self, const char *master);

#endif
