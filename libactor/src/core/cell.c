/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct bonds *cell_bonds(struct actor *a)
{
        if (a->bonds == NULL)
                a->bonds = actor_zalloc(sizeof *a->bonds);
        return a->bonds;
}

bool cell_push(struct actor *a, struct mail *mail)
{
        atomic_store_explicit(&mail->next, NULL, memory_order_relaxed);
        /* Release: the mail's contents before its being found. Acquire: if the cell was idle, all
         * that its last owner did. Until `next` is set below the consumer sees the queue end at
         * `before`, but not an empty queue, so it neither frees that mail nor goes idle. */
        uintptr_t before = atomic_exchange_explicit(&a->head, (uintptr_t) mail, memory_order_acq_rel);
        struct mail *last = (struct mail *) (before & ~CELL_IDLE);
        atomic_store_explicit(&last->next, mail, memory_order_release);
        return (before & CELL_IDLE) != 0;
}

bool cell_push_system(struct actor *a, struct mail *mail)
{
        struct mail *top = atomic_load_explicit(&a->system, memory_order_relaxed);
        do {
                atomic_store_explicit(&mail->next, top, memory_order_relaxed);
        } while (!atomic_compare_exchange_weak(&a->system, &top, mail));
        /* Sequentially consistent against cell_release(): either we see that the cell is idle, or
         * its owner, having made it idle, sees our mail. */
        return top == NULL && cell_acquire(a);
}

bool cell_acquire(struct actor *a)
{
        uintptr_t head = atomic_load(&a->head);
        return (head & CELL_IDLE) != 0 && atomic_compare_exchange_strong(&a->head, &head, head & ~CELL_IDLE);
}

static pthread_mutex_t *cell_drop_lock(struct actor *a)
{
        return &a->node->drop_lock;
}

/* Where the oldest mail is dropped for the newest, senders take from the queue too: then both lock. */
static void lock_if_shared(struct actor *a, bool shared)
{
        if (shared)
                pthread_mutex_lock(cell_drop_lock(a));
}

static void unlock_if_shared(struct actor *a, bool shared)
{
        if (shared)
                pthread_mutex_unlock(cell_drop_lock(a));
}

static bool make_idle(struct actor *a)
{
        bool shared = CELL_GET(a->drops_oldest);
        lock_if_shared(a, shared);
        uintptr_t tail = (uintptr_t) a->tail;
        bool idle = atomic_compare_exchange_strong(&a->head, &tail, tail | CELL_IDLE);
        unlock_if_shared(a, shared);
        return idle;
}

bool cell_release(struct actor *a)
{
        if (a->system_list != NULL || atomic_load_explicit(&a->system, memory_order_relaxed) != NULL)
                return false;
        if (!make_idle(a))
                return false;
        /* No longer ours, except if a system mail came between and we get the cell back. */
        return atomic_load(&a->system) == NULL || !cell_acquire(a);
}

struct mail *cell_pop_system(struct actor *a)
{
        if (a->system_list == NULL && atomic_load_explicit(&a->system, memory_order_relaxed) != NULL) {
                struct mail *mail = atomic_exchange_explicit(&a->system, NULL, memory_order_acquire);
                while (mail != NULL) { /* newest first: turned round */
                        struct mail *next = atomic_load_explicit(&mail->next, memory_order_relaxed);
                        atomic_store_explicit(&mail->next, a->system_list, memory_order_relaxed);
                        a->system_list = mail;
                        mail = next;
                }
        }
        struct mail *mail = a->system_list;
        if (mail != NULL)
                a->system_list = atomic_load_explicit(&mail->next, memory_order_relaxed);
        return mail;
}

static bool pop(struct actor *a, struct mail *ret)
{
        struct mail *next = atomic_load_explicit(&a->tail->next, memory_order_acquire);
        if (next == NULL)
                return false;
        mail_free(a->tail);
        a->tail = next;
        mail_move(ret, next); /* the envelope stays as the queue's tail */
        CELL_SET(a->popped, CELL_GET(a->popped) + 1);
        return true;
}

bool cell_pop(struct actor *a, struct mail *ret)
{
        bool shared = CELL_GET(a->drops_oldest);
        lock_if_shared(a, shared);
        bool popped = pop(a, ret);
        unlock_if_shared(a, shared);
        return popped;
}

/* Mail put by still counts as waiting. */
static void count_popped(struct actor *a, int64_t change)
{
        bool shared = CELL_GET(a->drops_oldest);
        lock_if_shared(a, shared);
        CELL_SET(a->popped, CELL_GET(a->popped) + (uint64_t) change);
        unlock_if_shared(a, shared);
}

void cell_stash(struct actor *a, const struct mail *mail)
{
        struct mail *copy = mail_copy(mail);
        if (a->stash == NULL)
                a->stash = copy;
        else
                atomic_store_explicit(&a->stash_last->next, copy, memory_order_relaxed);
        a->stash_last = copy;
        count_popped(a, -1);
}

bool cell_unstash(struct actor *a, struct mail *ret)
{
        struct mail *mail = a->stash;
        if (mail == NULL)
                return false;
        a->stash = atomic_load_explicit(&mail->next, memory_order_relaxed);
        mail_move(ret, mail);
        mail_free(mail);
        count_popped(a, 1);
        return true;
}

bool cell_drop_oldest(struct actor *a, struct mail *ret)
{
        pthread_mutex_lock(cell_drop_lock(a));
        bool full = CELL_GET(a->drops_oldest) && cell_depth(a) >= CELL_GET(a->mailbox_max);
        bool dropped = full && pop(a, ret);
        pthread_mutex_unlock(cell_drop_lock(a));
        return dropped;
}

uint64_t cell_depth(const struct actor *a)
{
        uint64_t popped = CELL_GET(a->popped), pushed = CELL_GET(a->pushed);
        return pushed > popped ? pushed - popped : 0;
}
