/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_FILES_PATH_H
#define AGENT_FILES_PATH_H

#include <actor/error.h>
#include <limits.h>

/* Which file of which sandbox a client means. Two forms are understood:
 *
 *     /framework/F/executor/E/latest/PATH        /framework/F/executor/E/runs/C/PATH
 *     WORK_DIR/agents/A/frameworks/F/executors/E/runs/{C|latest}/PATH     the real path
 *
 * Pure: no file is looked at. */
struct files_path {
        char runs[PATH_MAX];   /* "agents/A/frameworks/F/executors/E/runs", relative to the work directory */
        char container[256];   /* "latest" or a container id: one name, never "..", no slash */
        char inside[PATH_MAX]; /* relative to the sandbox; "." for the sandbox itself */
};

/* -EINVAL with a sentence for any other path. `agent_id` may be NULL while there is none. */
int files_path_parse(const char *path, const char *work_dir, const char *agent_id, struct files_path *ret,
                     struct actor_error *error);

#endif
