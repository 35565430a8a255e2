/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_DUTY_H
#define NET_DUTY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Which of two threads is the bridge. They are equals; one has the duty, and the other waits for it. While
 * the one calls into foreign code (an actor's handler) it lends the duty out: who sees that it does not come
 * back passes it to the other. The second thread is made when it is first needed.
 *
 * What belongs to the bridge alone may be touched by who has the duty and has not lent it; its passing on
 * orders what one has done before what the other does. */
struct duty {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        _Atomic unsigned state; /* the holder's index, and whether it is lent */
        bool is_out;            /* under the lock, as all below: who was relieved is not back yet */
        bool has_ended;
        unsigned thread_count, enlisted_count;
        pthread_t threads[2];
        void *(*main)(void *arg);
        void *arg;
};

/* Threads of `main`, which enlists and then awaits the duty in turn. */
void duty_init(struct duty *duty, void *(*main)(void *arg), void *arg);
/* Makes the first thread. 0 or an errno, as pthread_create(). */
int duty_start(struct duty *duty);
/* Waits for both threads to end; after duty_end(), or without a start. */
void duty_done(struct duty *duty);

/* ---- the two threads ----------------------------------------------------------------------------- */

unsigned duty_enlist(struct duty *duty);
/* Waits until the duty is this thread's. False: it is nobody's any more. */
bool duty_await(struct duty *duty, unsigned index);
/* Lets it go for a while / takes it back. False: it is the other's, and to be awaited. */
unsigned duty_lend(struct duty *duty);
bool duty_resume(struct duty *duty, unsigned lent);
/* The holder ends it for both. */
void duty_end(struct duty *duty);

/* ---- any thread ---------------------------------------------------------------------------------- */

/* Whoever has lent the duty is not to be waited for: it passes to the other, if that one is free. */
void duty_relieve(struct duty *duty);

#endif
