/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/inside.h"

#include "system/system.h"
#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* sim.c: the run loop of a simulation. Whatever can happen without time passing happens one step at a
 * time, and the dice say which comes next: one turn (of one message) of a runnable actor, or the
 * network's due work. Only when nothing is left does the clock move, to the next deadline exactly. */
#define NS_A_MS INT64_C(1000000)
/* Monotonic time does not begin at 0, where code could mistake it for "never". */
#define CLOCK_BEGINS_NS (1000 * INT64_C(1000000000))
/* What simulated people see on the wall when it begins: 2026-01-01T00:00:00Z. */
#define WALL_BEGINS_NS (INT64_C(1767225600) * 1000000000)

int64_t sim_clock_ns(struct actor_sim *sim)
{
        return sim->now_ns;
}

int64_t sim_wall_ns(struct actor_sim *sim)
{
        return sim->now_ns - CLOCK_BEGINS_NS + WALL_BEGINS_NS;
}

int64_t actor_sim_now_ms(struct actor_sim *sim)
{
        return (sim->now_ns - CLOCK_BEGINS_NS) / NS_A_MS;
}

/* SplitMix64 (Steele, Lea and Flood, 2014): any seed is a good one. */
uint64_t sim_dice(struct actor_sim *sim)
{
        uint64_t z = (sim->dice += UINT64_C(0x9E3779B97F4A7C15));
        z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
        return z ^ (z >> 31);
}

void sim_ready(struct actor_sim *sim, struct actor *a)
{
        ACTOR_ARRAY_RESERVE(sim->ready, sim->ready_count, sim->ready_capacity);
        sim->ready[sim->ready_count++] = a;
}

/* ---- making and unmaking ------------------------------------------------------------------------- */

static int64_t network_clock(void *sim)
{
        return sim_clock_ns(sim);
}

static uint64_t network_dice(void *sim)
{
        return sim_dice(sim);
}

struct actor_sim *actor_sim_new(uint64_t seed)
{
        struct actor_sim *sim = actor_zalloc(sizeof *sim);
        sim->dice = seed;
        sim->now_ns = CLOCK_BEGINS_NS;
        sim->last_pid = 1000;
        sim->network = sim_network_new(network_clock, network_dice, sim);
        return sim;
}

struct actor_node *actor_sim_node(struct actor_sim *sim, const char *endpoint,
                                  const struct actor_node_config *config)
{
        static const struct actor_node_config all_defaults;
        if (config == NULL)
                config = &all_defaults;
        struct actor_node *node = node_make(config, 1, sim);
        node->workers[0].now_ns = sim->now_ns;
        struct net_config net = node_net_config(node, config);
        int r = net_new_simulated(&net, sim->network, endpoint, &node->net);
        assert(r == 0);
        ACTOR_ARRAY_RESERVE(sim->nodes, sim->node_count, sim->node_capacity);
        sim->nodes[sim->node_count++] = node;
        return node;
}

static void forget(struct actor_sim *sim, struct actor_node *node)
{
        size_t kept = 0;
        for (size_t i = 0; i < sim->ready_count; i++) {
                if (sim->ready[i]->node != node)
                        sim->ready[kept++] = sim->ready[i];
        }
        sim->ready_count = kept;
        for (size_t i = 0; i < sim->node_count; i++) {
                if (sim->nodes[i] == node) {
                        memmove(&sim->nodes[i], &sim->nodes[i + 1],
                                (sim->node_count - i - 1) * sizeof *sim->nodes);
                        sim->node_count--;
                        break;
                }
        }
        sim_processes_orphan(sim, node);
}

static void bury(struct actor_sim *sim, struct actor_node *node)
{
        system_stop(node);
        node->net = NULL;
        node_sweep(node);
        forget(sim, node);
        node_unmake(node);
}

void actor_sim_crash(struct actor_sim *sim, struct actor_node *node)
{
        assert(node->sim == sim);
        net_crash(node->net);
        bury(sim, node);
}

static bool is_down(void *node)
{
        return node_is_down(node);
}

void sim_node_free(struct actor_sim *sim, struct actor_node *node)
{
        node_begin_shutdown(node, 0);
        (void) actor_sim_run_until(sim, is_down, node, INT64_MAX);
        net_free(node->net);
        bury(sim, node);
}

void actor_sim_free(struct actor_sim *sim)
{
        if (sim == NULL)
                return;
        while (sim->node_count > 0)
                actor_node_free(sim->nodes[sim->node_count - 1]);
        sim_network_free(sim->network);
        sim_processes_done(sim);
        free(sim->nodes);
        free(sim->ready);
        free(sim);
}

/* ---- running ------------------------------------------------------------------------------------- */

static bool step_timers(struct actor_sim *sim)
{
        bool any = false;
        for (size_t i = 0; i < sim->node_count; i++) {
                struct actor_node *node = sim->nodes[i];
                struct worker *worker = &node->workers[0];
                if (CELL_GET(worker->wheel.next_ms) > sim->now_ns / NS_A_MS)
                        continue;
                timers_run(node, worker, worker, sim->now_ns);
                any = true;
        }
        return any;
}

static void step_shutdowns(struct actor_sim *sim)
{
        for (size_t i = 0; i < sim->node_count; i++)
                node_poll_shutdown(sim->nodes[i]);
}

static void run_one(struct actor_sim *sim, size_t index)
{
        struct actor *a = sim->ready[index];
        struct worker *worker = &a->node->workers[0];
        sim->ready[index] = sim->ready[--sim->ready_count];
        worker->now_ns = sim->now_ns;
        if (turn_run(worker, a))
                sim_ready(sim, a);
}

/* Does one thing that can happen now; false: nothing can. */
static bool step(struct actor_sim *sim)
{
        step_shutdowns(sim);
        if (step_timers(sim) || sim_processes_step(sim))
                return true;
        size_t choice = (size_t) (sim_dice(sim) % (sim->ready_count + 1));
        if (choice == sim->ready_count) {
                if (sim_network_step(sim->network))
                        return true;
                if (sim->ready_count == 0)
                        return system_poll(sim->nodes, sim->node_count);
                choice = 0;
        }
        run_one(sim, choice);
        return true;
}

void actor_sim_settle(struct actor_sim *sim)
{
        while (step(sim)) {
        }
}

static int64_t next_deadline(const struct actor_sim *sim)
{
        int64_t next_ns = sim_network_deadline(sim->network);
        int64_t process_ns = sim_processes_deadline(sim);
        if (process_ns < next_ns)
                next_ns = process_ns;
        for (size_t i = 0; i < sim->node_count; i++) {
                int64_t next_ms = CELL_GET(sim->nodes[i]->workers[0].wheel.next_ms);
                if (next_ms < next_ns / NS_A_MS)
                        next_ns = next_ms * NS_A_MS;
        }
        return next_ns;
}

/* Moves the clock to the next deadline, if it is not after `until_ns`. */
static bool jump(struct actor_sim *sim, int64_t until_ns)
{
        int64_t next_ns = next_deadline(sim);
        if (next_ns == INT64_MAX || next_ns > until_ns)
                return false;
        if (next_ns > sim->now_ns)
                sim->now_ns = next_ns;
        return true;
}

static int64_t limit_ns(const struct actor_sim *sim, int64_t ms)
{
        return ms > (INT64_MAX - sim->now_ns) / NS_A_MS ? INT64_MAX : sim->now_ns + ms * NS_A_MS;
}

void actor_sim_advance(struct actor_sim *sim, int64_t ms)
{
        assert(ms >= 0);
        int64_t until_ns = limit_ns(sim, ms);
        actor_sim_settle(sim);
        while (jump(sim, until_ns))
                actor_sim_settle(sim);
        sim->now_ns = until_ns;
        actor_sim_settle(sim);
}

bool actor_sim_run_until(struct actor_sim *sim, bool (*done)(void *arg), void *arg, int64_t limit_ms)
{
        int64_t until_ns = limit_ns(sim, limit_ms);
        while (!done(arg)) {
                if (!step(sim) && !jump(sim, until_ns))
                        return done(arg);
        }
        return true;
}

void actor_sim_cut(struct actor_sim *sim, const char *a, const char *b)
{
        sim_network_cut(sim->network, a, b);
}

void actor_sim_heal(struct actor_sim *sim, const char *a, const char *b)
{
        sim_network_heal(sim->network, a, b);
}

void actor_sim_break(struct actor_sim *sim, const char *a, const char *b)
{
        sim_network_break(sim->network, a, b);
}

void actor_sim_delay(struct actor_sim *sim, const char *a, const char *b, int64_t min_ms, int64_t max_ms)
{
        sim_network_delay(sim->network, a, b, min_ms, max_ms);
}
