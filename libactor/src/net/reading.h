/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_READING_H
#define NET_READING_H

#include "core/mail.h"
#include "net/peers_private.h"

/* Items of one frame that become mails. What they have in common is looked up once. Any thread. */
struct reading {
        struct peers *peers;
        uint32_t peer; /* whom the frame is from */
        struct actor_ref to, from;
        bool found; /* there is such a receiver, or there was */
        const struct actor_type *type;
};

/* Before the two below; of each item, since the next may have it in common. */
void reading_look_up(struct reading *reading, const struct frame_item *item);
/* 0 and the body (NULL if the item has none), or why there is none. */
int reading_unpack(const struct reading *reading, const struct frame_item *item, void **ret);
struct mail *reading_mail(const struct reading *reading, const struct frame_item *item, void *body_take);

#endif
