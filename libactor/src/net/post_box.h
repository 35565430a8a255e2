/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_POST_BOX_H
#define NET_POST_BOX_H

#include "core/mail.h"

/* Where the workers leave mail for the bridge: a stack that many push on and one takes whole. What
 * is taken comes back in the order it was pushed. */
struct post_box {
        _Atomic(struct mail *) top;
        atomic_size_t count;
};

/* Pushes `count` mails at once, linked by next from the newest to the oldest. Any thread; says whether the
 * box was empty, so that only the first push wakes the reader. */
static inline bool post_box_push_chain(struct post_box *box, struct mail *newest, struct mail *oldest,
                                       size_t count)
{
        atomic_fetch_add_explicit(&box->count, count, memory_order_relaxed);
        struct mail *top = atomic_load_explicit(&box->top, memory_order_relaxed);
        do {
                atomic_store_explicit(&oldest->next, top, memory_order_relaxed);
                /* Release: the mails' fields before the mails. Total order with the bridge's "I sleep"
                 * flag, which it raises before it looks here for the last time. */
        } while (!atomic_compare_exchange_weak_explicit(&box->top, &top, newest, memory_order_seq_cst,
                                                        memory_order_relaxed));
        return top == NULL;
}

static inline bool post_box_push(struct post_box *box, struct mail *mail)
{
        return post_box_push_chain(box, mail, mail, 1);
}

static inline bool post_box_is_empty(struct post_box *box)
{
        return atomic_load_explicit(&box->top, memory_order_seq_cst) == NULL;
}

/* One thread. The first of all mails pushed so far, chained by `next`; NULL if none. */
static inline struct mail *post_box_take(struct post_box *box)
{
        if (atomic_load_explicit(&box->top, memory_order_relaxed) == NULL)
                return NULL; /* most often; the exchange would cost more */
        struct mail *top = atomic_exchange_explicit(&box->top, NULL, memory_order_acquire);
        struct mail *first = NULL;
        size_t count = 0;
        for (; top; count++) {
                struct mail *below = atomic_load_explicit(&top->next, memory_order_relaxed);
                atomic_store_explicit(&top->next, first, memory_order_relaxed);
                first = top;
                top = below;
        }
        atomic_fetch_sub_explicit(&box->count, count, memory_order_relaxed);
        return first;
}

#endif
