/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "framework/tasks.h"
#include <actor/memory.h>
#include <proto/copy.h>

static struct tasks tasks;
static struct host *host;
static Troupe__StatusUpdate *message; /* what everything lies in */

static void setup(void)
{
        memset(&tasks, 0, sizeof tasks);
        message = actor_msg_new(&status_update_type);
        host = framework_tasks_host_set(&tasks, "a1", ACTOR_NOBODY);
}

static void teardown(void)
{
        framework_tasks_done(&tasks);
        actor_msg_unref(message);
}

static struct task *add(const char *id, struct executor *executor)
{
        V1__Task *row = actor_msg_alloc(message, sizeof *row);
        v1__task__init(row);
        row->task_id = proto_task_id(message, id);
        row->state = V1__TASK_STATE__TASK_STAGING;
        return framework_tasks_add(&tasks, host, executor, row, message);
}

static int move(struct task *task, V1__TaskState state)
{
        V1__TaskStatus *status = actor_msg_alloc(message, sizeof *status);
        v1__task_status__init(status);
        status->task_id = task->base->task_id;
        status->state = state;
        return framework_task_move(&tasks, task, state, status, message);
}

static struct executor *add_executor(const char *id)
{
        V1__ExecutorInfo *info = actor_msg_alloc(message, sizeof *info);
        v1__executor_info__init(info);
        info->executor_id = proto_executor_id(message, id);
        return framework_host_executor_add(host, info, message);
}

START_TEST(a_task_moves_forward_and_never_out_of_its_end)
{
        struct task *task = add("t", NULL);
        ck_assert_int_eq(move(task, V1__TASK_STATE__TASK_RUNNING), 0);
        ck_assert_int_eq(move(task, V1__TASK_STATE__TASK_RUNNING), TASK_E_UNCHANGED);
        ck_assert_int_eq(move(task, V1__TASK_STATE__TASK_FINISHED), 0);
        ck_assert_int_eq(move(task, V1__TASK_STATE__TASK_RUNNING), TASK_E_ILLEGAL);
        ck_assert_int_eq(task->state, V1__TASK_STATE__TASK_FINISHED);
        ck_assert_int_eq(task->update_state, V1__TASK_STATE__TASK_FINISHED);
}
END_TEST

START_TEST(a_repeated_status_takes_the_place_of_the_last)
{
        struct task *task = add("t", NULL);
        move(task, V1__TASK_STATE__TASK_RUNNING);
        move(task, V1__TASK_STATE__TASK_RUNNING);
        ck_assert_uint_eq(task->status_count, 1);
        move(task, V1__TASK_STATE__TASK_FINISHED);
        ck_assert_uint_eq(task->status_count, 2);
}
END_TEST

START_TEST(statuses_are_forgotten_from_the_oldest_when_there_are_too_many)
{
        struct task *task = add("t", NULL);
        for (int i = 0; i < TASK_STATUSES_MAX; i++) {
                move(task, V1__TASK_STATE__TASK_RUNNING);
                move(task, V1__TASK_STATE__TASK_UNREACHABLE);
        }
        ck_assert_uint_eq(task->status_count, TASK_STATUSES_MAX);
        ck_assert_int_eq(task->statuses[TASK_STATUSES_MAX - 1].status->state,
                         V1__TASK_STATE__TASK_UNREACHABLE);
}
END_TEST

START_TEST(unreachable_tasks_are_counted_and_come_back)
{
        struct task *one = add("1", NULL), *two = add("2", NULL);
        move(one, V1__TASK_STATE__TASK_UNREACHABLE);
        move(two, V1__TASK_STATE__TASK_UNREACHABLE);
        ck_assert_uint_eq(tasks.away_count, 2);
        ck_assert_ptr_eq(tasks.away, one);
        move(one, V1__TASK_STATE__TASK_RUNNING);
        ck_assert_uint_eq(tasks.away_count, 1);
        framework_tasks_drop(&tasks, two);
        ck_assert_uint_eq(tasks.away_count, 0);
        ck_assert_ptr_null(tasks.away);
}
END_TEST

START_TEST(an_executor_knows_how_many_of_its_tasks_have_not_ended)
{
        struct executor *executor = add_executor("e");
        struct task *one = add("1", executor), *two = add("2", executor);
        ck_assert_uint_eq(executor->task_count, 2);
        move(one, V1__TASK_STATE__TASK_FAILED);
        ck_assert_uint_eq(executor->task_count, 1);
        framework_tasks_drop(&tasks, one);
        ck_assert_uint_eq(executor->task_count, 1);
        framework_host_executor_drop(host, executor);
        ck_assert_ptr_null(two->executor);
        move(two, V1__TASK_STATE__TASK_FAILED);
}
END_TEST

START_TEST(a_host_stays_while_anything_is_on_it)
{
        struct task *task = add("t", NULL);
        framework_tasks_host_tidy(&tasks, host);
        ck_assert_ptr_eq(framework_tasks_host(&tasks, "a1"), host);
        framework_tasks_drop(&tasks, task);
        framework_tasks_host_tidy(&tasks, host);
        ck_assert_ptr_null(framework_tasks_host(&tasks, "a1"));
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, a_task_moves_forward_and_never_out_of_its_end);
        tcase_add_test(tcase, a_repeated_status_takes_the_place_of_the_last);
        tcase_add_test(tcase, statuses_are_forgotten_from_the_oldest_when_there_are_too_many);
        tcase_add_test(tcase, unreachable_tasks_are_counted_and_come_back);
        tcase_add_test(tcase, an_executor_knows_how_many_of_its_tasks_have_not_ended);
        tcase_add_test(tcase, a_host_stays_while_anything_is_on_it);
}

TEST_MAIN("a framework's tasks", add_tests)
