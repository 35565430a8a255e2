/* SPDX-License-Identifier: Apache-2.0 */
/* Monitors and links: who hears of whose end, and how often. */
#include "probe.h"

#include <errno.h>

enum { MONITOR = 1, DEMONITOR, LINK, UNLINK, FAIL, EXIT, DEMONITOR_AFTER_END };

struct watcher_state {
        uint64_t monitor;
        const char *name;
};

static int watcher_init(void *state, struct actor *self, const void *config)
{
        ((struct watcher_state *) state)->name = config;
        return 0;
}

static int on_order(struct watcher_state *w, const struct actor_mail *mail, const struct note *body)
{
        switch (body->what) {
        case MONITOR:
                w->monitor = actor_monitor(mail->self, body->ref);
                break;
        case DEMONITOR:
                actor_demonitor(mail->self, w->monitor);
                break;
        case LINK:
                actor_link(mail->self, body->ref);
                break;
        case UNLINK:
                actor_unlink(mail->self, body->ref);
                break;
        case FAIL:
                return -EIO;
        case EXIT:
                actor_exit(mail->self, 0);
                break;
        }
        return 0;
}

static int on_down(struct watcher_state *w, const struct actor_mail *mail, const struct actor_down *body)
{
        static const char *const reasons[] = {"?", "finished", "failed", "not found", "unreachable"};
        ck_assert(body->monitor == 0 || body->monitor == w->monitor);
        tell("%s hears: %s%s %d; ", w->name, body->monitor ? "" : "link ", reasons[body->reason],
             body->error);
        return 0;
}
ACTOR_BIND(on_order, struct watcher_state, struct note)
ACTOR_BIND(on_down, struct watcher_state, struct actor_down)

static void watcher_fini(void *state)
{
        tell("%s ends; ", ((struct watcher_state *) state)->name);
}

static const struct actor_handler handlers[] = {
        {&note_type, on_order_bound, ACTOR_FROM_LOCAL},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};
static const struct actor_class plain_class = {.name = "plain",
                                               .state_size = sizeof(struct watcher_state),
                                               .init = watcher_init,
                                               .fini = watcher_fini,
                                               .handlers = handlers};
static const struct actor_class trapping_class = {.name = "trapping",
                                                  .state_size = sizeof(struct watcher_state),
                                                  .init = watcher_init,
                                                  .fini = watcher_fini,
                                                  .handlers = handlers,
                                                  .traps_exits = true};

/* Top-level failures end the node, so everybody here is a child of this one. */
static int family_init(void *state, struct actor *self, const void *config)
{
        spawn_child(self, &plain_class, "a", "a");
        spawn_child(self, &plain_class, "b", "b");
        spawn_child(self, &trapping_class, "t", "t");
        return 0;
}
static const struct actor_class family_class = {.name = "family", .init = family_init};

static struct actor_sim *sim;
static struct actor_node *node;

static void begin(uint64_t seed)
{
        sim = actor_sim_new(seed);
        node = actor_sim_node(sim, "tcp://m1:1", NULL);
        spawn(node, &family_class, "family", NULL);
}

static void end(void)
{
        check_conservation(node);
        transcript.size = 0;
        actor_sim_free(sim);
        transcript.size = 0;
        transcript.text[0] = '\0';
}

static struct actor_ref named(const char *name)
{
        struct actor_ref ref = ACTOR_NOBODY;
        ck_assert_int_eq(actor_node_resolve(node, name, &ref, NULL), 0);
        return ref;
}

static void order(const char *who, int what, const char *whom)
{
        struct note *msg = note(what, 0);
        if (whom != NULL)
                msg->ref = named(whom);
        ck_assert_int_eq(actor_node_send(node, named(who), msg), 0);
        actor_sim_settle(sim);
}

START_TEST(a_monitor_hears_once_why_the_watched_one_ended)
{
        begin(1);
        order("a", MONITOR, "b");
        order("t", MONITOR, "b");
        order("b", FAIL, NULL);
        ck_assert_ptr_nonnull(strstr(transcript.text, "a hears: failed -5; "));
        ck_assert_ptr_nonnull(strstr(transcript.text, "t hears: failed -5; "));
        ck_assert_ptr_null(strstr(strstr(transcript.text, "a hears") + 1, "a hears"));
        end();
}
END_TEST

START_TEST(a_monitor_of_nobody_hears_not_found)
{
        begin(1);
        struct actor_ref gone = named("b");
        order("b", EXIT, NULL);
        expect_told("b ends; ");
        struct note *msg = note(MONITOR, 0);
        msg->ref = gone;
        actor_node_send(node, named("a"), msg);
        actor_sim_settle(sim);
        expect_told("a hears: not found -3; ");
        end();
}
END_TEST

/* Method: every seed gives another order of the three mails; the DOWN may be queued already. */
START_TEST(after_a_demonitor_no_down_arrives_in_any_order_of_events)
{
        for (uint64_t seed = 0; seed < 200; seed++) {
                begin(seed);
                order("a", MONITOR, "b");
                order("b", EXIT, NULL); /* the DOWN is handled before the next order */
                expect_told("b ends; a hears: finished 0; ");
                end();

                begin(seed);
                order("a", MONITOR, "b");
                struct actor_ref a = named("a"), b = named("b");
                ck_assert_int_eq(actor_node_send(node, b, note(EXIT, 0)), 0);
                ck_assert_int_eq(actor_node_send(node, a, note(DEMONITOR, 0)), 0);
                actor_sim_settle(sim);
                const char *down = strstr(transcript.text, "a hears");
                ck_assert(down == NULL || strstr(down + 1, "a hears") == NULL);
                end();
        }
}
END_TEST

static int silent_init(void *state, struct actor *self, const void *config)
{
        struct watcher_state *w = state;
        w->name = "silent";
        w->monitor = actor_monitor(self, *(const struct actor_ref *) config);
        actor_demonitor(self, w->monitor);
        return 0;
}

/* The DOWN (not found) is certainly on its way before the demonitor here. */
START_TEST(a_demonitor_suppresses_a_down_that_is_queued)
{
        static const struct actor_class silent_class = {.name = "silent",
                                                        .state_size = sizeof(struct watcher_state),
                                                        .init = silent_init,
                                                        .handlers = handlers};
        begin(1);
        struct actor_ref nobody = {0, 4711, 99};
        spawn(node, &silent_class, NULL, &nobody);
        actor_sim_settle(sim);
        expect_told("");
        end();
}
END_TEST

START_TEST(a_failure_spreads_along_a_link_and_a_trap_hears_of_it)
{
        begin(1);
        order("a", LINK, "b");
        order("t", LINK, "a");
        order("b", FAIL, NULL);
        expect_told("b ends; a ends; t hears: link failed -5; ");
        end();
}
END_TEST

START_TEST(a_link_works_both_ways)
{
        begin(1);
        order("a", LINK, "b");
        order("a", FAIL, NULL);
        expect_told("a ends; b ends; ");
        end();
}
END_TEST

START_TEST(a_normal_end_does_not_spread_except_to_a_trap)
{
        begin(1);
        order("a", LINK, "b");
        order("t", LINK, "b");
        order("b", EXIT, NULL);
        expect_told("b ends; t hears: link finished 0; ");
        end();
}
END_TEST

START_TEST(an_unlinked_actor_is_spared)
{
        begin(1);
        order("a", LINK, "b");
        order("a", UNLINK, "b");
        order("b", FAIL, NULL);
        expect_told("b ends; ");
        end();
}
END_TEST

START_TEST(a_link_to_nobody_is_a_failure)
{
        begin(1);
        struct actor_ref gone = named("b");
        order("b", EXIT, NULL);
        struct note *msg = note(LINK, 0), *other = note(LINK, 0);
        msg->ref = other->ref = gone;
        actor_node_send(node, named("a"), msg);
        actor_node_send(node, named("t"), other);
        actor_sim_settle(sim);
        ck_assert_ptr_nonnull(strstr(transcript.text, "a ends; "));
        ck_assert_ptr_nonnull(strstr(transcript.text, "t hears: link not found -3; "));
        end();
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_monitor_hears_once_why_the_watched_one_ended);
        tcase_add_test(tcase, a_monitor_of_nobody_hears_not_found);
        tcase_add_test(tcase, after_a_demonitor_no_down_arrives_in_any_order_of_events);
        tcase_add_test(tcase, a_demonitor_suppresses_a_down_that_is_queued);
        tcase_add_test(tcase, a_failure_spreads_along_a_link_and_a_trap_hears_of_it);
        tcase_add_test(tcase, a_link_works_both_ways);
        tcase_add_test(tcase, a_normal_end_does_not_spread_except_to_a_trap);
        tcase_add_test(tcase, an_unlinked_actor_is_spared);
        tcase_add_test(tcase, a_link_to_nobody_is_a_failure);
}

TEST_MAIN("bonds", add_tests)
