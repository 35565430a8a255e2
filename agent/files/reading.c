/* SPDX-License-Identifier: Apache-2.0 */
#include "files/reading.h"

#include "arena.h"
#include <actor/memory.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <proto/copy.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_beneath(int directory_fd, const char *path, uint64_t flags, uint64_t resolve)
{
        struct open_how how = {.flags = flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                               .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve};
        int fd = (int) syscall(SYS_openat2, directory_fd, path, &how, sizeof how);
        return fd < 0 ? -errno : fd;
}

/* "latest" is ours, but its directory is found by name only: what it points at must be one plain name. */
static int container_name(int runs_fd, const struct files_path *path, char ret[256])
{
        if (strcmp(path->container, "latest") != 0) {
                memcpy(ret, path->container, sizeof path->container);
                return 0;
        }
        ssize_t size = readlinkat(runs_fd, "latest", ret, 255);
        if (size < 0)
                return -errno;
        ret[size] = '\0';
        return strchr(ret, '/') || strcmp(ret, "..") == 0 || strcmp(ret, ".") == 0 ? -ELOOP : 0;
}

/* Opens what a path means; a descriptor or -errno. */
static int open_inside(const char *work_dir, const struct files_path *path)
{
        CLEANUP(actor_closep) int work_fd = open(work_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (work_fd < 0)
                return -errno;
        CLEANUP(actor_closep)
        int runs_fd = open_beneath(work_fd, path->runs, O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
        if (runs_fd < 0)
                return runs_fd;
        char container[256];
        int r = container_name(runs_fd, path, container);
        if (r != 0)
                return r;
        CLEANUP(actor_closep)
        int sandbox_fd = open_beneath(runs_fd, container, O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
        if (sandbox_fd < 0)
                return sandbox_fd;
        return open_beneath(sandbox_fd, path->inside, O_RDONLY, 0);
}

static int fail(int r, const char *shown, struct actor_error *error)
{
        const char *why = r == -EXDEV || r == -ELOOP ? "it leads out of the sandbox" : strerror(-r);
        return actor_error_set(error, r, "\"%.300s\": %s", shown, why);
}

/* ---- one file ---------------------------------------------------------------------------------- */

int files_read(const char *work_dir, const struct files_path *path, const char *shown,
               const AgentApi__Call__ReadFile *call, AgentApi__Response *response, struct actor_error *error)
{
        CLEANUP(actor_closep) int fd = open_inside(work_dir, path);
        if (fd < 0)
                return fail(fd, shown, error);
        struct stat status;
        if (fstat(fd, &status) != 0)
                return fail(-errno, shown, error);
        if (!S_ISREG(status.st_mode))
                return actor_error_set(error, -EINVAL, "\"%.300s\" is not a regular file", shown);

        AgentApi__Response__ReadFile *read_file =
                ARENA_NEW(response, AgentApi__Response__ReadFile, agent_api__response__read_file);
        read_file->size = (uint64_t) status.st_size;
        if (call->offset < read_file->size) {
                uint64_t length = read_file->size - call->offset;
                length = length < FILES_READ_MAX ? length : FILES_READ_MAX;
                if (call->has_length && call->length < length)
                        length = call->length;
                read_file->data.data = actor_msg_alloc(response, length + 1);
                ssize_t n = pread(fd, read_file->data.data, length, (off_t) call->offset);
                if (n < 0)
                        return fail(-errno, shown, error);
                read_file->data.len = (size_t) n;
        }
        response->has_type = true;
        response->type = AGENT_API__RESPONSE__TYPE__READ_FILE;
        response->read_file = read_file;
        return 0;
}

/* ---- directories ------------------------------------------------------------------------------- */

static const char *user_name(void *msg, uid_t uid)
{
        char buffer[4096];
        struct passwd entry, *found;
        if (getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) == 0 && found)
                return actor_msg_strdup(msg, found->pw_name);
        return actor_msg_printf(msg, "%u", (unsigned) uid);
}

static const char *group_name(void *msg, gid_t gid)
{
        char buffer[4096];
        struct group entry, *found;
        if (getgrgid_r(gid, &entry, buffer, sizeof buffer, &found) == 0 && found)
                return actor_msg_strdup(msg, found->gr_name);
        return actor_msg_printf(msg, "%u", (unsigned) gid);
}

/* Names are looked up once for each owner in a row: in a sandbox there is mostly one. */
static V1__FileInfo *file_info(void *msg, const char *path, const struct stat *status,
                               const V1__FileInfo *previous, const struct stat *previous_status)
{
        V1__FileInfo *info = ARENA_NEW(msg, V1__FileInfo, v1__file_info);
        info->path = path;
        info->has_nlink = info->has_size = info->has_mode = true;
        info->nlink = (int32_t) status->st_nlink;
        info->size = (uint64_t) status->st_size;
        info->mode = status->st_mode;
        info->mtime = ARENA_NEW(msg, V1__TimeInfo, v1__time_info);
        info->mtime->nanoseconds = status->st_mtim.tv_sec * 1000000000LL + status->st_mtim.tv_nsec;
        info->uid = previous && previous_status->st_uid == status->st_uid ? previous->uid
                                                                          : user_name(msg, status->st_uid);
        info->gid = previous && previous_status->st_gid == status->st_gid ? previous->gid
                                                                          : group_name(msg, status->st_gid);
        return info;
}

static int by_path(const void *a, const void *b)
{
        return strcmp((*(V1__FileInfo *const *) a)->path, (*(V1__FileInfo *const *) b)->path);
}

static void list_directory(DIR *directory, const char *shown, AgentApi__Response *response,
                           AgentApi__Response__ListFiles *list)
{
        size_t size = strlen(shown);
        while (size > 0 && shown[size - 1] == '/')
                size--;
        struct stat status, previous = {0};
        for (struct dirent *entry; list->n_file_infos < FILES_LIST_MAX && (entry = readdir(directory));) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                    fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
                        continue;
                const char *path = actor_msg_printf(response, "%.*s/%s", (int) size, shown, entry->d_name);
                V1__FileInfo *last = list->n_file_infos ? list->file_infos[list->n_file_infos - 1] : NULL;
                PROTO_APPEND(response, list->n_file_infos, list->file_infos,
                             file_info(response, path, &status, last, &previous));
                previous = status;
        }
        if (list->n_file_infos > 1)
                qsort(list->file_infos, list->n_file_infos, sizeof *list->file_infos, by_path);
}

int files_list(const char *work_dir, const struct files_path *path, const char *shown,
               AgentApi__Response *response, struct actor_error *error)
{
        CLEANUP(actor_closep) int fd = open_inside(work_dir, path);
        if (fd < 0)
                return fail(fd, shown, error);
        struct stat status;
        if (fstat(fd, &status) != 0)
                return fail(-errno, shown, error);
        AgentApi__Response__ListFiles *list =
                ARENA_NEW(response, AgentApi__Response__ListFiles, agent_api__response__list_files);
        if (S_ISDIR(status.st_mode)) {
                DIR *directory = fdopendir(fd);
                if (directory == NULL)
                        return fail(-errno, shown, error);
                fd = -1; /* the stream's now */
                list_directory(directory, shown, response, list);
                closedir(directory);
        } else {
                V1__FileInfo *info =
                        file_info(response, actor_msg_strdup(response, shown), &status, NULL, NULL);
                PROTO_APPEND(response, list->n_file_infos, list->file_infos, info);
        }
        response->has_type = true;
        response->type = AGENT_API__RESPONSE__TYPE__LIST_FILES;
        response->list_files = list;
        return 0;
}
