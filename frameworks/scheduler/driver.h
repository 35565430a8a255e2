/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCHEDULER_DRIVER_H
#define SCHEDULER_DRIVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <troupe/scheduler.h>

/* What the driver's files share. `status` and `turn_thread` are read by any thread; everything from `self` on
 * belongs to the driver's actor. */
struct troupe_scheduler {
        struct troupe_scheduler_callbacks callbacks;
        void *data;
        bool manual_acknowledgements;
        int64_t retry_min_ms, retry_max_ms, answer_timeout_ms;
        V1__FrameworkInfo *framework; /* owned; its id follows the registration */
        char *master;                 /* "master@host:port" */
        struct actor_node *node;
        bool node_owned;
        struct actor_ref ref; /* set by start */

        _Atomic int status;
        _Atomic(pthread_t) turn_thread; /* who runs a callback just now; 0 = nobody */

        struct actor *self; /* in a turn, else NULL */
        char framework_id[256];
        bool registered_once;
        bool connected;
        unsigned attempt;      /* registrations since the last success */
        uint64_t timer;        /* the next registration */
        uint64_t master_watch; /* monitor of "master" while registering */
        struct actor_ref session;
        uint64_t session_watch;
        struct actor_asker *joiners;
        size_t joiner_count, joiners_max;
        struct scheduler_ask *asks; /* outstanding */
};

enum scheduler_command { SCHEDULER_STOP, SCHEDULER_STOP_FAILOVER, SCHEDULER_ABORT };
struct scheduler_control {
        enum scheduler_command command;
};
struct scheduler_join {
        int unused;
};
struct scheduler_joined {
        int status;
};
extern const struct actor_type scheduler_control_type, scheduler_join_type, scheduler_joined_type;

extern const struct actor_class scheduler_class; /* its config is the struct troupe_scheduler */

/* Whether the calling thread is inside one of the driver's callbacks. */
bool scheduler_in_turn(const struct troupe_scheduler *s);

/* Sends a private call to the master, or, without one, gives back its launches as lost. In a turn. */
void scheduler_forward(struct troupe_scheduler *s, Sched__Call *call_take);
/* Ends the driver as `command` says. In a turn. */
void scheduler_end(struct troupe_scheduler *s, enum scheduler_command command);

/* ---- subscription.c: finding the master and staying registered. In a turn. -------------------- */
void subscription_begin(struct troupe_scheduler *s);
/* How long to wait before the registration after `attempt` failed ones; `dice` is any random number. */
int64_t subscription_delay_ms(int64_t min_ms, int64_t max_ms, unsigned attempt, uint64_t dice);
/* Takes the SUBSCRIBED event: false if it is not for us (a stray second registration, which is ended). */
bool subscription_accept(struct troupe_scheduler *s, const struct actor_mail *mail,
                         const Sched__Event *event);
/* Takes a DOWN: true if it ended the session. */
bool subscription_lost(struct troupe_scheduler *s, const struct actor_down *down);
extern const struct actor_type scheduler_retry_type;

/* ---- lost.c: launches that reach nobody ------------------------------------------------------- */
/* Sends the driver's own actor a TASK_DROPPED / TASK_LOST update for each task the call launches. In a turn.
 */
void scheduler_give_back(struct troupe_scheduler *s, const Sched__Call *call, const char *why);

/* A zeroed sub-message in msg's arena, initialised. */
#define SCHEDULER_NEW(msg, type, init)                             \
        __extension__({                                            \
                type *new_ = actor_msg_alloc((msg), sizeof(type)); \
                *new_ = (type) init;                               \
                new_;                                              \
        })
/* A call of one type, ready for its payload. */
Sched__Call *scheduler_call_new(Sched__Call__Type type);

#endif
