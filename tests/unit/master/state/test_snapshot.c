/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "text.h"

#include "state/snapshot.h"

#include <proto/copy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
        struct state_metrics metrics;
        struct model *model;
};

static void set_up(struct fixture *f)
{
        *f = (struct fixture){0};
        f->model = model_new(3, 5, &f->metrics);
}

static void tear_down(struct fixture *f)
{
        model_free(f->model);
}

static void framework(struct fixture *f, const char *id, bool completed)
{
        struct state_framework *event = actor_msg_new(&state_framework_type);
        V1__FrameworkInfo *info = actor_msg_alloc(event, sizeof *info);
        v1__framework_info__init(info);
        info->id = proto_framework_id(event, id);
        event->info = info;
        event->completed = completed;
        model_framework(f->model, event);
        actor_msg_unref(event);
}

static struct state_task *task_event(const char *framework_id, const char *id, V1__TaskState state)
{
        struct state_task *event = actor_msg_new(&state_task_type);
        V1__Task *task = actor_msg_alloc(event, sizeof *task);
        v1__task__init(task);
        task->name = "";
        task->framework_id = proto_framework_id(event, framework_id);
        task->task_id = proto_task_id(event, id);
        task->agent_id = proto_agent_id(event, "a1");
        task->state = state;
        event->task = task;
        event->unreachable = state == V1__TASK_STATE__TASK_UNREACHABLE;
        return event;
}

static void task(struct fixture *f, const char *framework_id, const char *id, V1__TaskState state)
{
        struct state_task *event = task_event(framework_id, id, state);
        model_task(f->model, event);
        actor_msg_unref(event);
}

static void complete(struct fixture *f, const char *framework_id, const char *id)
{
        struct state_task *event = task_event(framework_id, id, V1__TASK_STATE__TASK_FINISHED);
        event->completed = true;
        model_task(f->model, event);
        actor_msg_unref(event);
}

/* The ids of a set of tasks, sorted, separated by blanks. */
static int compare_text(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static void expect_tasks(const struct row_set *set, const char *expected)
{
        const char *ids[64];
        size_t count = 0;
        char found[512] = "";
        const struct state_task *row;
        ROWS_EACH(set, cursor, row)
        {
                ids[count++] = row->task->task_id->value;
        }
        ck_assert_uint_eq(count, set->count);
        qsort(ids, count, sizeof *ids, compare_text);
        for (size_t i = 0; i < count; i++)
                TEXT_APPEND(found, "%s%s", i ? " " : "", ids[i]);
        ck_assert_str_eq(found, expected);
}

START_TEST(a_snapshot_does_not_see_later_changes)
{
        struct fixture f;
        set_up(&f);
        task(&f, "f1", "t1", V1__TASK_STATE__TASK_STAGING);
        const struct snapshot *before = model_snapshot(f.model);
        task(&f, "f1", "t1", V1__TASK_STATE__TASK_RUNNING);
        task(&f, "f1", "t2", V1__TASK_STATE__TASK_STAGING);
        const struct snapshot *after = model_snapshot(f.model);
        expect_tasks(&before->tasks, "t1");
        expect_tasks(&after->tasks, "t1 t2");
        size_t cursor = 0;
        const struct state_task *row = row_set_next(&before->tasks, &cursor);
        ck_assert_int_eq(row->task->state, V1__TASK_STATE__TASK_STAGING);
        tear_down(&f); /* snapshots outlive the model */
        expect_tasks(&after->tasks, "t1 t2");
        actor_msg_unref(before);
        actor_msg_unref(after);
}
END_TEST

START_TEST(without_a_change_the_same_snapshot_is_published_again)
{
        struct fixture f;
        set_up(&f);
        task(&f, "f1", "t1", V1__TASK_STATE__TASK_STAGING);
        const struct snapshot *one = model_snapshot(f.model), *two = model_snapshot(f.model);
        ck_assert_ptr_eq(one, two);
        task(&f, "f1", "t1", V1__TASK_STATE__TASK_RUNNING);
        const struct snapshot *three = model_snapshot(f.model);
        ck_assert_ptr_ne(one, three);
        ck_assert_int_eq(f.metrics.snapshots, 2);
        actor_msg_unref(one);
        actor_msg_unref(two);
        actor_msg_unref(three);
        tear_down(&f);
}
END_TEST

START_TEST(the_last_completed_tasks_of_a_framework_are_remembered)
{
        struct fixture f;
        set_up(&f);
        for (int i = 0; i < 8; i++) {
                char id[8];
                snprintf(id, sizeof id, "t%d", i);
                task(&f, "f1", id, V1__TASK_STATE__TASK_RUNNING);
                complete(&f, "f1", id);
        }
        complete(&f, "f2", "other");
        const struct snapshot *snapshot = model_snapshot(f.model);
        expect_tasks(&snapshot->tasks, "");
        expect_tasks(&snapshot->completed_tasks, "other t3 t4 t5 t6 t7");
        ck_assert_int_eq(f.metrics.tasks, 0);
        ck_assert_int_eq(f.metrics.completed_tasks, 6);
        actor_msg_unref(snapshot);
        tear_down(&f);
}
END_TEST

START_TEST(the_longest_unreachable_tasks_are_forgotten_beyond_the_limit)
{
        struct fixture f;
        set_up(&f);
        for (int i = 0; i < 7; i++) {
                char id[8];
                snprintf(id, sizeof id, "t%d", i);
                task(&f, "f1", id, V1__TASK_STATE__TASK_UNREACHABLE);
        }
        task(&f, "f1", "t3", V1__TASK_STATE__TASK_RUNNING); /* came back */
        task(&f, "f1", "t7", V1__TASK_STATE__TASK_UNREACHABLE);
        const struct snapshot *snapshot = model_snapshot(f.model);
        expect_tasks(&snapshot->tasks, "t2 t3 t4 t5 t6 t7");
        actor_msg_unref(snapshot);
        tear_down(&f);
}
END_TEST

START_TEST(the_last_completed_frameworks_are_remembered_with_their_tasks)
{
        struct fixture f;
        set_up(&f);
        for (int i = 0; i < 5; i++) {
                char id[8], task_id[8];
                snprintf(id, sizeof id, "f%d", i);
                snprintf(task_id, sizeof task_id, "t%d", i);
                framework(&f, id, false);
                complete(&f, id, task_id);
                framework(&f, id, true);
        }
        const struct snapshot *snapshot = model_snapshot(f.model);
        ck_assert_uint_eq(snapshot->frameworks.count, 0);
        ck_assert_uint_eq(snapshot->completed_frameworks.count, 3);
        expect_tasks(&snapshot->completed_tasks, "t2 t3 t4");
        actor_msg_unref(snapshot);
        tear_down(&f);
}
END_TEST

START_TEST(a_settled_row_lets_go_of_the_messages_its_event_held)
{
        struct fixture f;
        set_up(&f);
        struct state_task *event = task_event("f1", "t1", V1__TASK_STATE__TASK_FINISHED);
        event->completed = true;
        ck_assert(model_is_settled(f.model));
        model_task(f.model, event);
        ck_assert(!model_is_settled(f.model));
        model_settle(f.model);
        ck_assert(model_is_settled(f.model));
        const struct snapshot *snapshot = model_snapshot(f.model);
        size_t cursor = 0;
        const struct state_task *row = row_set_next(&snapshot->completed_tasks, &cursor);
        ck_assert_ptr_ne(row, event);
        ck_assert_ptr_ne(row->task, event->task);
        ck_assert(proto_equal(row->task, event->task));
        actor_msg_unref(event);
        actor_msg_unref(snapshot);
        tear_down(&f);
}
END_TEST

/* Goal: settling changes what rows hold, never what they say, whenever it comes. Method: more tasks
 * complete than are remembered, and more frameworks, some of which are forgotten before they are settled. */
START_TEST(settling_leaves_the_completed_tasks_as_they_are)
{
        struct fixture f;
        set_up(&f);
        for (int i = 0; i < 9; i++) {
                char id[] = {'t', (char) ('0' + i), '\0'};
                complete(&f, "f1", id);
                if (i == 2)
                        model_settle(f.model);
        }
        complete(&f, "f2", "u1");
        const struct snapshot *before = model_snapshot(f.model);
        model_settle(f.model);
        const struct snapshot *after = model_snapshot(f.model);
        ck_assert_ptr_ne(before, after);
        expect_tasks(&before->completed_tasks, "t4 t5 t6 t7 t8 u1");
        expect_tasks(&after->completed_tasks, "t4 t5 t6 t7 t8 u1");
        actor_msg_unref(before);
        actor_msg_unref(after);
        for (int i = 0; i < 4; i++) { /* three frameworks are remembered */
                char id[] = {'g', (char) ('0' + i), '\0'};
                complete(&f, id, id);
                framework(&f, id, true);
        }
        model_settle(f.model);
        ck_assert(model_is_settled(f.model));
        tear_down(&f);
}
END_TEST

/* Goal: a snapshot is exactly what the events so far make, over many chunks. Method: random changes
 * against a plain array; every snapshot is compared with the copy of the array made when it was taken. */
#define IDS 1500
START_TEST(snapshots_agree_with_a_plain_array_under_random_changes)
{
        struct fixture f;
        set_up(&f);
        static bool there[IDS];
        memset(there, 0, sizeof there);
        uint64_t dice = 0x9e3779b97f4a7c15ULL;
        for (int step = 0; step < 6000; step++) {
                dice ^= dice << 13;
                dice ^= dice >> 7;
                dice ^= dice << 17;
                unsigned n = (unsigned) (dice % IDS);
                char id[8];
                snprintf(id, sizeof id, "t%u", n);
                there[n] = (dice >> 40) % 3 != 0;
                if (there[n])
                        task(&f, "f1", id, V1__TASK_STATE__TASK_RUNNING);
                else
                        complete(&f, "f1", id);
                if (step % 500 != 499)
                        continue;
                const struct snapshot *snapshot = model_snapshot(f.model);
                bool found[IDS] = {false};
                size_t expected_count = 0;
                const struct state_task *row;
                ROWS_EACH(&snapshot->tasks, cursor, row)
                {
                        found[strtoul(row->task->task_id->value + 1, NULL, 10)] = true;
                }
                for (int i = 0; i < IDS; i++)
                        expected_count += there[i];
                ck_assert_uint_eq(snapshot->tasks.count, expected_count);
                ck_assert_int_eq(memcmp(found, there, sizeof found), 0);
                actor_msg_unref(snapshot);
        }
        tear_down(&f);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, a_snapshot_does_not_see_later_changes);
        tcase_add_test(tests, without_a_change_the_same_snapshot_is_published_again);
        tcase_add_test(tests, the_last_completed_tasks_of_a_framework_are_remembered);
        tcase_add_test(tests, the_longest_unreachable_tasks_are_forgotten_beyond_the_limit);
        tcase_add_test(tests, the_last_completed_frameworks_are_remembered_with_their_tasks);
        tcase_add_test(tests, a_settled_row_lets_go_of_the_messages_its_event_held);
        tcase_add_test(tests, settling_leaves_the_completed_tasks_as_they_are);
        tcase_add_test(tests, snapshots_agree_with_a_plain_array_under_random_changes);
}

TEST_MAIN("state snapshots", add_tests)
