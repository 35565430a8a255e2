/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "policy_fixture.h"

#include <stdio.h>

/* Goal: whatever the order in which sessions' messages arrive, the books add up, and when all tokens
 * have come back everything is free again. Method: random messages over few names, so that
 * duplicates, unknown names and late arrivals are common; after each, the books are compared with a
 * plain model of who holds what; at the end all is given back, twice. A failure names its seed. */
#define STEPS 1500
#define AGENTS 4
#define FRAMEWORKS 4
#define HELD_MAX 4096

/* What a framework believes to hold. */
struct held {
        char agent[8], framework[8], role[8], token[48], resources[64];
        bool offer, gone;
};

struct world {
        struct fixture f;
        uint64_t dice;
        struct held held[HELD_MAX];
        size_t held_count;
        unsigned tasks_made;
};

static unsigned roll(struct world *w, unsigned sides)
{
        w->dice ^= w->dice << 13;
        w->dice ^= w->dice >> 7;
        w->dice ^= w->dice << 17;
        return (unsigned) (w->dice % sides);
}

static const char *agent_name(unsigned i)
{
        static const char *names[] = {"a0", "a1", "a2", "a3"};
        return names[i];
}

static const char *framework_name(unsigned i)
{
        static const char *names[] = {"f0", "f1", "f2", "f3"};
        return names[i];
}

static const char *role_name(unsigned i)
{
        static const char *names[] = {"r", "r/x", "q"};
        return names[i];
}

/* Takes the offers of the outbox to the frameworks' minds. */
static void deliver(struct world *w)
{
        struct policy_outbox *outbox = policy_outbox(w->f.policy);
        for (size_t i = 0; i < outbox->offer_count && w->held_count < HELD_MAX; i++) {
                const struct policy_offer *offer = &outbox->offers[i];
                struct held *held = &w->held[w->held_count++];
                memset(held, 0, sizeof *held);
                snprintf(held->agent, sizeof held->agent, "%s", offer->agent->agent_id);
                snprintf(held->framework, sizeof held->framework, "%s", offer->framework->framework_id);
                snprintf(held->role, sizeof held->role, "%s", offer->role);
                snprintf(held->token, sizeof held->token, "%s", offer->offer_id);
                held->offer = true;
        }
        policy_outbox_clear(outbox);
}

static void step_agent(struct world *w)
{
        const char *agent = agent_name(roll(w, AGENTS));
        static const char *totals[] = {"cpus:8;mem:4096;ports:[1-100]", "cpus:4;mem:2048;cpus(r):2",
                                       "cpus:16;mem:1024;mem(q):512"};
        switch (roll(w, 8)) {
        case 0:
                policy_remove_agent(w->f.policy, agent);
                break;
        case 1:
                policy_activate_agent(w->f.policy, agent, roll(w, 2));
                break;
        default:
                add_agent(&w->f, agent, totals[roll(w, 3)]);
        }
}

static void step_framework(struct world *w)
{
        const char *framework = framework_name(roll(w, FRAMEWORKS));
        static const char *roles[] = {"r", "q", "r/x q", "r r/x"};
        switch (roll(w, 10)) {
        case 0:
                policy_remove_framework(w->f.policy, framework);
                break;
        case 1:
                policy_deactivate_framework(w->f.policy, framework);
                break;
        case 2:
                policy_suppress(w->f.policy, framework, NULL, 0);
                break;
        case 3:
                policy_revive(w->f.policy, framework, NULL, 0);
                break;
        case 4:
                request(&w->f, framework, roll(w, 2) ? agent_name(roll(w, AGENTS)) : NULL, "cpus:1;mem:64");
                break;
        case 5:
                policy_set_weight(w->f.policy, role_name(roll(w, 3)), 1.0 + roll(w, 4));
                break;
        default:
                add_framework(&w->f, framework, roles[roll(w, 4)]);
        }
}

/* Something held, often something given back already. */
static struct held *pick(struct world *w)
{
        return w->held_count ? &w->held[roll(w, (unsigned) w->held_count)] : NULL;
}

static void step_give_back(struct world *w)
{
        struct held *held = pick(w);
        if (held == NULL)
                return;
        held->gone = true;
        give_back(&w->f, held->agent, held->framework, held->token, roll(w, 2) ? roll(w, 5) * SECOND : 0);
}

static void step_use(struct world *w)
{
        struct held *offer = pick(w);
        if (offer == NULL || !offer->offer || w->held_count == HELD_MAX)
                return;
        offer->gone = true;
        struct held *task = &w->held[w->held_count++];
        struct held from = *offer;
        *task = from;
        task->offer = false;
        task->gone = false;
        snprintf(task->token, sizeof task->token, "task/%s/%u", from.framework, w->tasks_made++);
        use(&w->f, offer->agent, offer->framework, offer->role, offer->token, task->token, "cpus:0.5;mem:32",
            roll(w, 3) * SECOND);
}

static void step(struct world *w)
{
        switch (roll(w, 10)) {
        case 0:
                step_agent(w);
                break;
        case 1:
                step_framework(w);
                break;
        case 2:
        case 3:
                w->f.now_ns += roll(w, 1500) * 1000000LL;
                policy_run(w->f.policy, w->f.now_ns, roll(w, 2));
                break;
        case 4:
        case 5:
        case 6:
                step_use(w);
                break;
        default:
                step_give_back(w);
        }
        deliver(w);
}

static void expect_all_free(struct world *w)
{
        struct allocator_totals totals = {resources_new(), resources_new(), resources_new(), resources_new()};
        policy_totals(w->f.policy, NULL, &totals);
        ck_assert(resources_is_empty(totals.offered));
        ck_assert(resources_is_empty(totals.used));
        ck_assert(resources_equal(totals.free, totals.total));
        resources_free(totals.total);
        resources_free(totals.offered);
        resources_free(totals.used);
        resources_free(totals.free);
}

START_TEST(the_books_add_up_whatever_arrives_in_whatever_order)
{
        struct world *w = actor_zalloc(sizeof *w);
        uint64_t seed = 88172645463325252ULL + (uint64_t) _i * 7919;
        w->dice = seed;
        set_up(&w->f);
        for (int i = 0; i < STEPS; i++) {
                step(w);
                ck_assert_msg(policy_adds_up(w->f.policy), "seed %llu, step %d", (unsigned long long) seed,
                              i);
        }
        for (int twice = 0; twice < 2; twice++)
                for (size_t i = 0; i < w->held_count; i++)
                        give_back(&w->f, w->held[i].agent, w->held[i].framework, w->held[i].token, 0);
        expect_all_free(w);
        ck_assert_int_eq(w->f.metrics.pieces_used, 0);
        ck_assert_int_eq(w->f.metrics.offers_outstanding, 0);
        for (unsigned i = 0; i < FRAMEWORKS; i++)
                policy_remove_framework(w->f.policy, framework_name(i));
        for (unsigned i = 0; i < AGENTS; i++)
                policy_remove_agent(w->f.policy, agent_name(i));
        ck_assert_int_eq(w->f.metrics.agents, 0);
        ck_assert_int_eq(w->f.metrics.frameworks, 0);
        tear_down(&w->f);
        free(w);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_loop_test(tests, the_books_add_up_whatever_arrives_in_whatever_order, 0, 20);
}

TEST_MAIN("allocator books under random messages", add_tests)
