/* SPDX-License-Identifier: Apache-2.0 */
/* Clusters in which everything that may break does, at moments the seed names; at the end all is healed and,
 * after enough time, all books must agree. */
#include "check_main.h"
#include "sim_books.h"
#include "sim_seeds.h"
#include <stdio.h>

#define SEEDS 20
#define ROUNDS 40
#define MINUTE_MS 60000
#define ENDPOINTS (SIM_AGENTS + 3)

struct chaos {
        struct sim_cluster *c;
        struct sim_framework *frameworks[2];
        const char *endpoints[ENDPOINTS];
        int64_t heals_ms[ENDPOINTS][ENDPOINTS]; /* a < b: when a cut ends; 0: there is none */
        int64_t returns_ms[SIM_AGENTS];         /* when a crashed agent is started again */
};

static unsigned dice(struct chaos *x, unsigned sides)
{
        return sim_cluster_dice(x->c, sides);
}

static struct actor_sim *sim(struct chaos *x)
{
        return sim_cluster_sim(x->c);
}

/* Two different endpoints, the master being one of them more often than not. */
static void choose_pair(struct chaos *x, unsigned *a, unsigned *b)
{
        *a = dice(x, 3) > 0 ? 0 : dice(x, ENDPOINTS);
        do
                *b = dice(x, ENDPOINTS);
        while (*b == *a);
        if (*a > *b) {
                unsigned swapped = *a;
                *a = *b;
                *b = swapped;
        }
}

static void crash(struct chaos *x, unsigned agent)
{
        if (!sim_agent_runs(x->c, agent))
                return;
        sim_agent_crash(x->c, agent);
        x->returns_ms[agent] = sim_cluster_now_ms(x->c) + 1 + dice(x, 100000);
}

static void disturb(struct chaos *x)
{
        unsigned a, b;
        choose_pair(x, &a, &b);
        switch (dice(x, 8)) {
        case 0:
        case 1:
                actor_sim_break(sim(x), x->endpoints[a], x->endpoints[b]);
                break;
        case 2:
        case 3:
                actor_sim_cut(sim(x), x->endpoints[a], x->endpoints[b]);
                x->heals_ms[a][b] = sim_cluster_now_ms(x->c) + 1 + dice(x, 2) * 90000 + dice(x, 20000);
                break;
        case 4:
                actor_sim_delay(sim(x), x->endpoints[a], x->endpoints[b], 0, dice(x, 2000));
                break;
        case 5:
                sim_agent_break_executors(x->c, dice(x, SIM_AGENTS));
                break;
        case 6:
                crash(x, dice(x, SIM_AGENTS));
                break;
        default:
                sim_framework_add(x->frameworks[dice(x, 2)], 1 + dice(x, 4),
                                  dice(x, 2) ? -1 : (int64_t) dice(x, 60000));
                break;
        }
}

static void mend(struct chaos *x, int64_t until_ms)
{
        for (unsigned a = 0; a < ENDPOINTS; a++)
                for (unsigned b = a + 1; b < ENDPOINTS; b++)
                        if (x->heals_ms[a][b] > 0 && x->heals_ms[a][b] <= until_ms) {
                                actor_sim_heal(sim(x), x->endpoints[a], x->endpoints[b]);
                                x->heals_ms[a][b] = 0;
                        }
        for (unsigned i = 0; i < SIM_AGENTS; i++)
                if (!sim_agent_runs(x->c, i) && x->returns_ms[i] <= until_ms)
                        sim_agent_start(x->c, i, dice(x, 3) == 0);
}

static void begin(struct chaos *x, uint64_t seed)
{
        x->c = sim_cluster_new(seed);
        for (unsigned i = 0; i < 2; i++) {
                const struct sim_framework_config config = {.name = i ? "g" : "f",
                                                            .checkpoint = i == 0,
                                                            .partition_aware = true,
                                                            .hesitates = true,
                                                            .failover_timeout_s = 3600};
                x->frameworks[i] = sim_framework_new(x->c, &config);
                sim_framework_add(x->frameworks[i], 4, -1);
                sim_framework_add(x->frameworks[i], 4, 20000);
                x->endpoints[1 + i] = x->frameworks[i]->endpoint;
        }
        x->endpoints[0] = SIM_MASTER;
        for (unsigned i = 0; i < SIM_AGENTS; i++)
                x->endpoints[3 + i] = sim_agent_endpoint(x->c, i);
}

static void heal_all(struct chaos *x)
{
        mend(x, INT64_MAX);
        for (unsigned a = 0; a < ENDPOINTS; a++)
                for (unsigned b = a + 1; b < ENDPOINTS; b++)
                        actor_sim_delay(sim(x), x->endpoints[a], x->endpoints[b], 0, 0);
}

static void check(struct chaos *x)
{
        for (unsigned i = 0; i < 2; i++)
                sim_framework_reconcile(x->frameworks[i]);
        sim_cluster_run(x->c, 3 * MINUTE_MS);
        ck_assert_uint_eq(sim_master_agents_active(x->c), SIM_AGENTS);
        sim_books_check(x->c, x->frameworks, 2);
}

START_TEST(after_any_chaos_all_books_agree_and_nothing_is_held_by_nobody)
{
        struct chaos x = {0};
        begin(&x, (uint64_t) _i);
        sim_cluster_run(x.c, 5000);
        for (unsigned i = 0; i < ROUNDS; i++) {
                disturb(&x);
                sim_cluster_run(x.c, dice(&x, 3) == 0 ? dice(&x, 20000) : dice(&x, 3000));
                mend(&x, sim_cluster_now_ms(x.c));
        }
        heal_all(&x);
        sim_cluster_run(x.c, 20 * MINUTE_MS); /* longer than an executor waits for its agent */
        check(&x);
        for (unsigned i = 0; i < 2; i++) {
                sim_framework_let_go(x.frameworks[i]);
                sim_framework_kill_all(x.frameworks[i]);
        }
        sim_cluster_run(x.c, 5 * MINUTE_MS);
        check(&x);
        for (unsigned i = 0; i < 2; i++)
                troupe_scheduler_stop(x.frameworks[i]->driver, false);
        sim_cluster_run(x.c, 5 * MINUTE_MS);
        sim_books_check_all_free(x.c);
        ck_assert_uint_eq(sim_executors_alive(x.c), 0);
        for (unsigned i = 0; i < 2; i++)
                sim_framework_free(x.frameworks[i]);
        sim_cluster_free(x.c);
}
END_TEST

static void add_tests(TCase *tcase)
{
        sim_add_by_seed(tcase, after_any_chaos_all_books_agree_and_nothing_is_held_by_nobody, SEEDS);
}

TEST_MAIN("sim chaos", add_tests)
