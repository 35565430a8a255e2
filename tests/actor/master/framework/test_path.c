/* SPDX-License-Identifier: Apache-2.0 */
/* The path of a task through the sessions: subscription, offer, launch, updates, acknowledgement. */
#include "../cluster.h"

struct stage {
        struct cluster *cluster;
        struct puppet *scheduler, *agent;
};

/* A subscribed framework that was offered all of a registered agent of 4 cpus. */
static struct stage stage_new(double failover_timeout, bool checkpoint)
{
        struct stage s = {.cluster = cluster_new()};
        s.scheduler = puppet_add(s.cluster, NULL, "tcp://f:1", "scheduler");
        s.agent = puppet_add(s.cluster, NULL, "tcp://a:1", "agent");
        subscribe(s.scheduler, failover_timeout, checkpoint);
        expect(s.scheduler, "SUBSCRIBED\n");
        register_agent(s.agent, 4);
        expect(s.agent, "AgentRegistered\n");
        expect(s.scheduler, "OFFERS 1\n");
        return s;
}

/* mission: A1 A3 A13 B9 H1 */
START_TEST(a_task_travels_from_offer_to_acknowledged_end)
{
        struct stage s = stage_new(0, true);
        launch(s.scheduler, "t1", 1);
        expect(s.agent, "RunTasks t1\n");
        status_update(s.agent, s.scheduler, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        expect(s.scheduler, "UPDATE t1 TASK_RUNNING uuid\n");
        acknowledge(s.scheduler, s.agent, "t1", 1);
        expect(s.agent, "Acknowledgement t1\n");
        status_update(s.agent, s.scheduler, "t1", V1__TASK_STATE__TASK_FINISHED, 2);
        /* what it held is offered again before the acknowledgement */
        expect(s.scheduler, "UPDATE t1 TASK_FINISHED uuid\nOFFERS 1\n");
        ck_assert_int_eq(s.cluster->metrics.tasks_known, 1);
        acknowledge(s.scheduler, s.agent, "t1", 2);
        expect(s.agent, "Acknowledgement t1\n");
        ck_assert_int_eq(s.cluster->metrics.tasks_known, 0);
        cluster_free(s.cluster);
}
END_TEST

/* mission: B1 C1 D2 F4 G3 */
START_TEST(the_id_is_the_masters_with_a_number_and_subscribed_names_it)
{
        struct stage s = stage_new(0, true);
        ck_assert_str_eq(s.scheduler->id, "master1-0000");
        ck_assert_str_eq(s.agent->id, "master1-S0");
        ck_assert_str_eq(s.scheduler->master_id, "master1");
        cluster_free(s.cluster);
}
END_TEST

/* mission: A12 D6 H3 H6 */
START_TEST(a_task_that_asks_for_more_than_the_offer_is_answered_task_error_and_the_others_run)
{
        struct stage s = stage_new(0, true);
        const V1__Offer *offer = last_offer(s.scheduler);
        Sched__Call *call = call_accept_new(s.scheduler, offer->id->value);
        accept_task(call, task_new(call, "big", offer->agent_id->value, 8));
        accept_task(call, task_new(call, "fits", offer->agent_id->value, 1));
        accept_task(call, task_new(call, "fits", offer->agent_id->value, 1));
        accept_task(call, task_new(call, "elsewhere", "nowhere", 1));
        accept_task(call, task_new(call, "both", offer->agent_id->value, 1))->executor =
                executor_new(call, "e", 1);
        accept_task(call, task_new(call, "a/b", offer->agent_id->value, 1));
        say(s.scheduler, call);
        expect(s.scheduler, "UPDATE big TASK_ERROR TASK_INVALID\nUPDATE fits TASK_ERROR TASK_INVALID\n"
                            "UPDATE elsewhere TASK_ERROR TASK_INVALID\nUPDATE both TASK_ERROR TASK_INVALID\n"
                            "UPDATE a/b TASK_ERROR TASK_INVALID\n");
        ck_assert_str_eq(s.scheduler->executor_id, "a/b"); /* a command's executor has its task's id */
        expect(s.agent, "RunTasks fits\n");
        cluster_free(s.cluster);
}
END_TEST

/* mission: H5 X2 */
START_TEST(an_executor_is_charged_once_for_all_its_tasks)
{
        struct stage s = stage_new(0, true);
        const V1__Offer *offer = last_offer(s.scheduler);
        Sched__Call *call = call_accept_new(s.scheduler, offer->id->value);
        for (int i = 0; i < 4; i++) { /* 1 + 3 × 1 fits into 4, a fourth does not */
                char id[] = {'t', (char) ('0' + i), '\0'};
                V1__TaskInfo *task = accept_task(call, task_new(call, id, offer->agent_id->value, 1));
                task->command = NULL;
                task->executor = executor_new(call, "e", 1);
        }
        say(s.scheduler, call);
        expect(s.scheduler, "UPDATE t3 TASK_ERROR TASK_INVALID\n");
        ck_assert_str_eq(s.scheduler->executor_id, "e");
        expect(s.agent, "RunTasks t0 t1 t2\n");
        const Troupe__RunTasks *run = s.agent->kept[s.agent->kept_count - 1]; /* it is told once, too */
        ck_assert_uint_eq(run->n_executors, 1);
        ck_assert_str_eq(run->executors[0]->executor_id->value, "e");
        ck_assert_uint_eq(run->n_executor_of, 3);
        for (size_t i = 0; i < run->n_tasks; i++) {
                ck_assert_uint_eq(run->executor_of[i], 1);
                ck_assert_ptr_null(run->tasks[i]->executor);
        }
        cluster_free(s.cluster);
}
END_TEST

static void launch_in_executor(struct stage *s, const char *task_id, const char *executor_id)
{
        const V1__Offer *offer = last_offer(s->scheduler);
        Sched__Call *call = call_accept_new(s->scheduler, offer->id->value);
        V1__TaskInfo *task = accept_task(call, task_new(call, task_id, offer->agent_id->value, 1));
        task->command = NULL;
        task->executor = executor_new(call, executor_id, 1);
        say(s->scheduler, call);
}

static void executor_exits(struct stage *s, const char *executor_id, bool unregistered)
{
        Troupe__ExitedExecutor *exited = actor_msg_new(&exited_executor_type);
        exited->agent_id = proto_agent_id(exited, s->agent->id);
        exited->framework_id = proto_framework_id(exited, s->scheduler->id);
        exited->executor_id = proto_executor_id(exited, executor_id);
        exited->status = 9;
        exited->has_unregistered = true;
        exited->unregistered = unregistered;
        say(s->agent, exited);
}

/* mission: X9 */
START_TEST(an_executor_that_exits_is_a_failure_and_one_that_left_is_none)
{
        for (int left = 0; left < 2; left++) {
                struct stage s = stage_new(0, true);
                launch_in_executor(&s, "t1", "e1");
                expect(s.agent, "RunTasks t1\n");
                executor_exits(&s, "e1", left);
                expect(s.scheduler, left ? "OFFERS 1\n" : "FAILURE e1\nOFFERS 1\n");
                ck_assert_double_eq(last_offer(s.scheduler)->resources[0]->scalar->value, 3);
                cluster_free(s.cluster);
        }
}
END_TEST

START_TEST(tasks_of_several_executors_and_of_none_go_out_together)
{
        struct stage s = stage_new(0, true);
        const V1__Offer *offer = last_offer(s.scheduler);
        Sched__Call *call = call_accept_new(s.scheduler, offer->id->value);
        static const char *const executors[] = {"e1", "e1", NULL, "e2", "e2"};
        static const uint32_t told[] = {1, 1, 0, 2, 2};
        for (int i = 0; i < 5; i++) {
                char id[] = {'t', (char) ('0' + i), '\0'};
                V1__TaskInfo *task = accept_task(call, task_new(call, id, offer->agent_id->value, 0.25));
                if (executors[i] == NULL)
                        continue;
                task->command = NULL;
                task->executor = executor_new(call, executors[i], 0.25);
        }
        say(s.scheduler, call);
        expect(s.agent, "RunTasks t0 t1 t2 t3 t4\n");
        const Troupe__RunTasks *run = s.agent->kept[s.agent->kept_count - 1];
        ck_assert_uint_eq(run->n_executors, 2);
        for (size_t i = 0; i < 5; i++)
                ck_assert_uint_eq(run->executor_of[i], told[i]);
        cluster_free(s.cluster);
}
END_TEST

/* mission: B7 G1 */
START_TEST(an_offer_can_be_used_once)
{
        struct stage s = stage_new(0, true);
        launch(s.scheduler, "t1", 1);
        expect(s.agent, "RunTasks t1\n");
        launch(s.scheduler, "t2", 1);
        expect(s.agent, "");
        /* not partition-aware: LOST in place of DROPPED */
        expect(s.scheduler, "UPDATE t2 TASK_LOST INVALID_OFFERS\n");
        ck_assert_str_eq(s.scheduler->executor_id, "t2");
        cluster_free(s.cluster);
}
END_TEST

/* mission: B5 B6 */
START_TEST(a_declined_offer_comes_again_when_its_filter_has_run_out_or_is_revived)
{
        struct stage s = stage_new(0, true);
        Sched__Call *call = call_new(s.scheduler, SCHED__CALL__TYPE__DECLINE);
        PART(call, sched__call__decline__init, decline);
        PROTO_APPEND(call, call->decline->n_offer_ids, call->decline->offer_ids,
                     proto_offer_id(call, last_offer(s.scheduler)->id->value));
        say(s.scheduler, call);
        expect(s.scheduler, "");
        say(s.scheduler, call_new(s.scheduler, SCHED__CALL__TYPE__REVIVE));
        expect(s.scheduler, "OFFERS 1\n");
        cluster_free(s.cluster);
}
END_TEST

/* mission: A3 B8 */
START_TEST(a_kill_reaches_the_agent_and_an_unknown_task_is_reconciled)
{
        struct stage s = stage_new(0, true);
        launch(s.scheduler, "t1", 1);
        expect(s.agent, "RunTasks t1\n");
        const char *ids[] = {"t1", "t9"};
        for (int i = 0; i < 2; i++) {
                Sched__Call *call = call_new(s.scheduler, SCHED__CALL__TYPE__KILL);
                PART(call, sched__call__kill__init, kill);
                call->kill->task_id = proto_task_id(call, ids[i]);
                say(s.scheduler, call);
        }
        expect(s.agent, "KillTask t1\n");
        expect(s.scheduler, "UPDATE t9 TASK_LOST RECONCILIATION\n");
        cluster_free(s.cluster);
}
END_TEST

/* mission: B10 */
START_TEST(implicit_reconciliation_answers_every_task)
{
        struct stage s = stage_new(0, true);
        launch(s.scheduler, "t1", 1);
        status_update(s.agent, s.scheduler, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        expect(s.scheduler, "UPDATE t1 TASK_RUNNING uuid\n");
        Sched__Call *call = call_new(s.scheduler, SCHED__CALL__TYPE__RECONCILE);
        PART(call, sched__call__reconcile__init, reconcile);
        say(s.scheduler, call);
        expect(s.scheduler, "UPDATE t1 TASK_RUNNING RECONCILIATION\n");
        ck_assert_str_eq(s.scheduler->executor_id, "t1");
        cluster_free(s.cluster);
}
END_TEST

START_TEST(a_call_from_a_stranger_changes_nothing)
{
        struct stage s = stage_new(0, true);
        struct puppet *stranger = puppet_add(s.cluster, NULL, "tcp://x:1", "stranger");
        snprintf(stranger->id, sizeof stranger->id, "%s", s.scheduler->id);
        struct actor_ref session;
        char address[600];
        snprintf(address, sizeof address, "framework/%s@m:5050", s.scheduler->id);
        ck_assert_int_eq(actor_node_resolve(stranger->node, address, &session, NULL), 0);
        say_to(stranger, session, call_new(stranger, SCHED__CALL__TYPE__TEARDOWN));
        expect(stranger, "");
        ck_assert_int_eq(s.cluster->metrics.calls_dropped, 1);
        launch(s.scheduler, "t1", 1);
        expect(s.agent, "RunTasks t1\n");
        cluster_free(s.cluster);
}
END_TEST

/* mission: B3 */
START_TEST(teardown_shuts_the_framework_down_everywhere_and_its_id_may_not_return)
{
        struct stage s = stage_new(60, true);
        launch(s.scheduler, "t1", 1);
        expect(s.agent, "RunTasks t1\n");
        say(s.scheduler, call_new(s.scheduler, SCHED__CALL__TYPE__TEARDOWN));
        expect(s.agent, "ShutdownFramework\n");
        subscribe(s.scheduler, 60, true);
        expect(s.scheduler, "ERROR Framework has been removed\n");
        ck_assert_int_eq(s.cluster->metrics.frameworks_completed, 1);
        ck_assert_int_eq(s.cluster->metrics.tasks_known, 0);
        cluster_free(s.cluster);
}
END_TEST

/* Goal: 10,000 tasks in one call travel as one message each way. */
START_TEST(ten_thousand_tasks_of_one_accept_reach_the_agent_in_one_message)
{
        struct stage s = stage_new(0, true);
        const V1__Offer *offer = last_offer(s.scheduler);
        Sched__Call *call = call_accept_new(s.scheduler, offer->id->value);
        for (int i = 0; i < 10000; i++) {
                char id[16];
                snprintf(id, sizeof id, "%d", i);
                V1__TaskInfo *task = accept_task(call, task_new(call, id, offer->agent_id->value, 0.0001));
                task->resources[0]->scalar->value = i < 1000 ? 0.001 : 0;
                task->command = NULL;
                task->executor = executor_new(call, "e", 1);
        }
        say(s.scheduler, call);
        ck_assert_int_eq(strncmp(s.agent->text, "RunTasks 0 1 2 3", 16), 0);
        ck_assert_ptr_eq(strchr(s.agent->text, '\n'), s.agent->text + s.agent->size - 1);
        ck_assert_int_eq(s.cluster->metrics.tasks_known, 10000);
        cluster_free(s.cluster);
}
END_TEST

/* The accepted tasks become those of a group, with an executor for all of them. */
static void accept_as_group(Sched__Call *call)
{
        V1__Offer__Operation *operation = call->accept->operations[0];
        V1__Offer__Operation__LaunchGroup *group = actor_msg_alloc(call, sizeof *group);
        v1__offer__operation__launch_group__init(group);
        group->executor = executor_new(call, "pod", 1);
        group->task_group = actor_msg_alloc(call, sizeof *group->task_group);
        v1__task_group_info__init(group->task_group);
        group->task_group->n_tasks = operation->launch->n_task_infos;
        group->task_group->tasks = operation->launch->task_infos;
        operation->type = V1__OFFER__OPERATION__TYPE__LAUNCH_GROUP;
        operation->launch = NULL;
        operation->launch_group = group;
}

/* Goal: each task of a refused group is answered and named with the executor that all share. Method: a group
 * that names a task twice uses up its offer, and the next one comes with that offer. */
START_TEST(a_refused_group_is_answered_task_by_task)
{
        struct stage s = stage_new(0, true);
        static const char *const answers[] = {"TASK_ERROR TASK_GROUP_INVALID", "TASK_LOST INVALID_OFFERS"};
        const V1__Offer *offer = last_offer(s.scheduler);
        for (size_t i = 0; i < 2; i++) {
                char expected[128];
                Sched__Call *call = call_accept_new(s.scheduler, offer->id->value);
                accept_task(call, task_new(call, "t1", offer->agent_id->value, 1));
                accept_task(call, task_new(call, "t1", offer->agent_id->value, 1));
                accept_as_group(call);
                say(s.scheduler, call);
                snprintf(expected, sizeof expected, "UPDATE t1 %s\nUPDATE t1 %s\n", answers[i], answers[i]);
                expect(s.scheduler, expected);
                ck_assert_str_eq(s.scheduler->executor_id, "pod");
        }
        expect(s.agent, "");
        cluster_free(s.cluster);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_task_travels_from_offer_to_acknowledged_end);
        tcase_add_test(tcase, the_id_is_the_masters_with_a_number_and_subscribed_names_it);
        tcase_add_test(tcase,
                       a_task_that_asks_for_more_than_the_offer_is_answered_task_error_and_the_others_run);
        tcase_add_test(tcase, an_executor_is_charged_once_for_all_its_tasks);
        tcase_add_test(tcase, an_executor_that_exits_is_a_failure_and_one_that_left_is_none);
        tcase_add_test(tcase, tasks_of_several_executors_and_of_none_go_out_together);
        tcase_add_test(tcase, an_offer_can_be_used_once);
        tcase_add_test(tcase, a_refused_group_is_answered_task_by_task);
        tcase_add_test(tcase, a_declined_offer_comes_again_when_its_filter_has_run_out_or_is_revived);
        tcase_add_test(tcase, a_kill_reaches_the_agent_and_an_unknown_task_is_reconciled);
        tcase_add_test(tcase, implicit_reconciliation_answers_every_task);
        tcase_add_test(tcase, a_call_from_a_stranger_changes_nothing);
        tcase_add_test(tcase, teardown_shuts_the_framework_down_everywhere_and_its_id_may_not_return);
        tcase_add_test(tcase, ten_thousand_tasks_of_one_accept_reach_the_agent_in_one_message);
}

TEST_MAIN("framework sessions: the path of a task", add_tests)
