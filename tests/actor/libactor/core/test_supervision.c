/* SPDX-License-Identifier: Apache-2.0 */
/* How actors fail, are restarted, take others with them, and end in order. */
#include "probe.h"

#include <errno.h>

enum { FAIL = 1, EXIT, SAY, SPAWN_FAILING, SPAWN_CROWD };

struct member {
        const struct family *family;
        struct actor_ref children[4];
        uint64_t handled;
};

/* A tree to spawn: config of an actor and of its children. Static, so that restarts find it. */
struct family {
        const char *name;
        const struct actor_class *class;
        const struct family *children[4];
        int init_error;
};

static int member_init(void *state, struct actor *self, const void *config)
{
        struct member *m = state;
        m->family = config;
        tell("+%s ", m->family->name);
        for (int i = 0; i < 4 && m->family->children[i] != NULL; i++) {
                const struct family *child = m->family->children[i];
                m->children[i] = spawn_child(self, child->class, child->name, child);
        }
        return m->family->init_error;
}

static void member_fini(void *state)
{
        const struct member *m = state;
        tell("-%s ", m->family->name);
}

static int end_at_once(void *state, struct actor *self, const void *config)
{
        actor_exit(self, 0);
        return 0;
}

static const struct actor_class mayfly = {.name = "mayfly", .init = end_at_once};

static int on_note(struct member *m, const struct actor_mail *mail, const struct note *body)
{
        m->handled++;
        switch (body->what) {
        case FAIL:
                return -EIO;
        case EXIT:
                actor_exit(mail->self, (int) body->value);
                return 0;
        case SAY:
                tell("%s:%d ", m->family->name, (int) m->handled);
                return 0;
        case SPAWN_CROWD:
                for (uint64_t i = 0; i < body->value; i++)
                        spawn_child(mail->self, &mayfly, NULL, NULL);
                return 0;
        }
        return 0;
}
ACTOR_BIND(on_note, struct member, struct note)

static const struct actor_handler handlers[] = {
        {&note_type, on_note_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

#define MEMBER_CLASS(symbol, rule, ...)                                                \
        static const struct actor_class symbol = {.name = #symbol,                     \
                                                  .state_size = sizeof(struct member), \
                                                  .init = member_init,                 \
                                                  .fini = member_fini,                 \
                                                  .handlers = handlers,                \
                                                  .restart = rule,                     \
                                                  __VA_ARGS__}
MEMBER_CLASS(stopping, ACTOR_STOP, .restarts_max = 0);
MEMBER_CLASS(restarting, ACTOR_RESTART, .restarts_max = 2, .restart_window_ms = 1000);
MEMBER_CLASS(escalating, ACTOR_ESCALATE, .restarts_max = 0);

static const struct family b1 = {"b1", &stopping, {NULL}, 0};
static const struct family b2 = {"b2", &stopping, {NULL}, 0};
static const struct family r = {"r", &restarting, {&b1, &b2}, 0};
static const struct family e = {"e", &escalating, {NULL}, 0};
static const struct family parent_of_r = {"p", &stopping, {&r}, 0};
static const struct family parent_of_e = {"p", &stopping, {&e, &b1}, 0};
static const struct family parent_of_b = {"p", &stopping, {&b1, &b2}, 0};

static struct actor_sim *sim;
static struct actor_node *node;

static void begin(void)
{
        static const struct actor_node_config quiet = {.name = "test"};
        sim = actor_sim_new(11);
        node = actor_sim_node(sim, "tcp://m1:1", &quiet);
}

static void end(void)
{
        actor_sim_settle(sim);
        check_conservation(node);
        actor_sim_free(sim);
}

static struct actor_ref named(const char *name)
{
        struct actor_ref ref = ACTOR_NOBODY;
        ck_assert_int_eq(actor_node_resolve(node, name, &ref, NULL), 0);
        return ref;
}

static void send(const char *name, int what, int value)
{
        ck_assert_int_eq(actor_node_send(node, named(name), note(what, (uint64_t) (int64_t) value)), 0);
}

START_TEST(a_failed_actor_is_restarted_with_its_ref_and_mailbox_after_its_children_ended)
{
        begin();
        spawn(node, &stopping, "p", &parent_of_r);
        expect_told("+p +r +b1 +b2 ");
        struct actor_ref before = named("r");
        send("r", SAY, 0);
        send("r", FAIL, 0);
        send("r", SAY, 0);
        send("r", SAY, 0);
        actor_sim_settle(sim);
        expect_told("r:1 -b2 -b1 -r +r +b1 +b2 r:1 r:2 ");
        ck_assert(actor_ref_equal(before, named("r")));
        end();
}
END_TEST

START_TEST(more_restarts_than_the_class_allows_escalate_to_the_node)
{
        begin();
        spawn(node, &restarting, "r", &r);
        expect_told("+r +b1 +b2 ");
        send("r", FAIL, 0);
        actor_sim_settle(sim);
        send("r", FAIL, 0);
        actor_sim_advance(sim, 1000);
        expect_told("-b2 -b1 -r +r +b1 +b2 -b2 -b1 -r +r +b1 +b2 ");
        send("r", FAIL, 0);
        ck_assert_int_eq(actor_node_wait(node), -EIO);
        expect_told("-b2 -b1 -r ");
        end();
}
END_TEST

START_TEST(restarts_outside_the_window_are_forgotten)
{
        begin();
        spawn(node, &restarting, "r", &r);
        for (int i = 0; i < 10; i++) {
                send("r", FAIL, 0);
                actor_sim_advance(sim, 501);
        }
        struct actor_stats stats[4];
        ck_assert_uint_eq(actor_node_stats(node, stats, 4), 3);
        end();
}
END_TEST

START_TEST(an_escalating_child_takes_its_parent_along)
{
        begin();
        spawn(node, &stopping, "p", &parent_of_e);
        spawn(node, &stopping, "other", &b2);
        expect_told("+p +e +b1 +b2 ");
        send("e", FAIL, 0);
        ck_assert_int_eq(actor_node_wait(node), -EIO);
        expect_told("-e -b1 -p -b2 ");
        end();
}
END_TEST

START_TEST(a_failed_child_that_may_just_end_leaves_its_parent_alone)
{
        begin();
        spawn(node, &stopping, "p", &parent_of_b);
        expect_told("+p +b1 +b2 ");
        send("b1", FAIL, 0);
        actor_sim_settle(sim);
        send("p", SAY, 0);
        actor_sim_settle(sim);
        expect_told("-b1 p:1 ");
        end();
        expect_told("-b2 -p ");
}
END_TEST

START_TEST(the_node_ends_with_the_error_of_a_failed_top_level_actor)
{
        begin();
        spawn(node, &stopping, "p", &parent_of_b);
        send("p", EXIT, -ENOSPC);
        ck_assert_int_eq(actor_node_wait(node), -ENOSPC);
        expect_told("+p +b1 +b2 -b2 -b1 -p ");
        end();
}
END_TEST

START_TEST(the_node_ends_well_when_its_last_actor_has_ended)
{
        begin();
        spawn(node, &stopping, "p", &parent_of_b);
        send("p", SAY, 0);
        send("p", EXIT, 0);
        send("p", SAY, 0); /* a dead letter */
        ck_assert_int_eq(actor_node_wait(node), 0);
        expect_told("+p +b1 +b2 p:1 -b2 -b1 -p ");
        end();
}
END_TEST

START_TEST(a_failed_init_is_the_spawners_error_and_leaves_nothing_behind)
{
        static const struct family unborn = {"u", &stopping, {&b1}, -ENOENT};
        begin();
        struct actor_ref ref = {9, 9, 9};
        ck_assert_int_eq(actor_node_spawn(node, &stopping, "u", &unborn, &ref), -ENOENT);
        ck_assert_uint_eq(ref.slot, 9);
        actor_sim_settle(sim);
        expect_told("+u +b1 -b1 -u ");
        ck_assert_int_eq(actor_node_resolve(node, "u", &ref, NULL), -ESRCH);
        spawn(node, &stopping, "u", &b2); /* the name is free, the node lives */
        expect_told("+b2 ");
        end();
}
END_TEST

/* More than a parent lets go of at once, while it goes on, while it is restarted, and while it ends. */
START_TEST(a_crowd_of_children_that_have_ended_holds_up_nobody)
{
        struct actor_node_totals totals;
        begin();
        spawn(node, &restarting, "r", &b1);
        for (int i = 0; i < 3; i++) {
                send("r", SPAWN_CROWD, 100);
                send("r", SAY, 0);
                if (i > 0)
                        send("r", i == 1 ? FAIL : EXIT, 0);
                actor_sim_settle(sim);
        }
        expect_told("+b1 b1:2 b1:4 -b1 +b1 b1:2 -b1 ");
        actor_node_totals(node, &totals);
        ck_assert_uint_eq(totals.actors, 0);
        end();
}
END_TEST

START_TEST(a_name_has_one_bearer_and_a_form)
{
        struct actor_ref ref;
        begin();
        spawn(node, &stopping, "p", &b1);
        ck_assert_int_eq(actor_node_spawn(node, &stopping, "p", &b2, &ref), -EEXIST);
        ck_assert_int_eq(actor_node_spawn(node, &stopping, "", &b2, &ref), -EINVAL);
        ck_assert_int_eq(actor_node_spawn(node, &stopping, "a b", &b2, &ref), -EINVAL);
        expect_told("+b1 ");
        end();
}
END_TEST

/* Method: mail waits for all when the shutdown is asked for; the transcript shows that it was handled. */
START_TEST(a_shutdown_stops_the_youngest_first_each_after_its_mail_and_its_children)
{
        static const struct family x = {"x", &stopping, {NULL}, 0};
        begin();
        spawn(node, &stopping, "p", &parent_of_b);
        spawn(node, &stopping, "x", &x);
        expect_told("+p +b1 +b2 +x ");
        send("x", SAY, 0);
        send("p", SAY, 0);
        send("b1", SAY, 0);
        actor_node_shutdown(node, 3);
        ck_assert_int_eq(actor_node_wait(node), 3);
        const char *x_ends = strstr(transcript.text, "-x "), *p_ends = strstr(transcript.text, "-b2 -b1 -p ");
        ck_assert_ptr_nonnull(x_ends);
        ck_assert_ptr_nonnull(p_ends);
        ck_assert(x_ends < p_ends);
        ck_assert_ptr_nonnull(strstr(transcript.text, "x:1 "));
        ck_assert_ptr_nonnull(strstr(transcript.text, "p:1 "));
        ck_assert_ptr_nonnull(strstr(transcript.text, "b1:1 "));
        end();
}
END_TEST

static void say_number(void *state)
{
        tell("%d ", *(int *) state);
}

static int keep_number(void *state, struct actor *self, const void *config)
{
        *(int *) state = *(const int *) config;
        return 0;
}

static int end_when_told(void *state, const struct actor_mail *mail, const struct note *body)
{
        actor_exit(mail->self, 0);
        return 0;
}
ACTOR_BIND(end_when_told, void, struct note)

/* Method: of a thousand, made one after the other, all but every hundredth end, the oldest first. */
START_TEST(those_who_are_left_at_a_shutdown_end_the_youngest_first_whoever_ended_before)
{
        static const struct actor_handler number_handlers[] = {
                {&note_type, end_when_told_bound, ACTOR_FROM_LOCAL}, ACTOR_HANDLER_END};
        static const struct actor_class number_class = {.name = "number",
                                                        .state_size = sizeof(int),
                                                        .init = keep_number,
                                                        .fini = say_number,
                                                        .handlers = number_handlers};
        enum { COUNT = 1000, LEFT_ONE_IN = 100 };
        struct actor_ref refs[COUNT];
        begin();
        for (int i = 0; i < COUNT; i++)
                refs[i] = spawn(node, &number_class, NULL, &i);
        for (int i = 0; i < COUNT; i++) {
                if (i % LEFT_ONE_IN != 0)
                        ck_assert_int_eq(actor_node_send(node, refs[i], note(EXIT, 0)), 0);
                actor_sim_settle(sim);
        }
        transcript.size = 0;
        actor_node_shutdown(node, 0);
        ck_assert_int_eq(actor_node_wait(node), 0);
        expect_told("900 800 700 600 500 400 300 200 100 0 ");
        end();
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_failed_actor_is_restarted_with_its_ref_and_mailbox_after_its_children_ended);
        tcase_add_test(tcase, more_restarts_than_the_class_allows_escalate_to_the_node);
        tcase_add_test(tcase, restarts_outside_the_window_are_forgotten);
        tcase_add_test(tcase, an_escalating_child_takes_its_parent_along);
        tcase_add_test(tcase, a_failed_child_that_may_just_end_leaves_its_parent_alone);
        tcase_add_test(tcase, the_node_ends_with_the_error_of_a_failed_top_level_actor);
        tcase_add_test(tcase, the_node_ends_well_when_its_last_actor_has_ended);
        tcase_add_test(tcase, a_failed_init_is_the_spawners_error_and_leaves_nothing_behind);
        tcase_add_test(tcase, a_crowd_of_children_that_have_ended_holds_up_nobody);
        tcase_add_test(tcase, a_name_has_one_bearer_and_a_form);
        tcase_add_test(tcase, a_shutdown_stops_the_youngest_first_each_after_its_mail_and_its_children);
        tcase_add_test(tcase, those_who_are_left_at_a_shutdown_end_the_youngest_first_whoever_ended_before);
}

TEST_MAIN("supervision", add_tests)
