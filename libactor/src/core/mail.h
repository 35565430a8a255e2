/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_MAIL_H
#define CORE_MAIL_H

#include "core/blocks.h"
#include <actor/actor.h>
#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>

/* What a message travels with through mailboxes and to the network: one per send. Everything between actors
 * is a mail, also what the runtime says. A message has room for one mail before its body, used by whoever
 * sends it while being its only owner, so that the usual send makes one block and not two. */
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
        MAIL_SYSTEM,      /* blocking result, process and descriptor events (local only) */
        MAIL_TIMER,       /* timer ask_id of `to` has fired (local only) */
        MAIL_LINK,        /* `from` links itself to `to` (local only) */
        MAIL_UNLINK,      /* … and takes it back (local only) */
        MAIL_PARCEL,      /* a frame of messages, on its way to who unpacks it (never in a mailbox) */
        MAIL_INSPECT,     /* `from` asks as ask_id whom `to` is bound to; the runtime answers (never on the
                             wire) */
};

struct mail {
        _Atomic(struct mail *) next;
        const void *body; /* one reference, or NULL */
        union {
                struct actor_mail view; /* what the handler is shown: the mail itself, once it has arrived */
                struct {
                        struct actor_ref from;
                        uint64_t ask_id;
                        uint64_t trace_id;
                        struct actor_ref to; /* until then */
                        int32_t error;
                        /* where the view has nothing */
                        uint8_t kind;   /* enum mail_kind */
                        uint8_t reason; /* enum actor_down_reason */
                        uint8_t block_class;
                        union {
                                uint8_t flags; /* all of the following */
                                struct {
                                        bool returnable : 1;
                                        bool from_node : 1;    /* `from` stands in for the node or a foreign
                                                                  thread */
                                        bool is_enveloped : 1; /* lies before its body: both are one block */
                                };
                        };
                };
        };
};
_Static_assert(offsetof(struct mail, trace_id) == offsetof(struct mail, view.trace_id) &&
                       offsetof(struct mail, to) == offsetof(struct mail, view.self) &&
                       offsetof(struct mail, error) == offsetof(struct mail, view.error),
               "the view lies where the mail has the same");

/* What precedes a message's body. */
struct envelope {
        struct mail mail; /* of its first way */
        const struct actor_type *type;
        struct arena *arena; /* NULL: nothing allocated in it so far */
        _Atomic uint32_t refs;
        uint8_t block_class;
        bool has_more; /* than its block: to be released with the last reference */
        alignas(16) char body[];
};
_Static_assert(sizeof(struct envelope) == 96, "a small message fits into 128 bytes");

static inline struct envelope *envelope_of(const void *msg)
{
        assert(msg != NULL);
        return (struct envelope *) ((uintptr_t) msg - sizeof(struct envelope));
}

/* message.c: as actor_msg_bytes() of NULL, but not zeroed. */
struct actor_bytes *bytes_new(const struct actor_type *type, size_t size) __attribute__((returns_nonnull));

/* message.c: releases what is no part of the block: arena, holds, what the type's fini does. */
void envelope_clean(struct envelope *envelope);

static inline void mail_init(struct mail *mail, enum mail_kind kind, struct actor_ref from,
                             struct actor_ref to)
{
        mail->to = to;
        mail->from = from;
        mail->ask_id = mail->trace_id = 0;
        mail->error = 0;
        mail->kind = (uint8_t) kind;
        mail->reason = 0;
        mail->block_class = 0; /* an enveloped one has none of its own */
        mail->flags = 0;
}

/* A mail by itself, zeroed. Any thread. */
struct mail *mail_new(void) __attribute__((returns_nonnull));
/* The same with its first fields filled. */
struct mail *mail_make(enum mail_kind kind, struct actor_ref from, struct actor_ref to)
        __attribute__((returns_nonnull));
/* Releases a mail and its reference to the body; NULL is fine. */
void mail_free(struct mail *mail);

/* The message's own mail, for its only owner. */
static inline struct mail *mail_envelop(struct envelope *envelope, enum mail_kind kind, struct actor_ref from,
                                        struct actor_ref to)
{
        struct mail *mail = &envelope->mail;
        mail_init(mail, kind, from, to);
        mail->is_enveloped = true;
        mail->body = envelope->body;
        return mail;
}

/* A mail that brings `msg_take`: the message's own where the caller is its only owner, so that nobody
 * else has it under way. */
static inline struct mail *mail_with(enum mail_kind kind, struct actor_ref from, struct actor_ref to,
                                     void *msg_take)
{
        struct envelope *envelope = envelope_of(msg_take);
        /* Acquire: what a former owner did with the mail comes before what we do. */
        if (atomic_load_explicit(&envelope->refs, memory_order_acquire) == 1)
                return mail_envelop(envelope, kind, from, to);
        struct mail *mail = mail_make(kind, from, to);
        mail->body = msg_take;
        return mail;
}

/* The body has been handled: lets go of it, though the mail stays for a while (as a mailbox's tail). An
 * enveloped one keeps its block until mail_free(), and all of the message while others refer to it. */
static inline void mail_finish(struct mail *mail)
{
        if (unlikely(mail->body == NULL))
                return;
        if (unlikely(!mail->is_enveloped)) {
                actor_msg_unref(mail->body);
                mail->body = NULL;
        } else if (likely(atomic_load_explicit(&((struct envelope *) mail)->refs, memory_order_acquire) ==
                          1)) {
                struct envelope *envelope = (struct envelope *) mail;
                if (unlikely(envelope->has_more))
                        envelope_clean(envelope);
                mail->body = NULL;
        }
}

/* mail_free() of one that most often is enveloped and nobody else's. */
static inline void mail_done(struct mail *mail)
{
        struct envelope *envelope = (struct envelope *) mail;
        if (likely(mail->is_enveloped && mail->body != NULL && !envelope->has_more &&
                   atomic_load_explicit(&envelope->refs, memory_order_acquire) == 1))
                blocks_free(mail, envelope->block_class);
        else
                mail_free(mail);
}

/* mail_free() of one that most often has been finished and is enveloped. */
static inline void mail_free_finished(struct mail *mail)
{
        if (likely(mail->body == NULL && mail->is_enveloped))
                blocks_free(mail, ((struct envelope *) mail)->block_class);
        else
                mail_free(mail);
}

/* Takes the contents out of a mail that is no longer the caller's alone to free (it stays a mailbox's
 * tail): `to` then owns a reference to the body of its own. */
void mail_extract(struct mail *to, struct mail *from);
/* A mail by itself with the same contents; takes over the body's reference. */
struct mail *mail_copy(const struct mail *mail) __attribute__((returns_nonnull));

#endif
