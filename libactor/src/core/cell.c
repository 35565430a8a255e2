/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <actor/memory.h>
#include <assert.h>

/* cell.c: the mailbox and who owns it. tests/model has it as a model. */

struct bonds *cell_bonds(struct actor *a)
{
        if (a->bonds == NULL)
                a->bonds = actor_zalloc(sizeof *a->bonds);
        return a->bonds;
}

void cell_init(struct actor *a)
{
        a->is_alone = cell_has(a, CELL_ALONE);
        a->tail = a->is_alone ? NULL : cell_stub(a);
        atomic_init(&a->head, (uintptr_t) a->tail);
}

void cell_done(struct actor *a)
{
        struct mail *mail;
        while ((mail = cell_pop_system(a)) != NULL)
                mail_free(mail);
        while ((mail = cell_take(a)) != NULL)
                cell_let_go(a, mail);
        if (a->tail != NULL && a->tail != cell_stub(a))
                mail_free(a->tail);
}

bool cell_push_system(struct actor *a, struct mail *mail)
{
        if (cell_has(a, CELL_ALONE)) {
                struct mail *before = CELL_GET(a->system);
                atomic_store_explicit(&mail->next, before, memory_order_relaxed);
                CELL_SET(a->system, mail);
                return before == NULL && cell_acquire(a);
        }
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

/* ---- where senders take from the queue too: then both lock --------------------------------------- */

static bool lock_if_shared(struct actor *a)
{
        bool shared = cell_has(a, CELL_DROPS_OLDEST);
        if (shared)
                pthread_mutex_lock(&a->node->drop_lock);
        return shared;
}

static void unlock_if_shared(struct actor *a, bool shared)
{
        if (shared)
                pthread_mutex_unlock(&a->node->drop_lock);
}

void cell_let(struct actor *a, unsigned flags, uint32_t mailbox_max)
{
        bool shared = lock_if_shared(a); /* a late sender may be dropping the former tenant's mail */
        flags |= CELL_GET(a->flags) & CELL_ALONE;
        a->drops_oldest = (flags & CELL_DROPS_OLDEST) != 0;
        a->is_large = mailbox_max >= CELL_LARGE;
        a->tenant = CELL_GET(a->generation);
        CELL_SET(a->mailbox_max, mailbox_max);
        CELL_SET(a->limit, CELL_GET(a->popped) + mailbox_max);
        atomic_store_explicit(&a->flags, (uint8_t) flags, memory_order_release);
        unlock_if_shared(a, shared);
}

/* ---- giving the cell up ---------------------------------------------------------------------------- */

/* A tail that still holds a message is replaced by the stub, lest an idle actor keep what others have
 * long released. */
static void let_go_of_tail(struct actor *a)
{
        struct mail *stub = cell_stub(a);
        if (a->tail == stub || a->tail->body == NULL || a->stub_is_queued)
                return;
        a->stub_is_queued = true;
        (void) cell_push_shared(a, stub); /* ours, so it was not idle */
        if (atomic_load_explicit(&a->tail->next, memory_order_acquire) == stub)
                (void) cell_advance(a);
}

static bool make_idle(struct actor *a)
{
        bool shared = lock_if_shared(a);
        let_go_of_tail(a);
        uintptr_t tail = (uintptr_t) a->tail;
        bool idle = atomic_compare_exchange_strong(&a->head, &tail, tail | CELL_IDLE);
        unlock_if_shared(a, shared);
        return idle;
}

bool cell_release_slowly(struct actor *a)
{
        return make_idle(a) && (atomic_load(&a->system) == NULL || !cell_acquire(a));
}

bool cell_rest(struct actor *a)
{
        if (cell_has_system(a))
                return false;
        uintptr_t head = atomic_load(&a->head);
        while (!atomic_compare_exchange_weak(&a->head, &head, head | CELL_IDLE)) {
        }
        /* As cell_release(); and whoever ends the pause lowers the flag, then tries to acquire the cell. */
        bool wanted = atomic_load(&a->system) != NULL || (atomic_load(&a->flags) & CELL_PAUSED) == 0;
        return !wanted || !cell_acquire(a);
}

/* ---- taking mail out ------------------------------------------------------------------------------- */

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
        if (mail != NULL) {
                a->system_list = atomic_load_explicit(&mail->next, memory_order_relaxed);
                cell_judge(a);
        }
        return mail;
}

bool cell_pop(struct actor *a, struct mail *ret)
{
        bool shared = lock_if_shared(a);
        struct mail *mail = cell_take(a);
        if (mail != NULL) {
                mail_extract(ret, mail);
                if (a->is_alone)
                        mail_free(mail);
        }
        unlock_if_shared(a, shared);
        return mail != NULL;
}

bool cell_drop_oldest(struct actor *a, struct mail *ret)
{
        pthread_mutex_lock(&a->node->drop_lock);
        bool full = cell_has(a, CELL_DROPS_OLDEST) && cell_depth(a) >= CELL_GET(a->mailbox_max);
        struct mail *mail = full ? cell_take(a) : NULL;
        if (mail != NULL) {
                mail_extract(ret, mail);
                if (a->is_alone)
                        mail_free(mail);
        }
        pthread_mutex_unlock(&a->node->drop_lock);
        return mail != NULL;
}

/* ---- mail put by: it still counts as waiting ------------------------------------------------------- */

void cell_stash(struct actor *a, struct mail *mail_take)
{
        struct bonds *bonds = cell_bonds(a);
        atomic_store_explicit(&mail_take->next, NULL, memory_order_relaxed);
        if (bonds->stash == NULL)
                bonds->stash = mail_take;
        else
                atomic_store_explicit(&bonds->stash_last->next, mail_take, memory_order_relaxed);
        bonds->stash_last = mail_take;
        cell_judge(a);
        bool shared = lock_if_shared(a);
        cell_count_popped(a, (uint32_t) -1);
        unlock_if_shared(a, shared);
}

struct mail *cell_unstash(struct actor *a)
{
        struct mail *mail = a->bonds != NULL ? a->bonds->stash : NULL;
        if (mail == NULL)
                return NULL;
        a->bonds->stash = atomic_load_explicit(&mail->next, memory_order_relaxed);
        cell_judge(a);
        bool shared = lock_if_shared(a);
        cell_count_popped(a, 1);
        unlock_if_shared(a, shared);
        return mail;
}
