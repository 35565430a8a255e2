/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_LAYOUT_H
#define AGENT_LAYOUT_H

#include <actor/error.h>
#include <stddef.h>

/* Where things lie below the work directory, said once:
 *
 *     meta/                                                   the durable records (LMDB)
 *     agents/A/frameworks/F/executors/E/runs/C/               a sandbox
 *     agents/A/frameworks/F/executors/E/runs/latest           a symlink to the newest C
 *     agents/A/frameworks/F/command-executors/USER/runs/C/    a shared command executor's own
 *     agent.sock                                              where executors connect
 *
 * Pure, except layout_socket(). Texts are malloc'ed; the caller frees. */

/* Which sandbox. The strings are ids that have passed id_validate(). */
struct layout_sandbox {
        const char *agent_id, *framework_id;
        const char *executor_id; /* NULL: the shared command executor of `user` */
        const char *user;
        const char *container_id;
};

/* Absolute, if work_dir is. */
char *layout_sandbox_path(const char *work_dir, const struct layout_sandbox *sandbox);

/* The path of the executor's socket: in work_dir if it fits into sun_path, otherwise a name below
 * /tmp made from a hash of work_dir. */
char *layout_socket(const char *work_dir);

#endif
