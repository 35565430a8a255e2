/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whatever the network does, each note arrives at most once and in order, each ask is answered
 * once, each watch ends once, and two nodes end up with one connection. Method: three simulated nodes
 * talk while connections break, are cut, healed and delayed at random; a seed names each run. */
#include <check.h>

#include "probe.h"
#include "check_main.h"

#include <actor/log.h>
#include <actor/sim.h>

enum { NODES = 3, STEPS = 120, SEEDS = 60 };

struct chaos {
        struct actor_sim *sim;
        struct actor_node *nodes[NODES];
        struct probe senders[NODES], receivers[NODES][NODES]; /* receivers[at][from] */
        struct actor_ref sender_refs[NODES];
        uint64_t sent[NODES][NODES], asks[NODES], watches[NODES];
        uint64_t dice;
};

static const char *const endpoints[NODES] = {"tcp://n0:1", "tcp://n1:1", "tcp://n2:1"};

static uint64_t throw(struct chaos * chaos, uint64_t sides)
{
        chaos->dice = chaos->dice * 6364136223846793005u + 1442695040888963407u;
        return (chaos->dice >> 33) % sides;
}

static void make_nodes(struct chaos *chaos, struct actor_log *log)
{
        for (int i = 0; i < NODES; i++) {
                struct actor_node_config config = {.name = endpoints[i],
                                                   .types = note_types,
                                                   .heartbeat_ms = 500,
                                                   .reconnect_max_ms = 1000,
                                                   .log = log};
                char name[16];
                chaos->nodes[i] = actor_sim_node(chaos->sim, endpoints[i], &config);
                chaos->sender_refs[i] = probe_spawn(chaos->nodes[i], "sender", &chaos->senders[i]);
                for (int from = 0; from < NODES; from++) {
                        snprintf(name, sizeof name, "from%d", from);
                        chaos->receivers[i][from] = (struct probe){.is_quiet = true};
                        probe_spawn(chaos->nodes[i], name, &chaos->receivers[i][from]);
                }
        }
}

static void talk(struct chaos *chaos, int from, int to)
{
        char name[16];
        snprintf(name, sizeof name, "from%d", from);
        struct order order = {.to = resolve(chaos->nodes[from], name, endpoints[to]),
                              .number = ++chaos->sent[from][to]};
        uint64_t choice = throw(chaos, 4);
        order.what = choice == 0 ? ORDER_ASK : ORDER_SEND;
        chaos->asks[from] += choice == 0;
        probe_order(chaos->nodes[from], chaos->sender_refs[from], order);
        if (choice == 1) {
                order.what = ORDER_MONITOR;
                chaos->watches[from]++;
                probe_order(chaos->nodes[from], chaos->sender_refs[from], order);
        }
}

static void disturb(struct chaos *chaos, const char *a, const char *b)
{
        int64_t delay_ms = (int64_t) throw(chaos, 20);
        switch (throw(chaos, 12)) {
        case 0:
                actor_sim_break(chaos->sim, a, b);
                break;
        case 1:
                actor_sim_cut(chaos->sim, a, b);
                break;
        case 2:
        case 3:
                actor_sim_heal(chaos->sim, a, b);
                break;
        case 4:
                actor_sim_delay(chaos->sim, a, b, delay_ms, delay_ms + (int64_t) throw(chaos, 30));
                break;
        default:
                break;
        }
}

static void run(struct chaos *chaos)
{
        for (int step = 0; step < STEPS; step++) {
                int a = (int) throw(chaos, NODES), b = (a + 1 + (int) throw(chaos, NODES - 1)) % NODES;
                disturb(chaos, endpoints[a], endpoints[b]);
                for (uint64_t i = throw(chaos, 4); i > 0; i--)
                        talk(chaos, a, b);
                if (throw(chaos, 2))
                        talk(chaos, b, a);
                actor_sim_advance(chaos->sim, (int64_t) throw(chaos, throw(chaos, 8) ? 20 : 3000));
        }
}

/* Numbers may be missing where a connection was lost, but none comes twice or out of its turn. */
static void calm_down(struct chaos *chaos)
{
        for (int a = 0; a < NODES; a++)
                for (int b = 0; b < NODES; b++)
                        if (a != b)
                                actor_sim_heal(chaos->sim, endpoints[a], endpoints[b]);
        actor_sim_advance(chaos->sim, 10000);
        for (int a = 0; a < NODES; a++)
                for (int b = 0; b < NODES; b++)
                        if (a != b)
                                talk(chaos, a, b);
        actor_sim_advance(chaos->sim, 10000);
}

static size_t count_text(const char *text, const char *what)
{
        size_t count = 0;
        for (const char *at = text; (at = strstr(at, what)); at++)
                count++;
        return count;
}

static void check(struct chaos *chaos)
{
        for (int i = 0; i < NODES; i++) {
                struct actor_node_totals totals;
                actor_node_totals(chaos->nodes[i], &totals);
                ck_assert_uint_eq(totals.peers, NODES - 1);
                ck_assert_uint_eq(totals.wire_rejected, 0);
                ck_assert_uint_eq(count_text(chaos->senders[i].transcript, "reply"), chaos->asks[i]);
                for (int from = 0; from < NODES; from++) {
                        if (from == i)
                                continue;
                        const struct probe *probe = &chaos->receivers[i][from];
                        ck_assert_uint_eq(probe->backwards, 0);
                        ck_assert_uint_eq(probe->last, chaos->sent[from][i]);
                }
        }
        for (int a = 0; a < NODES; a++)
                for (int b = a + 1; b < NODES; b++)
                        actor_sim_break(chaos->sim, endpoints[a], endpoints[b]);
        actor_sim_settle(chaos->sim);
        for (int i = 0; i < NODES; i++)
                ck_assert_uint_eq(chaos->senders[i].downs, chaos->watches[i]);
}

START_TEST(whatever_the_network_does_the_promises_hold)
{
        static struct chaos chaos;
        chaos = (struct chaos){.dice = (uint64_t) _i + 1};
        struct actor_log *log = actor_log_new(2, ACTOR_LOG_ERROR, false);
        chaos.sim = actor_sim_new((uint64_t) _i + 1);
        make_nodes(&chaos, log);
        run(&chaos);
        calm_down(&chaos);
        check(&chaos);
        actor_sim_free(chaos.sim);
        actor_log_free(log);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_loop_test(tcase, whatever_the_network_does_the_promises_hold, 0, SEEDS);
}

TEST_MAIN("peers in a bad network", add_tests)
