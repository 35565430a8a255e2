/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TROUPE_SCHEDULER_H
#define TROUPE_SCHEDULER_H

#include <actor/node.h>
#include <proto/types.h>

/* The scheduler driver: what a framework is written on.
 *
 * The driver is an actor. It finds the master, registers the framework and keeps it registered
 * (growing delays with jitter, the same framework id), turns events into callbacks and function
 * calls into calls. Callbacks run one at a time in the driver's own context, so a framework's state
 * needs no lock; they must not block.
 *
 * Calls may be made from callbacks and from any thread that is no handler of the driver's node. Another
 * actor of the node sends a Sched__Call to troupe_scheduler_ref() instead: the driver fills in the
 * framework id and forwards it. What calls are given is borrowed and copied.
 *
 * Two levels: the callbacks and calls below, and, with troupe_scheduler_call() and the `event`
 * callback, every raw call and event. Both may be mixed. */
struct troupe_scheduler;

/* Numbered like the reference's. A call made in any other state than RUNNING is dropped, and says so by
 * returning that state. */
enum troupe_scheduler_status {
        TROUPE_SCHEDULER_NOT_STARTED = 1,
        TROUPE_SCHEDULER_RUNNING = 2,
        TROUPE_SCHEDULER_ABORTED = 3,
        TROUPE_SCHEDULER_STOPPED = 4,
};

/* All optional. What they are given is borrowed for the call. `data` is the config's. */
struct troupe_scheduler_callbacks {
        /* The first callback: the driver's actor exists and begins to look for the master. */
        void (*started)(struct troupe_scheduler *s, void *data);
        /* Every event as it arrives, before the callback for it. */
        void (*event)(struct troupe_scheduler *s, void *data, const Sched__Event *event);
        /* The first registration of this driver, also when it takes over from another (failover). */
        void (*registered)(struct troupe_scheduler *s, void *data, const V1__FrameworkID *id,
                           const V1__MasterInfo *master);
        /* Registered again after `disconnected`. Reconcile tasks if in doubt. `master` may be NULL. */
        void (*reregistered)(struct troupe_scheduler *s, void *data, const V1__MasterInfo *master);
        /* The master is gone or cannot be reached; all offers are void. The driver tries again by itself. */
        void (*disconnected)(struct troupe_scheduler *s, void *data);
        void (*resource_offers)(struct troupe_scheduler *s, void *data, V1__Offer *const *offers,
                                size_t count);
        void (*offer_rescinded)(struct troupe_scheduler *s, void *data, const V1__OfferID *offer_id);
        /* Acknowledged when the callback returns, unless config.manual_acknowledgements. */
        void (*status_update)(struct troupe_scheduler *s, void *data, const V1__TaskStatus *status);
        void (*framework_message)(struct troupe_scheduler *s, void *data,
                                  const Sched__Event__Message *message);
        void (*agent_lost)(struct troupe_scheduler *s, void *data, const V1__AgentID *agent_id);
        /* `status` as of waitpid(2). */
        void (*executor_lost)(struct troupe_scheduler *s, void *data, const V1__AgentID *agent_id,
                              const V1__ExecutorID *executor_id, int status);
        /* The framework cannot go on; the driver is aborted already. */
        void (*error)(struct troupe_scheduler *s, void *data, const char *message);
        /* A message to the driver's actor that is not the driver's own: the framework's timers and
         * watches, made with troupe_scheduler_self(). 0, or -errno: aborts the driver. */
        int (*other)(struct troupe_scheduler *s, void *data, const struct actor_mail *mail, const void *body);
        /* The last callback, in every case; `status` is STOPPED or ABORTED. */
        void (*ended)(struct troupe_scheduler *s, void *data, enum troupe_scheduler_status status);
};

struct troupe_scheduler_config {
        const char *master; /* "host:port"; NULL = $TROUPE_MASTER, or 127.0.0.1:5050 */
        /* Copied. An empty user becomes this process's, a missing hostname this machine's. With an id
         * the driver takes over the framework of that id. */
        const V1__FrameworkInfo *framework;
        struct troupe_scheduler_callbacks callbacks;
        void *data;                   /* handed to the callbacks */
        bool manual_acknowledgements; /* the framework calls troupe_scheduler_acknowledge() */
        struct actor_node
                *node; /* where the driver lives; NULL = a node of its own. Must know proto_wire_types. */
        struct actor_log *log; /* of the driver's own node; NULL = standard error */
        /* Key files for the driver's own node (actor/curve.h); NULL = $TROUPE_CURVE_KEY,
         * $TROUPE_CURVE_SERVER_KEY. */
        const char *curve_key, *curve_server_key;
        int64_t retry_min_ms;      /* first delay before registering again, doubling; 0 = 100 */
        int64_t retry_max_ms;      /* 0 = 30,000 */
        int64_t answer_timeout_ms; /* a registration without an answer is repeated; 0 = 20,000 */
};

/* The master a program means: `given`, or $TROUPE_MASTER, or 127.0.0.1:5050. */
const char *troupe_scheduler_default_master(const char *given);

/* Makes a driver in *ret. Returns 0; -EINVAL with a sentence for a bad master address, a bad key file or a
 * framework without a name; -errno where a node is refused. Any thread, not a handler. */
ACTOR_MUST_CHECK
int troupe_scheduler_new(const struct troupe_scheduler_config *config, struct troupe_scheduler **ret,
                         struct actor_error *error);
/* Ends a driver that still runs (as stop with failover) and frees it. NULL is fine. With a node of
 * the caller's, only after the driver's end or before the node's. Not from callbacks. */
void troupe_scheduler_free(struct troupe_scheduler *s);

/* Begins to register. Returns RUNNING, or the state it was in already. */
enum troupe_scheduler_status troupe_scheduler_start(struct troupe_scheduler *s);
/* Ends the driver. Without `failover` the framework unregisters (TEARDOWN): its tasks are killed. With it
 * they go on, and a driver given the framework's id within its failover_timeout takes over. */
enum troupe_scheduler_status troupe_scheduler_stop(struct troupe_scheduler *s, bool failover);
/* Ends the driver without a word to the master; the status is then ABORTED. */
enum troupe_scheduler_status troupe_scheduler_abort(struct troupe_scheduler *s);
/* Blocks until the driver has stopped or aborted; returns which. Not from callbacks. */
enum troupe_scheduler_status troupe_scheduler_join(struct troupe_scheduler *s);
/* start and join. */
enum troupe_scheduler_status troupe_scheduler_run(struct troupe_scheduler *s);
enum troupe_scheduler_status troupe_scheduler_status(const struct troupe_scheduler *s);

/* ---- medium level: one function a call -------------------------------------------------------- */

/* Launches tasks on one offer, declining what they leave. `filters` NULL = the default (5 s). A
 * launch that finds no master comes back as a status update, TASK_DROPPED or TASK_LOST: none vanishes. */
enum troupe_scheduler_status troupe_scheduler_launch_tasks(struct troupe_scheduler *s,
                                                           const V1__OfferID *offer_id,
                                                           V1__TaskInfo *const *tasks, size_t count,
                                                           const V1__Filters *filters);
/* Any operations on the offers of one agent. */
enum troupe_scheduler_status troupe_scheduler_accept_offers(struct troupe_scheduler *s,
                                                            const Sched__Call__Accept *accept);
enum troupe_scheduler_status troupe_scheduler_decline_offer(struct troupe_scheduler *s,
                                                            const V1__OfferID *offer_id,
                                                            const V1__Filters *filters);
/* `roles` may be NULL with count 0: all of the framework's. */
enum troupe_scheduler_status troupe_scheduler_revive(struct troupe_scheduler *s, const char *const *roles,
                                                     size_t count);
enum troupe_scheduler_status troupe_scheduler_suppress(struct troupe_scheduler *s, const char *const *roles,
                                                       size_t count);
enum troupe_scheduler_status troupe_scheduler_request(struct troupe_scheduler *s,
                                                      V1__Request *const *requests, size_t count);
/* `agent_id` and `policy` may be NULL. */
enum troupe_scheduler_status troupe_scheduler_kill_task(struct troupe_scheduler *s, const V1__TaskID *task_id,
                                                        const V1__AgentID *agent_id,
                                                        const V1__KillPolicy *policy);
/* Does nothing for a status without uuid: nobody waits for it. */
enum troupe_scheduler_status troupe_scheduler_acknowledge(struct troupe_scheduler *s,
                                                          const V1__TaskStatus *status);
enum troupe_scheduler_status troupe_scheduler_send_message(struct troupe_scheduler *s,
                                                           const V1__AgentID *agent_id,
                                                           const V1__ExecutorID *executor_id,
                                                           const void *data, size_t size);
/* Count 0: all tasks the master knows of. */
enum troupe_scheduler_status troupe_scheduler_reconcile(struct troupe_scheduler *s,
                                                        Sched__Call__Reconcile__Task *const *tasks,
                                                        size_t count);
enum troupe_scheduler_status troupe_scheduler_shutdown_executor(struct troupe_scheduler *s,
                                                                const V1__ExecutorID *executor_id,
                                                                const V1__AgentID *agent_id);

/* ---- low level -------------------------------------------------------------------------------- */

/* Sends any call but SUBSCRIBE, which is the driver's. `call_take` is a message of sched_call_type, not yet
 * sent to anyone; its framework_id is filled in. */
enum troupe_scheduler_status troupe_scheduler_call(struct troupe_scheduler *s, Sched__Call *call_take);

/* The driver's actor, for timers and descriptors of the framework (callback `other`); only in callbacks. */
struct actor *troupe_scheduler_self(struct troupe_scheduler *s);

/* actor_ask() for frameworks: `reply` is called once, as a callback, with the answer or with NULL and
 * mail->error; -ECANCELED if the driver ends first, when calls have no effect any more. Only in callbacks. */
typedef void (*troupe_scheduler_reply_fn)(struct troupe_scheduler *s, const struct actor_mail *mail,
                                          const void *body, void *arg);
void troupe_scheduler_ask(struct troupe_scheduler *s, struct actor_ref to, void *msg_take, int64_t timeout_ms,
                          troupe_scheduler_reply_fn reply, void *arg);
/* The driver's address, once it is started. */
struct actor_ref troupe_scheduler_ref(const struct troupe_scheduler *s);
/* The framework's id, "" before the first registration. Only in callbacks or after join. */
const char *troupe_scheduler_framework_id(const struct troupe_scheduler *s);

#endif
