/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_FRAMEWORK_SESSION_H
#define MASTER_FRAMEWORK_SESSION_H

#include "allocator/messages.h"
#include "framework/events.h"
#include "framework/messages.h"
#include "framework/offers.h"
#include "framework/tasks.h"
#include "metrics.h"
#include "waiting.h"
#include <assert.h>

/* The inside of a framework's session; for the files of this room. */

struct framework_session {
        struct actor *self;
        struct framework_rooms rooms;
        const char *id;                      /* in `card` */
        const V1__FrameworkInfo *info;       /* in `card` */
        const Troupe__UpdateFramework *card; /* a message: what everyone is told of the framework */
        const Sched__Call *subscription; /* the last SUBSCRIBE or UPDATE_FRAMEWORK, held: suppressed roles */
        struct actor_ref scheduler;      /* nobody: never subscribed here */
        uint64_t monitor, heartbeat_timer, failover_timer;
        bool connected;
        int64_t deadline_ns; /* without a scheduler: wall time when it is given up */
        bool ending;         /* its end is being written down: nothing may bring it back */
        const struct framework_subscribe *subscribing; /* waits for the registry; held; NULL: none */
        int64_t registered_ns, reregistered_ns;        /* wall */
        struct actor_asker *teardown_askers;           /* are told when it has ended */
        size_t asker_count, asker_capacity;
        struct waiting *waiting; /* for answers */
        struct offers offers;
        struct tasks tasks;
        struct allocator_give_back *returning; /* tokens of tasks that have ended; NULL: none */
        actor_metric_value *gauge;             /* the one that counts this framework now */
};

/* ---- subscription.c: who speaks for the framework, and its absence ------------------------------------ */
extern const struct actor_type framework_heartbeat_type, framework_timeout_type;
void framework_scheduler_connect(struct framework_session *s, struct actor_ref scheduler,
                                 const Sched__Call *call);
void framework_scheduler_expect(struct framework_session *s, int64_t deadline_ns);
int framework_on_subscribe(struct framework_session *s, const struct actor_mail *mail,
                           const struct framework_subscribe *msg);
int framework_on_heartbeat(struct framework_session *s, const struct actor_mail *mail, const void *body);
int framework_on_timeout(struct framework_session *s, const struct actor_mail *mail, const void *body);
int framework_on_scheduler_down(struct framework_session *s, const struct actor_mail *mail,
                                const struct actor_down *down);
/* Takes the new info; user and checkpoint stay as they were. */
void framework_card_set(struct framework_session *s, const V1__FrameworkInfo *info);
void framework_call_update_framework(struct framework_session *s, const struct actor_mail *mail,
                                     const Sched__Call *call);

/* ---- ending.c ---------------------------------------------------------------------------------------- */
void framework_end(struct framework_session *s, const char *why);
int framework_on_teardown(struct framework_session *s, const struct actor_mail *mail,
                          const struct framework_teardown *msg);
void framework_call_teardown(struct framework_session *s, const struct actor_mail *mail,
                             const Sched__Call *call);

/* ---- on_scheduler.c ------------------------------------------------------------------------------------ */
int framework_on_call(struct framework_session *s, const struct actor_mail *mail, const Sched__Call *call);
/* Sends to the scheduler, or drops it if there is none. */
void framework_scheduler_send(struct framework_session *s, Sched__Event *event_take);
void framework_task_kill(struct framework_session *s, struct task *task, V1__KillPolicy *policy,
                         const void *held);
/* Tells an asker how it went; mail without an ask gets nothing. */
void framework_answer(const struct actor_mail *mail, bool done, const char *message);

/* ---- accept.c, launch.c ---------------------------------------------------------------------------- */
void framework_call_accept(struct framework_session *s, const struct actor_mail *mail,
                           const Sched__Call *call);
void framework_call_decline(struct framework_session *s, const struct actor_mail *mail,
                            const Sched__Call *call);

/* ---- reconcile.c --------------------------------------------------------------------------------------- */
void framework_call_reconcile(struct framework_session *s, const struct actor_mail *mail,
                              const Sched__Call *call);
/* Answers for one task that is not known. */
void framework_reconcile_unknown(struct framework_session *s, const char *task_id, const char *agent_id);
void framework_call_reconcile_operations(struct framework_session *s, const struct actor_mail *mail,
                                         const Sched__Call *call);

/* ---- on_agent.c, on_allocator.c --------------------------------------------------------------------------
 */
int framework_on_status_update(struct framework_session *s, const struct actor_mail *mail,
                               const Troupe__StatusUpdate *msg);
int framework_on_exited_executor(struct framework_session *s, const struct actor_mail *mail,
                                 const Troupe__ExitedExecutor *msg);
int framework_on_executor_message(struct framework_session *s, const struct actor_mail *mail,
                                  const Troupe__ExecutorMessage *msg);
int framework_on_agent_joined(struct framework_session *s, const struct actor_mail *mail,
                              const struct framework_agent_joined *msg);
int framework_on_agent_left(struct framework_session *s, const struct actor_mail *mail,
                            const struct framework_agent_left *msg);
int framework_on_launch_refused(struct framework_session *s, const struct actor_mail *mail,
                                const struct framework_launch_refused *msg);
int framework_on_undelivered(struct framework_session *s, const struct actor_mail *mail,
                             const struct actor_undelivered *msg);

extern const struct actor_type framework_offers_expired_type;
struct framework_offers_expired {
        const char *const *offer_ids;
        size_t count;
};
int framework_on_allocation(struct framework_session *s, const struct actor_mail *mail,
                            const struct allocator_allocation *msg);
int framework_on_rescind(struct framework_session *s, const struct actor_mail *mail,
                         const struct allocator_rescind *msg);
int framework_on_offers_expired(struct framework_session *s, const struct actor_mail *mail,
                                const struct framework_offers_expired *msg);
/* Takes an offer out of the register and tells the read model; its resources are the caller's matter. */
void framework_offer_close(struct framework_session *s, struct offer *offer);
void framework_offers_close_all(struct framework_session *s);

/* ---- fate.c: what becomes of a task without its agent's word ------------------------------------------- */
struct fate {
        V1__TaskState state;
        V1__TaskStatus__Reason reason;
        const char *message;
        int64_t unreachable_ns;
};
/* Moves the task, tells the scheduler and the read model, gives back what it held; an ended task leaves the
 * register. `task` may be gone afterwards. */
void framework_task_meets(struct framework_session *s, struct task *task, const struct fate *fate);
/* Gives back what a task uses; once. */
void framework_task_release(struct framework_session *s, struct task *task);
/* Takes an ended task out of the register, as completed. */
void framework_task_complete(struct framework_session *s, struct task *task);
/* Gives back what an executor uses and forgets it. */
void framework_executor_end(struct framework_session *s, struct host *host, struct executor *executor);

/* ---- reports.c: what the allocator and the read model are told ------------------------------------------
 */
void framework_report(struct framework_session *s, bool completed);
void framework_report_task(struct framework_session *s, const struct task *task, bool completed);
void framework_report_executor(struct framework_session *s, const struct host *host,
                               const struct executor *executor, bool removed);
void framework_allocator_list(struct framework_session *s);
void framework_allocator_delist(struct framework_session *s, bool remove);
void framework_allocator_send(struct framework_session *s, void *msg_take);
void framework_allocator_return(struct framework_session *s, const char *agent_id, const char *token,
                                int64_t refuse_ns);
/* Gives back what a task uses, soon: together with what else is given back until then. */
void framework_allocator_return_task(struct framework_session *s, const struct task *task);
/* Its token, in msg's arena. */
char *framework_task_token(void *msg, const char *framework_id, const char *task_id);
struct framework_flush {
        bool unused;
};
extern const struct actor_type framework_flush_type;
int framework_on_flush(struct framework_session *s, const struct actor_mail *mail,
                       const struct framework_flush *msg);
void framework_count_as(struct framework_session *s, actor_metric_value *gauge);

#endif
