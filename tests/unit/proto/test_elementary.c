/* SPDX-License-Identifier: Apache-2.0 */
#include <check_main.h>
#include <proto/elementary.h>
#include <string.h>

/* Packs and unpacks: what is required is there. Takes the call; checks both names. */
static void check_call(Sched__Call *call_take, const char *elementary, Sched__Call__Type type)
{
        ck_assert_str_eq(elementary_call_name(call_take), elementary);
        ck_assert_int_eq(call_take->type, type);
        ck_assert(protobuf_c_message_check(&call_take->base));
        Sched__Call__Type named;
        ck_assert(elementary_call_type(elementary, &named));
        ck_assert_int_eq(named, type);
        actor_msg_unref(call_take);
}

/* mission: A15 */
START_TEST(registering_is_a_subscribe_with_or_without_an_id)
{
        V1__FrameworkInfo framework = V1__FRAMEWORK_INFO__INIT;
        V1__FrameworkID id = V1__FRAMEWORK_ID__INIT;
        id.value = "m-0001";
        framework.user = "u";
        framework.name = "n";
        framework.id = &id;
        Sched__Call *again = elementary_reregister(&framework);
        ck_assert_str_eq(again->framework_id->value, "m-0001");
        ck_assert_str_eq(again->subscribe->framework_info->id->value, "m-0001");
        check_call(again, "REREGISTER", SCHED__CALL__TYPE__SUBSCRIBE);
        Sched__Call *first = elementary_register(&framework);
        ck_assert_ptr_null(first->framework_id);
        ck_assert_ptr_null(first->subscribe->framework_info->id);
        check_call(first, "REGISTER", SCHED__CALL__TYPE__SUBSCRIBE);
}
END_TEST

START_TEST(launching_is_an_accept_with_a_launch_operation)
{
        V1__TaskInfo task = V1__TASK_INFO__INIT;
        V1__TaskID task_id = V1__TASK_ID__INIT;
        V1__AgentID agent_id = V1__AGENT_ID__INIT;
        task_id.value = "t";
        agent_id.value = "S0";
        task.name = "n";
        task.task_id = &task_id;
        task.agent_id = &agent_id;
        V1__TaskInfo *tasks[] = {&task, &task};
        Sched__Call *call = elementary_launch("f", "O1", tasks, 2, NULL);
        ck_assert_uint_eq(call->accept->operations[0]->launch->n_task_infos, 2);
        ck_assert_ptr_ne(call->accept->operations[0]->launch->task_infos[0], &task);
        check_call(call, "LAUNCH", SCHED__CALL__TYPE__ACCEPT);
}
END_TEST

/* mission: A16 */
START_TEST(every_other_call_has_the_same_name_in_both_worlds)
{
        static const char *const names[] = {"a", "b"};
        V1__TaskStatus status = V1__TASK_STATUS__INIT;
        V1__TaskID task_id = V1__TASK_ID__INIT;
        V1__AgentID agent_id = V1__AGENT_ID__INIT;
        V1__ExecutorID executor_id = V1__EXECUTOR_ID__INIT;
        task_id.value = "t";
        agent_id.value = "S0";
        executor_id.value = "e";
        status.task_id = &task_id;
        status.agent_id = &agent_id;
        status.has_uuid = 1;
        status.uuid = (ProtobufCBinaryData){.data = (uint8_t *) "0123456789abcdef", .len = 16};
        check_call(elementary_unregister("f"), "UNREGISTER", SCHED__CALL__TYPE__TEARDOWN);
        check_call(elementary_request("f", NULL, 0), "REQUEST", SCHED__CALL__TYPE__REQUEST);
        check_call(elementary_decline("f", names, 2, NULL), "DECLINE", SCHED__CALL__TYPE__DECLINE);
        check_call(elementary_revive("f", names, 2), "REVIVE", SCHED__CALL__TYPE__REVIVE);
        check_call(elementary_suppress("f", NULL, 0), "SUPPRESS", SCHED__CALL__TYPE__SUPPRESS);
        check_call(elementary_kill("f", "t", NULL, NULL), "KILL", SCHED__CALL__TYPE__KILL);
        check_call(elementary_acknowledge("f", &status), "ACKNOWLEDGE", SCHED__CALL__TYPE__ACKNOWLEDGE);
        check_call(elementary_reconcile("f", NULL, 0), "RECONCILE", SCHED__CALL__TYPE__RECONCILE);
        check_call(elementary_message("f", &agent_id, &executor_id, "x", 1), "MESSAGE",
                   SCHED__CALL__TYPE__MESSAGE);
}
END_TEST

/* mission: A15 */
START_TEST(events_and_executors_have_elementary_names_too)
{
        Sched__Event event = SCHED__EVENT__INIT;
        ck_assert_str_eq(elementary_event_name(&event, false), "UNKNOWN");
        event.has_type = 1;
        event.type = SCHED__EVENT__TYPE__SUBSCRIBED;
        ck_assert_str_eq(elementary_event_name(&event, false), "REGISTERED");
        ck_assert_str_eq(elementary_event_name(&event, true), "REREGISTERED");
        event.type = SCHED__EVENT__TYPE__RESCIND;
        ck_assert_str_eq(elementary_event_name(&event, true), "RESCIND");
        Exec__Call call = EXEC__CALL__INIT;
        call.has_type = 1;
        call.type = EXEC__CALL__TYPE__SUBSCRIBE;
        ck_assert_str_eq(elementary_executor_call_name(&call), "REGISTER");
        call.type = EXEC__CALL__TYPE__UNREGISTER;
        ck_assert_str_eq(elementary_executor_call_name(&call), "UNREGISTER");
}
END_TEST

START_TEST(a_name_that_is_none_has_no_type)
{
        Sched__Call__Type type;
        ck_assert(!elementary_call_type("UNKNOWN", &type));
        ck_assert(!elementary_call_type("launch", &type));
        ck_assert(!elementary_call_type("", &type));
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, registering_is_a_subscribe_with_or_without_an_id);
        tcase_add_test(tcase, launching_is_an_accept_with_a_launch_operation);
        tcase_add_test(tcase, every_other_call_has_the_same_name_in_both_worlds);
        tcase_add_test(tcase, events_and_executors_have_elementary_names_too);
        tcase_add_test(tcase, a_name_that_is_none_has_no_type);
}

TEST_MAIN("elementary names", add_tests)
