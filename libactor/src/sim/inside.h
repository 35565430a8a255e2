/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_INSIDE_H
#define SIM_INSIDE_H

#include "core/inside.h"
#include "sim/sim.h"

struct sim_process {
        pid_t pid;
        int64_t ends_ns; /* INT64_MAX: when it is killed */
        int status;
        bool new_session, kill_with_parent, ours; /* ours: started by its present owner's node */
        struct actor_node *node;                  /* of the owner; NULL: nobody waits */
        struct actor_ref owner;
};

struct actor_sim {
        int64_t now_ns;
        uint64_t dice; /* the state of the generator */
        struct actor **ready;
        size_t ready_count, ready_capacity;
        struct actor_node **nodes; /* in order of making */
        size_t node_count, node_capacity;
        struct sim_network *network;
        struct sim_program {
                char *name;
                actor_sim_program_fn run;
                void *arg;
        } * programs;
        size_t program_count, program_capacity;
        struct sim_process *processes;
        size_t process_count, process_capacity;
        pid_t last_pid;
};

/* Ends what is due; says whether there was anything. */
bool sim_processes_step(struct actor_sim *sim);
int64_t sim_processes_deadline(const struct actor_sim *sim);
/* A node is gone, after `crashed` or in good order. */
void sim_processes_orphan(struct actor_sim *sim, const struct actor_node *node);
void sim_processes_done(struct actor_sim *sim);

#endif
