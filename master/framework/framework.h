/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_FRAMEWORK_FRAMEWORK_H
#define MASTER_FRAMEWORK_FRAMEWORK_H

#include <actor/actor.h>

/* One actor per framework, named framework/ID: the master's side of the session with its scheduler. It
 * owns the subscription, the outstanding offers, the states of the framework's tasks, its executors
 * and the failover timer. Spawned by membership with a struct framework_start; it ends when the
 * framework has ended. What it receives is messages.h. */
extern const struct actor_class framework_class;

#endif
