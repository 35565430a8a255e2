/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_EVENTS_H
#define AGENT_SUPERVISION_EVENTS_H

#include "supervision/environment.h"
#include <proto/types.h>

/* The events an executor gets. Each returns a message the caller owns; `held` is kept by it. Pure. */
Exec__Event *event_subscribed(const V1__ExecutorInfo *executor, const V1__FrameworkInfo *framework,
                              const V1__AgentInfo *agent, const char *container_id);

/* LAUNCH of a task as it is. */
Exec__Event *event_launch(const void *held, const V1__TaskInfo *task);

/* LAUNCH of a command task by a shared command executor: the task's environment names its own
 * sandbox, and its command's user is `user`, never unset. */
Exec__Event *event_launch_command(const void *held, const V1__TaskInfo *task,
                                  const struct environment_facts *facts, const char *user);

Exec__Event *event_kill(const char *task_id, const void *held, const V1__KillPolicy *policy);
Exec__Event *event_acknowledged(const char *task_id, ProtobufCBinaryData uuid);
Exec__Event *event_message(const void *held, ProtobufCBinaryData data);
Exec__Event *event_error(const char *message);
Exec__Event *event_shutdown(void);

#endif
