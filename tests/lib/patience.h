/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_PATIENCE_H
#define TESTS_LIB_PATIENCE_H

#include <sched.h>
#include <stdbool.h>
#include <time.h>

/* How long a test waits for what must come, on a machine that has much else to do: only what never comes
 * takes so long. */
enum { PATIENCE_S = 120 };

/* For pthread_cond_timedwait(). */
static inline struct timespec patience_limit(void)
{
        struct timespec limit;
        clock_gettime(CLOCK_REALTIME, &limit);
        limit.tv_sec += PATIENCE_S;
        return limit;
}

/* Looks until it is so, where nobody tells of it. Says whether it has come to be. */
static inline bool comes_true(bool (*is_so)(void *arg), void *arg)
{
        struct timespec now, begin;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        do {
                if (is_so(arg))
                        return true;
                (void) sched_yield();
                clock_gettime(CLOCK_MONOTONIC, &now);
        } while (now.tv_sec - begin.tv_sec < PATIENCE_S);
        return is_so(arg);
}

#endif
