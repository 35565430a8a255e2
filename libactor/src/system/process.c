/* SPDX-License-Identifier: Apache-2.0 */
#include "system/process.h"

#include "system/child.h"
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* process.c: starting processes at a cost that does not depend on how large this one is.
 *
 * clone(2) with CLONE_VM | CLONE_VFORK copies neither memory nor page tables: the child borrows ours on
 * a stack of its own while the calling thread waits for its exec, and tells through the plan why it
 * did not come that far. All signals are blocked meanwhile, so that no handler of ours runs in it. */
enum { CHILD_STACK_SIZE = 128 << 10, GROUPS_MAX = 1024 };

/* ---- what has to be known beforehand ------------------------------------------------------------- */

static int find_user(const char *user, struct child_plan *plan, gid_t *groups, struct actor_error *error)
{
        char buffer[16384];
        struct passwd entry, *found = NULL;
        int count = GROUPS_MAX;
        int r = getpwnam_r(user, &entry, buffer, sizeof buffer, &found);
        if (r != 0 || found == NULL)
                return actor_error_set(error, -EINVAL, "no such user: \"%s\"", user);
        if (getgrouplist(user, entry.pw_gid, groups, &count) < 0)
                return actor_error_set(error, -EINVAL, "user \"%s\" is in more than %d groups", user,
                                       GROUPS_MAX);
        plan->switch_user = true;
        plan->uid = entry.pw_uid;
        plan->gid = entry.pw_gid;
        plan->groups = groups;
        plan->group_count = (size_t) count;
        /* Who already is that user needs no right to become it. */
        if (geteuid() != 0 && geteuid() == entry.pw_uid && getuid() == entry.pw_uid)
                plan->switch_user = false;
        return 0;
}

static const char *search_path(char *const *environment)
{
        for (; *environment != NULL; environment++) {
                if (strncmp(*environment, "PATH=", 5) == 0)
                        return *environment + 5;
        }
        return "/usr/local/bin:/usr/bin:/bin";
}

static bool is_program(const char *path)
{
        struct stat status;
        return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* The program's path, the caller's to free; NULL: none in PATH. */
static char *find_program(const char *name, char *const *environment)
{
        if (strchr(name, '/') != NULL)
                return actor_strdup(name);
        const char *path = search_path(environment);
        for (;;) {
                size_t size = strcspn(path, ":");
                char *candidate = actor_asprintf("%.*s/%s", size ? (int) size : 1, size ? path : ".", name);
                if (is_program(candidate))
                        return candidate;
                free(candidate);
                if (path[size] == '\0')
                        return NULL;
                path += size + 1;
        }
}

#if defined(__SANITIZE_THREAD__)
/* ThreadSanitizer takes clone(2) for a fork, notes in our memory that it is now a child of one, and refuses
 * all new threads. The same function under its other name it does not see. */
int __clone(int (*function)(void *), void *stack, int flags, void *arg, ...);
#define clone __clone
#endif

/* ---- the call ------------------------------------------------------------------------------------ */

static int tell_failure(const struct child_plan *plan, const struct actor_process_config *config,
                        struct actor_error *error)
{
        const char *why = strerror(plan->error);
        int r = -plan->error;
        switch (plan->step) {
        case CHILD_BEGINNING:
                return actor_error_set(error, r, "cannot start a process for \"%s\": %s", config->argv[0],
                                       why);
        case CHILD_DESCRIPTORS:
                return actor_error_set(error, r, "cannot set up standard input and output of \"%s\": %s",
                                       config->argv[0], why);
        case CHILD_SESSION:
                return actor_error_set(error, r, "cannot begin a session for \"%s\": %s", config->argv[0],
                                       why);
        case CHILD_LIMITS:
                return actor_error_set(error, r, "cannot set the resource limits of \"%s\": %s",
                                       config->argv[0], why);
        case CHILD_DIRECTORY:
                return actor_error_set(error, r, "cannot enter directory \"%s\" for \"%s\": %s",
                                       config->directory, config->argv[0], why);
        case CHILD_USER:
                return actor_error_set(error, r, "cannot become user \"%s\" for \"%s\": %s", config->user,
                                       config->argv[0], why);
        case CHILD_EXEC:
                break;
        }
        return actor_error_set(error, r, "cannot run \"%s\": %s", plan->path, why);
}

/* Runs the plan in a new process; returns its pid, or -1 with plan->error. */
static pid_t clone_child(struct child_plan *plan, int *ret_pidfd)
{
        sigset_t all, before;
        int cancel_state;
        char *stack = mmap(NULL, CHILD_STACK_SIZE, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
        if (stack == MAP_FAILED) {
                plan->error = errno;
                return -1;
        }
        (void) sigfillset(&all);
        (void) pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
        (void) pthread_sigmask(SIG_SETMASK, &all, &before);
        pid_t pid = clone(child_main, stack + CHILD_STACK_SIZE,
                          CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, plan, ret_pidfd);
        if (pid < 0)
                plan->error = errno;
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        (void) pthread_setcancelstate(cancel_state, NULL);
        (void) munmap(stack, CHILD_STACK_SIZE);
        return pid;
}

static int run_plan(struct child_plan *plan, const struct actor_process_config *config, pid_t *ret_pid,
                    int *ret_pidfd, struct actor_error *error)
{
        int pidfd = -1;
        pid_t pid = clone_child(plan, &pidfd);
        if (pid < 0)
                return tell_failure(plan, config, error);
        if (plan->error != 0) {
                (void) close(pidfd);
                while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
                }
                return tell_failure(plan, config, error);
        }
        *ret_pid = pid;
        *ret_pidfd = pidfd;
        return 0;
}

int process_spawn(const struct actor_process_config *config, pid_t *ret_pid, int *ret_pidfd,
                  struct actor_error *error)
{
        assert(config->argv != NULL && config->argv[0] != NULL);
        gid_t groups[GROUPS_MAX];
        char *const *environment = config->environment ? (char *const *) config->environment : environ;
        struct child_plan plan = {
                .argv = (char *const *) config->argv,
                .environment = environment,
                .directory = config->directory,
                .fds = {config->stdin_fd, config->stdout_fd, config->stderr_fd, config->pass_fd},
                .new_session = config->new_session,
                .kill_with_parent = config->kill_with_parent,
                .rlimits = config->rlimits,
                .rlimit_count = config->rlimit_count,
                .parent = getpid(),
        };
        int r = config->user != NULL ? find_user(config->user, &plan, groups, error) : 0;
        if (r != 0)
                return r;
        CLEANUP(actor_freep) char *path = find_program(config->argv[0], environment);
        if (path == NULL)
                return actor_error_set(error, -ENOENT, "cannot run \"%s\": no such program in PATH",
                                       config->argv[0]);
        plan.path = path;
        return run_plan(&plan, config, ret_pid, ret_pidfd, error);
}
