/* SPDX-License-Identifier: Apache-2.0 */
/* The bucket is one number: the time at which it will be full again. Taking a token moves that time one
 * interval away; there is a token while it is less than `burst` intervals ahead. This is the virtual
 * scheduling form of the generic cell rate algorithm (ITU-T I.371), which equals a token bucket without
 * counting tokens. */
#include "limiter.h"
#include <errno.h>

struct limiter {
        struct limiter_config config;
        int64_t full_at_ms;
        uint64_t timer;                                  /* not 0: the next token is awaited */
        struct actor_asker waiting[LIMITER_WAITING_MAX]; /* a ring: the first in line at `first` */
        unsigned first, count;
};

struct token_due {
        char unused;
};
ACTOR_LOCAL_TYPE(limiter_permit_type, struct limiter_permit);
ACTOR_LOCAL_TYPE(limiter_answer_type, struct limiter_answer);
static ACTOR_LOCAL_TYPE(token_due_type, struct token_due);

static int64_t next_token_in_ms(const struct limiter *limiter, int64_t now_ms)
{
        int64_t ahead_max = (limiter->config.burst - 1) * limiter->config.interval_ms;
        int64_t wait_ms = limiter->full_at_ms - ahead_max - now_ms;
        return wait_ms > 0 ? wait_ms : 0;
}

static void answer(struct actor *self, struct actor_asker asker, bool is_granted)
{
        struct limiter_answer *msg = actor_msg_new(&limiter_answer_type);
        msg->is_granted = is_granted;
        actor_reply_to(self, asker, msg);
}

/* Grants as many as there are tokens for, and sets the timer for the next one if somebody is left. */
static void serve(struct limiter *limiter, const struct actor_mail *mail)
{
        int64_t now_ms = mail->now_ns / 1000000;
        while (limiter->count > 0 && next_token_in_ms(limiter, now_ms) == 0) {
                if (limiter->full_at_ms < now_ms)
                        limiter->full_at_ms = now_ms;
                limiter->full_at_ms += limiter->config.interval_ms;
                answer(mail->self, limiter->waiting[limiter->first], true);
                limiter->first = (limiter->first + 1) % LIMITER_WAITING_MAX;
                limiter->count--;
        }
        if (limiter->count > 0 && limiter->timer == 0)
                limiter->timer = actor_after(mail->self, next_token_in_ms(limiter, now_ms),
                                             actor_msg_new(&token_due_type));
}

static int on_permit(struct limiter *limiter, const struct actor_mail *mail, const struct limiter_permit *msg)
{
        bool has_token = limiter->count == 0 && next_token_in_ms(limiter, mail->now_ns / 1000000) == 0;
        if (!has_token && limiter->count >= limiter->config.waiting_max) {
                answer(mail->self, actor_asker(mail), false);
                return 0;
        }
        limiter->waiting[(limiter->first + limiter->count++) % LIMITER_WAITING_MAX] = actor_asker(mail);
        serve(limiter, mail);
        return 0;
}

static int on_token_due(struct limiter *limiter, const struct actor_mail *mail, const struct token_due *msg)
{
        limiter->timer = 0;
        serve(limiter, mail);
        return 0;
}

static int limiter_init(void *state, struct actor *self, const void *config)
{
        struct limiter *limiter = state;
        limiter->config = *(const struct limiter_config *) config;
        if (limiter->config.burst == 0 || limiter->config.interval_ms <= 0 ||
            limiter->config.waiting_max > LIMITER_WAITING_MAX)
                return -EINVAL;
        return 0;
}

ACTOR_BIND(on_permit, struct limiter, struct limiter_permit)
ACTOR_BIND(on_token_due, struct limiter, struct token_due)

static const struct actor_handler handlers[] = {
        {&limiter_permit_type, on_permit_bound, ACTOR_FROM_LOCAL},
        {&token_due_type, on_token_due_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

const struct actor_class limiter_class = {
        .name = "limiter",
        .state_size = sizeof(struct limiter),
        .init = limiter_init,
        .handlers = handlers,
};
