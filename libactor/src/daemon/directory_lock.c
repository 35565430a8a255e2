/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/directory_lock.h"

#include <actor/memory.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_one(const char *path)
{
        return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -errno;
}

static int make_directories(const char *directory, struct actor_error *error)
{
        CLEANUP(actor_freep) char *path = actor_strdup(directory);
        for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                int r = make_one(path);
                if (r != 0 && r != -EACCES && r != -EROFS) /* an existing parent may well be unwritable */
                        return actor_error_set(error, r, "cannot make directory %s: %s", path, strerror(-r));
                *slash = '/';
        }
        int r = make_one(path);
        if (r != 0)
                return actor_error_set(error, r,
                                       "cannot make directory %s: %s; expected a directory that user %u may "
                                       "write",
                                       path, strerror(-r), (unsigned) geteuid());
        return 0;
}

static int refuse(const char *directory, int fd, struct actor_error *error)
{
        char pid[32];
        ssize_t size = pread(fd, pid, sizeof pid - 1, 0);
        pid[size > 0 ? size : 0] = '\0';
        pid[strspn(pid, "0123456789")] = '\0';
        return actor_error_set(
                error, -EBUSY,
                "directory %s is in use by process %s; stop that process or give another directory",
                directory, pid[0] ? pid : "(unknown)");
}

static int write_pid(int fd)
{
        char pid[32];
        int size = snprintf(pid, sizeof pid, "%ld\n", (long) getpid());
        if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t) size, 0) != size)
                return errno ? -errno : -EIO;
        return 0;
}

int directory_lock(const char *directory, int *ret_fd, struct actor_error *error)
{
        assert(directory && ret_fd);
        if (directory[0] == '\0')
                return actor_error_set(error, -EINVAL, "the directory's name is empty; expected a path");
        int r = make_directories(directory, error);
        if (r != 0)
                return r;
        CLEANUP(actor_freep) char *path = actor_asprintf("%s/lock", directory);
        CLEANUP(actor_closep) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return actor_error_set(error, -errno,
                                       "cannot open %s: %s; expected a directory that user %u may write",
                                       path, strerror(errno), (unsigned) geteuid());
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
                int reason = errno;
                return reason == EWOULDBLOCK ? refuse(directory, fd, error)
                                             : actor_error_set(error, -reason, "cannot lock %s: %s", path,
                                                               strerror(reason));
        }
        r = write_pid(fd);
        if (r != 0)
                return actor_error_set(error, r, "cannot write %s: %s", path, strerror(-r));
        *ret_fd = fd;
        fd = -1;
        return 0;
}
