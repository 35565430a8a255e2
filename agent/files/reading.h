/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_FILES_READING_H
#define AGENT_FILES_READING_H

#include "files/path.h"
#include <proto/types.h>
#include <stdint.h>

/* Looking into sandboxes, which their users control and the agent may read as root: no path leaves
 * the sandbox, whatever symlinks lie there (openat2 RESOLVE_BENEATH). Everything here blocks: for the
 * blocking pool. -errno with a sentence naming `shown` otherwise. */

#define FILES_READ_MAX (1u << 20) /* bytes one READ_FILE gives at most */
#define FILES_LIST_MAX 10000      /* entries one LIST_FILES gives at most */

/* Reads up to `length` bytes at `offset` into the arena of `response`. An offset at or behind the end
 * gives no data; the size is always the file's. */
int files_read(const char *work_dir, const struct files_path *path, const char *shown,
               const AgentApi__Call__ReadFile *call, AgentApi__Response *response, struct actor_error *error);

/* Lists a directory (or one file), sorted by name, with paths as the client would ask for them. */
int files_list(const char *work_dir, const struct files_path *path, const char *shown,
               AgentApi__Response *response, struct actor_error *error);

#endif
