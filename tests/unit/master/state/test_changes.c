/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include "state/answers.h"
#include "state/changes.h"
#include "state/subscribers.h"

#include <proto/copy.h>

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

/* ---- events: each is judged, then taken in, as the state actor does ------------------------------- */

static MasterApi__Event *agent(struct fixture *f, bool active, bool removed)
{
        struct state_agent *event = actor_msg_new(&state_agent_type);
        V1__AgentInfo *info = actor_msg_alloc(event, sizeof *info);
        v1__agent_info__init(info);
        info->id = proto_agent_id(event, "a1");
        event->info = info;
        event->address = "agent@h:5051";
        event->active = active;
        event->removed = removed;
        MasterApi__Event *change = change_of_agent(f->model, event);
        model_agent(f->model, event);
        actor_msg_unref(event);
        return change;
}

static MasterApi__Event *framework(struct fixture *f, bool connected, bool completed)
{
        struct state_framework *event = actor_msg_new(&state_framework_type);
        V1__FrameworkInfo *info = actor_msg_alloc(event, sizeof *info);
        v1__framework_info__init(info);
        info->id = proto_framework_id(event, "f1");
        event->info = info;
        event->connected = connected;
        event->completed = completed;
        MasterApi__Event *change = change_of_framework(f->model, event);
        model_framework(f->model, event);
        actor_msg_unref(event);
        return change;
}

/* A task whose last status, where it has any, tells its state. */
static MasterApi__Event *task(struct fixture *f, V1__TaskState state, size_t statuses, bool completed)
{
        struct state_task *event = actor_msg_new(&state_task_type);
        V1__Task *task = actor_msg_alloc(event, sizeof *task);
        v1__task__init(task);
        task->name = "";
        task->framework_id = proto_framework_id(event, "f1");
        task->task_id = proto_task_id(event, "t1");
        task->agent_id = proto_agent_id(event, "a1");
        task->state = state;
        for (size_t i = 0; i < statuses; i++) {
                V1__TaskStatus *status = actor_msg_alloc(event, sizeof *status);
                v1__task_status__init(status);
                status->task_id = task->task_id;
                status->state = i + 1 == statuses ? state : V1__TASK_STATE__TASK_STARTING;
                PROTO_APPEND(event, task->n_statuses, task->statuses, status);
        }
        event->task = task;
        event->completed = completed;
        MasterApi__Event *change = change_of_task(f->model, event);
        model_task(f->model, event);
        actor_msg_unref(event);
        return change;
}

static void expect_type(MasterApi__Event *change_take, MasterApi__Event__Type type)
{
        ck_assert_ptr_nonnull(change_take);
        ck_assert_int_eq(change_take->type, type);
        ck_assert(change_take->has_type);
        actor_msg_unref(change_take);
}

/* ---- changes ---------------------------------------------------------------------------------------- */

START_TEST(an_agent_is_added_once_and_removed_once)
{
        struct fixture f;
        set_up(&f);
        ck_assert_ptr_null(agent(&f, false, true)); /* nobody knew it */
        MasterApi__Event *added = agent(&f, true, false);
        ck_assert_str_eq(added->agent_added->agent->agent_info->id->value, "a1");
        ck_assert_str_eq(added->agent_added->agent->pid, "agent@h:5051");
        expect_type(added, MASTER_API__EVENT__TYPE__AGENT_ADDED);
        ck_assert_ptr_null(agent(&f, false, false)); /* disconnected: v1 has no word for it */
        MasterApi__Event *removed = agent(&f, false, true);
        ck_assert_str_eq(removed->agent_removed->agent_id->value, "a1");
        expect_type(removed, MASTER_API__EVENT__TYPE__AGENT_REMOVED);
        ck_assert_ptr_null(agent(&f, false, true));
        tear_down(&f);
}
END_TEST

START_TEST(a_framework_is_added_then_updated_then_removed)
{
        struct fixture f;
        set_up(&f);
        ck_assert_ptr_null(framework(&f, false, true)); /* nobody knew it */
        MasterApi__Event *added = framework(&f, true, false);
        ck_assert(added->framework_added->framework->connected);
        expect_type(added, MASTER_API__EVENT__TYPE__FRAMEWORK_ADDED);
        MasterApi__Event *updated = framework(&f, false, false);
        ck_assert(!updated->framework_updated->framework->connected);
        expect_type(updated, MASTER_API__EVENT__TYPE__FRAMEWORK_UPDATED);
        MasterApi__Event *removed = framework(&f, false, true);
        ck_assert_str_eq(removed->framework_removed->framework_info->id->value, "f1");
        expect_type(removed, MASTER_API__EVENT__TYPE__FRAMEWORK_REMOVED);
        tear_down(&f);
}
END_TEST

START_TEST(a_task_is_added_and_updated_when_its_state_or_statuses_change)
{
        struct fixture f;
        set_up(&f);
        MasterApi__Event *added = task(&f, V1__TASK_STATE__TASK_STAGING, 0, false);
        ck_assert_str_eq(added->task_added->task->task_id->value, "t1");
        expect_type(added, MASTER_API__EVENT__TYPE__TASK_ADDED);
        MasterApi__Event *updated = task(&f, V1__TASK_STATE__TASK_RUNNING, 2, false);
        ck_assert_int_eq(updated->task_updated->state, V1__TASK_STATE__TASK_RUNNING);
        ck_assert_int_eq(updated->task_updated->status->state, V1__TASK_STATE__TASK_RUNNING);
        expect_type(updated, MASTER_API__EVENT__TYPE__TASK_UPDATED);
        ck_assert_ptr_null(task(&f, V1__TASK_STATE__TASK_RUNNING, 2, false)); /* the same again */
        expect_type(task(&f, V1__TASK_STATE__TASK_RUNNING, 3, false), MASTER_API__EVENT__TYPE__TASK_UPDATED);
        expect_type(task(&f, V1__TASK_STATE__TASK_FINISHED, 4, true), MASTER_API__EVENT__TYPE__TASK_UPDATED);
        ck_assert_ptr_null(task(&f, V1__TASK_STATE__TASK_FINISHED, 4, true)); /* completed already */
        tear_down(&f);
}
END_TEST

START_TEST(a_change_outlives_the_event_and_the_model)
{
        struct fixture f;
        set_up(&f);
        MasterApi__Event *added = task(&f, V1__TASK_STATE__TASK_STAGING, 0, false);
        tear_down(&f);
        ck_assert_str_eq(added->task_added->task->agent_id->value, "a1");
        actor_msg_unref(added);
}
END_TEST

START_TEST(a_stream_begins_with_the_whole_state_and_its_heartbeat)
{
        struct fixture f;
        set_up(&f);
        actor_msg_unref(agent(&f, true, false));
        const struct snapshot *snapshot = model_snapshot(f.model);
        const struct answer_facts facts = {0};
        MasterApi__Response *state = answer_make(snapshot, &facts, MASTER_API__CALL__TYPE__GET_STATE);
        actor_msg_unref(snapshot);
        MasterApi__Event *event = change_subscribed(state);
        actor_msg_unref(state);
        tear_down(&f);
        ck_assert_uint_eq(event->subscribed->get_state->get_agents->n_agents, 1);
        ck_assert_double_eq(event->subscribed->heartbeat_interval_seconds, 15);
        expect_type(event, MASTER_API__EVENT__TYPE__SUBSCRIBED);
}
END_TEST

/* ---- subscribers ------------------------------------------------------------------------------------ */

static struct subscriber who(uint32_t number)
{
        return (struct subscriber){{1, number, 7}, 100 + number};
}

START_TEST(a_subscriber_is_listed_once_and_forgotten_by_its_monitor)
{
        struct subscribers s = {NULL, 0, 0};
        ck_assert(subscribers_add(&s, who(1)));
        ck_assert(subscribers_add(&s, who(2)));
        ck_assert(subscribers_add(&s, who(3)));
        ck_assert(!subscribers_add(&s, who(2)));
        ck_assert_uint_eq(s.count, 3);
        subscribers_remove(&s, 999); /* unknown */
        subscribers_remove(&s, 102);
        ck_assert(!subscribers_has(&s, who(2).ref));
        ck_assert(subscribers_has(&s, who(1).ref) && subscribers_has(&s, who(3).ref));
        ck_assert_uint_eq(s.count, 2);
        subscribers_done(&s);
        ck_assert_uint_eq(s.count, 0);
}
END_TEST

START_TEST(the_oldest_subscriber_is_the_first_to_go)
{
        struct subscribers s = {NULL, 0, 0};
        for (uint32_t i = 1; i <= 20; i++)
                ck_assert(subscribers_add(&s, who(i)));
        for (uint32_t i = 1; i <= 20; i++)
                ck_assert_uint_eq(subscribers_take_oldest(&s).monitor, 100 + i);
        ck_assert_uint_eq(s.count, 0);
        subscribers_done(&s);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, an_agent_is_added_once_and_removed_once);
        tcase_add_test(tests, a_framework_is_added_then_updated_then_removed);
        tcase_add_test(tests, a_task_is_added_and_updated_when_its_state_or_statuses_change);
        tcase_add_test(tests, a_change_outlives_the_event_and_the_model);
        tcase_add_test(tests, a_stream_begins_with_the_whole_state_and_its_heartbeat);
        tcase_add_test(tests, a_subscriber_is_listed_once_and_forgotten_by_its_monitor);
        tcase_add_test(tests, the_oldest_subscriber_is_the_first_to_go);
}

TEST_MAIN("what subscribers hear of", add_tests)
