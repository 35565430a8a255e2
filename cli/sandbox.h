/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SANDBOX_H
#define CLI_SANDBOX_H

#include "session.h"

/* Where a task's files are, and reading them through its agent. */
struct sandbox {
        char *files; /* address of the agent's "files" actor */
        char *path;  /* "/framework/F/executor/E/latest" */
};
void sandbox_done(struct sandbox *sandbox);

/* The outcomes the caller must handle. */
enum { SANDBOX_E_UNKNOWN = SESSION_E_REFUSED /* no such task, agent or file: the sentence says which */ };

/* Finds the task by its id (with `framework`, NULL for any, where several frameworks use the same). Of several runs the newest
 * counts. 0, SANDBOX_E_UNKNOWN, or < 0; a sentence in *error for both. */
int sandbox_find(struct session *session, const char *task, const char *framework, struct sandbox *ret,
                 struct actor_error *error);

/* Reads up to a piece (1 MiB at most) of a file at `offset`: the AgentApi__Response of READ_FILE in *ret. */
int sandbox_read(struct session *session, const struct sandbox *sandbox, const char *file, uint64_t offset, void **ret,
                 struct actor_error *error);

/* Lists a folder of the sandbox ("" for its top): the AgentApi__Response of LIST_FILES in *ret. */
int sandbox_list(struct session *session, const struct sandbox *sandbox, const char *folder, void **ret,
                 struct actor_error *error);

/* Writes a file from `offset` (negative: that many bytes before its end) to its present end into `fd`. *ret_end is where it
 * stopped; may be NULL. */
int sandbox_copy(struct session *session, const struct sandbox *sandbox, const char *file, int64_t offset, int fd,
                 uint64_t *ret_end, struct actor_error *error);

#endif
