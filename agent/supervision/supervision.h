/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_SUPERVISION_H
#define AGENT_SUPERVISION_SUPERVISION_H

#include "supervision/settings.h"
#include "updates/messages.h"
#include <actor/actor.h>

/* The actor "executors": which executor a task goes to, and what is known of every task here. One
 * child actor an executor.
 *
 * Receives                                                   from
 *   RunTasks, RunTaskGroup, KillTask, ShutdownExecutor, ShutdownFramework, UpdateFramework,
 *   FrameworkMessage, AgentRegistered (reconciliation)       the gateway ("agent")
 *   agent_session, inventory_request (ask), supervision_stop the gateway
 *   update_new, executor_started, executor_closing, executor_ended, task_batch (back)    its children
 *   update_acknowledged                                      updates
 * Sends ExitedExecutor to the gateway, update_new to updates, supervision_stopped by way of updates. */
struct supervision_config {
        const struct supervision_settings *settings; /* borrowed, lives as long as the node */
        /* The updates that the room of that name sets out with: their tasks are in the books, ended. In
         * their order; borrowed during init. */
        const struct updates_recovered *recovered;
        size_t recovered_count;
};
extern const struct actor_class supervision_class; /* config: struct supervision_config */

#endif
