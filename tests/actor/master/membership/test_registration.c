/* SPDX-License-Identifier: Apache-2.0 */
/* Who may register, twice, after a failover, after the master's restart; and what operators may ask. */
#include "../cluster.h"

/* mission: B1 */
START_TEST(a_scheduler_that_repeats_its_subscribe_stays_one_framework)
{
        struct cluster *c = cluster_new();
        struct puppet *p = puppet_add(c, NULL, "tcp://f:1", "scheduler");
        say_to_master(p, call_subscribe(p, 0, false));
        Sched__Call *again = call_subscribe(p, 0, false);
        again->framework_id = NULL;
        again->subscribe->framework_info->id = NULL;
        say_to_master(p, again);
        expect(p, "SUBSCRIBED\nSUBSCRIBED\n");
        ck_assert_str_eq(p->id, "master1-0000");
        ck_assert_int_eq(c->metrics.frameworks_active, 1);
        cluster_free(c);
}
END_TEST

/* mission: B2 */
START_TEST(the_newest_scheduler_wins_and_the_old_one_is_told)
{
        struct cluster *c = cluster_new();
        struct puppet *old = puppet_add(c, NULL, "tcp://f:1", "old");
        struct puppet *new = puppet_add(c, NULL, "tcp://g:1", "new");
        struct puppet *agent = puppet_add(c, NULL, "tcp://a:1", "agent");
        subscribe(old, 60, true);
        register_agent(agent, 4);
        expect(old, "SUBSCRIBED\nOFFERS 1\n");
        snprintf(new->id, sizeof new->id, "%s", old->id);
        subscribe(new, 60, true);
        expect(old, "ERROR Framework failed over\n");
        expect(new, "SUBSCRIBED\nOFFERS 1\n");
        /* the old one's offer is void */
        Sched__Call *call = call_accept_new(old, last_offer(old)->id->value);
        say(old, call);
        ck_assert_int_eq(c->metrics.calls_dropped, 1);
        cluster_free(c);
}
END_TEST

/* mission: A4 F8 */
START_TEST(a_framework_without_failover_timeout_ends_with_its_scheduler)
{
        struct cluster *c = cluster_new();
        struct puppet *p = puppet_add(c, NULL, "tcp://f:1", "scheduler");
        subscribe(p, 0, false);
        actor_sim_break(c->sim, MASTER, "tcp://f:1");
        actor_sim_settle(c->sim);
        ck_assert_int_eq(c->metrics.frameworks_completed, 1);
        subscribe(p, 0, false);
        expect(p, "SUBSCRIBED\nERROR Framework has been removed\n");
        cluster_free(c);
}
END_TEST

/* mission: F7 */
START_TEST(a_framework_ends_when_its_failover_timeout_has_passed_and_not_before)
{
        struct cluster *c = cluster_new();
        struct puppet *p = puppet_add(c, NULL, "tcp://f:1", "scheduler");
        subscribe(p, 60, false);
        actor_sim_break(c->sim, MASTER, "tcp://f:1");
        actor_sim_advance(c->sim, 59999);
        ck_assert_int_eq(c->metrics.frameworks_completed, 0);
        ck_assert_int_eq(c->metrics.frameworks_disconnected, 1);
        actor_sim_advance(c->sim, 2);
        ck_assert_int_eq(c->metrics.frameworks_completed, 1);
        cluster_free(c);
}
END_TEST

/* mission: F5 */
START_TEST(a_scheduler_that_returns_in_time_finds_its_tasks)
{
        struct cluster *c = cluster_new();
        struct puppet *p = puppet_add(c, NULL, "tcp://f:1", "scheduler");
        struct puppet *agent = puppet_add(c, NULL, "tcp://a:1", "agent");
        subscribe(p, 60, true);
        register_agent(agent, 4);
        launch(p, "t1", 1);
        actor_sim_break(c->sim, MASTER, "tcp://f:1");
        actor_sim_advance(c->sim, 30000);
        status_update(agent, p, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        expect(p, "SUBSCRIBED\nOFFERS 1\n");
        subscribe(p, 60, true);
        expect(p, "SUBSCRIBED\nOFFERS 1\n");
        ck_assert_double_eq(last_offer(p)->resources[0]->scalar->value, 3);
        Sched__Call *call = call_new(p, SCHED__CALL__TYPE__RECONCILE);
        PART(call, sched__call__reconcile__init, reconcile);
        say(p, call);
        expect(p, "UPDATE t1 TASK_RUNNING RECONCILIATION\n");
        actor_sim_advance(c->sim, 120000);
        ck_assert_int_eq(c->metrics.frameworks_completed, 0);
        cluster_free(c);
}
END_TEST

/* mission: B2 C1 C6 F9 */
START_TEST(bad_framework_infos_are_refused_with_an_error_event)
{
        struct cluster *c = cluster_new();
        struct puppet *p = puppet_add(c, NULL, "tcp://f:1", "scheduler");
        Sched__Call *call = call_subscribe(p, 1e12, false);
        say_to_master(p, call);
        ck_assert_ptr_nonnull(strstr(p->text, "ERROR FrameworkInfo.failover_timeout"));
        p->size = 0;
        say_to_master(p, call_new(p, SCHED__CALL__TYPE__SUBSCRIBE));
        ck_assert_ptr_nonnull(strstr(p->text, "Expecting 'subscribe' to be present"));
        p->size = 0;
        call = call_subscribe(p, 1, false);
        call->framework_id = proto_framework_id(call, "other");
        say_to_master(p, call);
        ck_assert_ptr_nonnull(strstr(p->text, "differs from 'subscribe.framework_info.id'"));
        ck_assert_int_eq(c->metrics.frameworks_active, 0);
        cluster_free(c);
}
END_TEST

START_TEST(an_agent_that_repeats_itself_stays_one_agent)
{
        struct cluster *c = cluster_new();
        struct puppet *agent = puppet_add(c, NULL, "tcp://a:1", "agent");
        register_agent(agent, 4);
        agent->id[0] = '\0';
        register_agent(agent, 4);
        expect(agent, "AgentRegistered\nAgentRegistered\n");
        ck_assert_str_eq(agent->id, "master1-S0");
        ck_assert_int_eq(c->metrics.agents_active, 1);
        cluster_free(c);
}
END_TEST

START_TEST(an_agent_with_bad_resources_is_refused)
{
        struct cluster *c = cluster_new();
        struct puppet *agent = puppet_add(c, NULL, "tcp://a:1", "agent");
        register_agent(agent, -4);
        ck_assert_int_eq(strncmp(agent->text, "AgentRefused AgentInfo.resources", 32), 0);
        cluster_free(c);
}
END_TEST

/* Goal: a new master knows from the registry whom to expect, and from the agents what runs. */
/* mission: B10 F5 */
START_TEST(after_a_masters_restart_frameworks_agents_and_tasks_are_found_again)
{
        struct cluster *c = cluster_new();
        struct puppet *p = puppet_add(c, NULL, "tcp://f:1", "scheduler");
        struct puppet *agent = puppet_add(c, NULL, "tcp://a:1", "agent");
        subscribe(p, 0, true);
        register_agent(agent, 4);
        launch(p, "t1", 1);
        expect(p, "SUBSCRIBED\nOFFERS 1\n");
        expect(agent, "AgentRegistered\nRunTasks t1\n");
        actor_sim_crash(c->sim, c->master);
        memset(&c->metrics, 0, sizeof c->metrics);
        master_begin(c);
        subscribe(p, 0, true);
        expect(p, "SUBSCRIBED\n");
        ck_assert_str_eq(p->id, "master1-0000");
        /* the agent may still return with it: no answer yet */
        Sched__Call *call = call_new(p, SCHED__CALL__TYPE__KILL);
        PART(call, sched__call__kill__init, kill);
        call->kill->task_id = proto_task_id(call, "t1");
        say(p, call);
        expect(p, "");
        reregister_agent(agent, 4, p, "t1", true);
        expect(agent, "AgentRegistered again\n");
        expect(p, "OFFERS 1\n");
        ck_assert_double_eq(last_offer(p)->resources[0]->scalar->value, 3);
        status_update(agent, p, "t1", V1__TASK_STATE__TASK_FINISHED, 2);
        expect(p, "UPDATE t1 TASK_FINISHED uuid\nOFFERS 1\n");
        cluster_free(c);
}
END_TEST

START_TEST(an_agent_may_return_before_its_framework)
{
        struct cluster *c = cluster_new();
        struct puppet *p = puppet_add(c, NULL, "tcp://f:1", "scheduler");
        struct puppet *agent = puppet_add(c, NULL, "tcp://a:1", "agent");
        subscribe(p, 60, true);
        register_agent(agent, 4);
        launch(p, "t1", 1);
        expect(p, "SUBSCRIBED\nOFFERS 1\n");
        actor_sim_crash(c->sim, c->master);
        master_begin(c);
        reregister_agent(agent, 4, p, "t1", true);
        subscribe(p, 60, true);
        expect(p, "SUBSCRIBED\nOFFERS 1\n");
        Sched__Call *call = call_new(p, SCHED__CALL__TYPE__RECONCILE);
        PART(call, sched__call__reconcile__init, reconcile);
        say(p, call);
        expect(p, "UPDATE t1 TASK_RUNNING RECONCILIATION\n");
        cluster_free(c);
}
END_TEST

static void operator_kill(struct puppet *p, const char *framework_id, const char *task_id)
{
        Troupe__OperatorKill *msg = actor_msg_new(&operator_kill_type);
        if (framework_id != NULL)
                msg->framework_id = proto_framework_id(msg, framework_id);
        msg->task_id = proto_task_id(msg, task_id);
        say_to_master(p, msg);
}

START_TEST(an_operator_kills_a_task_by_its_id_alone)
{
        struct cluster *c = cluster_new();
        struct puppet *p = puppet_add(c, NULL, "tcp://f:1", "scheduler");
        struct puppet *q = puppet_add(c, NULL, "tcp://g:1", "another");
        struct puppet *agent = puppet_add(c, NULL, "tcp://a:1", "agent");
        struct puppet *operator= puppet_add(c, NULL, "tcp://o:1", "operator");
        subscribe(p, 60, true);
        register_agent(agent, 4);
        subscribe(q, 60, true);
        launch(p, "t1", 1);
        operator_kill(operator, NULL, "t1");
        expect(operator, "OperatorResult yes \n");
        operator_kill(operator, NULL, "t2");
        expect(operator, "OperatorResult no no such task; see `troupe ps`\n");
        operator_kill(operator, q->id, "t1");
        expect(operator, "OperatorResult no the framework has no such task; see `troupe ps`\n");
        operator_kill(operator, "nobody", "t1");
        expect(operator, "OperatorResult no no such framework; see `troupe frameworks`\n");
        expect(agent, "AgentRegistered\nRunTasks t1\nKillTask t1\n");
        cluster_free(c);
}
END_TEST

START_TEST(an_operator_tears_a_framework_down)
{
        struct cluster *c = cluster_new();
        struct puppet *p = puppet_add(c, NULL, "tcp://f:1", "scheduler");
        struct puppet *operator= puppet_add(c, NULL, "tcp://o:1", "operator");
        subscribe(p, 60, true);
        MasterApi__Call *call = actor_msg_new(&master_call_type);
        call->has_type = true;
        call->type = MASTER_API__CALL__TYPE__TEARDOWN;
        PART(call, master_api__call__teardown__init, teardown);
        call->teardown->framework_id = proto_framework_id(call, p->id);
        say_to_master(operator, call);
        expect(operator, "OperatorResult yes \n");
        expect(p, "SUBSCRIBED\nERROR Framework has been torn down by an operator\n");
        ck_assert_int_eq(c->metrics.frameworks_completed, 1);
        cluster_free(c);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_scheduler_that_repeats_its_subscribe_stays_one_framework);
        tcase_add_test(tcase, the_newest_scheduler_wins_and_the_old_one_is_told);
        tcase_add_test(tcase, a_framework_without_failover_timeout_ends_with_its_scheduler);
        tcase_add_test(tcase, a_framework_ends_when_its_failover_timeout_has_passed_and_not_before);
        tcase_add_test(tcase, a_scheduler_that_returns_in_time_finds_its_tasks);
        tcase_add_test(tcase, bad_framework_infos_are_refused_with_an_error_event);
        tcase_add_test(tcase, an_agent_that_repeats_itself_stays_one_agent);
        tcase_add_test(tcase, an_agent_with_bad_resources_is_refused);
        tcase_add_test(tcase, after_a_masters_restart_frameworks_agents_and_tasks_are_found_again);
        tcase_add_test(tcase, an_agent_may_return_before_its_framework);
        tcase_add_test(tcase, an_operator_kills_a_task_by_its_id_alone);
        tcase_add_test(tcase, an_operator_tears_a_framework_down);
}

TEST_MAIN("membership: registration", add_tests)
