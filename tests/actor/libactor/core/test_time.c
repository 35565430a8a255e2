/* SPDX-License-Identifier: Apache-2.0 */
/* Timers and asks: what happens when, and what does not happen after all. */
#include "probe.h"

#include <errno.h>

enum { AFTER = 1, EVERY, CANCEL, RING, ASK, SLEEPY, LATE, CANCEL_IN_HANDLER, EXIT, ASK_FOR, ASK_MANY };

struct clock {
        uint64_t timer;
        struct actor_asker asker;
        unsigned answers;
};

static int64_t began_ns;

static void say_time(const struct actor_mail *mail, const char *what)
{
        if (began_ns == 0)
                began_ns = mail->now_ns;
        tell("%s@%lld ", what, (long long) ((mail->now_ns - began_ns) / 1000000));
}

static int on_answer(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct clock *c = state;
        c->answers++;
        tell("%s ", body != NULL ? "answer" : strerror(-mail->error));
        ck_assert_ptr_eq(arg, state);
        ck_assert((body != NULL) == (mail->error == 0));
        return 0;
}

/* What the question was given as its timeout, and when that was over. */
static int on_late(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        ck_assert_int_eq(mail->error, -ETIMEDOUT);
        tell("%d@%lld ", (int) (intptr_t) arg, (long long) ((mail->now_ns - began_ns) / 1000000));
        return 0;
}

static int on_count(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct clock *c = state;
        ck_assert_int_eq(mail->error, -ETIMEDOUT);
        c->answers++;
        if (c->answers == (unsigned) (uintptr_t) arg)
                actor_exit(mail->self, 0); /* the last one that is heard */
        return 0;
}

static void ask_for(const struct actor_mail *mail, struct actor_ref to, int timeout_ms)
{
        actor_ask(mail->self, to, note(SLEEPY, 0), timeout_ms, on_late, (void *) (intptr_t) timeout_ms);
}

static int on_note(struct clock *c, const struct actor_mail *mail, const struct note *body)
{
        switch (body->what) {
        case AFTER:
                c->timer = actor_after(mail->self, (int64_t) body->value, note(RING, 0));
                say_time(mail, "set");
                break;
        case EVERY:
                c->timer = actor_every(mail->self, (int64_t) body->value, note(RING, 0));
                say_time(mail, "set");
                break;
        case CANCEL:
                actor_timer_cancel(mail->self, c->timer);
                actor_timer_cancel(mail->self, c->timer);
                actor_timer_cancel(mail->self, 0);
                actor_timer_cancel(mail->self, 12345);
                break;
        case RING:
                ck_assert(actor_ref_equal(mail->from, actor_self(mail->self)));
                say_time(mail, "ring");
                break;
        case ASK:
                actor_ask(mail->self, body->ref, note((int) body->value, 0), 50, on_answer, c);
                break;
        case SLEEPY: /* will answer when told LATE */
                c->asker = actor_asker(mail);
                break;
        case LATE:
                actor_reply_to(mail->self, c->asker, note(0, 0));
                break;
        case ASK_FOR:
                began_ns = mail->now_ns;
                for (uint64_t digits = body->value; digits > 0; digits /= 10)
                        ask_for(mail, body->ref, (int) (digits % 10));
                break;
        case ASK_MANY:
                for (int i = 0; i < 1000; i++)
                        actor_ask(mail->self, body->ref, note(SLEEPY, 0), 5, on_count,
                                  (void *) (uintptr_t) body->value);
                break;
        case EXIT:
                actor_exit(mail->self, 0);
                break;
        }
        return 0;
}
ACTOR_BIND(on_note, struct clock, struct note)

static const struct actor_handler handlers[] = {
        {&note_type, on_note_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class clock_class = {
        .name = "clock", .state_size = sizeof(struct clock), .handlers = handlers};

static struct actor_sim *sim;
static struct actor_node *node;
static struct actor_ref a, b;

static void begin(uint64_t seed)
{
        sim = actor_sim_new(seed);
        node = actor_sim_node(sim, "tcp://m1:1", NULL);
        a = spawn(node, &clock_class, "a", NULL);
        b = spawn(node, &clock_class, "b", NULL);
}

static void end(void)
{
        check_conservation(node);
        actor_sim_free(sim);
}

static void order(struct actor_ref who, int what, uint64_t value, struct actor_ref ref)
{
        struct note *msg = note(what, value);
        msg->ref = ref;
        ck_assert_int_eq(actor_node_send(node, who, msg), 0);
}

START_TEST(a_timer_rings_once_at_its_exact_virtual_time)
{
        begin(1);
        order(a, AFTER, 70000, ACTOR_NOBODY);
        actor_sim_advance(sim, 69999);
        expect_told("set@0 ");
        actor_sim_advance(sim, 1);
        expect_told("ring@70000 ");
        actor_sim_advance(sim, 1000000);
        expect_told("");
        end();
}
END_TEST

START_TEST(a_timer_of_no_delay_rings_without_time_passing)
{
        begin(1);
        order(a, AFTER, 0, ACTOR_NOBODY);
        actor_sim_settle(sim);
        expect_told("set@0 ring@0 ");
        end();
}
END_TEST

START_TEST(a_periodic_timer_rings_at_each_multiple_until_cancelled)
{
        begin(1);
        order(a, EVERY, 100, ACTOR_NOBODY);
        actor_sim_advance(sim, 350);
        expect_told("set@0 ring@100 ring@200 ring@300 ");
        order(a, CANCEL, 0, ACTOR_NOBODY);
        actor_sim_advance(sim, 1000);
        expect_told("");
        end();
}
END_TEST

/* Method: the ring and the cancel are both waiting at the same moment; system mail passes, so in some
 * seeds the ring comes first, but never after the cancel. */
START_TEST(a_cancelled_timer_is_silent_even_if_its_message_is_queued)
{
        for (uint64_t seed = 0; seed < 100; seed++) {
                begin(seed);
                order(a, AFTER, 10, ACTOR_NOBODY);
                order(a, CANCEL, 0, ACTOR_NOBODY);
                actor_sim_advance(sim, 100);
                ck_assert_ptr_null(strstr(transcript.text, "ring"));
                end();
        }
}
END_TEST

START_TEST(timers_die_with_their_actor)
{
        begin(1);
        order(a, EVERY, 100, ACTOR_NOBODY);
        order(a, EXIT, 0, ACTOR_NOBODY);
        actor_sim_advance(sim, 1000);
        expect_told("set@0 ");
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        ck_assert_uint_eq(totals.timers, 0);
        end();
}
END_TEST

START_TEST(an_ask_without_answer_times_out_and_a_late_answer_is_counted)
{
        begin(1);
        order(a, ASK, SLEEPY, b);
        actor_sim_advance(sim, 49);
        expect_told("");
        actor_sim_advance(sim, 1);
        expect_told("Connection timed out ");
        order(b, LATE, 0, ACTOR_NOBODY);
        actor_sim_settle(sim);
        expect_told("");
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        ck_assert_uint_eq(totals.late_replies, 1);
        end();
}
END_TEST

/* The nines keep the line long: what is due before them finds its place there, or has a timer of its own. */
START_TEST(asks_of_any_timeouts_time_out_each_at_its_own)
{
        begin(1);
        order(a, ASK_FOR, 42951, b);
        actor_sim_advance(sim, 20);
        expect_told("1@1 2@2 4@4 5@5 9@9 ");
        order(a, ASK_FOR, UINT64_C(1129999999999), b);
        actor_sim_advance(sim, 20);
        expect_told("1@1 1@1 2@2 9@9 9@9 9@9 9@9 9@9 9@9 9@9 9@9 9@9 9@9 ");
        end();
}
END_TEST

START_TEST(a_crowd_of_asks_times_out_together_and_none_after_its_actors_end)
{
        struct actor_node_totals totals;
        begin(1);
        order(a, ASK_MANY, 0, b);
        actor_sim_advance(sim, 4);
        order(a, ASK_MANY, 1500, b);
        actor_sim_advance(sim, 1);
        actor_node_totals(node, &totals);
        uint64_t handled = totals.handled;
        actor_sim_advance(sim, 100);
        actor_node_totals(node, &totals);
        ck_assert_uint_eq(totals.handled - handled, 500);
        ck_assert_uint_eq(totals.actors, 1);
        ck_assert_uint_eq(totals.timers, 0);
        end();
}
END_TEST

START_TEST(an_answer_in_time_cancels_the_timeout)
{
        begin(1);
        order(a, ASK, SLEEPY, b);
        actor_sim_advance(sim, 49);
        order(b, LATE, 0, ACTOR_NOBODY);
        actor_sim_advance(sim, 100);
        expect_told("answer ");
        end();
}
END_TEST

/* Goal: exactly one of answer and timeout, whichever order the dice choose at the deadline. */
START_TEST(an_answer_at_the_deadline_races_the_timeout_and_one_of_them_wins)
{
        unsigned answers = 0, timeouts = 0;
        for (uint64_t seed = 0; seed < 200; seed++) {
                begin(seed);
                order(a, ASK, SLEEPY, b);
                actor_sim_settle(sim);
                struct note *ring = note(AFTER, 0);
                actor_msg_unref(ring);
                actor_sim_advance(sim, 49);
                order(b, LATE, 0, ACTOR_NOBODY);
                if (seed % 2 == 0)
                        actor_sim_settle(sim);
                actor_sim_advance(sim, 1);
                actor_sim_advance(sim, 100);
                answers += strcmp(transcript.text, "answer ") == 0;
                timeouts += strcmp(transcript.text, "Connection timed out ") == 0;
                ck_assert_uint_eq(answers + timeouts, seed + 1);
                transcript.size = 0;
                end();
        }
        ck_assert_uint_gt(answers, 0);
}
END_TEST

START_TEST(an_ask_of_nobody_fails_at_once)
{
        begin(1);
        order(a, ASK, SLEEPY, (struct actor_ref){0, 77, 77});
        actor_sim_settle(sim);
        expect_told("No such process ");
        end();
}
END_TEST

/* ---- on the real clock --------------------------------------------------------------------------- */

static int on_real(void *state, const struct actor_mail *mail, const struct note *body)
{
        int64_t now_ns = actor_now_ns(mail->self);
        if (body->what == RING) {
                ck_assert_int_ge(now_ns, (int64_t) body->value);
                tell("ring ");
                return 0;
        }
        for (int64_t delay_ms = 0; delay_ms < 20; delay_ms++)
                actor_after(mail->self, delay_ms, note(RING, (uint64_t) (now_ns + delay_ms * 1000000)));
        actor_after(mail->self, 25, note(RING, 0));
        return 0;
}
ACTOR_BIND(on_real, void, struct note)

START_TEST(real_timers_are_never_early_and_all_ring)
{
        static const struct actor_handler real_handlers[] = {
                {&note_type, on_real_bound, ACTOR_FROM_LOCAL},
                ACTOR_HANDLER_END,
        };
        static const struct actor_class real_class = {.name = "real", .handlers = real_handlers};
        struct actor_node *real = real_node(2);
        struct actor_ref ref = spawn(real, &real_class, NULL, NULL);
        ck_assert_int_eq(actor_node_send(real, ref, note(AFTER, 0)), 0);
        await_told("ring ring ring ring ring ring ring ring ring ring ring "
                   "ring ring ring ring ring ring ring ring ring ring ");
        actor_node_free(real);
}
END_TEST

START_TEST(an_outside_ask_times_out_on_the_real_clock)
{
        struct actor_node *real = real_node(1);
        struct actor_ref ref = spawn(real, &clock_class, NULL, NULL);
        ck_assert_int_eq(actor_node_ask(real, ref, note(SLEEPY, 0), 5, NULL), -ETIMEDOUT);
        actor_node_free(real);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_timer_rings_once_at_its_exact_virtual_time);
        tcase_add_test(tcase, a_timer_of_no_delay_rings_without_time_passing);
        tcase_add_test(tcase, a_periodic_timer_rings_at_each_multiple_until_cancelled);
        tcase_add_test(tcase, a_cancelled_timer_is_silent_even_if_its_message_is_queued);
        tcase_add_test(tcase, timers_die_with_their_actor);
        tcase_add_test(tcase, an_ask_without_answer_times_out_and_a_late_answer_is_counted);
        tcase_add_test(tcase, asks_of_any_timeouts_time_out_each_at_its_own);
        tcase_add_test(tcase, a_crowd_of_asks_times_out_together_and_none_after_its_actors_end);
        tcase_add_test(tcase, an_answer_in_time_cancels_the_timeout);
        tcase_add_test(tcase, an_answer_at_the_deadline_races_the_timeout_and_one_of_them_wins);
        tcase_add_test(tcase, an_ask_of_nobody_fails_at_once);
        tcase_add_test(tcase, real_timers_are_never_early_and_all_ring);
        tcase_add_test(tcase, an_outside_ask_times_out_on_the_real_clock);
}

TEST_MAIN("time", add_tests)
