/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_DIRECTORY_LOCK_H
#define DAEMON_DIRECTORY_LOCK_H

#include <actor/error.h>

/* Makes `directory` and its missing parents (mode 0700) and takes it for this process: the file
 * "lock" in it is locked as long as *ret_fd is open, and holds the holder's pid for people to read.
 * A second holder, also of this process, is refused. Blocking, on the disk only.
 * Returns 0; -EBUSY naming the holder; -errno where the directory cannot be made or written. */
int directory_lock(const char *directory, int *ret_fd, struct actor_error *error);

#endif
