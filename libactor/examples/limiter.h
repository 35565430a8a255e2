/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIMITER_H
#define LIMITER_H

#include <actor/actor.h>

/* A rate limiter: a bucket that holds up to `burst` tokens and gets a new one every `interval_ms`. Whoever
 * asks it a limiter_permit gets the answer when there is a token: at once, or after a wait, in the order of
 * asking. With `waiting_max` askers waiting, the next hears at once that it is refused. */
struct limiter_config {
        unsigned burst;
        int64_t interval_ms;
        unsigned waiting_max; /* at most LIMITER_WAITING_MAX */
};
#define LIMITER_WAITING_MAX 1024

struct limiter_permit {
        char unused;
};
struct limiter_answer {
        bool is_granted;
};
extern const struct actor_type limiter_permit_type, limiter_answer_type;

/* Spawn it with a struct limiter_config, which is copied. */
extern const struct actor_class limiter_class;

#endif
