/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <errno.h>

#include <check_main.h>

static void acknowledge(struct rig *rig, size_t n)
{
        const Troupe__StatusUpdate *update = probe_msg(&rig->master_probe, &status_update_type, n);
        Troupe__StatusUpdateAcknowledgement *ack = actor_msg_new(&status_update_acknowledgement_type);
        actor_msg_hold(ack, update);
        ack->framework_id = update->framework_id;
        ack->task_id = update->status->task_id;
        ack->uuid = update->status->uuid;
        rig_master_says(rig, ack);
}

/* An agent with a running executor and one task launched on it. */
static struct rig *running(void)
{
        struct rig *rig = rig_new(true);
        rig->master_probe.ping_timeout_seconds = 0;
        rig_run(rig, "t1", "e1");
        rig_subscribe(rig);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__LAUNCH), 1);
        return rig;
}

/* Keeps the session alive over long stretches of virtual time. */
static void advance_with_pings(struct rig *rig, int64_t ms)
{
        for (; ms > 0; ms -= 15000) {
                actor_sim_advance(rig->sim, ms < 15000 ? ms : 15000);
                Troupe__Ping *ping = actor_msg_new(&ping_type);
                ping->connected = true;
                rig_master_says(rig, ping);
        }
}

START_TEST(an_update_is_completed_by_the_agent)
{
        CLEANUP(rig_freep) struct rig *rig = running();
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        ck_assert_uint_eq(rig_statuses(rig), 1);
        const V1__TaskStatus *status = rig_status(rig, 0);
        ck_assert_str_eq(status->agent_id->value, "A1");
        ck_assert_str_eq(status->executor_id->value, "e1");
        ck_assert_int_eq(status->source, V1__TASK_STATUS__SOURCE__SOURCE_EXECUTOR);
        ck_assert(status->has_timestamp && status->has_uuid);
        ck_assert_ptr_nonnull(status->container_status->container_id);
}
END_TEST

/* Goal: the first unacknowledged update is repeated after 10 s, 20 s, 40 s, … and never more than 10
 * minutes apart, until it is acknowledged. */
/* mission: B9 */
START_TEST(an_unacknowledged_update_is_repeated_with_doubling_delays)
{
        CLEANUP(rig_freep) struct rig *rig = running();
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        const int64_t delays[] = {10, 20, 40, 80, 160, 320, 600, 600};
        for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
                advance_with_pings(rig, delays[i] * 1000 - 1);
                ck_assert_uint_eq(rig_statuses(rig), i + 1);
                advance_with_pings(rig, 1);
                ck_assert_uint_eq(rig_statuses(rig), i + 2);
        }
        acknowledge(rig, 0);
        size_t count = rig_statuses(rig);
        advance_with_pings(rig, 3600 * 1000);
        ck_assert_uint_eq(rig_statuses(rig), count);
}
END_TEST

/* mission: B9 */
START_TEST(the_next_update_waits_for_the_acknowledgement_and_its_state_is_told)
{
        CLEANUP(rig_freep) struct rig *rig = running();
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_FINISHED, 2);
        ck_assert_uint_eq(rig_statuses(rig), 1);

        actor_sim_advance(rig->sim, 10000); /* the repetition already knows the end */
        const Troupe__StatusUpdate *again = probe_msg(&rig->master_probe, &status_update_type, 1);
        ck_assert_int_eq(again->status->state, V1__TASK_STATE__TASK_RUNNING);
        ck_assert_int_eq(again->latest_state, V1__TASK_STATE__TASK_FINISHED);

        acknowledge(rig, 0);
        ck_assert_uint_eq(rig_statuses(rig), 3);
        ck_assert_int_eq(rig_status(rig, 2)->state, V1__TASK_STATE__TASK_FINISHED);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__ACKNOWLEDGED), 1);
        acknowledge(rig, 2);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__ACKNOWLEDGED), 2);
        ck_assert_int_eq(rig->metrics.updates_pending, 0);
}
END_TEST

/* Goal: an executor that repeats itself is heard once; what has been acknowledged is acknowledged to it
 * again. */
START_TEST(a_repeated_update_is_sent_once)
{
        CLEANUP(rig_freep) struct rig *rig = running();
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        ck_assert_uint_eq(rig_statuses(rig), 1);
        acknowledge(rig, 0);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        ck_assert_uint_eq(rig_statuses(rig), 1);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__ACKNOWLEDGED), 2);
}
END_TEST

/* mission: B9 */
START_TEST(a_wrong_acknowledgement_moves_nothing)
{
        CLEANUP(rig_freep) struct rig *rig = running();
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_FINISHED, 2);
        Troupe__StatusUpdateAcknowledgement *ack = actor_msg_new(&status_update_acknowledgement_type);
        ack->framework_id = proto_framework_id(ack, "F1");
        ack->task_id = proto_task_id(ack, "t1");
        ack->uuid.data = actor_msg_alloc(ack, 16);
        ack->uuid.len = 16;
        rig_master_says(rig, ack);
        ck_assert_uint_eq(rig_statuses(rig), 1);
        acknowledge(rig, 0);
        acknowledge(rig, 0); /* twice */
        ck_assert_uint_eq(rig_statuses(rig), 2);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__ACKNOWLEDGED), 1);
}
END_TEST

START_TEST(updates_that_missed_the_master_are_sent_when_it_is_back)
{
        CLEANUP(rig_freep) struct rig *rig = running();
        Troupe__Ping *ping = actor_msg_new(&ping_type);
        ping->connected = false;
        rig_master_says(rig, ping);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        ck_assert_uint_eq(rig_statuses(rig), 0);
        actor_sim_advance(rig->sim, 1001);
        ck_assert_uint_eq(rig_statuses(rig), 1);
}
END_TEST

static int count_record(void *arg, const void *key, size_t key_size, const void *value, size_t value_size)
{
        ++*(size_t *) arg;
        return 0;
}

static size_t records(struct rig *rig)
{
        size_t count = 0;
        ck_assert_int_eq(actor_store_each(rig->store, "update/", 7, count_record, &count, NULL), 0);
        return count;
}

static void run_checkpointing(struct rig *rig)
{
        Troupe__RunTasks *run = rig_run_message();
        run->framework->has_checkpoint = run->framework->checkpoint = true;
        V1__TaskInfo *task = rig_task(run, "t1", "e1");
        PROTO_APPEND(run, run->n_tasks, run->tasks, task);
        rig_master_says(rig, run);
        rig_subscribe(rig);
}

/* mission: F12 */
START_TEST(updates_of_a_checkpointing_framework_are_written_down_until_acknowledged)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        run_checkpointing(rig);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        ck_assert_uint_eq(rig_statuses(rig), 1);
        ck_assert_uint_eq(records(rig), 1);
        acknowledge(rig, 0);
        ck_assert_uint_eq(records(rig), 0);
}
END_TEST

/* Goal: a disk that refuses does not silence tasks. */
START_TEST(an_update_that_cannot_be_written_is_sent_all_the_same)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        run_checkpointing(rig);
        actor_disk_fail_after(rig->disk, 1, -ENOSPC);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        ck_assert_uint_eq(rig_statuses(rig), 1);
}
END_TEST

/* ---- the agent started again --------------------------------------------------------------------- */

static const Troupe__ReregisterAgent *reregistration(struct rig *rig)
{
        return probe_msg(&rig->master_probe, &reregister_agent_type, 0);
}

/* Its first update has been acknowledged, its last has not. */
static void run_to_unacknowledged_end(struct rig *rig)
{
        run_checkpointing(rig);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        acknowledge(rig, 0);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_FINISHED, 2);
        ck_assert_uint_eq(records(rig), 1);
}

START_TEST(after_a_restart_an_ended_task_is_reported_until_its_last_update_is_acknowledged)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        run_to_unacknowledged_end(rig);
        rig_restart(rig);
        const Troupe__ReregisterAgent *msg = reregistration(rig);
        ck_assert_str_eq(msg->agent->id->value, "A1");
        ck_assert_uint_eq(msg->n_frameworks, 1);
        ck_assert_str_eq(msg->frameworks[0]->id->value, "F1");
        ck_assert_str_eq(msg->frameworks[0]->name, "test");
        ck_assert(msg->frameworks[0]->checkpoint);
        ck_assert_uint_eq(msg->n_tasks, 1);
        ck_assert_str_eq(msg->tasks[0]->task_id->value, "t1");
        ck_assert_str_eq(msg->tasks[0]->framework_id->value, "F1");
        ck_assert_str_eq(msg->tasks[0]->executor_id->value, "e1");
        ck_assert_int_eq(msg->tasks[0]->state, V1__TASK_STATE__TASK_FINISHED);

        ck_assert_uint_eq(rig_statuses(rig), 1);
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_FINISHED);
        const Troupe__StatusUpdate *update = probe_msg(&rig->master_probe, &status_update_type, 0);
        ck_assert_ptr_null(update->framework);
        acknowledge(rig, 0);
        ck_assert_uint_eq(records(rig), 0);
        rig_restart(rig);
        ck_assert_uint_eq(reregistration(rig)->n_tasks, 0);
        ck_assert_uint_eq(reregistration(rig)->n_frameworks, 0);
        ck_assert_uint_eq(rig_statuses(rig), 0);
}
END_TEST

/* Goal: one end a task. Method: a master that asks for the task all the same. */
START_TEST(after_a_restart_a_question_for_an_ended_task_is_answered_by_its_last_update_alone)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        run_to_unacknowledged_end(rig);
        rig->master_probe.registers = false;
        rig_restart(rig);
        Troupe__AgentRegistered *answer = actor_msg_new(&agent_registered_type);
        answer->agent_id = proto_agent_id(answer, "A1");
        answer->master_id = "M1";
        Troupe__ReconcileTasks *reconcile = actor_msg_alloc(answer, sizeof *reconcile);
        troupe__reconcile_tasks__init(reconcile);
        reconcile->framework_id = proto_framework_id(answer, "F1");
        PROTO_APPEND(answer, reconcile->n_task_ids, reconcile->task_ids, proto_task_id(answer, "t1"));
        PROTO_APPEND(answer, answer->n_reconcile, answer->reconcile, reconcile);
        rig_master_says(rig, answer);
        ck_assert_uint_eq(rig_statuses(rig), 1);
        acknowledge(rig, 0);
        ck_assert_uint_eq(rig_statuses(rig), 1);
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_FINISHED);
}
END_TEST

START_TEST(after_a_restart_a_task_that_had_not_ended_is_gone_behind_what_waits)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        run_checkpointing(rig);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        rig_restart(rig);
        ck_assert_uint_eq(reregistration(rig)->n_tasks, 1);
        ck_assert_int_eq(reregistration(rig)->tasks[0]->state, V1__TASK_STATE__TASK_LOST);
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_RUNNING);
        acknowledge(rig, 0);
        ck_assert_uint_eq(rig_statuses(rig), 2);
        ck_assert_int_eq(rig_status(rig, 1)->state, V1__TASK_STATE__TASK_LOST);
        ck_assert_int_eq(rig_status(rig, 1)->reason, V1__TASK_STATUS__REASON__REASON_AGENT_RESTARTED);
        acknowledge(rig, 1);
        ck_assert_uint_eq(records(rig), 0);
        ck_assert_int_eq(rig->metrics.updates_pending, 0);
}
END_TEST

START_TEST(after_a_restart_the_updates_of_a_framework_that_has_ended_are_forgotten)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        run_to_unacknowledged_end(rig);
        rig_restart(rig);
        Troupe__ShutdownFramework *order = actor_msg_new(&shutdown_framework_type);
        order->framework_id = proto_framework_id(order, "F1");
        rig_master_says(rig, order);
        ck_assert_uint_eq(records(rig), 0);
        ck_assert_int_eq(rig->metrics.updates_pending, 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_update_is_completed_by_the_agent);
        tcase_add_test(tcase, an_unacknowledged_update_is_repeated_with_doubling_delays);
        tcase_add_test(tcase, the_next_update_waits_for_the_acknowledgement_and_its_state_is_told);
        tcase_add_test(tcase, a_repeated_update_is_sent_once);
        tcase_add_test(tcase, a_wrong_acknowledgement_moves_nothing);
        tcase_add_test(tcase, updates_that_missed_the_master_are_sent_when_it_is_back);
        tcase_add_test(tcase, updates_of_a_checkpointing_framework_are_written_down_until_acknowledged);
        tcase_add_test(tcase, an_update_that_cannot_be_written_is_sent_all_the_same);
        tcase_add_test(tcase,
                       after_a_restart_an_ended_task_is_reported_until_its_last_update_is_acknowledged);
        tcase_add_test(tcase,
                       after_a_restart_a_question_for_an_ended_task_is_answered_by_its_last_update_alone);
        tcase_add_test(tcase, after_a_restart_a_task_that_had_not_ended_is_gone_behind_what_waits);
        tcase_add_test(tcase, after_a_restart_the_updates_of_a_framework_that_has_ended_are_forgotten);
}

TEST_MAIN("agent updates", add_tests)
