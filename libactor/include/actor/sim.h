/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_SIM_H
#define ACTOR_SIM_H

#include <actor/node.h>
#include <actor/system.h>

ACTOR_API_BEGIN

/* The simulated drivers: one thread, a virtual clock, a virtual network, disk and processes, and
 * dice thrown from a seed. A seed names a whole run: the same seed and the same calls give the same
 * interleaving. Actors cannot tell the difference. Not thread-safe: one thread drives a sim. */
struct actor_sim;

/* A simulation without nodes, at virtual time 0. Never NULL. */
struct actor_sim *actor_sim_new(uint64_t seed);
/* Frees the sim and every node in it. NULL is fine. */
void actor_sim_free(struct actor_sim *sim);

/* A node whose endpoint is `endpoint` ("tcp://m1:5050"): actor_node_listen() is not needed. The node belongs to the
 * sim; actor_node_free() ends it early (its peers see the connection break). Fields of config that
 * name threads are ignored. */
struct actor_node *actor_sim_node(struct actor_sim *sim, const char *endpoint, const struct actor_node_config *config);

/* Ends a node at once, as kill -9 does: nothing is drained, nothing said; its disk keeps what was synced. */
void actor_sim_crash(struct actor_sim *sim, struct actor_node *node);

/* Runs until nothing can happen without time passing. */
void actor_sim_settle(struct actor_sim *sim);
/* Lets `ms` of virtual time pass, handling all that falls due, then settles. */
void actor_sim_advance(struct actor_sim *sim, int64_t ms);
/* Runs until `done(arg)` is true, letting time pass as needed, at most `limit_ms`; says whether it was. */
bool actor_sim_run_until(struct actor_sim *sim, bool (*done)(void *arg), void *arg, int64_t limit_ms);
/* Virtual time since actor_sim_new(). The clock that actors read began earlier, never at 0. */
int64_t actor_sim_now_ms(struct actor_sim *sim);

/* The network between two nodes, by endpoint. Cut: frames both ways vanish and neither side is told
 * (a partition); heal ends it. Break: the connection ends and both sides see it. Delay: each frame
 * takes between min and max ms, order kept per direction. */
void actor_sim_cut(struct actor_sim *sim, const char *a, const char *b);
void actor_sim_heal(struct actor_sim *sim, const char *a, const char *b);
void actor_sim_break(struct actor_sim *sim, const char *a, const char *b);
void actor_sim_delay(struct actor_sim *sim, const char *a, const char *b, int64_t min_ms, int64_t max_ms);

/* Simulated processes: what actor_process_start() runs on a simulated node. `program` is matched
 * against argv[0]; `run` is called at the start and returns how the process will end by itself. */
struct actor_sim_fate {
        int64_t runs_ms; /* < 0: until killed */
        int status;      /* waitpid(2) form */
};
typedef struct actor_sim_fate (*actor_sim_program_fn)(const struct actor_process_config *config, void *arg);
void actor_sim_program(struct actor_sim *sim, const char *program, actor_sim_program_fn run, void *arg);

/* For programs whose process is played by actors on a node of their own. The pid of the process that
 * was started last; inside `run`: of the one being started. */
pid_t actor_sim_last_pid(const struct actor_sim *sim);
/* Whether a process has not ended yet. */
bool actor_sim_process_lives(const struct actor_sim *sim, pid_t pid);
/* Ends a process as if by itself, with a status in waitpid(2) form. One that has ended is left alone. */
void actor_sim_process_end(struct actor_sim *sim, pid_t pid, int status);

ACTOR_API_END

#endif
