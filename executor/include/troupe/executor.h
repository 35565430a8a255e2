/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TROUPE_EXECUTOR_H
#define TROUPE_EXECUTOR_H

#include <actor/node.h>
#include <proto/types.h>

/* The executor driver: what an executor is written on.
 *
 * The driver is an actor. It registers with the agent that started this process (found in the
 * environment), turns events into callbacks, sends status updates and repeats them after a lost
 * connection until they are acknowledged. Callbacks run one at a time in the driver's own context; they
 * must not block.
 *
 * An executor may run any number of tasks, as whatever it likes; what happened to each it says in
 * status updates: at least one that ends the task.
 *
 * Without checkpointing the executor ends when the agent does: `shutdown` is called and the driver
 * ends soon after. With it ($MESOS_CHECKPOINT=1) the driver waits $MESOS_RECOVERY_TIMEOUT for the
 * agent to come back and registers again. */
struct troupe_executor;

/* All optional. What they are given is borrowed for the call. `data` is the config's. */
struct troupe_executor_callbacks {
        /* Every event as it arrives, before the callback for it. */
        void (*event)(struct troupe_executor *e, void *data, const Exec__Event *event);
        void (*registered)(struct troupe_executor *e, void *data, const Exec__Event__Subscribed *subscribed);
        void (*reregistered)(struct troupe_executor *e, void *data,
                             const Exec__Event__Subscribed *subscribed);
        void (*disconnected)(struct troupe_executor *e, void *data);
        /* Also once for each task of a task group. A task id that is known already is not launched again. The
         * executor of a task of a custom executor is set, also where the agent's event did not repeat it. */
        void (*launch_task)(struct troupe_executor *e, void *data, const V1__TaskInfo *task);
        /* `policy` may be NULL. */
        void (*kill_task)(struct troupe_executor *e, void *data, const V1__TaskID *task_id,
                          const V1__KillPolicy *policy);
        void (*message)(struct troupe_executor *e, void *data, const void *bytes, size_t size);
        /* End all tasks, report them, then troupe_executor_stop(); after the grace period the driver
         * ends by itself. NULL: it ends at once. */
        void (*shutdown)(struct troupe_executor *e, void *data);
        /* The agent refuses this executor; the driver ends. */
        void (*error)(struct troupe_executor *e, void *data, const char *message);
        /* A message to the driver's actor that is not the driver's own: timers, children, results of
         * blocking work, made with troupe_executor_self(). 0, or -errno: ends the executor. */
        int (*other)(struct troupe_executor *e, void *data, const struct actor_mail *mail, const void *body);
        /* The last callback, in every case, also where troupe_executor_new() refuses. */
        void (*ended)(struct troupe_executor *e, void *data);
};

/* Fields left NULL or 0 are read from the environment that the agent gives. */
struct troupe_executor_config {
        struct troupe_executor_callbacks callbacks;
        void *data;
        const char *address;         /* of the agent; $TROUPE_EXECUTOR_ADDRESS */
        const char *framework_id;    /* $MESOS_FRAMEWORK_ID */
        const char *executor_id;     /* $MESOS_EXECUTOR_ID */
        int64_t recovery_timeout_ms; /* > 0: wait this long for a lost agent; $MESOS_RECOVERY_TIMEOUT if
                                        $MESOS_CHECKPOINT */
        int64_t shutdown_grace_ms;   /* $MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD, or 5,000 */
        int64_t retry_max_ms; /* longest pause between registrations; $MESOS_SUBSCRIPTION_BACKOFF_MAX, or
                                 2,000 */
        struct actor_node
                *node; /* where the driver lives; NULL = a node of its own. Must know proto_wire_types. */
        unsigned blocking_threads; /* of its own node; 0 = the runtime's default */
        struct actor_log *log;     /* of its own node; NULL = standard error */
};

/* Makes a driver in *ret. Returns 0; -EINVAL with a sentence naming the variable that is missing or
 * wrong; -errno where a node is refused. Any thread, not a handler. */
ACTOR_MUST_CHECK
int troupe_executor_new(const struct troupe_executor_config *config, struct troupe_executor **ret,
                        struct actor_error *error);
/* Frees a driver that has ended or never started. NULL is fine. With a node of the caller's, only
 * after the driver's end or after the node's. */
void troupe_executor_free(struct troupe_executor *e);

/* Starts and blocks until the executor has ended. Returns 0 after a regular end, -errno otherwise.
 * Needs a node of its own. */
int troupe_executor_run(struct troupe_executor *e);
/* Starts only; for a node that the caller runs. */
int troupe_executor_start(struct troupe_executor *e);

/* ---- calls: from callbacks, and from any thread that is no handler of the node ----------------- */

/* Sends a status of one task and keeps it until it is acknowledged. `status` is copied; uuid, source,
 * timestamp and executor_id are filled in. After a terminal state more updates of the task are ignored. */
void troupe_executor_send_status_update(struct troupe_executor *e, const V1__TaskStatus *status);
/* The same for the common case. `message` may be NULL. */
void troupe_executor_update(struct troupe_executor *e, const char *task_id, V1__TaskState state,
                            const char *message);
/* To the framework's scheduler; best effort: lost while there is no agent. */
void troupe_executor_send_message(struct troupe_executor *e, const void *data, size_t size);
/* Leaves (UNREGISTER) and ends the driver: what still runs is given up without a word. */
void troupe_executor_stop(struct troupe_executor *e);

/* ---- in callbacks only ------------------------------------------------------------------------- */

/* The driver's actor, for timers, children, descriptors and blocking work (callback `other`). */
struct actor *troupe_executor_self(struct troupe_executor *e);
/* The framework as of the last registration, and the agent. NULL before the first. */
const V1__FrameworkInfo *troupe_executor_framework(const struct troupe_executor *e);
const V1__AgentInfo *troupe_executor_agent(const struct troupe_executor *e);
/* Tasks whose end has not been acknowledged yet. */
size_t troupe_executor_task_count(const struct troupe_executor *e);

#endif
