/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>

/* pause.c: senders that wait for a full mailbox of a class with ACTOR_PAUSE_SENDER.
 *
 * A paused actor handles no ordinary mail until the mailbox that it wrote to is half empty, or its owner has
 * ended. System mail it handles all the same, so its timers, replies and DOWNs do not wait. Nobody is paused
 * where that would close a circle of actors that wait for each other. The message that pauses its sender gets
 * in; what it still sends in the same handler does up to twice the bound.
 *
 * Who waits for whom is known to one table a node, under its lock: this is rare, or the program is at its
 * limit anyway. A receiver that ends takes the lock when its generation has passed: nobody waits for the next
 * tenant of its cell instead. The sender's flag is what the two threads share: it is lowered before the
 * sender is woken, and a sender that goes idle looks at it afterwards (cell_rest). */
struct wait {
        struct actor *sender, *receiver;
        struct wait *next; /* of the same receiver */
};

/* The lock is held. Whether `from` waits, directly or through others, for `whom`. */
static bool waits_for(struct pauses *pauses, struct actor *from, const struct actor *whom)
{
        const struct wait *wait;
        while (from != whom && (wait = map_get(&pauses->by_sender, from->slot)) != NULL)
                from = wait->receiver;
        return from == whom;
}

bool pause_sender(struct actor *sender, struct actor *receiver, uint64_t generation)
{
        struct pauses *pauses = &sender->node->pauses;
        pthread_mutex_lock(&pauses->lock);
        bool lives = CELL_GET(receiver->generation) == generation,
             may = !lives || !waits_for(pauses, receiver, sender);
        if (lives && may) {
                struct wait *wait = actor_malloc(sizeof *wait);
                struct wait *first = map_take(&pauses->by_receiver, receiver->slot);
                *wait = (struct wait){.sender = sender, .receiver = receiver, .next = first};
                map_put(&pauses->by_receiver, receiver->slot, wait);
                map_put(&pauses->by_sender, sender->slot, wait);
                atomic_fetch_or(&sender->flags, CELL_PAUSED);
                atomic_fetch_or(&receiver->flags, CELL_AWAITED);
                sender->is_paused = true;
                sender->is_plain = false;
        }
        pthread_mutex_unlock(&pauses->lock);
        return may;
}

/* The flag is lowered first: a sender that is about to rest sees it, or rests already and is woken. */
static void wake(struct actor_node *node, struct worker *worker, struct actor *sender)
{
        atomic_fetch_and(&sender->flags, (uint8_t) ~CELL_PAUSED);
        if (cell_acquire(sender))
                sched_ready(node, worker, sender);
}

void pause_end_of(struct actor *receiver)
{
        struct actor_node *node = receiver->node;
        struct pauses *pauses = &node->pauses;
        pthread_mutex_lock(&pauses->lock);
        atomic_fetch_and(&receiver->flags, (uint8_t) ~CELL_AWAITED);
        struct wait *wait = map_take(&pauses->by_receiver, receiver->slot);
        while (wait != NULL) {
                struct wait *next = wait->next;
                (void) map_take(&pauses->by_sender, wait->sender->slot);
                wake(node, receiver->worker, wait->sender);
                free(wait);
                wait = next;
        }
        pthread_mutex_unlock(&pauses->lock);
}

void pause_forget(struct actor *sender)
{
        struct pauses *pauses = &sender->node->pauses;
        pthread_mutex_lock(&pauses->lock);
        struct wait *wait = map_take(&pauses->by_sender, sender->slot);
        if (wait != NULL) { /* else: woken already */
                struct wait *first = map_take(&pauses->by_receiver, wait->receiver->slot), **link = &first;
                while (*link != wait)
                        link = &(*link)->next;
                *link = wait->next;
                if (first != NULL)
                        map_put(&pauses->by_receiver, wait->receiver->slot, first);
                free(wait);
        }
        pthread_mutex_unlock(&pauses->lock);
        atomic_fetch_and(&sender->flags, (uint8_t) ~CELL_PAUSED);
        sender->is_paused = false;
        cell_judge(sender);
}

void pauses_init(struct pauses *pauses)
{
        pthread_mutex_init(&pauses->lock, NULL);
}

void pauses_done(struct pauses *pauses)
{
        uint64_t slot;
        void *wait;
        while (map_take_any(&pauses->by_sender, &slot, &wait))
                free(wait);
        map_done(&pauses->by_sender);
        map_done(&pauses->by_receiver);
        pthread_mutex_destroy(&pauses->lock);
}
