/* SPDX-License-Identifier: Apache-2.0 */
#include "updates/stream.h"
#include <check_main.h>
#include <proto/copy.h>

DEFINE_FREEP(struct stream, stream_free)

static Troupe__StatusUpdate *update_of(V1__TaskState state, uint8_t mark)
{
        Troupe__StatusUpdate *update = actor_msg_new(&status_update_type);
        update->framework_id = proto_framework_id(update, "F");
        update->status = actor_msg_alloc(update, sizeof *update->status);
        v1__task_status__init(update->status);
        update->status->task_id = proto_task_id(update, "t");
        update->status->state = state;
        update->status->has_uuid = true;
        update->status->uuid.len = 16;
        update->status->uuid.data = actor_msg_alloc(update, 16);
        update->status->uuid.data[0] = mark;
        return update;
}

static int add(struct stream *stream, V1__TaskState state, uint8_t mark, bool ready)
{
        Troupe__StatusUpdate *update = update_of(state, mark);
        struct stream_entry *entry = NULL;
        int r = stream_add(stream, update, &entry);
        if (r == 0)
                entry->ready = ready;
        actor_msg_unref(update);
        return r;
}

static bool acknowledge(struct stream *stream, uint8_t mark)
{
        uint8_t bytes[16] = {mark};
        struct stream_entry *entry = stream_acknowledge(stream, (ProtobufCBinaryData){16, bytes});
        stream_entry_free(entry);
        return entry != NULL;
}

START_TEST(updates_leave_in_order_each_after_the_last_ones_acknowledgement)
{
        CLEANUP(stream_freep) struct stream *stream = stream_new("F", "t");
        ck_assert_ptr_null(stream_sendable(stream));
        ck_assert_int_eq(add(stream, V1__TASK_STATE__TASK_STARTING, 1, true), 0);
        ck_assert_int_eq(add(stream, V1__TASK_STATE__TASK_RUNNING, 2, true), 0);
        ck_assert_int_eq(add(stream, V1__TASK_STATE__TASK_FINISHED, 3, true), 0);
        for (uint8_t mark = 1; mark <= 3; mark++) {
                ck_assert_uint_eq(stream_sendable(stream)->update->status->uuid.data[0], mark);
                ck_assert(!stream_is_over(stream));
                ck_assert(!acknowledge(stream, (uint8_t) (mark + 1)));
                ck_assert(acknowledge(stream, mark));
        }
        ck_assert(stream_is_over(stream));
        ck_assert(!acknowledge(stream, 3));
}
END_TEST

START_TEST(an_update_that_is_not_written_down_is_not_sent)
{
        CLEANUP(stream_freep) struct stream *stream = stream_new("F", "t");
        ck_assert_int_eq(add(stream, V1__TASK_STATE__TASK_RUNNING, 1, false), 0);
        ck_assert_ptr_null(stream_sendable(stream));
        stream->first->ready = true;
        ck_assert_ptr_nonnull(stream_sendable(stream));
}
END_TEST

START_TEST(repetitions_and_what_comes_after_the_end_are_told_apart)
{
        CLEANUP(stream_freep) struct stream *stream = stream_new("F", "t");
        ck_assert_int_eq(add(stream, V1__TASK_STATE__TASK_RUNNING, 1, true), 0);
        ck_assert_int_eq(add(stream, V1__TASK_STATE__TASK_RUNNING, 1, true), STREAM_E_WAITING);
        ck_assert(acknowledge(stream, 1));
        ck_assert_int_eq(add(stream, V1__TASK_STATE__TASK_RUNNING, 1, true), STREAM_E_ACKNOWLEDGED);
        ck_assert_int_eq(add(stream, V1__TASK_STATE__TASK_FAILED, 2, true), 0);
        ck_assert_int_eq(add(stream, V1__TASK_STATE__TASK_RUNNING, 3, true), STREAM_E_ENDED);
        ck_assert_int_eq(add(stream, V1__TASK_STATE__TASK_FAILED, 2, true), STREAM_E_WAITING);
}
END_TEST

/* mission: B9 */
START_TEST(delays_double_from_ten_seconds_to_ten_minutes_and_start_anew_with_each_update)
{
        CLEANUP(stream_freep) struct stream *stream = stream_new("F", "t");
        const int64_t expected[] = {10000, 20000, 40000, 80000, 160000, 320000, 600000, 600000};
        for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
                ck_assert_int_eq(stream_retry_delay_ms(stream), expected[i]);
        add(stream, V1__TASK_STATE__TASK_RUNNING, 1, true);
        acknowledge(stream, 1);
        ck_assert_int_eq(stream_retry_delay_ms(stream), 10000);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, updates_leave_in_order_each_after_the_last_ones_acknowledgement);
        tcase_add_test(tcase, an_update_that_is_not_written_down_is_not_sent);
        tcase_add_test(tcase, repetitions_and_what_comes_after_the_end_are_told_apart);
        tcase_add_test(tcase, delays_double_from_ten_seconds_to_ten_minutes_and_start_anew_with_each_update);
}

TEST_MAIN("update streams", add_tests)
