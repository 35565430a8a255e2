/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYSTEM_PROCESS_H
#define SYSTEM_PROCESS_H

#include <actor/system.h>

/* Starts a process. On 0 it has passed exec, and the caller owns *ret_pidfd and has to reap it.
 * -errno with a sentence otherwise. Any thread; blocks until exec. */
int process_spawn(const struct actor_process_config *config, pid_t *ret_pid, int *ret_pidfd,
                  struct actor_error *error);

#endif
