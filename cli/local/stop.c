/* SPDX-License-Identifier: Apache-2.0 */
#include "local.h"
#include "pidfile.h"

#include <actor/memory.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROCESSES_MAX 1024

/* A descriptor for exactly this process: opened first, the start time compared afterwards. */
static int open_process(const struct local_process *p)
{
        int fd = (int) syscall(SYS_pidfd_open, p->pid, 0);
        if (fd >= 0 && local_process_start_time(p->pid) != p->start) {
                close(fd);
                return -1;
        }
        return fd;
}

static void stop_one(const struct local_process *p, int64_t patience_ms)
{
        int fd = open_process(p);
        if (fd < 0)
                return;
        struct pollfd ended = {fd, POLLIN, 0};
        (void) syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0);
        if (poll(&ended, 1, (int) patience_ms) == 0) {
                (void) syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
                (void) poll(&ended, 1, -1);
        }
        close(fd);
}

int local_stop(const char *folder, int64_t patience_ms, struct actor_error *error)
{
        CLEANUP(actor_freep) char *path = actor_asprintf("%s/pids", folder);
        struct local_process *processes = actor_zalloc(PROCESSES_MAX * sizeof *processes);
        size_t count = pidfile_read(path, processes, PROCESSES_MAX);
        for (size_t i = count; i > 0; i--) /* the master was started first and ends last */
                stop_one(&processes[i - 1], patience_ms);
        free(processes);
        if (unlink(path) < 0 && errno != ENOENT)
                return actor_error_set(error, -errno, "cannot remove %s: %s", path, strerror(errno));
        return (int) count;
}
