/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHILDREN_PLAN_H
#define CHILDREN_PLAN_H

#include <actor/system.h>
#include <proto/types.h>

/* What a child process shall be: decided purely from a task and from where the executor stands. */

/* The executor's side, the same for all its tasks. */
struct child_context {
        const char *const *environment; /* "NAME=value", NULL-terminated */
        const char *sandbox;            /* of the executor */
        bool switches_user;             /* it runs as root and may */
        struct rlimit
                descriptors; /* RLIMIT_NOFILE for tasks that do not set it: the executor's own is raised */
};

/* A message used as an arena: actor_msg_unref() frees all of it. */
struct child_plan {
        const char *task_id;
        const char **argv;
        const char **environment;
        const char *directory;
        const char *stdout_path, *stderr_path;
        const char *user; /* NULL: the executor's own */
        struct actor_process_rlimit *rlimits;
        size_t rlimit_count;
        int64_t grace_ms;          /* between SIGTERM and SIGKILL */
        int64_t completion_max_ms; /* 0: as long as it likes */
};
extern const struct actor_type child_plan_type;
#define CHILD_GRACE_MS 3000

/* Plans a command task: TaskInfo.command in the directory its MESOS_SANDBOX names (the executor's if
 * none). Returns 0 and the plan in *ret, or -EINVAL with a sentence: no command, a resource limit unknown
 * here, … */
int child_plan_command(const V1__TaskInfo *task, const struct child_context *context, struct child_plan **ret,
                       struct actor_error *error);

/* Plans a task of the processes executor: TaskInfo.data is {"argv": […]}, {"sh": "…"}, both with
 * "env": {…} if wanted, or plain text for the shell. It runs in the executor's sandbox. As above. */
int child_plan_process(const V1__TaskInfo *task, const struct child_context *context, struct child_plan **ret,
                       struct actor_error *error);

/* The executor's environment for its tasks, in the arena of `msg`: `own` without what is only the executor's,
 * and HOSTNAME as the agent's. */
const char **child_environment(void *msg, char *const *own, const char *hostname);

/* ---- how a child ended ---------------------------------------------------------------------------- */

enum child_demand { CHILD_UNDISTURBED, CHILD_TO_BE_KILLED, CHILD_OUT_OF_TIME };

struct child_verdict {
        V1__TaskState state;
        bool has_reason;
        V1__TaskStatus__Reason reason;
        char message[160]; /* "Command exited with status 3" */
};
/* `status` as of waitpid(2). */
void child_judge(int status, enum child_demand demand, int64_t completion_max_ms, struct child_verdict *ret);

#endif
