/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_ADMISSION_H
#define CORE_ADMISSION_H

#include "core/cell.h"

/* How many ordinary mails a mailbox has and may have. Senders count what they push, the owner what it takes;
 * a sender compares its count with the limit, which moves on with the owner. `alone`: CELL_ALONE of the
 * cell's flags: one thread does both. */

/* One more has been admitted; returns how many were before. */
static inline uint32_t cell_count_pushed(struct actor *a, bool alone)
{
        if (!alone)
                return atomic_fetch_add_explicit(&a->pushed, 1, memory_order_relaxed);
        uint32_t before = CELL_GET(a->pushed);
        CELL_SET(a->pushed, before + 1);
        return before;
}

static inline void cell_uncount_pushed(struct actor *a)
{
        if (cell_has(a, CELL_ALONE))
                CELL_SET(a->pushed, CELL_GET(a->pushed) - 1);
        else
                (void) atomic_fetch_sub_explicit(&a->pushed, 1, memory_order_relaxed);
}

/* Counts so many more, if there is room for all of them. */
static inline bool cell_count_all(struct actor *a, uint32_t count, bool alone)
{
        uint32_t before = CELL_GET(a->pushed);
        do {
                if ((int32_t) (before + count - CELL_GET(a->limit)) > 0)
                        return false;
        } while (!alone &&
                 !atomic_compare_exchange_weak_explicit(&a->pushed, &before, before + count,
                                                        memory_order_relaxed, memory_order_relaxed));
        if (alone)
                CELL_SET(a->pushed, before + count);
        return true;
}

/* Senders read `limit` alone. Of a large mailbox they hear late, so that its owner does not write into
 * their cache line with each mail it takes. */
enum { CELL_LARGE = 1024, CELL_POPS_TOLD = 64 };
static inline void cell_count_popped(struct actor *a, uint32_t change)
{
        uint32_t popped = CELL_GET(a->popped) + change;
        CELL_SET(a->popped, popped);
        if (unlikely(!a->is_large || popped % CELL_POPS_TOLD == 0)) /* most are */
                CELL_SET(a->limit, popped + CELL_GET(a->mailbox_max));
}

/* What the new tenant and its mailbox are like; `flags` come on top of those that its terms have. */
void cell_let_shared(struct actor *a, const struct cell_terms *terms, unsigned flags);
static inline void cell_let_unlocked(struct actor *a, const struct cell_terms *terms, unsigned flags)
{
        a->traits = terms->traits;
        CELL_SET(a->mailbox_max, terms->mailbox_max);
        CELL_SET(a->limit, CELL_GET(a->popped) + terms->mailbox_max);
        atomic_store_explicit(&a->flags, (uint8_t) (terms->flags | flags), memory_order_release);
}
static inline void cell_let(struct actor *a, const struct cell_terms *terms, unsigned flags)
{
        if (unlikely(a->drops_oldest)) /* a late sender may be dropping the former tenant's mail */
                cell_let_shared(a, terms, flags);
        else
                cell_let_unlocked(a, terms, flags);
}

static inline uint32_t cell_depth(const struct actor *a)
{
        int32_t depth = (int32_t) (CELL_GET(a->pushed) - CELL_GET(a->popped));
        return depth > 0 ? (uint32_t) depth : 0;
}

#endif
