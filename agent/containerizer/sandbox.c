/* SPDX-License-Identifier: Apache-2.0 */
#include "containerizer/sandbox.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int sandbox_owner(const char *user, struct sandbox_owner *ret, struct actor_error *error)
{
        if (user == NULL) {
                *ret = (struct sandbox_owner){(uid_t) -1, (gid_t) -1};
                return 0;
        }
        char buffer[4096];
        struct passwd entry, *found;
        int r = getpwnam_r(user, &entry, buffer, sizeof buffer, &found);
        if (r != 0 || found == NULL)
                return actor_error_set(error, -EINVAL, "user \"%s\" does not exist on this agent", user);
        *ret = (struct sandbox_owner){found->pw_uid, found->pw_gid};
        return 0;
}

/* Makes a directory, its missing parents first. `path` is changed and restored on the way. */
static int make_with_parents(char *path, mode_t mode)
{
        if (mkdir(path, mode) == 0 || errno == EEXIST)
                return 0;
        if (errno != ENOENT)
                return -errno;
        char *slash = strrchr(path, '/');
        if (slash == NULL || slash == path)
                return -ENOENT;
        *slash = '\0';
        int r = make_with_parents(path, 0755);
        *slash = '/';
        if (r != 0)
                return r;
        return mkdir(path, mode) == 0 || errno == EEXIST ? 0 : -errno;
}

/* Points "latest" beside `directory` at it, without a moment in which there is none. */
static int link_latest(const char *directory)
{
        const char *slash = strrchr(directory, '/');
        assert(slash != NULL);
        CLEANUP(actor_freep) char *parent = actor_strndup(directory, (size_t) (slash - directory));
        CLEANUP(actor_freep) char *latest = actor_asprintf("%s/latest", parent);
        if (symlink(slash + 1, latest) == 0)
                return 0;
        if (errno != EEXIST)
                return -errno;

        CLEANUP(actor_freep) char *aside = actor_asprintf("%s/.latest-%s", parent, slash + 1);
        if (symlink(slash + 1, aside) != 0 && errno != EEXIST)
                return -errno;
        return rename(aside, latest) == 0 ? 0 : -errno;
}

int sandbox_make(const char *directory, struct sandbox_owner owner, struct actor_error *error)
{
        CLEANUP(actor_freep) char *path = actor_strdup(directory);
        int r = make_with_parents(path, 0750);
        if (r == 0 && owner.uid != (uid_t) -1 && lchown(directory, owner.uid, owner.gid) != 0)
                r = -errno;
        if (r == 0)
                r = link_latest(directory);
        if (r != 0)
                return actor_error_set(error, r, "sandbox \"%s\" cannot be made: %s", directory,
                                       strerror(-r));
        return 0;
}

int sandbox_open_log(const char *directory, const char *name, struct sandbox_owner owner, int *ret_fd,
                     struct actor_error *error)
{
        CLEANUP(actor_freep) char *path = actor_asprintf("%s/%s", directory, name);
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0644);
        if (fd < 0)
                return actor_error_set(error, -errno, "file \"%s\" cannot be opened: %s", path,
                                       strerror(errno));
        if (owner.uid != (uid_t) -1 && fchown(fd, owner.uid, owner.gid) != 0) {
                int r = -errno;
                close(fd);
                return actor_error_set(error, r, "file \"%s\" cannot be given to its user: %s", path,
                                       strerror(-r));
        }
        *ret_fd = fd;
        return 0;
}
