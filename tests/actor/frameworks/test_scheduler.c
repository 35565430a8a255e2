/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "fake_master.h"
#include "scheduler/driver.h"

#include <actor/log.h>

/* A framework that writes down what it hears: one letter a callback. */
struct heard {
        char letters[256];
        char id[64], message[128];
        V1__TaskState state;
        size_t offers;
};

static void hear(void *data, char letter)
{
        struct heard *heard = data;
        size_t size = strlen(heard->letters);
        ck_assert_uint_lt(size, sizeof heard->letters - 1);
        heard->letters[size] = letter;
}

static void on_registered(struct troupe_scheduler *s, void *data, const V1__FrameworkID *id,
                          const V1__MasterInfo *m)
{
        hear(data, 'R');
        snprintf(((struct heard *) data)->id, 64, "%s", id->value);
}

static void on_reregistered(struct troupe_scheduler *s, void *data, const V1__MasterInfo *m)
{
        hear(data, 'r');
}

static void on_disconnected(struct troupe_scheduler *s, void *data)
{
        hear(data, 'D');
}

static void on_offers(struct troupe_scheduler *s, void *data, V1__Offer *const *offers, size_t count)
{
        hear(data, 'O');
        ((struct heard *) data)->offers += count;
        for (size_t i = 0; i < count; i++)
                troupe_scheduler_decline_offer(s, offers[i]->id, NULL);
}

static void on_update(struct troupe_scheduler *s, void *data, const V1__TaskStatus *status)
{
        hear(data, 'U');
        ((struct heard *) data)->state = status->state;
}

static void on_error(struct troupe_scheduler *s, void *data, const char *message)
{
        hear(data, 'E');
        snprintf(((struct heard *) data)->message, 128, "%s", message);
}

static void on_ended(struct troupe_scheduler *s, void *data, enum troupe_scheduler_status status)
{
        hear(data, status == TROUPE_SCHEDULER_ABORTED ? 'a' : 'e');
}

struct rig {
        struct actor_sim *sim;
        struct actor_log *log;
        struct fake_master master;
        struct heard heard;
        struct troupe_scheduler *driver;
};

static void no_log(void *arg, enum actor_log_level level, const char *line)
{
}

static void rig_start(struct rig *rig, bool manual)
{
        rig->sim = actor_sim_new(7);
        rig->log = actor_log_new_function(no_log, NULL, ACTOR_LOG_DEBUG);
        struct actor_node_config node = {.name = "f1", .types = proto_wire_types, .log = rig->log};
        V1__FrameworkInfo framework = V1__FRAMEWORK_INFO__INIT;
        framework.name = "test";
        struct troupe_scheduler_config config = {.master = "m1:5050",
                                                 .framework = &framework,
                                                 .callbacks = {.registered = on_registered,
                                                               .reregistered = on_reregistered,
                                                               .disconnected = on_disconnected,
                                                               .resource_offers = on_offers,
                                                               .status_update = on_update,
                                                               .error = on_error,
                                                               .ended = on_ended},
                                                 .data = &rig->heard,
                                                 .manual_acknowledgements = manual,
                                                 .node = actor_sim_node(rig->sim, "tcp://f1:9000", &node)};
        struct actor_error error = {""};
        ck_assert_msg(troupe_scheduler_new(&config, &rig->driver, &error) == 0, "%s", error.text);
        ck_assert_int_eq(troupe_scheduler_start(rig->driver), TROUPE_SCHEDULER_RUNNING);
}

static void rig_done(struct rig *rig)
{
        actor_sim_free(rig->sim);
        troupe_scheduler_free(rig->driver);
        fake_done(&rig->master);
        actor_log_free(rig->log);
}

static V1__TaskInfo *task(void *msg, const char *id)
{
        V1__TaskInfo *info = FAKE_NEW(msg, V1__TaskInfo, V1__TASK_INFO__INIT);
        info->name = id;
        info->task_id = proto_task_id(msg, id);
        info->agent_id = proto_agent_id(msg, "A0");
        return info;
}

static void launch(struct rig *rig, const char *id)
{
        void *msg = actor_msg_new(&sched_call_type);
        V1__TaskInfo *tasks[] = {task(msg, id)};
        troupe_scheduler_launch_tasks(rig->driver, proto_offer_id(msg, "O0"), tasks, 1, NULL);
        actor_msg_unref(msg);
        actor_sim_settle(rig->sim);
}

/* mission: A13 C2 E2 E5 E6 F16 */
START_TEST(a_framework_registers_and_answers_offers)
{
        struct rig rig = {0};
        const Sched__Call *call = NULL;
        rig_start(&rig, false);
        fake_start(&rig.master, rig.sim);
        actor_sim_advance(rig.sim, 1000);
        ck_assert_str_eq(rig.heard.letters, "R");
        ck_assert_str_eq(rig.heard.id, "F1");
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__SUBSCRIBE, &call), 1);
        ck_assert_ptr_null(call->framework_id);
        ck_assert_str_ne(call->subscribe->framework_info->user, "");
        ck_assert_str_ne(call->subscribe->framework_info->hostname, "");
        fake_send(&rig.master, fake_offers(&rig.master, 2, 4));
        ck_assert_uint_eq(rig.heard.offers, 2);
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__DECLINE, &call), 2);
        ck_assert_str_eq(call->framework_id->value, "F1");
        ck_assert_str_eq(call->decline->offer_ids[0]->value, "O1");
        rig_done(&rig);
}
END_TEST

START_TEST(updates_with_a_uuid_are_acknowledged_once_heard)
{
        struct rig rig = {0};
        const Sched__Call *call = NULL;
        fake_start(&rig.master, (rig_start(&rig, false), rig.sim));
        actor_sim_advance(rig.sim, 1000);
        fake_send(&rig.master, fake_update("t1", V1__TASK_STATE__TASK_RUNNING, 0));
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__ACKNOWLEDGE, NULL), 0);
        fake_send(&rig.master, fake_update("t1", V1__TASK_STATE__TASK_RUNNING, 5));
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__ACKNOWLEDGE, &call), 1);
        ck_assert_str_eq(call->acknowledge->task_id->value, "t1");
        ck_assert_str_eq(call->acknowledge->agent_id->value, "A0");
        ck_assert_uint_eq(call->acknowledge->uuid.data[0], 5);
        ck_assert_str_eq(rig.heard.letters, "RUU");
        rig_done(&rig);
}
END_TEST

START_TEST(with_manual_acknowledgements_the_driver_sends_none)
{
        struct rig rig = {0};
        fake_start(&rig.master, (rig_start(&rig, true), rig.sim));
        actor_sim_advance(rig.sim, 1000);
        Sched__Event *event = fake_update("t1", V1__TASK_STATE__TASK_RUNNING, 5);
        fake_send(&rig.master, actor_msg_ref(event));
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__ACKNOWLEDGE, NULL), 0);
        troupe_scheduler_acknowledge(rig.driver, event->update->status);
        actor_sim_settle(rig.sim);
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__ACKNOWLEDGE, NULL), 1);
        actor_msg_unref(event);
        rig_done(&rig);
}
END_TEST

/* Goal: a lost master costs nothing but time. Method: kill its node, start another one at the same address.
 */
/* mission: C2 E5 */
START_TEST(after_a_lost_master_the_framework_registers_with_its_id)
{
        struct rig rig = {0};
        const Sched__Call *call = NULL;
        struct fake_master next = {.id = "F2"};
        fake_start(&rig.master, (rig_start(&rig, false), rig.sim));
        actor_sim_advance(rig.sim, 1000);
        actor_sim_crash(rig.sim, rig.master.node);
        actor_sim_advance(rig.sim, 60000);
        ck_assert_str_eq(rig.heard.letters, "RD");
        fake_start(&next, rig.sim);
        actor_sim_advance(rig.sim, 60000);
        ck_assert_str_eq(rig.heard.letters, "RDr");
        ck_assert_uint_eq(fake_count(&next, SCHED__CALL__TYPE__SUBSCRIBE, &call), 1);
        ck_assert_str_eq(call->framework_id->value, "F1");
        ck_assert_str_eq(call->subscribe->framework_info->id->value, "F1");
        ck_assert_str_eq(troupe_scheduler_framework_id(rig.driver), "F1");
        rig_done(&rig);
        fake_done(&next);
}
END_TEST

START_TEST(a_framework_waits_for_its_master_to_come)
{
        struct rig rig = {0};
        rig_start(&rig, false);
        actor_sim_advance(rig.sim, 100000);
        ck_assert_str_eq(rig.heard.letters, "");
        fake_start(&rig.master, rig.sim);
        actor_sim_advance(rig.sim, 60000);
        ck_assert_str_eq(rig.heard.letters, "R");
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__SUBSCRIBE, NULL), 1);
        rig_done(&rig);
}
END_TEST

START_TEST(a_silent_master_is_asked_again_without_end)
{
        struct rig rig = {0};
        rig.master.silent = true;
        fake_start(&rig.master, (rig_start(&rig, false), rig.sim));
        actor_sim_advance(rig.sim, 101000);
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__SUBSCRIBE, NULL), 6);
        rig.master.silent = false;
        actor_sim_advance(rig.sim, 20000);
        ck_assert_str_eq(rig.heard.letters, "R");
        rig_done(&rig);
}
END_TEST

/* mission: E3 */
START_TEST(a_refused_framework_is_aborted_with_the_reason)
{
        struct rig rig = {0};
        rig.master.refusal = "Framework has been removed";
        fake_start(&rig.master, (rig_start(&rig, false), rig.sim));
        actor_sim_advance(rig.sim, 1000);
        ck_assert_str_eq(rig.heard.letters, "Ea");
        ck_assert_str_eq(rig.heard.message, "Framework has been removed");
        ck_assert_int_eq(troupe_scheduler_status(rig.driver), TROUPE_SCHEDULER_ABORTED);
        ck_assert_int_eq(troupe_scheduler_revive(rig.driver, NULL, 0), TROUPE_SCHEDULER_ABORTED);
        rig_done(&rig);
}
END_TEST

START_TEST(a_launch_without_a_master_comes_back_as_lost)
{
        struct rig rig = {0};
        rig_start(&rig, false);
        actor_sim_settle(rig.sim);
        launch(&rig, "t1");
        ck_assert_str_eq(rig.heard.letters, "U");
        ck_assert_int_eq(rig.heard.state, V1__TASK_STATE__TASK_LOST);
        rig_done(&rig);
}
END_TEST

/* mission: E2 */
START_TEST(calls_from_outside_a_callback_reach_the_master)
{
        struct rig rig = {0};
        const Sched__Call *call = NULL;
        fake_start(&rig.master, (rig_start(&rig, false), rig.sim));
        actor_sim_advance(rig.sim, 1000);
        launch(&rig, "t1");
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__ACCEPT, &call), 1);
        ck_assert_str_eq(call->framework_id->value, "F1");
        ck_assert_str_eq(call->accept->operations[0]->launch->task_infos[0]->task_id->value, "t1");
        rig_done(&rig);
}
END_TEST

START_TEST(a_second_registration_by_chance_is_ended)
{
        struct rig rig = {0};
        const Sched__Call *call = NULL;
        fake_start(&rig.master, (rig_start(&rig, false), rig.sim));
        actor_sim_advance(rig.sim, 1000);
        fake_send(&rig.master, fake_subscribed("F7"));
        ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__TEARDOWN, &call), 1);
        ck_assert_str_eq(call->framework_id->value, "F7");
        ck_assert_str_eq(rig.heard.letters, "R");
        rig_done(&rig);
}
END_TEST

/* mission: E3 F6 */
START_TEST(only_a_stop_without_failover_tears_the_framework_down)
{
        for (int failover = 0; failover < 2; failover++) {
                struct rig rig = {0};
                fake_start(&rig.master, (rig_start(&rig, false), rig.sim));
                actor_sim_advance(rig.sim, 1000);
                troupe_scheduler_stop(rig.driver, failover);
                ck_assert_int_eq(troupe_scheduler_join(rig.driver), TROUPE_SCHEDULER_STOPPED);
                actor_sim_settle(rig.sim);
                ck_assert_uint_eq(fake_count(&rig.master, SCHED__CALL__TYPE__TEARDOWN, NULL),
                                  failover ? 0 : 1);
                ck_assert_str_eq(rig.heard.letters, "Re");
                rig_done(&rig);
        }
}
END_TEST

START_TEST(delays_grow_to_their_limit_and_differ)
{
        for (unsigned attempt = 0; attempt < 70; attempt++) {
                int64_t whole = attempt < 9 ? INT64_C(100) << attempt : 30000;
                if (whole > 30000)
                        whole = 30000;
                ck_assert_int_eq(subscription_delay_ms(100, 30000, attempt, 0), whole);
                int64_t some =
                        subscription_delay_ms(100, 30000, attempt, UINT64_C(0x9e3779b97f4a7c15) * attempt);
                ck_assert_int_ge(some, whole / 2);
                ck_assert_int_le(some, whole);
        }
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_framework_registers_and_answers_offers);
        tcase_add_test(tcase, updates_with_a_uuid_are_acknowledged_once_heard);
        tcase_add_test(tcase, with_manual_acknowledgements_the_driver_sends_none);
        tcase_add_test(tcase, after_a_lost_master_the_framework_registers_with_its_id);
        tcase_add_test(tcase, a_framework_waits_for_its_master_to_come);
        tcase_add_test(tcase, a_silent_master_is_asked_again_without_end);
        tcase_add_test(tcase, a_refused_framework_is_aborted_with_the_reason);
        tcase_add_test(tcase, a_launch_without_a_master_comes_back_as_lost);
        tcase_add_test(tcase, calls_from_outside_a_callback_reach_the_master);
        tcase_add_test(tcase, a_second_registration_by_chance_is_ended);
        tcase_add_test(tcase, only_a_stop_without_failover_tears_the_framework_down);
        tcase_add_test(tcase, delays_grow_to_their_limit_and_differ);
}

TEST_MAIN("scheduler driver", add_tests)
