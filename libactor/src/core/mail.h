/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_MAIL_H
#define CORE_MAIL_H

#include <actor/actor.h>
#include <stdatomic.h>

/* The envelope in which a message travels through mailboxes and to the network: one per send, small,
 * from a slab; the body is shared. Everything between actors is a mail, also what the runtime says. */
enum mail_kind {
        MAIL_MESSAGE,     /* an ordinary message */
        MAIL_ASK,         /* one whose sender awaits a reply under ask_id */
        MAIL_REPLY,       /* the reply to ask_id; body NULL: it failed with `error` */
        MAIL_UNDELIVERED, /* a returnable message that found nobody: body is the message, `error` why, `to`
                             the sender, `from` whom it was meant for */
        MAIL_MONITOR,     /* `from` begins to watch `to` as number ask_id */
        MAIL_DEMONITOR,   /* `from` ends watch ask_id of `to` */
        MAIL_DOWN,        /* watch ask_id of `to` has ended: `from` is gone; reason and error below */
        MAIL_EXIT,        /* a linked actor `from` has ended; reason and error below (local only) */
        MAIL_STOP,        /* end normally (local only) */
        MAIL_SYSTEM,      /* timer, blocking result, process and descriptor events (local only) */
        MAIL_LINK,        /* `from` links itself to `to` (local only) */
        MAIL_UNLINK,      /* … and takes it back (local only) */
        MAIL_CHILD_ENDED, /* `from`, a child of `to`, has ended; reason, error, `escalates` (local only) */
};

struct mail {
        _Atomic(struct mail *) next;
        const void *body; /* one reference, or NULL */
        struct actor_ref to, from;
        uint64_t ask_id;
        uint64_t trace_id;
        uint8_t kind; /* enum mail_kind */
        bool returnable;
        uint8_t reason; /* enum actor_down_reason */
        bool from_node; /* `from` only stands in for the node or a foreign thread (an ask from outside) */
        bool escalates; /* MAIL_CHILD_ENDED: the parent is to fail too */
        int32_t error;
        uint64_t timer; /* MAIL_SYSTEM from a timer: its number */
};

/* A zeroed mail; release with mail_free(), which also drops the body's reference. Any thread. */
struct mail *mail_new(void);
void mail_free(struct mail *mail);
/* Moves the contents, not the link: the body's reference goes with them. */
void mail_move(struct mail *to, struct mail *from);
/* A mail of its own with the same contents; takes over the body's reference. */
struct mail *mail_copy(const struct mail *mail);

#endif
