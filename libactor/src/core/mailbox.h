/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_MAILBOX_H
#define CORE_MAILBOX_H

#include "core/admission.h"
#include "core/cell.h"

/* What is done with a cell's mailbox, and how a cell changes owners (cell.h). What mail does on its way is
 * inline. */

/* Makes a cell's mailbox, empty and owned by the caller. */
void cell_init(struct actor *a);
/* Releases what is in it; nobody uses the cell any more. */
void cell_done(struct actor *a);

/* ---- senders ---------------------------------------------------------------------------------------- */

/* Enqueues mails linked by `next`; true: the cell was idle, and the caller must have it scheduled. */
static inline bool cell_push_chain(struct actor *a, struct mail *first, struct mail *last, bool alone)
{
        atomic_store_explicit(&last->next, NULL, memory_order_relaxed);
        if (!alone) {
                /* Release: the mails' contents before their being found. Acquire: if the cell was idle, all
                 * that its last owner did. Until `next` is set below the consumer sees the queue end at
                 * `before`, but not an empty queue, so it neither frees that mail nor goes idle. */
                uintptr_t before = atomic_exchange_explicit(&a->head, (uintptr_t) last, memory_order_acq_rel);
                struct mail *newest = (struct mail *) (before & ~CELL_IDLE);
                atomic_store_explicit(&newest->next, first, memory_order_release);
                return (before & CELL_IDLE) != 0;
        }
        uintptr_t before = CELL_GET(a->head);
        struct mail *newest = (struct mail *) (before & ~CELL_IDLE);
        CELL_SET(a->head, (uintptr_t) last);
        if (likely(newest == NULL))
                a->tail = first;
        else
                atomic_store_explicit(&newest->next, first, memory_order_relaxed);
        return (before & CELL_IDLE) != 0;
}

static inline bool cell_push(struct actor *a, struct mail *mail, bool alone)
{
        return cell_push_chain(a, mail, mail, alone);
}
bool cell_push_system(struct actor *a, struct mail *mail);
/* The same with a child that has ended: it lies there until its parent has taken it out. */
bool cell_push_ended(struct actor *parent, struct actor *child);

/* The contents of the oldest mail, with a reference to the body of their own, if the mailbox is full and its
 * policy is to drop that. */
bool cell_drop_oldest(struct actor *a, struct mail *ret);

/* Takes an idle cell; false where it is not idle. Any thread. */
static inline bool cell_acquire(struct actor *a)
{
        uintptr_t head = atomic_load(&a->head);
        if ((head & CELL_IDLE) == 0)
                return false;
        if (!cell_has(a, CELL_ALONE))
                return atomic_compare_exchange_strong(&a->head, &head, head & ~CELL_IDLE);
        CELL_SET(a->head, head & ~CELL_IDLE);
        return true;
}

/* ---- the owner --------------------------------------------------------------------------------------- */

static inline bool cell_has_system(const struct actor *a)
{
        return a->system_list != NULL || atomic_load_explicit(&a->system, memory_order_relaxed) != NULL;
}
/* The next system mail (the caller's) or ended child, or NULL. */
struct mail *cell_pop_system(struct actor *a);

/* The stub is a mail of which only `next` exists. */
static inline struct mail *cell_stub(struct actor *a)
{
        _Static_assert(offsetof(struct mail, next) == 0, "a stub is a mail's first field");
        return (struct mail *) &a->stub;
}

static inline __attribute__((always_inline)) struct mail *cell_advance(struct actor *a)
{
        struct mail *tail = a->tail, *next = atomic_load_explicit(&tail->next, memory_order_acquire);
        if (next == NULL)
                return NULL;
        a->tail = next;
        if (tail == cell_stub(a))
                a->stub_is_queued = false;
        else
                mail_free_finished(tail);
        return next;
}

static inline __attribute__((always_inline)) struct mail *cell_take_shared(struct actor *a)
{
        struct mail *mail = cell_advance(a);
        if (mail == cell_stub(a))
                mail = cell_advance(a);
        if (mail == NULL)
                return NULL;
        /* Most likely another processor wrote the next one: it may come while this one is handled. */
        const char *next = (const char *) atomic_load_explicit(&mail->next, memory_order_relaxed);
        __builtin_prefetch(next);
        __builtin_prefetch(next + 64);
        cell_count_popped(a, 1);
        return mail;
}

static inline struct mail *cell_take_alone(struct actor *a)
{
        struct mail *mail = a->tail;
        if (mail == NULL)
                return NULL;
        a->tail = atomic_load_explicit(&mail->next, memory_order_relaxed);
        if (likely(a->tail == NULL))
                CELL_SET(a->head, 0);
        __builtin_prefetch(a->tail);
        __builtin_prefetch((const char *) a->tail + 64);
        cell_count_popped(a, 1);
        return mail;
}

/* The next ordinary mail, or NULL where none is in sight. It is the caller's where the cell is alone; else it
 * stays the mailbox's, as its tail, until the next call: after handling it call mail_finish(). Not where the
 * mailbox drops its oldest mail. */
static inline struct mail *cell_take(struct actor *a)
{
        return a->is_alone ? cell_take_alone(a) : cell_take_shared(a);
}

/* Of a mail that was handled or is not to be. */
static inline void cell_let_go(const struct actor *a, struct mail *mail)
{
        if (a->is_alone)
                mail_free(mail);
        else
                mail_finish(mail);
}

/* What lies first: ordinary mail, the stub, or nothing. */
static inline struct mail *cell_first(const struct actor *a)
{
        return a->is_alone ? a->tail : atomic_load_explicit(&a->tail->next, memory_order_acquire);
}

/* The next ordinary mail's contents, with a reference to the body of its own; false: none in sight. */
bool cell_pop(struct actor *a, struct mail *ret);

/* Puts an ordinary mail by, to be handled before those in the mailbox / takes the oldest of them. */
void cell_stash(struct actor *a, struct mail *mail_take);
struct mail *cell_unstash(struct actor *a);

/* No mail at all in sight, nor any put by; of a mailbox that drops its oldest mail, whose tail a sender may
 * just be freeing, it does not say so. */
static inline bool cell_is_empty(struct actor *a)
{
        return !a->drops_oldest && !cell_has_system(a) && (a->bonds == NULL || a->bonds->stash == NULL) &&
               cell_first(a) == NULL;
}

/* cell_release() of one that is alone, where no system mail is there. */
static inline bool cell_release_alone(struct actor *a)
{
        if (CELL_GET(a->head) != 0)
                return false;
        CELL_SET(a->head, CELL_IDLE);
        return true;
}

/* cell_release() where more is to be done than usual. */
bool cell_release_slowly(struct actor *a);

/* Gives the cell up. False: there is mail, and the caller still owns the cell. */
static inline bool cell_release(struct actor *a)
{
        if (cell_has_system(a))
                return false;
        if (a->is_alone)
                return cell_release_alone(a);
        if (a->drops_oldest) /* then the tail is to be looked at under the lock only */
                return cell_release_slowly(a);
        struct mail *tail = a->tail;
        if (tail != cell_stub(a) && tail->body != NULL)
                return cell_release_slowly(a);
        uintptr_t head = (uintptr_t) tail;
        if (!atomic_compare_exchange_strong(&a->head, &head, head | CELL_IDLE))
                return false;
        /* No longer ours, except if a system mail came between and we get the cell back. */
        return atomic_load(&a->system) == NULL || !cell_acquire(a);
}

/* Gives up a paused cell: with ordinary mail in it that nobody is to take. False: there is system mail, or
 * the pause has ended. */
bool cell_rest(struct actor *a);

#endif
