/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/statuses.h"
#include <check_main.h>
#include <string.h>

static uint8_t uuid[16] = {[6] = 0x40};

static V1__TaskStatus sound_status(void)
{
        static V1__TaskID task_id;
        v1__task_id__init(&task_id);
        task_id.value = "t1";
        V1__TaskStatus status = V1__TASK_STATUS__INIT;
        status.task_id = &task_id;
        status.state = V1__TASK_STATE__TASK_RUNNING;
        status.has_uuid = true;
        status.uuid = (ProtobufCBinaryData){sizeof uuid, uuid};
        return status;
}

static void expect_refused(const V1__TaskStatus *status, const char *part)
{
        struct actor_error error = {""};
        ck_assert_int_lt(status_validate(status, "e1", &error), 0);
        ck_assert_msg(strstr(error.text, "update of task \"t1\"") == error.text, "%s", error.text);
        ck_assert_msg(strstr(error.text, part) != NULL, "%s", error.text);
}

START_TEST(an_update_says_what_an_executor_may_say)
{
        V1__TaskStatus status = sound_status();
        ck_assert_int_eq(status_validate(&status, "e1", NULL), 0);
        status.uuid.len = 15;
        expect_refused(&status, "16 bytes");
        status = sound_status();
        status.state = V1__TASK_STATE__TASK_STAGING;
        expect_refused(&status, "TASK_STAGING is not an executor's to send");
        status = sound_status();
        status.has_source = true;
        status.source = V1__TASK_STATUS__SOURCE__SOURCE_MASTER;
        expect_refused(&status, "SOURCE_EXECUTOR");
}
END_TEST

START_TEST(a_number_that_means_nothing_is_refused)
{
        V1__TaskStatus status = sound_status();
        status.state = (V1__TaskState) 99;
        expect_refused(&status, "TaskStatus.state: 99 is no mesos.v1.TaskState");
        status = sound_status();
        status.has_reason = true;
        status.reason = (V1__TaskStatus__Reason) 12345;
        expect_refused(&status, "TaskStatus.reason: 12345 is no mesos.v1.TaskStatus.Reason");
        V1__CheckStatusInfo check = V1__CHECK_STATUS_INFO__INIT;
        status = sound_status();
        status.check_status = &check;
        check.has_type = true;
        check.type = (V1__CheckInfo__Type) 4;
        expect_refused(&status, "TaskStatus.check_status.type: 4 is no mesos.v1.CheckInfo.Type");
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_update_says_what_an_executor_may_say);
        tcase_add_test(tcase, a_number_that_means_nothing_is_refused);
}

TEST_MAIN("statuses", add_tests)
