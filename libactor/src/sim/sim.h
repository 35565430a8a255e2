/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <actor/sim.h>

/* What the simulation offers the core and the system room: everything that a real node gets from
 * threads, clocks and the kernel. */
struct actor;

int64_t sim_clock_ns(struct actor_sim *sim);
int64_t sim_wall_ns(struct actor_sim *sim);
uint64_t sim_dice(struct actor_sim *sim);
void sim_ready(struct actor_sim *sim, struct actor *a);
void sim_node_free(struct actor_sim *sim, struct actor_node *node);

/* Simulated processes (sim/processes.c); as the functions of system.h. */
int sim_process_start(struct actor_sim *sim, struct actor *owner, const struct actor_process_config *config,
                      pid_t *ret, struct actor_error *error);
int sim_process_adopt(struct actor_sim *sim, struct actor *owner, pid_t pid);
int sim_process_signal(struct actor_sim *sim, pid_t pid, int signal, bool group);
void sim_process_unwatch(struct actor_sim *sim, struct actor *owner);

#endif
