/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_TASK_H
#define AGENT_SUPERVISION_TASK_H

#include <actor/hash_table.h>
#include <proto/ids.h>
#include <proto/types.h>
#include <stdbool.h>

/* The tasks of one executor, by id and in the order of their coming. Pure. */
enum task_stage {
        TASK_PREPARING, /* its sandbox is being made or filled (command tasks) */
        TASK_QUEUED,    /* ready; waits for the executor to register */
        TASK_LAUNCHED,  /* the executor has been told */
        TASK_ENDED,     /* its last status is on its way; forgotten when that is acknowledged */
};

struct task {
        const V1__TaskInfo *info;
        const void *held; /* the message `info` lies in: a reference of ours */
        enum task_stage stage;
        V1__TaskState state;               /* latest: TASK_STAGING at first */
        uint64_t number;                   /* of its coming: names it in asks */
        char container_id[UUID_TEXT_SIZE]; /* command tasks: their own; else "" */
        UT_hash_handle by_id, by_number;
};

struct task_register {
        struct task *by_id, *by_number;
        size_t live; /* not ENDED */
        uint64_t number_last;
};

/* Adds a task (a reference to `held` is taken). NULL if its id is there already. */
struct task *task_add(struct task_register *tasks, const V1__TaskInfo *info, const void *held);
struct task *task_find(const struct task_register *tasks, const char *task_id);
struct task *task_find_number(const struct task_register *tasks, uint64_t number);
/* Moves it to TASK_ENDED; again is harmless. */
void task_end(struct task_register *tasks, struct task *task, V1__TaskState state);
void task_forget(struct task_register *tasks, struct task *task);
void task_register_done(struct task_register *tasks);

#endif
