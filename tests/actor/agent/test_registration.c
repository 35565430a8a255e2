/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "registration/messages.h"
#include <check_main.h>

START_TEST(an_agent_registers_at_once_and_answers_pings)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        ck_assert_uint_eq(probe_count(&rig->master_probe, &register_agent_type), 1);
        const Troupe__RegisterAgent *msg = probe_msg(&rig->master_probe, &register_agent_type, 0);
        ck_assert_str_eq(msg->agent->hostname, "host1");
        ck_assert_ptr_null(msg->agent->id);
        ck_assert_int_eq(rig->metrics.registered, 1);

        Troupe__Ping *ping = actor_msg_new(&ping_type);
        ping->connected = true;
        rig_master_says(rig, ping);
        ck_assert_uint_eq(probe_count(&rig->master_probe, &pong_type), 1);
}
END_TEST

/* Goal: attempts come after random times in [0, b·2^n], never more than a minute apart. Method: a
 * master that never answers, an hour of virtual time. */
START_TEST(attempts_back_off_up_to_a_minute)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(false);
        actor_sim_advance(rig->sim, 60 * 60 * 1000);
        size_t count = probe_count(&rig->master_probe, &register_agent_type);
        ck_assert_uint_ge(count, 60); /* the mean pause is half a minute */
        ck_assert_uint_le(count, 200);
        int64_t bound = 1000, longest = 0;
        for (size_t i = 1; i < count; i++) {
                int64_t gap = probe_kept(&rig->master_probe, &register_agent_type, i)->at_ms -
                              probe_kept(&rig->master_probe, &register_agent_type, i - 1)->at_ms;
                ck_assert_int_le(gap, bound + 1);
                longest = gap > longest ? gap : longest;
                bound = bound * 2 < 60000 ? bound * 2 : 60000;
        }
        ck_assert_int_gt(longest, 30000);
}
END_TEST

START_TEST(an_agent_that_is_refused_ends_with_an_error)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(false);
        Troupe__AgentRefused *refused = actor_msg_new(&agent_refused_type);
        refused->message = "no";
        rig_master_says(rig, refused);
        ck_assert_int_eq(actor_node_wait(rig->agent_node), 1);
}
END_TEST

/* Goal: without pings for the master's total timeout the agent registers again, under its id, with
 * what runs on it. Not a moment earlier. */
START_TEST(silence_makes_an_agent_register_again_with_its_tasks)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        rig_subscribe(rig);
        actor_sim_advance(rig->sim, 74000);
        ck_assert_uint_eq(probe_count(&rig->master_probe, &reregister_agent_type), 0);
        actor_sim_advance(rig->sim, 2001); /* 75 s and the random wait of at most one more */
        ck_assert_uint_eq(probe_count(&rig->master_probe, &reregister_agent_type), 1);
        const Troupe__ReregisterAgent *msg = probe_msg(&rig->master_probe, &reregister_agent_type, 0);
        ck_assert_str_eq(msg->agent->id->value, "A1");
        ck_assert_uint_eq(msg->n_frameworks, 1);
        ck_assert_uint_eq(msg->n_executors, 1);
        ck_assert_uint_eq(msg->n_tasks, 1);
        ck_assert_int_eq(msg->tasks[0]->state, V1__TASK_STATE__TASK_STAGING);
        ck_assert_str_eq(msg->executors[0]->framework_id->value, "F1");
}
END_TEST

START_TEST(an_agent_given_up_by_its_master_registers_again)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        Troupe__Ping *ping = actor_msg_new(&ping_type);
        ping->connected = false;
        rig_master_says(rig, ping);
        ck_assert_int_eq(rig->metrics.registered, 0);
        actor_sim_advance(rig->sim, 1001);
        ck_assert_uint_eq(probe_count(&rig->master_probe, &reregister_agent_type), 1);
        ck_assert_int_eq(rig->metrics.registered, 1);
}
END_TEST

START_TEST(a_broken_connection_makes_an_agent_register_again)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        actor_sim_break(rig->sim, "tcp://master:5050", "tcp://agent:5051");
        actor_sim_advance(rig->sim, 5000);
        ck_assert_uint_ge(probe_count(&rig->master_probe, &reregister_agent_type), 1);
        ck_assert_int_eq(rig->metrics.registered, 1);
}
END_TEST

/* Goal: only the master's session gives orders. Method: the executor's node sends RunTasks. */
START_TEST(orders_from_anyone_but_the_session_are_dropped)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        Troupe__RunTasks *run = rig_run_message();
        V1__TaskInfo *task = rig_task(run, "t1", NULL);
        PROTO_APPEND(run, run->n_tasks, run->tasks, task);
        rig_order(rig, rig->executor_node, rig->executor, "agent@agent:5051", run);
        actor_sim_advance(rig->sim, 1000);
        ck_assert_uint_eq(rig->starts, 0);
        ck_assert_uint_eq(rig_statuses(rig), 0);
}
END_TEST

START_TEST(tasks_the_agent_does_not_know_are_answered_as_gone)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(false);
        Troupe__AgentRegistered *answer = actor_msg_new(&agent_registered_type);
        answer->agent_id = proto_agent_id(answer, "A1");
        answer->master_id = "M1";
        Troupe__ReconcileTasks *reconcile = actor_msg_alloc(answer, sizeof *reconcile);
        troupe__reconcile_tasks__init(reconcile);
        reconcile->framework_id = proto_framework_id(answer, "F1");
        PROTO_APPEND(answer, reconcile->n_task_ids, reconcile->task_ids, proto_task_id(answer, "t9"));
        PROTO_APPEND(answer, answer->n_reconcile, answer->reconcile, reconcile);
        rig_master_says(rig, answer);
        ck_assert_uint_eq(rig_statuses(rig), 1);
        ck_assert_str_eq(rig_status(rig, 0)->task_id->value, "t9");
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_GONE);
        ck_assert_int_eq(rig_status(rig, 0)->reason, V1__TASK_STATUS__REASON__REASON_RECONCILIATION);
}
END_TEST

/* Goal: told to stop, the agent ends its executors, lets their last updates out first, leaves, ends with 0.
 */
START_TEST(a_stopping_agent_ends_its_executors_and_leaves)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        rig_subscribe(rig);
        struct agent_stop *stop = actor_msg_new(&agent_stop_type);
        ck_assert_int_eq(actor_node_send(rig->agent_node, rig->gateway, stop), 0);
        actor_sim_settle(rig->sim);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__SHUTDOWN), 1);
        ck_assert_uint_eq(probe_count(&rig->master_probe, &unregister_agent_type), 0);

        actor_sim_advance(rig->sim, 5001); /* the grace period; then it is killed */
        ck_assert_uint_eq(probe_count(&rig->master_probe, &unregister_agent_type), 1);
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_KILLED);
        const void *last = rig->master_probe.kept[rig->master_probe.count - 1].msg;
        ck_assert_ptr_eq(actor_msg_type(last), &unregister_agent_type);
        ck_assert_int_eq(actor_node_wait(rig->agent_node), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_agent_registers_at_once_and_answers_pings);
        tcase_add_test(tcase, attempts_back_off_up_to_a_minute);
        tcase_add_test(tcase, an_agent_that_is_refused_ends_with_an_error);
        tcase_add_test(tcase, silence_makes_an_agent_register_again_with_its_tasks);
        tcase_add_test(tcase, an_agent_given_up_by_its_master_registers_again);
        tcase_add_test(tcase, a_broken_connection_makes_an_agent_register_again);
        tcase_add_test(tcase, orders_from_anyone_but_the_session_are_dropped);
        tcase_add_test(tcase, tasks_the_agent_does_not_know_are_answered_as_gone);
        tcase_add_test(tcase, a_stopping_agent_ends_its_executors_and_leaves);
}

TEST_MAIN("agent registration", add_tests)
