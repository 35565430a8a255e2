/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_CONTAINERIZER_SANDBOX_H
#define AGENT_CONTAINERIZER_SANDBOX_H

#include <actor/error.h>
#include <sys/types.h>

/* Files of sandboxes. Everything here blocks: for the blocking pool. */

struct sandbox_owner {
        uid_t uid;
        gid_t gid;
};

/* The ids of a user; NULL gives (-1, -1): whoever the agent is. -EINVAL with a sentence for an unknown one.
 */
int sandbox_owner(const char *user, struct sandbox_owner *ret, struct actor_error *error);

/* Makes `directory` with its parents (0755) and itself (0750, owned by `owner`), and points the symlink
 * `latest` beside it at it. An existing one is fine. -errno with a sentence. */
int sandbox_make(const char *directory, struct sandbox_owner owner, struct actor_error *error);

/* Opens a log file of a sandbox for appending, made if absent. A symlink in its place is refused.
 * The caller closes *ret_fd. -errno with a sentence. */
int sandbox_open_log(const char *directory, const char *name, struct sandbox_owner owner, int *ret_fd,
                     struct actor_error *error);

#endif
