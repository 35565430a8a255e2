/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <check_main.h>

static const char *variable(const V1__CommandInfo *command, const char *name)
{
        const char *found = NULL;
        for (size_t i = 0; command->environment && i < command->environment->n_variables; i++)
                if (strcmp(command->environment->variables[i]->name, name) == 0)
                        found = command->environment->variables[i]->value;
        return found;
}

/* mission: X1 */
START_TEST(tasks_queue_until_their_executor_has_registered)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        rig_run(rig, "t2", "e1");
        ck_assert_uint_eq(rig->starts, 1);
        ck_assert_uint_eq(rig->executor_probe.count, 0);
        rig_subscribe(rig);
        const Exec__Event *subscribed = rig_event(rig, EXEC__EVENT__TYPE__SUBSCRIBED, 0);
        ck_assert_str_eq(subscribed->subscribed->executor_info->executor_id->value, "e1");
        ck_assert_str_eq(subscribed->subscribed->framework_info->id->value, "F1");
        ck_assert_str_eq(subscribed->subscribed->agent_info->id->value, "A1");
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__LAUNCH), 2);
        ck_assert_str_eq(rig_event(rig, EXEC__EVENT__TYPE__LAUNCH, 0)->launch->task->task_id->value, "t1");
        rig_run(rig, "t3", "e1");
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__LAUNCH), 3);
        ck_assert_uint_eq(rig->starts, 1);
}
END_TEST

/* Goal: however many command tasks a framework has, one process runs them, each in a sandbox of its own. */
/* mission: X7 */
START_TEST(command_tasks_share_an_executor_and_nothing_else)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", NULL);
        rig_subscribe(rig);
        rig_run(rig, "t2", NULL);
        ck_assert_uint_eq(rig->starts, 1);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__LAUNCH), 2);
        const V1__CommandInfo *first = rig_event(rig, EXEC__EVENT__TYPE__LAUNCH, 0)->launch->task->command;
        const V1__CommandInfo *second = rig_event(rig, EXEC__EVENT__TYPE__LAUNCH, 1)->launch->task->command;
        ck_assert_ptr_nonnull(strstr(variable(first, "MESOS_SANDBOX"), "/frameworks/F1/executors/t1/runs/"));
        ck_assert_ptr_nonnull(strstr(variable(second, "MESOS_SANDBOX"), "/frameworks/F1/executors/t2/runs/"));
        ck_assert_int_eq(access(variable(first, "MESOS_SANDBOX"), F_OK), 0);
        ck_assert_str_eq(variable(first, "HOSTNAME"), "host1");
        ck_assert_str_eq(first->user, "somebody");

        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        ck_assert_str_eq(rig_status(rig, 0)->executor_id->value, "t1");
        ck_assert_str_ne(rig_status(rig, 0)->container_status->container_id->value,
                         strrchr(rig->address, '/') + 1);
}
END_TEST

START_TEST(an_idle_command_executor_is_ended_and_a_later_task_gets_a_new_one)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig->master_probe.acknowledges = true;
        rig_run(rig, "t1", NULL);
        rig_subscribe(rig);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_FINISHED, 1);
        actor_sim_advance(rig->sim, 29999);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__SHUTDOWN), 0);
        actor_sim_advance(rig->sim, 1);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__SHUTDOWN), 1);
        rig_run(rig, "t2", NULL);
        ck_assert_uint_eq(rig->starts, 2);
        ck_assert_uint_eq(probe_count(&rig->master_probe, &exited_executor_type), 0);
}
END_TEST

/* mission: X9 */
START_TEST(an_executor_that_does_not_register_in_time_fails_its_tasks)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        actor_sim_advance(rig->sim, 59999);
        ck_assert_uint_eq(rig_statuses(rig), 0);
        actor_sim_advance(rig->sim, 1);
        ck_assert_uint_eq(rig_statuses(rig), 1);
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_FAILED);
        ck_assert_int_eq(rig_status(rig, 0)->reason,
                         V1__TASK_STATUS__REASON__REASON_EXECUTOR_REGISTRATION_TIMEOUT);
        ck_assert_uint_eq(probe_count(&rig->master_probe, &exited_executor_type), 1);
}
END_TEST

/* mission: A4 C5 */
START_TEST(an_executor_that_exits_fails_its_tasks_and_its_status_is_told)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig->fate = (struct actor_sim_fate){.runs_ms = 5000, .status = 3 << 8};
        rig_run(rig, "t1", "e1");
        rig_subscribe(rig);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        actor_sim_advance(rig->sim, 5000);
        const Troupe__ExitedExecutor *exited = probe_msg(&rig->master_probe, &exited_executor_type, 0);
        ck_assert_str_eq(exited->executor_id->value, "e1");
        ck_assert_int_eq(exited->status, 3 << 8);
        ck_assert(!exited->unregistered);

        rig->master_probe.acknowledges = true;
        actor_sim_advance(rig->sim, 10000);
        const V1__TaskStatus *status = rig_status(rig, rig_statuses(rig) - 1);
        ck_assert_int_eq(status->state, V1__TASK_STATE__TASK_FAILED);
        ck_assert_int_eq(status->reason, V1__TASK_STATUS__REASON__REASON_EXECUTOR_TERMINATED);
        ck_assert_str_eq(status->message, "Executor exited with status 3");
}
END_TEST

START_TEST(a_task_killed_before_its_executor_had_it_is_killed_and_never_launched)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        rig_run(rig, "t2", "e1");
        rig_kill(rig, "t1");
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_KILLED);
        ck_assert_int_eq(rig_status(rig, 0)->reason,
                         V1__TASK_STATUS__REASON__REASON_TASK_KILLED_DURING_LAUNCH);
        rig_subscribe(rig);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__LAUNCH), 1);
        ck_assert_str_eq(rig_event(rig, EXEC__EVENT__TYPE__LAUNCH, 0)->launch->task->task_id->value, "t2");
        rig_kill(rig, "t2");
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__KILL), 1);
}
END_TEST

START_TEST(an_executor_left_without_tasks_before_it_registered_is_ended)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        rig_kill(rig, "t1");
        actor_sim_advance(rig->sim, 1);
        ck_assert_uint_eq(probe_count(&rig->master_probe, &exited_executor_type), 1);
        ck_assert_uint_eq(rig_statuses(rig), 1);
}
END_TEST

START_TEST(a_kill_of_an_unknown_task_is_answered)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_kill(rig, "t9");
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_DROPPED);
        ck_assert_int_eq(rig_status(rig, 0)->reason, V1__TASK_STATUS__REASON__REASON_EXECUTOR_TERMINATED);
}
END_TEST

/* mission: X2 */
START_TEST(another_executor_info_under_the_same_id_is_an_error)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        Troupe__RunTasks *run = rig_run_message();
        V1__TaskInfo *task = rig_task(run, "t2", "e1");
        task->executor->name = "other";
        PROTO_APPEND(run, run->n_tasks, run->tasks, task);
        rig_master_says(rig, run);
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_ERROR);
        ck_assert_int_eq(rig_status(rig, 0)->reason, V1__TASK_STATUS__REASON__REASON_TASK_INVALID);
}
END_TEST

/* Goal: an executor told once is each task's own; a task that points at none is refused. Method: three tasks,
 * two executors of which one is used, the last task's number is out of range. */
/* mission: H5 X2 */
START_TEST(tasks_may_share_what_is_said_of_their_executor)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        Troupe__RunTasks *run = rig_run_message();
        static const uint32_t executor_of[] = {2, 2, 3};
        for (int i = 0; i < 3; i++) {
                char id[] = {'t', (char) ('1' + i), '\0'};
                V1__TaskInfo *task = rig_task(run, id, i == 0 ? "e1" : "e2");
                if (i < 2)
                        PROTO_APPEND(run, run->n_executors, run->executors, task->executor);
                task->executor = NULL;
                PROTO_APPEND(run, run->n_executor_of, run->executor_of, executor_of[i]);
                PROTO_APPEND(run, run->n_tasks, run->tasks, task);
        }
        rig_master_says(rig, run);
        ck_assert_uint_eq(rig->starts, 1);
        ck_assert_str_eq(rig_status(rig, 0)->task_id->value, "t3");
        ck_assert_int_eq(rig_status(rig, 0)->reason, V1__TASK_STATUS__REASON__REASON_TASK_INVALID);
        rig_subscribe(rig);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__LAUNCH), 2);
        const Exec__Event *subscribed = rig_event(rig, EXEC__EVENT__TYPE__SUBSCRIBED, 0);
        ck_assert_str_eq(subscribed->subscribed->executor_info->executor_id->value, "e2");
}
END_TEST

/* mission: F1 */
START_TEST(a_user_the_agent_cannot_switch_to_fails_the_task)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        Troupe__RunTasks *run = rig_run_message();
        run->framework->user = "someone-else";
        V1__TaskInfo *task = rig_task(run, "t1", NULL);
        PROTO_APPEND(run, run->n_tasks, run->tasks, task);
        rig_master_says(rig, run);
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_FAILED);
        ck_assert_ptr_nonnull(strstr(rig_status(rig, 0)->message, "someone-else"));
        ck_assert_uint_eq(rig->starts, 0);
}
END_TEST

START_TEST(a_uri_that_cannot_be_fetched_fails_the_task_and_is_named)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        Troupe__RunTasks *run = rig_run_message();
        V1__TaskInfo *task = rig_task(run, "t1", NULL);
        V1__CommandInfo__URI *uri = actor_msg_alloc(run, sizeof *uri);
        v1__command_info__uri__init(uri);
        uri->value = "/no/such/file";
        PROTO_APPEND(run, task->command->n_uris, task->command->uris, uri);
        PROTO_APPEND(run, run->n_tasks, run->tasks, task);
        rig_master_says(rig, run);
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_FAILED);
        ck_assert_int_eq(rig_status(rig, 0)->reason, V1__TASK_STATUS__REASON__REASON_CONTAINER_LAUNCH_FAILED);
        ck_assert_ptr_nonnull(strstr(rig_status(rig, 0)->message, "/no/such/file"));
}
END_TEST

START_TEST(a_shut_down_executor_is_killed_after_its_grace_period)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        rig_subscribe(rig);
        Troupe__ShutdownExecutor *shutdown = actor_msg_new(&shutdown_executor_type);
        shutdown->framework_id = proto_framework_id(shutdown, "F1");
        shutdown->executor_id = proto_executor_id(shutdown, "e1");
        rig_master_says(rig, shutdown);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__SHUTDOWN), 1);
        actor_sim_advance(rig->sim, 4999);
        ck_assert_uint_eq(probe_count(&rig->master_probe, &exited_executor_type), 0);
        actor_sim_advance(rig->sim, 1);
        const Troupe__ExitedExecutor *exited = probe_msg(&rig->master_probe, &exited_executor_type, 0);
        ck_assert_int_eq(exited->status, 9);
}
END_TEST

static void unregister(struct rig *rig)
{
        Exec__Call *call = actor_msg_new(&exec_call_type);
        call->type = EXEC__CALL__TYPE__UNREGISTER;
        rig_executor_says(rig, call);
}

/* Goal: an executor may leave. Method: it does with one task ended and one not, and its process is in no
 * hurry. */
/* mission: X9 */
START_TEST(an_executor_that_leaves_has_not_failed_and_takes_no_more_tasks)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig->master_probe.acknowledges = true;
        rig_run(rig, "t1", "e1");
        rig_run(rig, "t2", "e1");
        rig_subscribe(rig);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_FINISHED, 1);
        unregister(rig);
        size_t launches = rig_events(rig, EXEC__EVENT__TYPE__LAUNCH);
        rig_run(rig, "t3", "e1"); /* is for another process */
        ck_assert_int_eq(rig->metrics.executors_active, 2);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__LAUNCH), launches);
        actor_sim_advance(rig->sim, 4999);
        ck_assert_uint_eq(probe_count(&rig->master_probe, &exited_executor_type), 0);
        actor_sim_advance(rig->sim, 1);
        const Troupe__ExitedExecutor *exited = probe_msg(&rig->master_probe, &exited_executor_type, 0);
        ck_assert(exited->unregistered);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__SHUTDOWN), 0);
        const V1__TaskStatus *status = rig_status(rig, rig_statuses(rig) - 1);
        ck_assert_str_eq(status->task_id->value, "t2");
        ck_assert_int_eq(status->reason, V1__TASK_STATUS__REASON__REASON_EXECUTOR_UNREGISTERED);
        ck_assert_int_eq(status->state, V1__TASK_STATE__TASK_LOST); /* DROPPED, to one who knows it */
}
END_TEST

START_TEST(a_framework_that_is_gone_leaves_no_updates_behind)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        rig_subscribe(rig);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        Troupe__ShutdownFramework *shutdown = actor_msg_new(&shutdown_framework_type);
        shutdown->framework_id = proto_framework_id(shutdown, "F1");
        rig_master_says(rig, shutdown);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__SHUTDOWN), 1);
        actor_sim_advance(rig->sim, 20000);
        ck_assert_uint_eq(rig_statuses(rig), 1); /* the first, not repeated, and no end */
        ck_assert_int_eq(rig->metrics.updates_pending, 0);
        ck_assert_int_eq(rig->metrics.executors_active, 0);
}
END_TEST

START_TEST(a_task_group_is_refused_with_a_reason)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        Troupe__RunTaskGroup *run = actor_msg_new(&run_task_group_type);
        run->framework = rig_framework(run);
        run->executor = rig_task(run, "x", "pod")->executor;
        run->task_group = actor_msg_alloc(run, sizeof *run->task_group);
        v1__task_group_info__init(run->task_group);
        V1__TaskInfo *task = rig_task(run, "t1", NULL);
        PROTO_APPEND(run, run->task_group->n_tasks, run->task_group->tasks, task);
        rig_master_says(rig, run);
        ck_assert_int_eq(rig_status(rig, 0)->state, V1__TASK_STATE__TASK_ERROR);
}
END_TEST

/* mission: X8 */
START_TEST(messages_pass_both_ways)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        rig_subscribe(rig);
        Troupe__FrameworkMessage *down = actor_msg_new(&framework_message_type);
        down->framework_id = proto_framework_id(down, "F1");
        down->executor_id = proto_executor_id(down, "e1");
        down->data = (ProtobufCBinaryData){2, (uint8_t *) "hi"};
        rig_master_says(rig, down);
        ck_assert_uint_eq(rig_event(rig, EXEC__EVENT__TYPE__MESSAGE, 0)->message->data.len, 2);

        Exec__Call *up = actor_msg_new(&exec_call_type);
        up->type = EXEC__CALL__TYPE__MESSAGE;
        up->message = actor_msg_alloc(up, sizeof *up->message);
        exec__call__message__init(up->message);
        up->message->data = (ProtobufCBinaryData){2, (uint8_t *) "ho"};
        rig_executor_says(rig, up);
        const Troupe__ExecutorMessage *got = probe_msg(&rig->master_probe, &executor_message_type, 0);
        ck_assert_str_eq(got->executor_id->value, "e1");
        ck_assert_uint_eq(got->data.len, 2);
}
END_TEST

/* Goal: nonsense from an executor harms nobody. Method: no SUBSCRIBE, no uuid, an unknown task, a step back,
 * a number that is no state. */
START_TEST(bad_calls_of_an_executor_are_dropped)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        ck_assert_uint_eq(rig_statuses(rig), 0);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__ERROR), 1);
        rig_subscribe(rig);
        rig_update(rig, "t9", V1__TASK_STATE__TASK_RUNNING, 1);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_STAGING, 2);
        ck_assert_uint_eq(rig_statuses(rig), 0);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_RUNNING, 3);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_STARTING, 4);
        rig_update(rig, "t1", (V1__TaskState) 99, 5);
        rig->master_probe.acknowledges = true;
        actor_sim_advance(rig->sim, 10000);
        ck_assert_int_eq(rig_status(rig, rig_statuses(rig) - 1)->state, V1__TASK_STATE__TASK_RUNNING);
        rig_update(rig, "t1", V1__TASK_STATE__TASK_FINISHED, 6); /* nonsense has not ended it */
        ck_assert_int_eq(rig_status(rig, rig_statuses(rig) - 1)->state, V1__TASK_STATE__TASK_FINISHED);
}
END_TEST

/* Goal: what was on its way when the executor's connection broke is launched again, what had arrived is not.
 */
/* mission: X9 */
START_TEST(a_launch_lost_with_the_connection_is_repeated)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig_run(rig, "t1", "e1");
        rig_subscribe(rig);
        rig_run(rig, "t2", "e1");
        rig_update(rig, "t2", V1__TASK_STATE__TASK_RUNNING, 1);
        rig_subscribe(rig);
        ck_assert_uint_eq(rig_events(rig, EXEC__EVENT__TYPE__LAUNCH), 3);
        ck_assert_str_eq(rig_event(rig, EXEC__EVENT__TYPE__LAUNCH, 2)->launch->task->task_id->value, "t1");
}
END_TEST

START_TEST(ten_thousand_tasks_at_once_all_finish_on_one_executor)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        rig->master_probe.acknowledges = true;
        Troupe__RunTasks *run = rig_run_message();
        char id[32];
        for (int i = 0; i < 10000; i++) {
                snprintf(id, sizeof id, "t%d", i);
                V1__TaskInfo *task = rig_task(run, id, "e1");
                PROTO_APPEND(run, run->n_tasks, run->tasks, task);
        }
        rig_master_says(rig, run);
        rig_subscribe(rig);
        ck_assert_uint_eq(rig->executor_probe.count, 10001);
        for (int i = 0; i < 10000; i++) {
                snprintf(id, sizeof id, "t%d", i);
                rig_update(rig, id, V1__TASK_STATE__TASK_FINISHED, 1);
        }
        ck_assert_uint_eq(rig_statuses(rig), 10000);
        ck_assert_int_eq(rig->metrics.updates_pending, 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, tasks_queue_until_their_executor_has_registered);
        tcase_add_test(tcase, command_tasks_share_an_executor_and_nothing_else);
        tcase_add_test(tcase, an_idle_command_executor_is_ended_and_a_later_task_gets_a_new_one);
        tcase_add_test(tcase, an_executor_that_does_not_register_in_time_fails_its_tasks);
        tcase_add_test(tcase, an_executor_that_exits_fails_its_tasks_and_its_status_is_told);
        tcase_add_test(tcase, a_task_killed_before_its_executor_had_it_is_killed_and_never_launched);
        tcase_add_test(tcase, an_executor_left_without_tasks_before_it_registered_is_ended);
        tcase_add_test(tcase, a_kill_of_an_unknown_task_is_answered);
        tcase_add_test(tcase, another_executor_info_under_the_same_id_is_an_error);
        tcase_add_test(tcase, tasks_may_share_what_is_said_of_their_executor);
        tcase_add_test(tcase, a_user_the_agent_cannot_switch_to_fails_the_task);
        tcase_add_test(tcase, a_uri_that_cannot_be_fetched_fails_the_task_and_is_named);
        tcase_add_test(tcase, a_shut_down_executor_is_killed_after_its_grace_period);
        tcase_add_test(tcase, an_executor_that_leaves_has_not_failed_and_takes_no_more_tasks);
        tcase_add_test(tcase, a_framework_that_is_gone_leaves_no_updates_behind);
        tcase_add_test(tcase, a_task_group_is_refused_with_a_reason);
        tcase_add_test(tcase, messages_pass_both_ways);
        tcase_add_test(tcase, bad_calls_of_an_executor_are_dropped);
        tcase_add_test(tcase, a_launch_lost_with_the_connection_is_repeated);
        tcase_add_test(tcase, ten_thousand_tasks_at_once_all_finish_on_one_executor);
}

TEST_MAIN("agent supervision", add_tests)
