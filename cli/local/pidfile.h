/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LOCAL_PIDFILE_H
#define CLI_LOCAL_PIDFILE_H

#include <actor/error.h>
#include <stddef.h>
#include <sys/types.h>

/* The processes of a local cluster, written down: one "PID START NAME" a line, START being the start
 * time of the process in clock ticks since boot (proc(5), stat field 22). A pid alone may have been
 * given to somebody else meanwhile; a pid with its start time is never mistaken. */
struct local_process {
        pid_t pid;
        unsigned long long start;
        char name[64];
};

/* The start time of a living process; 0 if there is none. */
unsigned long long local_process_start_time(pid_t pid);

/* Adds a line. 0 or -errno with a sentence. */
int pidfile_add(const char *path, pid_t pid, const char *name, struct actor_error *error);

/* Reads the lines whose processes still live, up to `max`. Returns how many; 0 if there is no file. */
size_t pidfile_read(const char *path, struct local_process *ret, size_t max);

#endif
