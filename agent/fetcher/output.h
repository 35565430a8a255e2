/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_FETCHER_OUTPUT_H
#define AGENT_FETCHER_OUTPUT_H

#include "fetcher/uri.h"

/* Writing fetched files. Everything here blocks: for the blocking pool. */

/* Creates (or empties) `uri->output` below `directory`, with parents, never through a symlink; owned
 * by `user` if not NULL. The caller closes *ret_fd. -errno with a sentence. */
int output_open(const char *directory, const char *user, const struct uri *uri, int *ret_fd,
                struct actor_error *error);

/* Appends all bytes. -errno with a sentence. */
int output_write(int fd, const void *data, size_t size, struct actor_error *error);

/* Copies a file of this machine to `fd`, with the rights of `user` (NULL: the agent's own). -errno with a
 * sentence. */
int output_copy(int fd, const char *source, const char *user, struct actor_error *error);

#endif
