/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_FILES_FILES_H
#define AGENT_FILES_FILES_H

#include <actor/actor.h>

/* The actor "files": what lies in this agent's sandboxes, for the CLI, other agents' fetchers and
 * web pages.
 *
 * Receives   agent.Call LIST_FILES, READ_FILE (ask)   answers agent.Response, or OperatorResult with
 *                                                     done = false and the reason
 *            agent_session (the gateway)              learns the agent's id */
struct files_config {
        const char *work_dir; /* absolute; valid as long as the node */
};
extern const struct actor_class files_class; /* config: struct files_config */

#endif
