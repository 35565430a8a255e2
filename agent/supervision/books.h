/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_BOOKS_H
#define AGENT_SUPERVISION_BOOKS_H

#include <actor/hash_table.h>
#include <actor/ref.h>
#include <proto/types.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Who runs here: frameworks, their executors, their tasks, with the latest known state of each. Pure
 * book-keeping; every look-up is O(1). */

struct executor_entry {
        char *container_id;
        struct actor_ref actor;
        struct framework_entry *framework;
        V1__ExecutorInfo *info;
        char *user; /* of a shared command executor's tasks ("" none to switch to); NULL: a custom executor */
        char *key;  /* in the framework's table: "executor/ID" or "command/USER" */
        bool closing; /* takes no tasks any more: out of the framework's table */
        pid_t pid;    /* once started */
        UT_hash_handle by_container, by_key;
};

struct task_entry {
        const V1__TaskInfo *info;
        const V1__TaskInfo
                *told;    /* the same as its executor is told it: without the executor where many share it */
        const void *held; /* the message they lie in: a reference of ours */
        struct framework_entry *framework;
        struct actor_ref executor; /* its executor's actor; ACTOR_NOBODY: never had one */
        V1__TaskState state;
        const Troupe__StatusUpdate *latest; /* a reference of ours; NULL: none yet */
        uint64_t record;                    /* of its durable record; 0: none */
        UT_hash_handle hh;
};

struct framework_entry {
        V1__FrameworkInfo *info;          /* id set */
        bool gone;                        /* shut down: its executors are ending */
        size_t executor_count;            /* open and closing */
        struct executor_entry *executors; /* open ones, by key */
        struct task_entry *tasks;
        UT_hash_handle hh;
};

struct books {
        struct framework_entry *frameworks;
        struct executor_entry *executors; /* all, by container */
};

/* Finds or makes; an existing one takes over `info`'s changes only by books_update_framework(). */
struct framework_entry *books_framework(struct books *books, const V1__FrameworkInfo *info);
struct framework_entry *books_find_framework(const struct books *books, const char *framework_id);
void books_update_framework(struct books *books, struct framework_entry *framework,
                            const V1__FrameworkInfo *info);
/* Forgets the framework if nothing of it is left. */
void books_sweep(struct books *books, struct framework_entry *framework);

/* An executor that takes tasks: the framework's own by id, or the shared command executor of a user. */
struct executor_entry *books_find_executor(const struct framework_entry *framework, const char *executor_id);
struct executor_entry *books_find_command(const struct framework_entry *framework, const char *user);
struct executor_entry *books_find_container(const struct books *books, const char *container_id);
/* `user` not NULL: a shared command executor. `info` is copied. */
struct executor_entry *books_add_executor(struct books *books, struct framework_entry *framework,
                                          const V1__ExecutorInfo *info, const char *user,
                                          const char *container_id);
/* Takes it out of reach of new tasks. */
void books_close_executor(struct executor_entry *executor);
void books_remove_executor(struct books *books, struct executor_entry *executor);

struct task_entry *books_find_task(const struct framework_entry *framework, const char *task_id);
/* NULL if the id is taken. Takes a reference to `held`. */
struct task_entry *books_add_task(struct framework_entry *framework, const V1__TaskInfo *info,
                                  const void *held);
void books_task_status(struct task_entry *task, const Troupe__StatusUpdate *update);
/* Finds or makes the task of an update from before a restart, which is its latest by now: of the task itself
 * nothing is known but its ids. */
struct task_entry *books_recover_task(struct framework_entry *framework, const Troupe__StatusUpdate *update);
void books_remove_task(struct task_entry *task);

void books_done(struct books *books);

#endif
