/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <assert.h>
#include <string.h>

/* cell.c: the mailbox and who owns it. tests/model has it as a model. */

struct bonds *cell_bonds(struct actor *a)
{
        if (a->bonds != NULL)
                return a->bonds;
        uint8_t block_class = blocks_class(sizeof *a->bonds);
        a->bonds = blocks_new(sizeof *a->bonds, &block_class);
        memset(a->bonds, 0, sizeof *a->bonds);
        a->bonds->block_class = block_class;
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
        while ((mail = cell_pop_system(a)) != NULL) {
                if (cell_ended_child(mail) == NULL)
                        mail_free(mail);
        }
        while ((mail = cell_take(a)) != NULL)
                cell_let_go(a, mail);
        if (a->tail != NULL && a->tail != cell_stub(a))
                mail_free(a->tail);
}

static inline bool push_system(struct actor *a, struct mail *top, _Atomic(struct mail *) *link)
{
        struct mail *before = atomic_load_explicit(&a->system, memory_order_relaxed);
        if (cell_has(a, CELL_ALONE)) {
                atomic_store_explicit(link, before, memory_order_relaxed);
                CELL_SET(a->system, top);
                return before == NULL && cell_acquire(a);
        }
        do {
                atomic_store_explicit(link, before, memory_order_relaxed);
        } while (!atomic_compare_exchange_weak(&a->system, &before, top));
        /* Sequentially consistent against cell_release(): either we see that the cell is idle, or
         * its owner, having made it idle, sees our mail. */
        return before == NULL && cell_acquire(a);
}

bool cell_push_system(struct actor *a, struct mail *mail)
{
        return push_system(a, mail, &mail->next);
}

bool cell_push_ended(struct actor *parent, struct actor *child)
{
        return push_system(parent, (struct mail *) ((uintptr_t) child | CELL_ENDED), &child->ended_link);
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

void cell_let_shared(struct actor *a, const struct cell_terms *terms, unsigned flags)
{
        bool shared = lock_if_shared(a);
        cell_let_unlocked(a, terms, flags);
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
        (void) cell_push(a, stub, false); /* ours, so it was not idle */
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

static inline _Atomic(struct mail *) *link_of(struct mail *popped)
{
        struct actor *child = cell_ended_child(popped);
        return child != NULL ? &child->ended_link : &popped->next;
}

static inline struct mail *take_system(struct actor *a)
{
        if (!cell_has(a, CELL_ALONE))
                return atomic_exchange_explicit(&a->system, NULL, memory_order_acquire);
        struct mail *top = CELL_GET(a->system);
        CELL_SET(a->system, NULL);
        return top;
}

/* Oldest first, as it is to be handled. */
static struct mail *turn_round(struct mail *newest)
{
        struct mail *first = NULL;
        for (struct mail *mail = newest, *next; mail != NULL; mail = next) {
                next = atomic_load_explicit(link_of(mail), memory_order_relaxed);
                atomic_store_explicit(link_of(mail), first, memory_order_relaxed);
                first = mail;
        }
        return first;
}

struct mail *cell_take_system(struct actor *a)
{
        return take_system(a);
}

void cell_leave_system(struct actor *a, struct mail *newest_take)
{
        assert(a->system_list == NULL);
        a->system_list = turn_round(newest_take);
        cell_judge(a);
}

struct mail *cell_pop_system(struct actor *a)
{
        struct mail *first = a->system_list;
        if (likely(first == NULL)) {
                if (unlikely(CELL_GET(a->system) == NULL))
                        return NULL;
                first = take_system(a);
                if (likely(atomic_load_explicit(link_of(first), memory_order_relaxed) == NULL))
                        return first; /* most often it is the only one */
                first = turn_round(first);
        }
        a->system_list = atomic_load_explicit(link_of(first), memory_order_relaxed);
        cell_judge(a);
        return first;
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
