/* SPDX-License-Identifier: Apache-2.0 */
/* The rate limiter on a simulated clock: what it does in two minutes takes no time to see, and is the same to
 * the millisecond on every machine. */
#include "limiter.h"
#include <actor/sim.h>
#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 60000 };

/* What happened, in order; the test and its actors share one thread. */
static struct actor_sim *sim;
static char transcript[4096];

static void record(const char *what)
{
        size_t used = strlen(transcript);
        snprintf(transcript + used, sizeof transcript - used, "%lld %s\n", (long long) actor_sim_now_ms(sim),
                 what);
}

struct wish {
        int permits;
};
static ACTOR_LOCAL_TYPE(wish_type, struct wish);

struct customer {
        struct actor_ref limiter;
};

static int on_answer(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        const struct limiter_answer *answer = body;
        if (!answer)
                return mail->error;
        record(answer->is_granted ? "granted" : "refused");
        return 0;
}

static int on_wish(struct customer *customer, const struct actor_mail *mail, const struct wish *wish)
{
        for (int i = 0; i < wish->permits; i++)
                actor_ask(mail->self, customer->limiter, actor_msg_new(&limiter_permit_type), TIMEOUT_MS,
                          on_answer, NULL);
        return 0;
}

static int customer_init(void *state, struct actor *self, const void *config)
{
        ((struct customer *) state)->limiter = *(const struct actor_ref *) config;
        return 0;
}

ACTOR_BIND(on_wish, struct customer, struct wish)

static const struct actor_handler handlers[] = {
        {&wish_type, on_wish_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static const struct actor_class customer_class = {
        .name = "customer",
        .state_size = sizeof(struct customer),
        .init = customer_init,
        .handlers = handlers,
};

static bool expect(const char *when, const char *expected)
{
        bool as_expected = strcmp(transcript, expected) == 0;
        if (!as_expected)
                printf("%s:\n%sinstead of:\n%s", when, transcript, expected);
        transcript[0] = '\0';
        return as_expected;
}

static void want(struct actor_node *node, struct actor_ref customer, int permits)
{
        struct wish *wish = actor_msg_new(&wish_type);
        wish->permits = permits;
        actor_node_send(node, customer, wish);
        actor_sim_settle(sim);
}

static bool limiter_keeps_its_rate(struct actor_node *node, struct actor_ref customer)
{
        want(node, customer, 6);
        if (!expect("a full bucket gives its tokens at once, two may wait",
                    "0 granted\n0 granted\n0 granted\n0 refused\n"))
                return false;
        actor_sim_advance(sim, 99);
        if (!expect("one millisecond early", ""))
                return false;
        actor_sim_advance(sim, 101);
        if (!expect("a token every 100 ms", "100 granted\n200 granted\n"))
                return false;
        actor_sim_advance(sim, 50);
        want(node, customer, 1);
        actor_sim_advance(sim, 50);
        if (!expect("half an interval is no token", "300 granted\n"))
                return false;
        actor_sim_advance(sim, 119700);
        want(node, customer, 5);
        return expect("a long rest fills the bucket, and no more",
                      "120000 granted\n120000 granted\n120000 granted\n");
}

int main(void)
{
        sim = actor_sim_new(1);
        struct actor_node *node = actor_sim_node(sim, "tcp://a:1", &(struct actor_node_config){.name = "a"});
        struct limiter_config config = {.burst = 3, .interval_ms = 100, .waiting_max = 2};
        struct actor_ref limiter, customer;
        bool passed = actor_node_spawn(node, &limiter_class, "limiter", &config, &limiter) == 0 &&
                      actor_node_spawn(node, &customer_class, "customer", &limiter, &customer) == 0 &&
                      limiter_keeps_its_rate(node, customer);
        actor_sim_free(sim);
        if (passed)
                puts("the limiter keeps its rate");
        return passed ? 0 : 1;
}
