/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_SIM_FRAMEWORK_H
#define TESTS_LIB_SIM_FRAMEWORK_H

#include "sim_cluster.h"
#include <troupe/scheduler.h>

/* A framework on a simulated node, written on the scheduler driver. It launches the tasks it is given, two
 * an offer at most, declines the rest, and writes down what became of each. After a lost connection it
 * reconciles, as a framework should. Its books are open: */
struct sim_task {
        char id[24];
        char agent_id[128]; /* where it was launched; "" before */
        int64_t runs_ms;
        V1__TaskState state; /* the last heard; STAGING before */
        unsigned terminals;  /* different terminal states heard: one is right */
        int64_t changed_ms;  /* when `state` was heard */
};

struct sim_framework_config {
        const char *name; /* also its host */
        bool checkpoint, partition_aware;
        bool quiet;     /* wants no offers */
        bool hesitates; /* keeps every fourth offer until sim_framework_let_go() */
        double failover_timeout_s;
        const char *id; /* NULL: new; else takes over */
};

struct sim_framework {
        struct sim_cluster *cluster;
        struct sim_framework_config config;
        struct actor_node *node;
        struct troupe_scheduler *driver;
        char endpoint[32], id[256];
        struct sim_task *tasks;
        size_t task_count, task_capacity, launched;
        char (*held)[256]; /* offers kept */
        size_t held_count, held_capacity;
        unsigned registrations, offers, agents_lost;
        bool ended;
};

struct sim_framework *sim_framework_new(struct sim_cluster *c, const struct sim_framework_config *config);
void sim_framework_free(struct sim_framework *f); /* before the cluster; its node crashes if it runs */

/* `count` more tasks to launch, each running `runs_ms` (-1: until killed). */
void sim_framework_add(struct sim_framework *f, unsigned count, int64_t runs_ms);
struct sim_task *sim_framework_find(struct sim_framework *f, const char *task_id);
void sim_framework_kill_all(struct sim_framework *f);
void sim_framework_reconcile(struct sim_framework *f);
void sim_framework_let_go(struct sim_framework *f); /* declines what it kept, and keeps no more */

size_t sim_framework_count(const struct sim_framework *f, V1__TaskState state);
/* For sim_cluster_run_until(); arg is the framework. */
bool sim_framework_all_ended(void *framework);   /* every task launched and in a terminal state */
bool sim_framework_all_running(void *framework); /* … or running */

#endif
