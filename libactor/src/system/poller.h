/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYSTEM_POLLER_H
#define SYSTEM_POLLER_H

#include "core/inside.h"
#include <actor/system.h>

/* One thread in epoll_wait(2), started with the first thing to wait for: descriptors of actors, and
 * the pidfds of processes. On a simulated node there is no thread; poller_look() takes its place.
 * All functions may be called from any thread. */
struct poller *poller_new(struct actor_node *node);
void poller_stop(struct poller *poller);
void poller_free(struct poller *poller);

/* Waits for `events` on fd once; *ret_watch names this watch in the event's mail. 0 or -errno. */
int poller_watch(struct poller *poller, struct actor_ref owner, int fd, short events, uint64_t *ret_watch);
void poller_forget(struct poller *poller, int fd);

/* Watches a process and reaps it if it is a child. Takes the pidfd, even on failure. */
int poller_watch_process(struct poller *poller, struct actor_ref owner, pid_t pid, int pidfd_take);
/* The owner's processes are nobody's from now on; they are still reaped. */
void poller_orphan_processes(struct poller *poller, struct actor_ref owner);
int poller_signal(struct poller *poller, pid_t pid, int signal);

/* Handles what is ready now, without waiting; says whether there was anything. */
bool poller_look(struct poller *poller);

#endif
