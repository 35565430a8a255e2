/* SPDX-License-Identifier: Apache-2.0 */
#include "system/poller.h"

#include "system/system.h"
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLERR == EPOLLERR && POLLHUP == EPOLLHUP,
               "poll(2) bits are epoll(7) bits");

/* What is waited for on one descriptor. An event carries descriptor and watch number, so one that was
 * under way when its watch was replaced finds another number here and is ignored. */
struct entry {
        struct actor_ref owner;
        uint32_t watch;
        int fd;
        pid_t pid; /* not 0: fd is this process's pidfd, and ours to close */
};

struct poller {
        struct actor_node *node;
        pthread_mutex_t lock;
        struct map by_fd;  /* struct entry by fd + 1 */
        struct map by_pid; /* the same entries by pid */
        int epoll_fd, stop_fd;
        uint32_t last_watch;
        pthread_t thread;
        bool started, stopping;
};

struct poller *poller_new(struct actor_node *node)
{
        struct poller *poller = actor_zalloc(sizeof *poller);
        poller->node = node;
        poller->epoll_fd = poller->stop_fd = -1;
        pthread_mutex_init(&poller->lock, NULL);
        return poller;
}

/* ---- events -------------------------------------------------------------------------------------- */

/* Reaps the process if it is our child. The lock is held, so that nobody signals a reused pid. */
static void reap(const struct entry *entry, struct actor_process_exited *ret)
{
        *ret = (struct actor_process_exited){.pid = entry->pid};
        pid_t reaped = wait4(entry->pid, &ret->status, WNOHANG, &ret->usage);
        ret->status_known = reaped == entry->pid;
}

/* epoll forgets a descriptor when the last copy of it is closed, and a child between clone(2) and execve(2) has
 * one: until then it would report the end of this process again and again. */
static void close_pidfd(struct poller *poller, const struct entry *entry)
{
        (void) epoll_ctl(poller->epoll_fd, EPOLL_CTL_DEL, entry->fd, NULL);
        (void) close(entry->fd);
}

static void on_exit_of(struct poller *poller, struct entry *entry)
{
        struct actor_process_exited exited;
        reap(entry, &exited);
        (void) map_take(&poller->by_fd, (uint64_t) entry->fd + 1);
        (void) map_take(&poller->by_pid, (uint64_t) entry->pid);
        close_pidfd(poller, entry);
        if (!actor_ref_is_nobody(entry->owner))
                system_tell_exited(poller->node, NULL, entry->owner, &exited);
        free(entry);
}

static void on_event(struct poller *poller, const struct epoll_event *event)
{
        uint32_t fd = (uint32_t) event->data.u64, watch = (uint32_t) (event->data.u64 >> 32);
        pthread_mutex_lock(&poller->lock);
        struct entry *entry = map_get(&poller->by_fd, (uint64_t) fd + 1);
        if (entry != NULL && entry->watch == watch) {
                if (entry->pid != 0) {
                        on_exit_of(poller, entry);
                } else {
                        struct actor_fd_ready ready = {entry->fd, (short) event->events};
                        system_tell_ready(poller->node, NULL, entry->owner, &ready, watch);
                }
        }
        pthread_mutex_unlock(&poller->lock);
}

static int wait_and_handle(struct poller *poller, int timeout_ms)
{
        struct epoll_event events[64];
        int count = epoll_wait(poller->epoll_fd, events, 64, timeout_ms);
        for (int i = 0; i < count; i++)
                on_event(poller, &events[i]);
        return count;
}

bool poller_look(struct poller *poller)
{
        return poller->epoll_fd >= 0 && wait_and_handle(poller, 0) > 0;
}

static void *poller_main(void *arg)
{
        struct poller *poller = arg;
        for (;;) {
                (void) wait_and_handle(poller, -1);
                pthread_mutex_lock(&poller->lock);
                bool stopping = poller->stopping;
                pthread_mutex_unlock(&poller->lock);
                if (stopping)
                        return NULL;
        }
}

/* ---- starting and stopping ----------------------------------------------------------------------- */

/* The lock is held. */
static int start_thread(struct poller *poller)
{
        struct epoll_event stop = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
        sigset_t all, before;
        poller->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (poller->stop_fd < 0 || epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, poller->stop_fd, &stop) != 0)
                return -errno;
        (void) sigfillset(&all); /* the program's signals go to the program's threads */
        (void) pthread_sigmask(SIG_SETMASK, &all, &before);
        int r = pthread_create(&poller->thread, NULL, poller_main, poller);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (r != 0)
                return -r;
        (void) pthread_setname_np(poller->thread, "poller");
        poller->started = true;
        return 0;
}

/* The lock is held. */
static int start(struct poller *poller)
{
        if (poller->epoll_fd < 0)
                poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (poller->epoll_fd < 0)
                return -errno;
        if (poller->started || poller->node->sim != NULL)
                return 0;
        if (poller->stop_fd >= 0)
                (void) close(poller->stop_fd);
        return start_thread(poller);
}

void poller_stop(struct poller *poller)
{
        const uint64_t one = 1;
        if (!poller->started)
                return;
        pthread_mutex_lock(&poller->lock);
        poller->stopping = true;
        pthread_mutex_unlock(&poller->lock);
        ssize_t written = write(poller->stop_fd, &one, sizeof one);
        assert(written == sizeof one);
        (void) pthread_join(poller->thread, NULL);
        poller->started = false;
}

void poller_free(struct poller *poller)
{
        uint64_t key;
        void *value;
        assert(!poller->started);
        map_done(&poller->by_pid);
        while (map_take_any(&poller->by_fd, &key, &value)) {
                struct entry *entry = value;
                if (entry->pid != 0)
                        (void) close(entry->fd);
                free(entry);
        }
        map_done(&poller->by_fd);
        if (poller->epoll_fd >= 0)
                (void) close(poller->epoll_fd);
        if (poller->stop_fd >= 0)
                (void) close(poller->stop_fd);
        pthread_mutex_destroy(&poller->lock);
        free(poller);
}

/* ---- watching ------------------------------------------------------------------------------------ */

/* Adds the descriptor to epoll or changes what is waited for. It may have been closed and reopened
 * behind our back, in which case epoll has forgotten it and we have not. */
static int arm(struct poller *poller, const struct entry *entry, uint32_t events)
{
        struct epoll_event event = {.events = events,
                                    .data.u64 = (uint64_t) entry->watch << 32 | (uint32_t) entry->fd};
        if (epoll_ctl(poller->epoll_fd, EPOLL_CTL_MOD, entry->fd, &event) == 0)
                return 0;
        if (errno == ENOENT && epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, entry->fd, &event) == 0)
                return 0;
        return -errno;
}

static struct entry *entry_of(struct poller *poller, int fd)
{
        struct entry *entry = map_get(&poller->by_fd, (uint64_t) fd + 1);
        if (entry == NULL) {
                entry = actor_zalloc(sizeof *entry);
                entry->fd = fd;
                map_put(&poller->by_fd, (uint64_t) fd + 1, entry);
        }
        entry->watch = ++poller->last_watch ? poller->last_watch : ++poller->last_watch;
        return entry;
}

static void drop_entry(struct poller *poller, struct entry *entry)
{
        (void) map_take(&poller->by_fd, (uint64_t) entry->fd + 1);
        if (entry->pid != 0) {
                (void) map_take(&poller->by_pid, (uint64_t) entry->pid);
                close_pidfd(poller, entry);
        }
        free(entry);
}

int poller_watch(struct poller *poller, struct actor_ref owner, int fd, short events, uint64_t *ret_watch)
{
        if (fd < 0)
                return -EBADF;
        pthread_mutex_lock(&poller->lock);
        int r = start(poller);
        if (r == 0) {
                struct entry *entry = entry_of(poller, fd);
                assert(entry->pid == 0);
                entry->owner = owner;
                r = arm(poller, entry, ((uint32_t) events & (POLLIN | POLLOUT)) | EPOLLONESHOT);
                *ret_watch = entry->watch;
                if (r != 0)
                        drop_entry(poller, entry);
        }
        pthread_mutex_unlock(&poller->lock);
        return r;
}

void poller_forget(struct poller *poller, int fd)
{
        pthread_mutex_lock(&poller->lock);
        struct entry *entry = map_get(&poller->by_fd, (uint64_t) fd + 1);
        if (entry != NULL && entry->pid == 0) {
                (void) epoll_ctl(poller->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
                drop_entry(poller, entry);
        }
        pthread_mutex_unlock(&poller->lock);
}

int poller_watch_process(struct poller *poller, struct actor_ref owner, pid_t pid, int pidfd_take)
{
        assert(pid > 0 && pidfd_take >= 0);
        pthread_mutex_lock(&poller->lock);
        struct entry *known = map_get(&poller->by_pid, (uint64_t) pid);
        int r = start(poller);
        if (known != NULL || r != 0) {
                if (known != NULL)
                        known->owner = owner;
                (void) close(pidfd_take);
                pthread_mutex_unlock(&poller->lock);
                return r;
        }
        struct entry *entry = entry_of(poller, pidfd_take);
        entry->owner = owner;
        entry->pid = pid;
        map_put(&poller->by_pid, (uint64_t) pid, entry);
        r = arm(poller, entry, EPOLLIN);
        if (r != 0)
                drop_entry(poller, entry);
        pthread_mutex_unlock(&poller->lock);
        return r;
}

void poller_orphan_processes(struct poller *poller, struct actor_ref owner)
{
        pthread_mutex_lock(&poller->lock);
        for (size_t i = 0; i < poller->by_pid.capacity; i++) {
                struct entry *entry = poller->by_pid.entries[i].value;
                if (poller->by_pid.entries[i].key != 0 && actor_ref_equal(entry->owner, owner))
                        entry->owner = ACTOR_NOBODY;
        }
        pthread_mutex_unlock(&poller->lock);
}

int poller_signal(struct poller *poller, pid_t pid, int signal)
{
        pthread_mutex_lock(&poller->lock);
        struct entry *entry = map_get(&poller->by_pid, (uint64_t) pid);
        int r = entry != NULL ? (int) syscall(SYS_pidfd_send_signal, entry->fd, signal, NULL, 0)
                              : kill(pid, signal);
        r = r != 0 ? -errno : 0;
        pthread_mutex_unlock(&poller->lock);
        return r;
}
