/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYSTEM_CHILD_H
#define SYSTEM_CHILD_H

#include <actor/system.h>

/* Everything a child does between its birth and exec, decided beforehand by the parent. */
struct child_plan {
        const char *path; /* of the program */
        char *const *argv, *const *environment;
        const char *directory;
        int fds[4]; /* for 0, 1, 2 and 3; -1: /dev/null, and nothing for 3 */
        bool new_session, kill_with_parent, switch_user;
        uid_t uid;
        gid_t gid;
        const gid_t *groups;
        size_t group_count;
        const struct actor_process_rlimit *rlimits;
        size_t rlimit_count;
        pid_t parent;
        /* what the child leaves behind if it does not come to exec */
        enum child_step {
                CHILD_BEGINNING,
                CHILD_DESCRIPTORS,
                CHILD_SESSION,
                CHILD_LIMITS,
                CHILD_DIRECTORY,
                CHILD_USER,
                CHILD_EXEC,
        } step;
        int error;
};

/* Carries the plan out and does not return. Runs in the parent's memory while the parent's thread
 * stands still: it may only make system calls and write to the plan and its own stack. */
int child_main(void *plan);

#endif
