/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_ACTOR_H
#define ACTOR_ACTOR_H

#include <actor/error.h>
#include <actor/message.h>
#include <actor/ref.h>

ACTOR_API_BEGIN

/* An actor is private state plus a table of handlers keyed by message type. A handler runs to its
 * end, alone; it must not block. `struct actor *self` is the actor's own view of the runtime: it is
 * valid only inside that actor's handlers, init and fini, and only on the thread that runs them. */
struct actor;
struct actor_node;

/* What came with a message. Borrowed for the call; the body may be kept with actor_msg_ref(). */
struct actor_mail {
        struct actor_ref from; /* the sender; ACTOR_NOBODY for the node itself and foreign threads */
        uint64_t ask_id;       /* not 0: the sender awaits actor_reply() */
        uint64_t trace_id;     /* not 0: part of a traced conversation; copied to what the handler sends */
        struct actor *self;
        int64_t now_ns;        /* monotonic, as of the worker's last look at the clock: before this call, by a few short ones at most */
        int error;             /* in a reply continuation: 0, or why `body` is NULL (-ETIMEDOUT, …) */
};

/* Who may send a type to an actor: a bit set per handler row, checked by the runtime. */
enum {
        ACTOR_FROM_SELF = 1 << 0,   /* the actor itself: timers, ticks, blocking work come back as this */
        ACTOR_FROM_PARENT = 1 << 1, /* whoever spawned it; for top-level actors, the node */
        ACTOR_FROM_LOCAL = 1 << 2,  /* any actor or foreign thread of this node */
        ACTOR_FROM_REMOTE = 1 << 3, /* any actor of another node */
        ACTOR_FROM_SYSTEM = 1 << 4, /* the runtime: DOWN, EXIT, process and descriptor events */
        ACTOR_FROM_ANY = 0x1f,
};

typedef int (*actor_handler_fn)(void *state, const struct actor_mail *mail, const void *body);

struct actor_handler {
        const struct actor_type *type;
        actor_handler_fn handle; /* 0, or -errno: the actor has failed and its supervisor decides */
        unsigned from;           /* ACTOR_FROM_* bits */
};
#define ACTOR_HANDLER_END {NULL, NULL, 0}

/* Writes `name_bound`, the untyped twin of a typed handler, so that handlers take their own types
 * and no function is called through a foreign one. */
#define ACTOR_BIND(name, state_type, body_type)                                                            \
        static int name##_bound(void *state, const struct actor_mail *mail, const void *body)              \
        {                                                                                                  \
                return name((state_type *) state, mail, (const body_type *) body);                         \
        }

/* What a parent does when a child with this class fails (ends with an error). */
enum actor_restart {
        ACTOR_STOP,     /* let it end; monitors hear of it */
        ACTOR_RESTART,  /* run fini and init anew, same ref, same mailbox; the failed message is dropped */
        ACTOR_ESCALATE, /* the parent fails too */
};

/* What a full mailbox does with one more ordinary message. System mail always passes. */
enum actor_overflow {
        ACTOR_REFUSE,      /* actor_send returns -ENOBUFS; a remote sender's message is a dead letter */
        ACTOR_DROP_OLDEST, /* the oldest ordinary message is dropped and counted */
        ACTOR_PAUSE_SENDER, /* the message gets in, and its sender, an actor of this node, handles no ordinary one after
                               this handler until the mailbox is half empty. What it sends beyond twice the bound
                               before is refused, and so is whoever cannot be paused: where actors would wait in
                               a circle, foreign threads, other nodes */
};
/* Constant, and valid as long as the nodes that have had actors of it. */
struct actor_class {
        const char *name;
        size_t state_size;                   /* the runtime allocates and zeroes the state */
        int (*init)(void *state, struct actor *self, const void *config); /* may be NULL */
        void (*fini)(void *state);           /* may be NULL; must cope with a half-built state */
        const struct actor_handler *handlers;/* ends with ACTOR_HANDLER_END */
        unsigned mailbox_max;                /* ordinary messages; 0 = ACTOR_MAILBOX_DEFAULT */
        enum actor_overflow overflow;
        enum actor_restart restart;
        unsigned restarts_max;               /* in restart_window_ms; one more escalates; 0 = 5 */
        int64_t restart_window_ms;           /* 0 = 10,000 */
        bool traps_exits;                    /* linked actors' ends arrive as struct actor_down */
        actor_handler_fn handle_other;       /* for types without a row; NULL: counted, logged once, dropped */
};
#define ACTOR_MAILBOX_DEFAULT 1000000

/* ---- making and ending actors ---------------------------------------------------------------- */

/* Spawns a child of `self`. `name` (copied, may be NULL) registers it in the node, where it can be
 * looked up and addressed from elsewhere. `config` is handed to init, which runs before the first
 * message and, for ACTOR_RESTART, again at each restart: a restartable class needs its config to
 * stay valid as long as the actor. Returns 0 and the child in *ret; -EEXIST where the name is taken; -EINVAL for a bad name;
 * -ESHUTDOWN where self is stopping; or init's own error, and then there is no child and its restart rule is not asked.
 * Only from the actor's own context. */
int actor_spawn(struct actor *self, const struct actor_class *kind, const char *name, const void *config,
                struct actor_ref *ret);

/* Ends self after this handler; what waits in its mailbox becomes dead letters. `reason` 0 is a
 * normal end, -errno a failure that the supervisor treats like a handler's. */
void actor_exit(struct actor *self, int reason);

/* Asks another actor of this node to end normally, after the messages already sent to it; its
 * children end first. From any actor of the node. */
void actor_stop(struct actor *self, struct actor_ref who);

/* ---- sending --------------------------------------------------------------------------------- */

/* Sends a message; takes the caller's reference whatever the outcome. From one sender to one
 * receiver, order is kept and each message arrives at most once. A message to nobody is counted as
 * a dead letter. Returns 0, or -ENOBUFS where a bounded local mailbox refuses (message released). */
int actor_send(struct actor *self, struct actor_ref to, void *msg_take);

/* The same, and if it cannot be delivered it comes back as a struct actor_undelivered. */
int actor_send_returnable(struct actor *self, struct actor_ref to, void *msg_take);

/* A returnable message that did not arrive, as its sender gets it back. */
struct actor_undelivered {
        struct actor_ref to;
        int reason;      /* -ESRCH gone, -ENOBUFS full, -EHOSTUNREACH, -EMSGSIZE, -EPROTO no such type there */
        const void *msg; /* the message, held by this one */
};
extern const struct actor_type actor_undelivered_type;

/* ---- asking ---------------------------------------------------------------------------------- */

typedef int (*actor_reply_fn)(void *state, const struct actor_mail *mail, const void *body, void *arg);

/* Sends a request and calls `reply` once in self's context: with the answer's body (ask its type
 * with actor_msg_type), or with NULL and mail->error: -ETIMEDOUT, -ESRCH, -EHOSTUNREACH, -ENOBUFS.
 * An answer after the timeout is dropped and counted. Answers, like timers and DOWNs, pass ordinary messages
 * that are still waiting. -EPROTO: the receiver has no handler for that type. `timeout_ms` > 0. */
void actor_ask(struct actor *self, struct actor_ref to, void *msg_take, int64_t timeout_ms, actor_reply_fn reply,
               void *arg);

/* Answers the mail being handled. Consumes msg. Without an ask_id it is an ordinary send to from. */
int actor_reply(const struct actor_mail *mail, void *msg_take);

/* An answer to be given later: a value to keep. */
struct actor_asker {
        struct actor_ref from;
        uint64_t ask_id;
};
static inline struct actor_asker actor_asker(const struct actor_mail *mail)
{
        struct actor_asker asker = {mail->from, mail->ask_id};
        return asker;
}
/* The answer: once, as actor_reply(), from whichever handler has it. */
int actor_reply_to(struct actor *self, struct actor_asker asker, void *msg_take);

/* ---- knowing about each other ---------------------------------------------------------------- */

enum actor_down_reason {
        ACTOR_DOWN_FINISHED = 1, /* ended normally */
        ACTOR_DOWN_FAILED,       /* ended with an error */
        ACTOR_DOWN_NOT_FOUND,    /* was not there when the monitor began */
        ACTOR_DOWN_UNREACHABLE,  /* its node went silent or the connection broke */
};

/* What a monitor receives, exactly once per actor_monitor(). */
struct actor_down {
        struct actor_ref who;
        uint64_t monitor; /* what actor_monitor() returned; 0 for the end of a linked actor */
        enum actor_down_reason reason;
        int error; /* for FAILED: the -errno it ended with */
};
extern const struct actor_type actor_down_type;

/* Watches an actor, here or elsewhere. Returns the monitor's number. */
uint64_t actor_monitor(struct actor *self, struct actor_ref who);
/* Ends a watch; no DOWN of it arrives afterwards, not even one already queued. */
void actor_demonitor(struct actor *self, uint64_t monitor);

/* Links two local actors: when one fails, the other fails too, or, if its class traps exits, gets a
 * struct actor_down with monitor 0. A normal end does not spread, except to one that traps. unlink undoes it. */
void actor_link(struct actor *self, struct actor_ref who);
void actor_unlink(struct actor *self, struct actor_ref who);

/* ---- time, chance, identity ------------------------------------------------------------------ */

/* Sends msg to self after `delay_ms` (≥ 0) / every `period_ms` (> 0; the same body each time).
 * O(1) to arm and cancel; dies with the actor. Returns a number, never 0. */
uint64_t actor_after(struct actor *self, int64_t delay_ms, void *msg_take);
uint64_t actor_every(struct actor *self, int64_t period_ms, void *msg_take);
/* After this returns, the timer's message does not arrive any more, not even one already queued.
 * Unknown and spent numbers, and 0, are ignored. */
void actor_timer_cancel(struct actor *self, uint64_t timer);

int64_t actor_now_ns(struct actor *self);      /* monotonic */
int64_t actor_wall_ns(struct actor *self);     /* since the epoch, for what people and files see */
uint64_t actor_random(struct actor *self);     /* the node's dice: seeded under simulation */
struct actor_ref actor_self(struct actor *self);   /* how others name it */
struct actor_ref actor_parent(struct actor *self); /* ACTOR_NOBODY for a top-level actor */
struct actor_node *actor_node(struct actor *self); /* for what node.h allows to handlers */

ACTOR_API_END

#endif
