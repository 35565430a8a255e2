/* SPDX-License-Identifier: Apache-2.0 */
#include "net/duty.h"

#include <signal.h>

enum { LENT = 2 }; /* beside the holder's index, 0 or 1 */

void duty_init(struct duty *duty, void *(*main)(void *arg), void *arg)
{
        *duty = (struct duty){.main = main, .arg = arg};
        pthread_mutex_init(&duty->lock, NULL);
        pthread_cond_init(&duty->changed, NULL);
}

/* The bridge must not be the thread that a signal for the program interrupts. The lock is held. */
static int add_thread(struct duty *duty)
{
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        int r = pthread_create(&duty->threads[duty->thread_count], NULL, duty->main, duty->arg);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        duty->thread_count += r == 0;
        return r;
}

int duty_start(struct duty *duty)
{
        pthread_mutex_lock(&duty->lock);
        int r = add_thread(duty);
        pthread_mutex_unlock(&duty->lock);
        return r;
}

void duty_done(struct duty *duty)
{
        for (unsigned i = 0; i < duty->thread_count; i++)
                pthread_join(duty->threads[i], NULL);
        pthread_mutex_destroy(&duty->lock);
        pthread_cond_destroy(&duty->changed);
}

unsigned duty_enlist(struct duty *duty)
{
        pthread_mutex_lock(&duty->lock);
        unsigned index = duty->enlisted_count++;
        pthread_mutex_unlock(&duty->lock);
        return index;
}

bool duty_await(struct duty *duty, unsigned index)
{
        pthread_mutex_lock(&duty->lock);
        while (!duty->has_ended && (atomic_load(&duty->state) & ~LENT) != index)
                pthread_cond_wait(&duty->changed, &duty->lock);
        bool has_it = !duty->has_ended;
        pthread_mutex_unlock(&duty->lock);
        return has_it;
}

unsigned duty_lend(struct duty *duty)
{
        unsigned lent = atomic_load_explicit(&duty->state, memory_order_relaxed) | LENT;
        atomic_store_explicit(&duty->state, lent, memory_order_release);
        return lent;
}

bool duty_resume(struct duty *duty, unsigned lent)
{
        if (atomic_compare_exchange_strong(&duty->state, &lent, lent & ~LENT))
                return true;
        pthread_mutex_lock(&duty->lock);
        duty->is_out = false;
        pthread_mutex_unlock(&duty->lock);
        return false;
}

void duty_end(struct duty *duty)
{
        pthread_mutex_lock(&duty->lock);
        duty->has_ended = true;
        pthread_cond_broadcast(&duty->changed);
        pthread_mutex_unlock(&duty->lock);
}

void duty_relieve(struct duty *duty)
{
        pthread_mutex_lock(&duty->lock);
        unsigned lent = atomic_load(&duty->state);
        bool may_pass = (lent & LENT) != 0 && !duty->is_out &&
                        (duty->thread_count == 2 || (duty->thread_count == 1 && add_thread(duty) == 0));
        if (may_pass && atomic_compare_exchange_strong(&duty->state, &lent, (lent & ~LENT) ^ 1)) {
                duty->is_out = true;
                pthread_cond_broadcast(&duty->changed);
        }
        pthread_mutex_unlock(&duty->lock);
}
