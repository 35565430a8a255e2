/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "driver/unacknowledged.h"

#include <proto/copy.h>
#include <string.h>

/* A launch event, as the driver gets it. */
static Exec__Event *launch(const char *task_id)
{
        Exec__Event *event = actor_msg_new(&exec_event_type);
        event->launch = actor_msg_alloc(event, sizeof *event->launch);
        *event->launch = (Exec__Event__Launch) EXEC__EVENT__LAUNCH__INIT;
        event->launch->task = actor_msg_alloc(event, sizeof *event->launch->task);
        *event->launch->task = (V1__TaskInfo) V1__TASK_INFO__INIT;
        event->launch->task->task_id = proto_task_id(event, task_id);
        return event;
}

static Exec__Call *update(const char *task_id, V1__TaskState state, uint8_t mark)
{
        Exec__Call *call = actor_msg_new(&exec_call_type);
        call->update = actor_msg_alloc(call, sizeof *call->update);
        *call->update = (Exec__Call__Update) EXEC__CALL__UPDATE__INIT;
        V1__TaskStatus *status = actor_msg_alloc(call, sizeof *status);
        *status = (V1__TaskStatus) V1__TASK_STATUS__INIT;
        status->task_id = proto_task_id(call, task_id);
        status->state = state;
        status->has_uuid = true;
        status->uuid.len = 16;
        status->uuid.data = actor_msg_alloc(call, 16);
        status->uuid.data[0] = mark;
        call->update->status = status;
        return call;
}

static bool note(struct unacknowledged *u, const char *task_id, V1__TaskState state, uint8_t mark)
{
        Exec__Call *call = update(task_id, state, mark);
        bool wanted = unacknowledged_update(u, call);
        actor_msg_unref(call);
        return wanted;
}

static void acknowledge(struct unacknowledged *u, const char *task_id, uint8_t mark)
{
        uint8_t bytes[16] = {mark};
        ProtobufCBinaryData uuid = {.len = 16, .data = bytes};
        unacknowledged_acknowledge(u, task_id, &uuid);
}

static void expect(const struct unacknowledged *u, size_t tasks, size_t updates)
{
        Exec__Call *call = actor_msg_new(&exec_call_type);
        Exec__Call__Subscribe subscribe = EXEC__CALL__SUBSCRIBE__INIT;
        unacknowledged_fill(u, call, &subscribe);
        ck_assert_uint_eq(subscribe.n_unacknowledged_tasks, tasks);
        ck_assert_uint_eq(subscribe.n_unacknowledged_updates, updates);
        actor_msg_unref(call);
}

/* mission: X9 */
START_TEST(a_task_is_told_again_until_one_of_its_updates_is_acknowledged)
{
        struct unacknowledged u = {.tasks = {NULL, 0, 0, 0}};
        Exec__Event *event = launch("a");
        ck_assert(unacknowledged_launch(&u, event, event->launch->task));
        ck_assert(!unacknowledged_launch(&u, event, event->launch->task));
        actor_msg_unref(event);
        expect(&u, 1, 0);
        ck_assert(note(&u, "a", V1__TASK_STATE__TASK_RUNNING, 1));
        ck_assert(note(&u, "a", V1__TASK_STATE__TASK_FINISHED, 2));
        expect(&u, 1, 2);
        acknowledge(&u, "a", 9);
        acknowledge(&u, "b", 1);
        expect(&u, 1, 2);
        acknowledge(&u, "a", 1);
        expect(&u, 0, 1);
        acknowledge(&u, "a", 2);
        expect(&u, 0, 0);
        ck_assert_uint_eq(u.tasks.count, 0);
        unacknowledged_done(&u);
}
END_TEST

START_TEST(nothing_is_told_of_a_task_after_its_end)
{
        struct unacknowledged u = {.tasks = {NULL, 0, 0, 0}};
        ck_assert(note(&u, "a", V1__TASK_STATE__TASK_KILLED, 1));
        ck_assert(unacknowledged_has_ended(&u, "a"));
        ck_assert(!note(&u, "a", V1__TASK_STATE__TASK_FINISHED, 2));
        expect(&u, 0, 1);
        unacknowledged_done(&u);
}
END_TEST

START_TEST(an_ended_task_is_kept_until_all_its_updates_are_acknowledged)
{
        struct unacknowledged u = {.tasks = {NULL, 0, 0, 0}};
        note(&u, "a", V1__TASK_STATE__TASK_RUNNING, 1);
        note(&u, "a", V1__TASK_STATE__TASK_FINISHED, 2);
        acknowledge(&u, "a", 2);
        ck_assert_uint_eq(u.tasks.count, 1);
        note(&u, "a", V1__TASK_STATE__TASK_RUNNING, 3);
        expect(&u, 0, 1);
        acknowledge(&u, "a", 1);
        ck_assert_uint_eq(u.tasks.count, 0);
        unacknowledged_done(&u);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_task_is_told_again_until_one_of_its_updates_is_acknowledged);
        tcase_add_test(tcase, nothing_is_told_of_a_task_after_its_end);
        tcase_add_test(tcase, an_ended_task_is_kept_until_all_its_updates_are_acknowledged);
}

TEST_MAIN("unacknowledged updates", add_tests)
