/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_EXECUTOR_H
#define AGENT_SUPERVISION_EXECUTOR_H

#include "supervision/settings.h"
#include <actor/actor.h>
#include <proto/types.h>
#include <sys/types.h>

/* The actor "executor/CONTAINER_ID": one executor of one framework, from its sandbox to its last
 * task's end. Child of "executors".
 *
 * Receives                                              Sends
 *   task_batch, KillTask, FrameworkMessage, executor_stop    executor.Event    to the process
 *                        supervision                      update_new        to updates and supervision
 *   executor.Call        the process (another node)       executor_closing, executor_ended, executor_started,
 *   update_acknowledged  updates                                            a task_batch it cannot take: to
 * supervision container_exited     containerizer                    ExecutorMessage   to the gateway
 */
struct executor_config {
        const struct supervision_settings *settings; /* borrowed, lives as long as the node */
        struct actor_ref supervision;
        /* Copied: */
        const V1__AgentInfo *agent;         /* id set */
        const V1__FrameworkInfo *framework; /* id set */
        const V1__ExecutorInfo *info;       /* for a shared command executor: made by supervision */
        const char *container_id;
        const char *user; /* to switch to: the process (custom) or its tasks (command); NULL: nobody */
        bool command;     /* a shared command executor: its tasks have sandboxes of their own */
        pid_t adopted;    /* > 0: its process runs since before the agent's restart */
};
extern const struct actor_class executor_class; /* config: struct executor_config */

#endif
