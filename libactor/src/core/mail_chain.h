/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_MAIL_CHAIN_H
#define CORE_MAIL_CHAIN_H

#include "core/mail.h"

/* Mails in the order in which they were added, linked by `next`; zeroed is empty. */
struct mail_chain {
        struct mail *first, *last;
        uint32_t count;
};

static inline void mail_chain_add(struct mail_chain *chain, struct mail *mail)
{
        atomic_store_explicit(&mail->next, NULL, memory_order_relaxed);
        if (likely(chain->last != NULL))
                atomic_store_explicit(&chain->last->next, mail, memory_order_relaxed);
        else
                chain->first = mail;
        chain->last = mail;
        chain->count++;
}

#endif
