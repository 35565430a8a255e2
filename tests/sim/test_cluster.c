/* SPDX-License-Identifier: Apache-2.0 */
/* Whole clusters in a good or plainly broken network. Wild ones: test_chaos.c. */
#include "check_main.h"
#include "sim_books.h"
#include "sim_seeds.h"
#include <actor/memory.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_MS 60000
#define HOUR_MS (60 * MINUTE_MS)
#define SEEDS 20

static bool all_active(void *cluster)
{
        return sim_master_agents_active(cluster) == SIM_AGENTS;
}

static struct sim_cluster *cluster_new(uint64_t seed)
{
        struct sim_cluster *c = sim_cluster_new(seed);
        sim_cluster_run(c, 10);
        ck_assert(all_active(c));
        return c;
}

static struct sim_framework *framework_new(struct sim_cluster *c, struct sim_framework_config config)
{
        config.name = config.name ? config.name : "f";
        return sim_framework_new(c, &config);
}

/* The agent on which the framework's first task runs. */
static unsigned agent_of_first(struct sim_cluster *c, const struct sim_framework *f)
{
        const MasterApi__Response *response = sim_master_ask(c, MASTER_API__CALL__TYPE__GET_AGENTS);
        unsigned found = SIM_AGENTS;
        for (size_t i = 0; i < response->get_agents->n_agents; i++) {
                const V1__AgentInfo *info = response->get_agents->agents[i]->agent_info;
                if (strcmp(info->id->value, f->tasks[0].agent_id) == 0)
                        found = (unsigned) (info->hostname[1] - '1');
        }
        actor_msg_unref(response);
        ck_assert_uint_lt(found, SIM_AGENTS);
        return found;
}

/* mission: A1 */
START_TEST(in_a_quiet_network_every_task_gets_exactly_one_terminal_state)
{
        struct sim_cluster *c = cluster_new((uint64_t) _i);
        struct sim_framework *f = framework_new(c, (struct sim_framework_config){.partition_aware = true});
        for (unsigned i = 0; i < 20; i++)
                sim_framework_add(f, 2, 100 + 500 * i);
        ck_assert(sim_cluster_run_until(c, sim_framework_all_ended, f, 10 * MINUTE_MS));
        sim_cluster_run(c, MINUTE_MS);
        ck_assert_uint_eq(sim_framework_count(f, V1__TASK_STATE__TASK_FINISHED), f->task_count);
        sim_books_check(c, &f, 1);
        troupe_scheduler_stop(f->driver, false);
        sim_cluster_run(c, 5 * MINUTE_MS);
        sim_books_check_all_free(c);
        ck_assert_uint_eq(sim_executors_alive(c), 0);
        sim_framework_free(f);
        sim_cluster_free(c);
}
END_TEST

static bool has_heard_of_loss(void *framework)
{
        return sim_framework_count(framework, V1__TASK_STATE__TASK_RUNNING) == 0;
}

static void give_up_an_agent(bool partition_aware, V1__TaskState expected)
{
        struct sim_cluster *c = cluster_new(1);
        struct sim_framework *f = framework_new(
                c, (struct sim_framework_config){.checkpoint = true, .partition_aware = partition_aware});
        sim_framework_add(f, 1, -1);
        ck_assert(sim_cluster_run_until(c, sim_framework_all_running, f, MINUTE_MS));
        unsigned lost = agent_of_first(c, f);
        sim_cluster_run(c, 20000 - sim_cluster_now_ms(c));
        actor_sim_cut(sim_cluster_sim(c), SIM_MASTER, sim_agent_endpoint(c, lost));
        /* Registered at 0, pinged every 15 s, the first ping not answered is that of 30 s. */
        sim_cluster_run(c, 104999 - sim_cluster_now_ms(c));
        ck_assert(sim_framework_all_running(f));
        ck_assert(!sim_registry_has_unreachable(c, f->tasks[0].agent_id));
        ck_assert(sim_cluster_run_until(c, has_heard_of_loss, f, MINUTE_MS));
        ck_assert_int_eq(sim_cluster_now_ms(c), 105000);
        ck_assert(sim_registry_has_unreachable(c, f->tasks[0].agent_id));
        ck_assert_int_eq(f->tasks[0].state, expected);
        ck_assert_uint_eq(f->agents_lost, 1);
        sim_framework_free(f);
        sim_cluster_free(c);
}

/* mission: A4 D8 */
START_TEST(an_agent_that_stops_answering_is_given_up_at_the_fifth_missed_ping)
{
        give_up_an_agent(true, V1__TASK_STATE__TASK_UNREACHABLE);
}
END_TEST

/* mission: C5 D8 */
START_TEST(a_framework_that_knows_no_partitions_hears_task_lost)
{
        give_up_an_agent(false, V1__TASK_STATE__TASK_LOST);
}
END_TEST

START_TEST(a_checkpointing_frameworks_tasks_outlive_a_broken_connection)
{
        struct sim_cluster *c = cluster_new((uint64_t) _i);
        struct sim_framework *f =
                framework_new(c, (struct sim_framework_config){.checkpoint = true, .partition_aware = true});
        sim_framework_add(f, 6, -1);
        ck_assert(sim_cluster_run_until(c, sim_framework_all_running, f, MINUTE_MS));
        for (unsigned i = 0; i < SIM_AGENTS; i++) {
                actor_sim_break(sim_cluster_sim(c), SIM_MASTER, sim_agent_endpoint(c, i));
                sim_agent_break_executors(c, i);
        }
        sim_cluster_run(c, 5 * MINUTE_MS);
        ck_assert(all_active(c));
        ck_assert(sim_framework_all_running(f));
        sim_books_check(c, &f, 1);
        sim_framework_kill_all(f);
        ck_assert(sim_cluster_run_until(c, sim_framework_all_ended, f, MINUTE_MS));
        ck_assert_uint_eq(sim_framework_count(f, V1__TASK_STATE__TASK_KILLED), f->task_count);
        sim_framework_free(f);
        sim_cluster_free(c);
}
END_TEST

/* mission: F8 */
START_TEST(a_framework_that_leaves_without_a_failover_timeout_has_its_tasks_killed)
{
        struct sim_cluster *c = cluster_new((uint64_t) _i);
        struct sim_framework *f = framework_new(c, (struct sim_framework_config){.checkpoint = true});
        sim_framework_add(f, 6, -1);
        ck_assert(sim_cluster_run_until(c, sim_framework_all_running, f, MINUTE_MS));
        sim_framework_free(f);
        sim_cluster_run(c, MINUTE_MS);
        sim_books_check(c, NULL, 0);
        sim_books_check_all_free(c);
        ck_assert_uint_eq(sim_executors_alive(c), 0);
        sim_cluster_free(c);
}
END_TEST

/* mission: F5 */
START_TEST(a_framework_that_returns_in_time_finds_its_tasks_alive)
{
        struct sim_cluster *c = cluster_new((uint64_t) _i);
        struct sim_framework *f = framework_new(c, (struct sim_framework_config){.failover_timeout_s = 600});
        sim_framework_add(f, 6, -1);
        ck_assert(sim_cluster_run_until(c, sim_framework_all_running, f, MINUTE_MS));
        char id[256];
        snprintf(id, sizeof id, "%s", f->id);
        sim_framework_free(f);
        sim_cluster_run(c, 5 * MINUTE_MS);
        struct sim_framework *second = framework_new(
                c, (struct sim_framework_config){.name = "g", .id = id, .failover_timeout_s = 600});
        sim_cluster_run(c, MINUTE_MS);
        ck_assert_uint_eq(second->registrations, 1);
        ck_assert_str_eq(second->id, id);
        const MasterApi__Response *response = sim_master_ask(c, MASTER_API__CALL__TYPE__GET_TASKS);
        ck_assert_uint_eq(response->get_tasks->n_tasks, 6);
        for (size_t i = 0; i < 6; i++)
                ck_assert_int_eq(response->get_tasks->tasks[i]->state, V1__TASK_STATE__TASK_RUNNING);
        actor_msg_unref(response);
        sim_books_check(c, &second, 1);
        sim_framework_free(second);
        sim_cluster_free(c);
}
END_TEST

START_TEST(an_idle_cluster_does_nothing_but_ping_and_heartbeat)
{
        struct sim_cluster *c = cluster_new(1);
        struct sim_framework *f = framework_new(c, (struct sim_framework_config){.quiet = true});
        sim_cluster_run(c, MINUTE_MS);
        struct actor_node_totals before, after;
        actor_node_totals(sim_cluster_master(c), &before);
        sim_cluster_run(c, HOUR_MS);
        actor_node_totals(sim_cluster_master(c), &after);
        const uint64_t beats = HOUR_MS / 15000;
        ck_assert_uint_eq(after.wire_received - before.wire_received, SIM_AGENTS * beats);
        ck_assert_uint_eq(after.wire_sent - before.wire_sent, (SIM_AGENTS + 1) * beats);
        ck_assert_uint_eq(after.dead_letters, before.dead_letters);
        ck_assert_uint_eq(after.actors, before.actors);
        sim_framework_free(f);
        sim_cluster_free(c);
}
END_TEST

static char *transcript_of_a_run(uint64_t seed)
{
        struct sim_cluster *c = sim_cluster_new(seed);
        struct sim_framework *f = framework_new(c, (struct sim_framework_config){.failover_timeout_s = 600});
        sim_framework_add(f, 12, 3000);
        sim_cluster_run(c, 2000);
        actor_sim_break(sim_cluster_sim(c), SIM_MASTER, f->endpoint);
        sim_agent_crash(c, 1);
        sim_cluster_run(c, 20000);
        sim_agent_start(c, 1, false);
        sim_cluster_run(c, MINUTE_MS);
        sim_framework_free(f);
        char *text = actor_strdup(sim_cluster_transcript(c));
        sim_cluster_free(c);
        return text;
}

START_TEST(the_same_seed_gives_the_same_transcript)
{
        char *first = transcript_of_a_run(7), *second = transcript_of_a_run(7),
             *other = transcript_of_a_run(8);
        ck_assert_uint_gt(strlen(first), 1000);
        size_t same = 0;
        while (first[same] != '\0' && first[same] == second[same])
                same++;
        ck_assert_msg(first[same] == second[same], "transcripts part: \"%.200s\" and \"%.200s\"",
                      first + same, second + same);
        ck_assert_int_ne(strcmp(first, other), 0);
        free(first);
        free(second);
        free(other);
}
END_TEST

static void add_tests(TCase *tcase)
{
        sim_add_by_seed(tcase, in_a_quiet_network_every_task_gets_exactly_one_terminal_state, SEEDS);
        tcase_add_test(tcase, an_agent_that_stops_answering_is_given_up_at_the_fifth_missed_ping);
        tcase_add_test(tcase, a_framework_that_knows_no_partitions_hears_task_lost);
        sim_add_by_seed(tcase, a_checkpointing_frameworks_tasks_outlive_a_broken_connection, SEEDS);
        sim_add_by_seed(tcase, a_framework_that_leaves_without_a_failover_timeout_has_its_tasks_killed,
                        SEEDS);
        sim_add_by_seed(tcase, a_framework_that_returns_in_time_finds_its_tasks_alive, SEEDS);
        tcase_add_test(tcase, an_idle_cluster_does_nothing_but_ping_and_heartbeat);
        tcase_add_test(tcase, the_same_seed_gives_the_same_transcript);
}

TEST_MAIN("sim cluster", add_tests)
