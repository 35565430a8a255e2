/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/output.h"

#include <actor/memory.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(struct actor_error *error, const char *what, const char *path)
{
        int r = -errno;
        return actor_error_set(error, r, "%s \"%s\": %s", what, path, strerror(-r));
}

static int user_ids(const char *user, uid_t *ret_uid, gid_t *ret_gid, struct actor_error *error)
{
        char buffer[4096];
        struct passwd entry, *found;
        if (getpwnam_r(user, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL)
                return actor_error_set(error, -EINVAL, "user \"%s\" does not exist on this agent", user);
        *ret_uid = found->pw_uid;
        *ret_gid = found->pw_gid;
        return 0;
}

static int give_to(int fd, const char *user, struct actor_error *error)
{
        uid_t uid;
        gid_t gid;
        if (user == NULL)
                return 0;
        int r = user_ids(user, &uid, &gid, error);
        if (r != 0)
                return r;
        return fchown(fd, uid, gid) == 0 ? 0 : fail(error, "cannot give file to user", user);
}

/* Opens below a directory, following no symlink at all. */
static int open_beneath(int directory_fd, const char *path, uint64_t flags, mode_t mode)
{
        struct open_how how = {
                .flags = flags | O_CLOEXEC, .mode = mode, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
        return (int) syscall(SYS_openat2, directory_fd, path, &how, sizeof how);
}

/* Makes the parents of `path` below a directory. */
static int make_parents(int directory_fd, const char *path, const char *user, struct actor_error *error)
{
        CLEANUP(actor_freep) char *prefix = actor_strdup(path);
        for (char *slash = strchr(prefix, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                bool made = mkdirat(directory_fd, prefix, 0755) == 0;
                if (!made && errno != EEXIST)
                        return fail(error, "cannot make directory", prefix);
                CLEANUP(actor_closep) int fd = open_beneath(directory_fd, prefix, O_RDONLY | O_DIRECTORY, 0);
                if (fd < 0)
                        return fail(error, "cannot open directory", prefix);
                int r = made ? give_to(fd, user, error) : 0;
                if (r != 0)
                        return r;
                *slash = '/';
        }
        return 0;
}

int output_open(const char *directory, const char *user, const struct uri *uri, int *ret_fd,
                struct actor_error *error)
{
        CLEANUP(actor_closep) int directory_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (directory_fd < 0)
                return fail(error, "cannot open sandbox", directory);
        int r = make_parents(directory_fd, uri->output, user, error);
        if (r != 0)
                return r;
        CLEANUP(actor_closep)
        int fd =
                open_beneath(directory_fd, uri->output, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, uri->mode);
        if (fd < 0 || fchmod(fd, uri->mode) != 0)
                return fail(error, "cannot write", uri->output);
        r = give_to(fd, user, error);
        if (r != 0)
                return r;
        *ret_fd = fd;
        fd = -1;
        return 0;
}

int output_write(int fd, const void *data, size_t size, struct actor_error *error)
{
        for (size_t done = 0; done < size;) {
                ssize_t n = write(fd, (const char *) data + done, size - done);
                if (n < 0 && errno != EINTR)
                        return actor_error_set(error, -errno, "cannot write: %s", strerror(errno));
                done += n > 0 ? (size_t) n : 0;
        }
        return 0;
}

/* Opens with the rights of a user: a task must not get at a file through the agent that it could not
 * read itself. The file system ids are this thread's alone. */
static int open_as(const char *source, const char *user, struct actor_error *error)
{
        uid_t uid = geteuid();
        gid_t gid = getegid();
        int r = user ? user_ids(user, &uid, &gid, error) : 0;
        if (r != 0)
                return r;
        setfsgid(gid);
        setfsuid(uid);
        int fd = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        r = fd < 0 ? fail(error, "cannot read", source) : fd;
        setfsuid(geteuid());
        setfsgid(getegid());
        return r;
}

int output_copy(int fd, const char *source, const char *user, struct actor_error *error)
{
        CLEANUP(actor_closep) int from = open_as(source, user, error);
        if (from < 0)
                return from;
        struct stat status;
        if (fstat(from, &status) != 0)
                return fail(error, "cannot read", source);
        if (!S_ISREG(status.st_mode))
                return actor_error_set(error, -EINVAL, "\"%s\" is not a regular file", source);
        ssize_t n;
        while ((n = sendfile(fd, from, NULL, 1 << 20)) > 0)
                continue;
        return n == 0 ? 0 : fail(error, "cannot copy", source);
}
