/* SPDX-License-Identifier: Apache-2.0 */
#include "weather.h"
#include <actor/sim.h>
#include <stdio.h>
#include <string.h>

static struct actor_sim *sim;
static char seen[1000];

static void record(const char *line)
{
        size_t used = strlen(seen);
        snprintf(seen + used, sizeof seen - used, "%lld ms: %s\n", (long long) actor_sim_now_ms(sim), line);
}

/* The two actors as they are, on two hosts that do not exist. */
int main(void)
{
        static const struct display_config config = {"thermometer@warm:1", 0, record};
        struct actor_node_config node_config = {.types = weather_types};
        struct actor_ref thermometer, display;
        sim = actor_sim_new(42);
        struct actor_node *warm = actor_sim_node(sim, "tcp://warm:1", &node_config);
        struct actor_node *desk = actor_sim_node(sim, "tcp://desk:1", &node_config);
        if (actor_node_spawn(warm, &thermometer_class, "thermometer", NULL, &thermometer) < 0 ||
            actor_node_spawn(desk, &display_class, "display", &config, &display) < 0)
                return 1;

        actor_sim_advance(sim, 1500);
        actor_sim_cut(sim, "tcp://warm:1", "tcp://desk:1"); /* a partition: nobody is told */
        actor_sim_advance(sim, 11000);
        actor_sim_heal(sim, "tcp://warm:1", "tcp://desk:1");
        actor_sim_advance(sim, 2000);
        actor_sim_free(sim);

        fputs(seen, stdout);
        bool passed = strcmp(seen, "0 ms: the mean is 20.0\n"
                                   "1000 ms: the mean is 20.0\n"
                                   "12000 ms: no answer: Connection timed out\n"
                                   "13000 ms: no answer: No route to host\n"
                                   "14000 ms: the mean is 20.0\n") == 0;
        return passed ? 0 : 1;
}
