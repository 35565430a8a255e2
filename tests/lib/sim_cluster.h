/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_SIM_CLUSTER_H
#define TESTS_LIB_SIM_CLUSTER_H

#include <actor/sim.h>
#include <proto/types.h>

/* A whole cluster on one thread under virtual time: a master, SIM_AGENTS agents and the executors they
 * start, all of the production code, on simulated nodes. A seed names a run.
 *
 * Real are the sandboxes, below a directory that goes with the cluster. Played are processes: an executor
 * is the command executor on a node of its own, a task's command is a number (below). */
#define SIM_AGENTS 3
#define SIM_MASTER "tcp://m:5050"

struct sim_cluster;

struct sim_cluster *sim_cluster_new(uint64_t seed);
void sim_cluster_free(struct sim_cluster *c); /* ends everything that still runs; NULL is fine */

struct actor_sim *sim_cluster_sim(struct sim_cluster *c);
struct actor_node *sim_cluster_master(struct sim_cluster *c);
/* A node for a framework. It belongs to the sim. */
struct actor_node *sim_cluster_node(struct sim_cluster *c, const char *name, const char *endpoint);
/* The test's own dice, from the seed: a number below `sides`. */
unsigned sim_cluster_dice(struct sim_cluster *c, unsigned sides);

/* Lets virtual time pass. Not actor_sim_advance(): executors are started and ended in between. */
void sim_cluster_run(struct sim_cluster *c, int64_t ms);
/* Until `done(arg)`, at most `limit_ms`; says whether it was. */
bool sim_cluster_run_until(struct sim_cluster *c, bool (*done)(void *arg), void *arg, int64_t limit_ms);
int64_t sim_cluster_now_ms(struct sim_cluster *c);

/* ---- agents: 0 … SIM_AGENTS - 1 ------------------------------------------------------------------- */

const char *sim_agent_endpoint(const struct sim_cluster *c, unsigned index); /* "tcp://a1:5051" */
bool sim_agent_runs(const struct sim_cluster *c, unsigned index);
/* As kill -9; what it had synced is found by the next one. Its executors live on until they notice. */
void sim_agent_crash(struct sim_cluster *c, unsigned index);
/* Starts one that does not run: with its records, or `fresh`, as a new agent on this machine. */
void sim_agent_start(struct sim_cluster *c, unsigned index, bool fresh);
/* Breaks the connections between an agent and its executors. */
void sim_agent_break_executors(struct sim_cluster *c, unsigned index);

/* ---- what they know ------------------------------------------------------------------------------- */

/* Answers are messages: actor_msg_unref(). */
struct inventory; /* agent/supervision/messages.h */
const struct inventory *sim_agent_inventory(struct sim_cluster *c, unsigned index);
const MasterApi__Response *sim_master_ask(struct sim_cluster *c, MasterApi__Call__Type question);
/* Whether the registry has an agent as unreachable. */
bool sim_registry_has_unreachable(struct sim_cluster *c, const char *agent_id);
/* Agents that are registered and active, and the executors' nodes that live. */
unsigned sim_master_agents_active(struct sim_cluster *c);
unsigned sim_executors_alive(const struct sim_cluster *c);

/* Every line logged so far, at level debug: the transcript. */
const char *sim_cluster_transcript(const struct sim_cluster *c);

#endif
