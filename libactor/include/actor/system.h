/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_SYSTEM_H
#define ACTOR_SYSTEM_H

#include <actor/actor.h>
#include <sys/resource.h>
#include <sys/types.h>

ACTOR_API_BEGIN

/* What an actor may ask of the system without blocking: work for the blocking pool, descriptors to
 * watch, child processes. All from the actor's own context only. */

/* Runs `work` on a thread of the blocking pool and then sends `msg` to self. The message is private
 * to the work while it runs: what the work finds out, it writes into the body. Jobs of one actor
 * run in order, one at a time; those of different actors side by side. If the actor ends first, the
 * work still runs and the message is dropped. Simulated nodes run it in place, in virtual time 0. */
void actor_run_blocking(struct actor *self, void (*work)(void *body), void *msg_take);

/* Watches a descriptor for POLLIN | POLLOUT (poll(2) bits) once: a struct actor_fd_ready arrives,
 * then the watch must be armed anew. One watch per descriptor; arming again replaces. The actor
 * keeps owning the descriptor and must call actor_fd_forget() before it closes it. Returns 0 or
 * -errno of epoll_ctl(2). Simulated nodes support it for pipes and sockets of the test itself. */
int actor_fd_watch(struct actor *self, int fd, short events);
void actor_fd_forget(struct actor *self, int fd);

/* A watched descriptor is ready; the watch is over. */
struct actor_fd_ready {
        int fd;
        short events; /* poll(2) bits: POLLIN, POLLOUT, POLLERR, POLLHUP */
};
extern const struct actor_type actor_fd_ready_type;

/* A child process to start. Strings and arrays are borrowed for the call. */
struct actor_process_config {
        const char *const *argv;        /* NULL-terminated; argv[0] is looked up in PATH if it has no slash */
        const char *const *environment; /* NULL-terminated "NAME=value"; NULL = this process's own */
        const char *directory;          /* NULL = this process's own */
        int stdin_fd, stdout_fd, stderr_fd; /* -1 = /dev/null; borrowed */
        int pass_fd;                    /* -1, or a descriptor the child gets as number 3 */
        bool new_session;               /* setsid(2): own session and process group */
        bool kill_with_parent;          /* SIGKILL when this process or node ends (PR_SET_PDEATHSIG) */
        const char *user;               /* NULL = unchanged; else name: setgroups, setgid, setuid */
        const struct actor_process_rlimit *rlimits;
        size_t rlimit_count;
};

struct actor_process_rlimit {
        int resource; /* RLIMIT_* */
        struct rlimit limit;
};

/* Starts a process and watches it (pidfd). Its end arrives as one struct actor_process_exited; if the
 * actor ends first the process lives on, unwatched, and is still reaped. Returns 0 and the pid in
 * *ret; -ENOENT no such program or directory, -EINVAL no such user, -EPERM, -EAGAIN, …: errors of
 * the child before exec are reported here, as a sentence in *error. vfork-like cost whatever this process's size. */
int actor_process_start(struct actor *self, const struct actor_process_config *config, pid_t *ret,
                        struct actor_error *error);

/* Watches a process that is not (or no longer) a child of this one, e.g. after a restart; exit
 * status is then unknown (`status_known` false). -ESRCH if it does not exist. */
int actor_process_adopt(struct actor *self, pid_t pid);

/* Sends a signal to a process, or with `group` to its whole process group. 0, -ESRCH or -EPERM. */
int actor_process_signal(struct actor *self, pid_t pid, int signal, bool group);

/* How a watched process ended. */
struct actor_process_exited {
        pid_t pid;
        bool status_known;
        int status;          /* as of waitpid(2) */
        struct rusage usage; /* of the process and its reaped descendants */
};
extern const struct actor_type actor_process_exited_type;

ACTOR_API_END

#endif
