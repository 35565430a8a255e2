/* SPDX-License-Identifier: Apache-2.0 */
/* allow_watch.c — the actor that keeps a node's list of those allowed as the files say.
 *
 * inotify tells of a change, the blocking pool reads, the actor hands the list over. While a list is being
 * read further changes are only noted, and it is read once more afterwards: so the last state is always seen.
 * Watched are the path, if it is a directory, and its name in the directory above: files and directories are
 * also changed by putting others in their place, which is another inode to be watched. */
#include <actor/curve.h>
#include <actor/log.h>
#include <actor/memory.h>
#include <actor/system.h>

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

struct allow_watch {
        char *path, *parent;
        const char *name; /* of the path in its parent; within `path` */
        int fd, parent_watch;
        bool reading, changed;
};

/* One reading: made by the actor, filled in the pool. */
struct reading {
        const char *path;
        int result;
        struct actor_certificates certificates;
        struct actor_error error;
};

static void reading_fini(void *body)
{
        actor_certificates_done(&((struct reading *) body)->certificates);
}

static const struct actor_type reading_type = {
        .name = "allow-list reading", .size = sizeof(struct reading), .fini = reading_fini};

static void read_list(void *body)
{
        struct reading *reading = body;
        reading->result =
                actor_certificates_read(reading->path, true, &reading->certificates, &reading->error);
}

/* 0 or -errno. A path that is a file, or for the moment nothing, is watched by its name alone. */
static int watch(struct allow_watch *w)
{
        const uint32_t changes =
                IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR;
        w->parent_watch = inotify_add_watch(w->fd, w->parent, changes);
        if (w->parent_watch < 0)
                return -errno;
        int r = inotify_add_watch(w->fd, w->path, changes);
        return r >= 0 || errno == ENOTDIR || errno == ENOENT ? 0 : -errno;
}

/* First the watch, then the reading: what changes in between is seen by one of them. */
static void begin_reading(struct allow_watch *w, struct actor *self)
{
        int r = watch(w);
        if (r != 0)
                actor_log_warn(self, "allow-list: changes of %s will not be seen: %s", w->path, strerror(-r));
        struct reading *reading = actor_msg_new(&reading_type);
        reading->path = actor_msg_strdup(reading, w->path);
        w->reading = true;
        w->changed = false;
        actor_run_blocking(self, read_list, reading);
}

static int on_read(struct allow_watch *w, const struct actor_mail *mail, const struct reading *reading)
{
        w->reading = false;
        if (reading->result != 0) {
                actor_log_warn(mail->self, "allow-list: unchanged: %s", reading->error.text);
        } else {
                int r = actor_node_allow(actor_node(mail->self), &reading->certificates);
                assert(r == 0); /* the node has keys, and each certificate a principal */
                actor_log_info(mail->self, "allow-list: read anew: %zu keys", reading->certificates.count);
        }
        if (w->changed)
                begin_reading(w, mail->self);
        return 0;
}
ACTOR_BIND(on_read, struct allow_watch, struct reading)

static bool concerns(const struct allow_watch *w, const struct inotify_event *event)
{
        return event->wd != w->parent_watch || (event->len > 0 && strcmp(event->name, w->name) == 0);
}

/* Takes what events there are; says whether one of them is about the list. */
static bool take_events(struct allow_watch *w)
{
        char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
        bool any = false;
        ssize_t size;
        while ((size = read(w->fd, events, sizeof events)) > 0) {
                const struct inotify_event *event;
                for (char *at = events; at < events + size; at += sizeof *event + event->len) {
                        event = (const struct inotify_event *) at;
                        any |= concerns(w, event);
                }
        }
        return any;
}

static int on_ready(struct allow_watch *w, const struct actor_mail *mail, const struct actor_fd_ready *ready)
{
        w->changed |= take_events(w);
        if (w->changed && !w->reading)
                begin_reading(w, mail->self);
        return actor_fd_watch(mail->self, w->fd, POLLIN);
}
ACTOR_BIND(on_ready, struct allow_watch, struct actor_fd_ready)

static const struct actor_handler handlers[] = {
        {&actor_fd_ready_type, on_ready_bound, ACTOR_FROM_SYSTEM},
        {&reading_type, on_read_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

static void find_name(struct allow_watch *w, const char *path)
{
        w->path = actor_strdup(path);
        for (size_t size = strlen(path); size > 1 && w->path[size - 1] == '/';)
                w->path[--size] = '\0';
        char *slash = strrchr(w->path, '/');
        w->name = slash ? slash + 1 : w->path;
        w->parent = !slash             ? actor_strdup(".")
                    : slash == w->path ? actor_strdup("/")
                                       : actor_strndup(w->path, (size_t) (slash - w->path));
}

static int allow_watch_init(void *state, struct actor *self, const void *config)
{
        struct allow_watch *w = state;
        w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (w->fd < 0)
                return -errno;
        find_name(w, config);
        int r = watch(w);
        if (r == 0)
                r = actor_fd_watch(self, w->fd, POLLIN);
        if (r == 0)
                begin_reading(w, self); /* what has changed since the node was given its list */
        return r;
}

static void allow_watch_fini(void *state)
{
        struct allow_watch *w = state;
        if (w->path)
                close(w->fd);
        free(w->path);
        free(w->parent);
}

static const struct actor_class allow_watch_class = {
        .name = "allow-list",
        .state_size = sizeof(struct allow_watch),
        .init = allow_watch_init,
        .fini = allow_watch_fini,
        .handlers = handlers,
};

int actor_node_watch_allowed(struct actor_node *node, const char *path, struct actor_error *error)
{
        if (actor_node_allow(node, NULL) != 0)
                return actor_error_set(error, -EINVAL, "cannot watch %s: the node has no keys", path);
        int r = access(path, R_OK) == 0 ? 0 : -errno;
        if (r == 0)
                r = actor_node_spawn(node, &allow_watch_class, NULL, path, NULL);
        return r == 0 ? 0 : actor_error_set(error, r, "cannot watch %s: %s", path, strerror(-r));
}
