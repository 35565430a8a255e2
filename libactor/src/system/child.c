/* SPDX-License-Identifier: Apache-2.0 */
#include "system/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* child.c: the few instructions between clone(2) and execve(2), as system calls without libc's
 * thread-aware wrappers: libc believes it is still in the parent's thread (setresuid(2) through libc
 * would change the credentials of all the parent's threads). */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined")))
#else
#define IN_CHILD
#endif

enum { FD_HIGH = 64, SIGNALS = 64, SIGSET_SIZE = 8 };

/* As the kernel wants it; glibc's struct differs. */
struct kernel_sigaction {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        unsigned long mask;
};

/* Default actions, nothing blocked. Handlers go first: they belong to the parent's memory. */
IN_CHILD static void reset_signals(void)
{
        struct kernel_sigaction action = {.handler = SIG_DFL};
        unsigned long none = 0;
        for (int signal = 1; signal <= SIGNALS; signal++)
                (void) syscall(SYS_rt_sigaction, signal, &action, NULL, SIGSET_SIZE);
        (void) syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, SIGSET_SIZE);
}

/* Copies go up out of the way first: a source may itself be one of the numbers to be filled. */
IN_CHILD static int place_descriptors(struct child_plan *plan)
{
        long high[4];
        for (int i = 0; i < 4; i++) {
                high[i] = -1;
                if (plan->fds[i] >= 0)
                        high[i] = syscall(SYS_fcntl, plan->fds[i], F_DUPFD_CLOEXEC, FD_HIGH);
                else if (i < 3)
                        high[i] = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
                if (high[i] < 0 && (i < 3 || plan->fds[i] >= 0))
                        return -1;
                if (high[i] >= 0 && high[i] < 4) {
                        high[i] = syscall(SYS_fcntl, high[i], F_DUPFD_CLOEXEC, FD_HIGH);
                        if (high[i] < 0)
                                return -1;
                }
        }
        for (int i = 0; i < 4; i++) {
                if (high[i] >= 0 && syscall(SYS_dup3, high[i], i, 0) < 0)
                        return -1;
        }
        return (int) syscall(SYS_close_range, plan->fds[3] >= 0 ? 4u : 3u, ~0u, 0u);
}

IN_CHILD static int set_limits(struct child_plan *plan)
{
        for (size_t i = 0; i < plan->rlimit_count; i++) {
                if (syscall(SYS_prlimit64, 0, plan->rlimits[i].resource, &plan->rlimits[i].limit, NULL) != 0)
                        return -1;
        }
        return 0;
}

IN_CHILD static int become_user(struct child_plan *plan)
{
        if (!plan->switch_user)
                return 0;
        if (syscall(SYS_setgroups, plan->group_count, plan->groups) != 0 ||
            syscall(SYS_setresgid, plan->gid, plan->gid, plan->gid) != 0 ||
            syscall(SYS_setresuid, plan->uid, plan->uid, plan->uid) != 0)
                return -1;
        return 0;
}

/* After the change of user, which clears it. If the parent is gone already, so are we. */
IN_CHILD static void die_with_parent(struct child_plan *plan)
{
        if (!plan->kill_with_parent)
                return;
        (void) syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if (syscall(SYS_getppid) != plan->parent)
                syscall(SYS_exit_group, 127);
}

IN_CHILD static int prepare(struct child_plan *plan)
{
        plan->step = CHILD_SESSION;
        if (plan->new_session && syscall(SYS_setsid) < 0)
                return -1;
        plan->step = CHILD_DESCRIPTORS;
        if (place_descriptors(plan) != 0)
                return -1;
        plan->step = CHILD_LIMITS;
        if (set_limits(plan) != 0)
                return -1;
        plan->step = CHILD_DIRECTORY;
        if (plan->directory != NULL && syscall(SYS_chdir, plan->directory) != 0)
                return -1;
        plan->step = CHILD_USER;
        return become_user(plan);
}

IN_CHILD int child_main(void *arg)
{
        struct child_plan *plan = arg;
        reset_signals();
        if (prepare(plan) == 0) {
                die_with_parent(plan);
                plan->step = CHILD_EXEC;
                (void) syscall(SYS_execve, plan->path, plan->argv, plan->environment);
        }
        plan->error = errno;
        syscall(SYS_exit_group, 127);
        __builtin_unreachable();
}
