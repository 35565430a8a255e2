/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "text.h"

#include "state/messages.h"
#include "state/state.h"

#include <actor/sim.h>
#include <proto/copy.h>
#include <proto/task_state.h>

/* Followers of the cluster's events, here and on another node, who write down what they hear. */

struct follower {
        struct actor_ref ref, state;
        char heard[4096];
};

struct follower_order {
        enum { SUBSCRIBE, LEAVE } what;
};
static ACTOR_LOCAL_TYPE(follower_order_type, struct follower_order);

static void hear_subscribed(struct follower *f, const MasterApi__Response__GetState *state)
{
        TEXT_APPEND(f->heard, "SUBSCRIBED %zu agents %zu frameworks %zu tasks\n", state->get_agents->n_agents,
                    state->get_frameworks->n_frameworks, state->get_tasks->n_tasks);
}

static int on_event(struct follower **state, const struct actor_mail *mail, const MasterApi__Event *event)
{
        struct follower *f = *state;
        switch (event->type) {
        case MASTER_API__EVENT__TYPE__SUBSCRIBED:
                hear_subscribed(f, event->subscribed->get_state);
                break;
        case MASTER_API__EVENT__TYPE__TASK_ADDED:
                TEXT_APPEND(f->heard, "+task %s\n", event->task_added->task->task_id->value);
                break;
        case MASTER_API__EVENT__TYPE__TASK_UPDATED:
                TEXT_APPEND(f->heard, "task %s %s\n", event->task_updated->status->task_id->value,
                            task_state_name(event->task_updated->state));
                break;
        case MASTER_API__EVENT__TYPE__FRAMEWORK_ADDED:
                TEXT_APPEND(f->heard, "+framework\n");
                break;
        case MASTER_API__EVENT__TYPE__FRAMEWORK_UPDATED:
                TEXT_APPEND(f->heard, "framework\n");
                break;
        case MASTER_API__EVENT__TYPE__FRAMEWORK_REMOVED:
                TEXT_APPEND(f->heard, "-framework\n");
                break;
        case MASTER_API__EVENT__TYPE__AGENT_ADDED:
                TEXT_APPEND(f->heard, "+agent\n");
                break;
        case MASTER_API__EVENT__TYPE__AGENT_REMOVED:
                TEXT_APPEND(f->heard, "-agent\n");
                break;
        default:
                TEXT_APPEND(f->heard, "event of type %d\n", (int) event->type);
        }
        return 0;
}

static int on_first(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        ck_assert_ptr_nonnull(body);
        ck_assert_ptr_eq(actor_msg_type(body), &master_event_type);
        return on_event(state, mail, body);
}

static int on_order(struct follower **state, const struct actor_mail *mail,
                    const struct follower_order *order)
{
        if (order->what == LEAVE) {
                actor_exit(mail->self, 0);
                return 0;
        }
        MasterApi__Call *call = actor_msg_new(&master_call_type);
        call->has_type = true;
        call->type = MASTER_API__CALL__TYPE__SUBSCRIBE;
        actor_ask(mail->self, (*state)->state, call, 1000, on_first, NULL);
        return 0;
}

ACTOR_BIND(on_event, struct follower *, MasterApi__Event)
ACTOR_BIND(on_order, struct follower *, struct follower_order)

static const struct actor_handler follower_handlers[] = {
        {&master_event_type, on_event_bound, ACTOR_FROM_ANY},
        {&follower_order_type, on_order_bound, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};

static int follower_init(void *state, struct actor *self, const void *config)
{
        *(struct follower **) state = (struct follower *) config;
        return 0;
}

static const struct actor_class follower_class = {
        .name = "follower",
        .state_size = sizeof(struct follower *),
        .init = follower_init,
        .handlers = follower_handlers,
};

/* ---- the cluster as told -------------------------------------------------------------------------- */

struct fixture {
        struct actor_sim *sim;
        struct actor_node *node;
        struct actor_ref state;
};

static void set_up(struct fixture *f, uint64_t seed)
{
        f->sim = actor_sim_new(seed);
        const struct actor_node_config config = {.name = "m", .types = proto_wire_types};
        f->node = actor_sim_node(f->sim, "tcp://m:5050", &config);
        V1__MasterInfo master = V1__MASTER_INFO__INIT;
        master.id = "M";
        const struct state_config state = {.master = &master};
        ck_assert_int_eq(state_spawn(f->node, &state, &f->state), 0);
}

static void tear_down(struct fixture *f)
{
        actor_sim_free(f->sim);
}

static void order(struct actor_node *node, struct follower *follower, int what)
{
        struct follower_order *msg = actor_msg_new(&follower_order_type);
        msg->what = what;
        actor_node_send(node, follower->ref, msg);
}

static void follow(struct fixture *f, struct follower *follower)
{
        *follower = (struct follower){.state = f->state};
        ck_assert_int_eq(actor_node_spawn(f->node, &follower_class, NULL, follower, &follower->ref), 0);
        order(f->node, follower, SUBSCRIBE);
        actor_sim_settle(f->sim);
}

static void tell_agent(struct fixture *f, bool removed)
{
        struct state_agent *event = actor_msg_new(&state_agent_type);
        V1__AgentInfo *info = actor_msg_alloc(event, sizeof *info);
        v1__agent_info__init(info);
        info->hostname = "h";
        info->id = proto_agent_id(event, "a1");
        event->info = info;
        event->active = true;
        event->removed = removed;
        actor_node_send(f->node, f->state, event);
}

static void tell_framework(struct fixture *f, bool completed)
{
        struct state_framework *event = actor_msg_new(&state_framework_type);
        V1__FrameworkInfo *info = actor_msg_alloc(event, sizeof *info);
        v1__framework_info__init(info);
        info->user = info->name = "u";
        info->id = proto_framework_id(event, "f1");
        event->info = info;
        event->completed = completed;
        actor_node_send(f->node, f->state, event);
}

/* `status_count` statuses, the last of which tells the state. */
static void tell_task(struct fixture *f, const char *id, V1__TaskState state, size_t status_count)
{
        struct state_task *event = actor_msg_new(&state_task_type);
        V1__Task *task = actor_msg_alloc(event, sizeof *task);
        v1__task__init(task);
        task->name = id;
        task->framework_id = proto_framework_id(event, "f1");
        task->task_id = proto_task_id(event, id);
        task->agent_id = proto_agent_id(event, "a1");
        task->state = state;
        for (size_t i = 0; i < status_count; i++) {
                V1__TaskStatus *status = actor_msg_alloc(event, sizeof *status);
                v1__task_status__init(status);
                status->task_id = task->task_id;
                status->state = state;
                PROTO_APPEND(event, task->n_statuses, task->statuses, status);
        }
        event->task = task;
        actor_node_send(f->node, f->state, event);
}

#define EVENTS_OF_A_LIFE 8

static void tell_a_life(struct fixture *f)
{
        tell_agent(f, false);
        tell_framework(f, false);
        tell_task(f, "t1", V1__TASK_STATE__TASK_STAGING, 0);
        tell_task(f, "t1", V1__TASK_STATE__TASK_RUNNING, 1);
        tell_task(f, "t1", V1__TASK_STATE__TASK_RUNNING, 1); /* nothing new */
        tell_task(f, "t1", V1__TASK_STATE__TASK_FINISHED, 2);
        tell_framework(f, true);
        tell_agent(f, true);
}

#define A_LIFE \
        "+agent\n+framework\n+task t1\ntask t1 TASK_RUNNING\ntask t1 TASK_FINISHED\n-framework\n-agent\n"

START_TEST(a_stream_begins_with_all_there_is_then_tells_each_change_once_and_in_order)
{
        struct fixture f;
        set_up(&f, (uint64_t) _i);
        struct follower follower;
        tell_agent(&f, false);
        tell_framework(&f, false);
        tell_task(&f, "t0", V1__TASK_STATE__TASK_RUNNING, 1);
        follow(&f, &follower);
        ck_assert_str_eq(follower.heard, "SUBSCRIBED 1 agents 1 frameworks 1 tasks\n");
        tell_task(&f, "t0", V1__TASK_STATE__TASK_FINISHED, 2);
        tell_framework(&f, true);
        tell_agent(&f, true);
        tell_a_life(&f);
        actor_sim_settle(f.sim);
        ck_assert_str_eq(follower.heard, "SUBSCRIBED 1 agents 1 frameworks 1 tasks\n"
                                         "task t0 TASK_FINISHED\n-framework\n-agent\n" A_LIFE);
        tear_down(&f);
}
END_TEST

/* Wherever in the changes a SUBSCRIBE falls: what the state has is not told again, and nothing is missed. */
START_TEST(what_the_first_event_holds_is_not_told_again)
{
        struct fixture f;
        set_up(&f, (uint64_t) _i);
        struct follower follower = {.state = f.state};
        ck_assert_int_eq(actor_node_spawn(f.node, &follower_class, NULL, &follower, &follower.ref), 0);
        order(f.node, &follower, SUBSCRIBE);
        char id[16];
        for (int i = 0; i < 20; i++) {
                snprintf(id, sizeof id, "t%d", i);
                tell_task(&f, id, V1__TASK_STATE__TASK_STAGING, 0);
        }
        actor_sim_settle(f.sim);
        size_t before = 21;
        ck_assert_int_eq(sscanf(follower.heard, "SUBSCRIBED 0 agents 0 frameworks %zu tasks\n", &before), 1);
        ck_assert_uint_le(before, 20);
        char expected[4096] = "";
        TEXT_APPEND(expected, "SUBSCRIBED 0 agents 0 frameworks %zu tasks\n", before);
        for (size_t i = before; i < 20; i++)
                TEXT_APPEND(expected, "+task t%zu\n", i);
        ck_assert_str_eq(follower.heard, expected);
        tear_down(&f);
}
END_TEST

START_TEST(who_subscribes_twice_hears_each_change_once)
{
        struct fixture f;
        set_up(&f, 3);
        struct follower one, two;
        follow(&f, &one);
        follow(&f, &two);
        order(f.node, &one, SUBSCRIBE);
        actor_sim_settle(f.sim);
        tell_a_life(&f);
        actor_sim_settle(f.sim);
#define NOTHING "SUBSCRIBED 0 agents 0 frameworks 0 tasks\n"
        ck_assert_str_eq(one.heard, NOTHING NOTHING A_LIFE);
        ck_assert_str_eq(two.heard, NOTHING A_LIFE);
        tear_down(&f);
}
END_TEST

static uint64_t dead_letters(struct fixture *f)
{
        struct actor_node_totals totals;
        actor_node_totals(f->node, &totals);
        return totals.dead_letters;
}

START_TEST(a_subscriber_that_has_gone_is_sent_nothing_more_and_the_others_do_not_notice)
{
        struct fixture f;
        set_up(&f, 3);
        struct follower leaves, stays;
        follow(&f, &leaves);
        follow(&f, &stays);
        order(f.node, &leaves, LEAVE);
        actor_sim_settle(f.sim);
        uint64_t before = dead_letters(&f);
        tell_a_life(&f);
        actor_sim_settle(f.sim);
        ck_assert_uint_eq(dead_letters(&f), before);
        ck_assert_str_eq(leaves.heard, NOTHING);
        ck_assert_str_eq(stays.heard, NOTHING A_LIFE);
        tear_down(&f);
}
END_TEST

START_TEST(a_subscriber_on_another_node_hears_the_same_and_is_forgotten_with_its_node)
{
        struct fixture f;
        set_up(&f, 5);
        const struct actor_node_config config = {.name = "c", .types = proto_wire_types};
        struct actor_node *client = actor_sim_node(f.sim, "tcp://c:1", &config);
        struct follower follower = {0};
        ck_assert_int_eq(actor_node_resolve(client, "state@m:5050", &follower.state, NULL), 0);
        ck_assert_int_eq(actor_node_spawn(client, &follower_class, NULL, &follower, &follower.ref), 0);
        order(client, &follower, SUBSCRIBE);
        actor_sim_settle(f.sim);
        tell_a_life(&f);
        actor_sim_settle(f.sim);
        ck_assert_str_eq(follower.heard, NOTHING A_LIFE);
        actor_sim_crash(f.sim, client);
        actor_sim_advance(f.sim, 60000);
        struct actor_node_totals before, after;
        actor_node_totals(f.node, &before);
        tell_a_life(&f);
        actor_sim_settle(f.sim);
        actor_node_totals(f.node, &after);
        ck_assert_uint_eq(after.sent - before.sent, EVENTS_OF_A_LIFE); /* told, and told on to nobody */
        tear_down(&f);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_loop_test(tests, a_stream_begins_with_all_there_is_then_tells_each_change_once_and_in_order,
                            1, 20);
        tcase_add_loop_test(tests, what_the_first_event_holds_is_not_told_again, 1, 50);
        tcase_add_test(tests, who_subscribes_twice_hears_each_change_once);
        tcase_add_test(tests, a_subscriber_that_has_gone_is_sent_nothing_more_and_the_others_do_not_notice);
        tcase_add_test(tests, a_subscriber_on_another_node_hears_the_same_and_is_forgotten_with_its_node);
}

TEST_MAIN("following the cluster's events", add_tests)
