/* SPDX-License-Identifier: Apache-2.0 */
/* An agent's session: pings, the loss of the agent, and its return. */
#include "../cluster.h"

static struct cluster *cluster;
static struct puppet *scheduler, *agent;

/* A framework with one running task on the only agent. */
static void setup(bool checkpoint)
{
        cluster = cluster_new();
        scheduler = puppet_add(cluster, NULL, "tcp://f:1", "scheduler");
        agent = puppet_add(cluster, NULL, "tcp://a:1", "agent");
        subscribe(scheduler, 3600, checkpoint);
        register_agent(agent, 4);
        launch(scheduler, "t1", 1);
        status_update(agent, scheduler, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        expect(scheduler, "SUBSCRIBED\nOFFERS 1\nUPDATE t1 TASK_RUNNING uuid\n");
        expect(agent, "AgentRegistered\nRunTasks t1\n");
}

/* mission: A4 */
START_TEST(an_agent_is_given_up_after_exactly_the_last_missed_ping)
{
        setup(true);
        ck_assert_uint_eq(agent->pings, 1);
        actor_sim_advance(cluster->sim, PING_MS);
        ck_assert_uint_eq(agent->pings, 2);
        agent->mute = true;
        /* the next ping is the first that is not answered; five have their full time */
        actor_sim_advance(cluster->sim, PING_MS + PINGS_MAX * PING_MS - 1);
        expect(scheduler, "");
        actor_sim_advance(cluster->sim, 1);
        expect(scheduler, "UPDATE t1 TASK_LOST AGENT_REMOVED\nFAILURE agent\n");
        expect(agent, "Ping disconnected\n");
        ck_assert_int_eq(cluster->metrics.agents_unreachable, 1);
        ck_assert_int_eq(cluster->metrics.agents_active, 0);
        cluster_free(cluster);
}
END_TEST

START_TEST(an_answered_ping_forgives_the_missed_ones)
{
        setup(true);
        agent->mute = true;
        actor_sim_advance(cluster->sim, (PINGS_MAX - 1) * PING_MS);
        agent->mute = false;
        actor_sim_advance(cluster->sim, 20 * PING_MS);
        expect(scheduler, "");
        cluster_free(cluster);
}
END_TEST

START_TEST(an_unreachable_agent_that_returns_brings_its_tasks_back)
{
        setup(true);
        agent->mute = true;
        actor_sim_advance(cluster->sim, (PINGS_MAX + 1) * PING_MS);
        expect(scheduler, "UPDATE t1 TASK_LOST AGENT_REMOVED\nFAILURE agent\n");
        agent->mute = false;
        expect(agent, "Ping disconnected\n");
        reregister_agent(agent, 4, scheduler, "t1", true);
        expect(agent, "AgentRegistered again\n");
        expect(scheduler, "UPDATE t1 TASK_RUNNING AGENT_REREGISTERED\nOFFERS 1\n");
        /* 1 of 4 cpus is the task's */
        ck_assert_double_eq(last_offer(scheduler)->resources[0]->scalar->value, 3);
        cluster_free(cluster);
}
END_TEST

START_TEST(tasks_of_a_checkpointing_framework_survive_a_broken_connection)
{
        setup(true);
        actor_sim_break(cluster->sim, "tcp://m:5050", "tcp://a:1");
        actor_sim_settle(cluster->sim);
        expect(scheduler, "");
        ck_assert_int_eq(cluster->metrics.agents_disconnected, 1);
        reregister_agent(agent, 4, scheduler, "t1", true);
        expect(agent, "AgentRegistered again\n");
        expect(scheduler, "");
        ck_assert_int_eq(cluster->metrics.agents_active, 1);
        cluster_free(cluster);
}
END_TEST

START_TEST(tasks_of_other_frameworks_are_lost_with_the_connection_and_shut_down_on_return)
{
        setup(false);
        actor_sim_break(cluster->sim, "tcp://m:5050", "tcp://a:1");
        actor_sim_settle(cluster->sim);
        expect(scheduler, "UPDATE t1 TASK_LOST AGENT_DISCONNECTED\n");
        reregister_agent(agent, 4, scheduler, "t1", false);
        expect(agent, "AgentRegistered again, 1 frameworks to end\n");
        cluster_free(cluster);
}
END_TEST

/* Goal: what an admission said to end is ended although the admission was lost. Method: an agent whose
 * connection breaks before its first pong. */
START_TEST(frameworks_to_end_are_repeated_until_the_agent_has_answered_a_ping)
{
        setup(false);
        agent->mute = true;
        for (unsigned i = 0; i < 2; i++) {
                actor_sim_break(cluster->sim, "tcp://m:5050", "tcp://a:1");
                actor_sim_settle(cluster->sim);
                if (i == 0)
                        expect(scheduler, "UPDATE t1 TASK_LOST AGENT_DISCONNECTED\n");
                reregister_agent(agent, 4, scheduler, "t1", false);
                expect(agent, "AgentRegistered again, 1 frameworks to end\n");
        }
        ck_assert_ptr_null(strstr(scheduler->text, "UPDATE"));
        cluster_free(cluster);
}
END_TEST

START_TEST(a_task_the_agent_does_not_report_is_asked_for)
{
        setup(true);
        actor_sim_break(cluster->sim, "tcp://m:5050", "tcp://a:1");
        actor_sim_settle(cluster->sim);
        reregister_agent(agent, 4, scheduler, NULL, true);
        expect(agent, "AgentRegistered again ?t1\n");
        cluster_free(cluster);
}
END_TEST

/* mission: B8 */
START_TEST(a_kill_sent_while_the_agent_was_away_is_repeated_on_its_return)
{
        setup(true);
        actor_sim_break(cluster->sim, "tcp://m:5050", "tcp://a:1");
        actor_sim_settle(cluster->sim);
        Sched__Call *call = call_new(scheduler, SCHED__CALL__TYPE__KILL);
        PART(call, sched__call__kill__init, kill);
        call->kill->task_id = proto_task_id(call, "t1");
        say(scheduler, call);
        expect(agent, "");
        reregister_agent(agent, 4, scheduler, "t1", true);
        ck_assert_ptr_nonnull(strstr(agent->text, "KillTask t1\n"));
        cluster_free(cluster);
}
END_TEST

/* mission: C6 */
START_TEST(an_agent_that_unregisters_is_forgotten_and_its_tasks_are_gone)
{
        setup(true);
        Troupe__UnregisterAgent *msg = actor_msg_new(&unregister_agent_type);
        msg->agent_id = proto_agent_id(msg, agent->id);
        say(agent, msg);
        expect(scheduler, "UPDATE t1 TASK_LOST AGENT_REMOVED\nFAILURE agent\n");
        ck_assert_int_eq(cluster->metrics.agents_removed, 1);
        cluster_free(cluster);
}
END_TEST

START_TEST(a_launch_on_an_agent_that_is_away_is_dropped_and_said_so)
{
        setup(true);
        status_update(agent, scheduler, "t1", V1__TASK_STATE__TASK_FINISHED, 2);
        expect(scheduler, "UPDATE t1 TASK_FINISHED uuid\nOFFERS 1\n");
        /* the scheduler's call and the broken connection cross */
        const V1__Offer *offer = last_offer(scheduler);
        Sched__Call *call = call_accept_new(scheduler, offer->id->value);
        accept_task(call, task_new(call, "t2", agent->id, 1));
        actor_sim_break(cluster->sim, "tcp://m:5050", "tcp://a:1");
        say(scheduler, call);
        ck_assert_ptr_nonnull(strstr(scheduler->text, "UPDATE t2 TASK_LOST"));
        expect(agent, "");
        cluster_free(cluster);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_agent_is_given_up_after_exactly_the_last_missed_ping);
        tcase_add_test(tcase, an_answered_ping_forgives_the_missed_ones);
        tcase_add_test(tcase, an_unreachable_agent_that_returns_brings_its_tasks_back);
        tcase_add_test(tcase, tasks_of_a_checkpointing_framework_survive_a_broken_connection);
        tcase_add_test(tcase, tasks_of_other_frameworks_are_lost_with_the_connection_and_shut_down_on_return);
        tcase_add_test(tcase, frameworks_to_end_are_repeated_until_the_agent_has_answered_a_ping);
        tcase_add_test(tcase, a_task_the_agent_does_not_report_is_asked_for);
        tcase_add_test(tcase, a_kill_sent_while_the_agent_was_away_is_repeated_on_its_return);
        tcase_add_test(tcase, an_agent_that_unregisters_is_forgotten_and_its_tasks_are_gone);
        tcase_add_test(tcase, a_launch_on_an_agent_that_is_away_is_dropped_and_said_so);
}

TEST_MAIN("agent sessions", add_tests)
