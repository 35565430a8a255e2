/* SPDX-License-Identifier: Apache-2.0 */
/* A handler that does not return is seen, named and told of; the rest goes on. */
#include <check.h>

#include "../core/probe.h"
#include "core/inside.h"

#include <actor/inspect.h>
#include <actor/log.h>
#include <time.h>

static struct actor_log *log_to_transcript;

static void keep_line(void *arg, enum actor_log_level level, const char *line)
{
        if (level == ACTOR_LOG_WARN)
                tell("%s\n", line);
}

static struct actor_node *watched_node(unsigned workers, int64_t watchdog_ms)
{
        struct actor_node *node = NULL;
        log_to_transcript = actor_log_new_function(keep_line, NULL, ACTOR_LOG_WARN);
        struct actor_node_config config = {
                .name = "test", .workers = workers, .watchdog_ms = watchdog_ms, .log = log_to_transcript};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        return node;
}

static int64_t monotonic_ns(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What holds a handler up until the test lets it go. */
static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_opened = PTHREAD_COND_INITIALIZER;
static bool gate_is_open;

static void open_gate(void)
{
        pthread_mutex_lock(&gate_lock);
        gate_is_open = true;
        pthread_cond_broadcast(&gate_opened);
        pthread_mutex_unlock(&gate_lock);
}

static void stand_at_gate(void)
{
        pthread_mutex_lock(&gate_lock);
        while (!gate_is_open)
                pthread_cond_wait(&gate_opened, &gate_lock);
        pthread_mutex_unlock(&gate_lock);
}

struct empty {
        char unused;
};

struct errand {
        struct actor_ref to;
};

static int on_note(struct empty *state, const struct actor_mail *mail, const struct note *note)
{
        if (note->what == 1)
                stand_at_gate();
        else
                tell("heard %d\n", note->what);
        return 0;
}
ACTOR_BIND(on_note, struct empty, struct note)

/* Writes to the actor it was made with, who then waits in this worker's run-next slot, and gets stuck. */
static int on_errand(struct errand *errand, const struct actor_mail *mail, const struct note *msg)
{
        (void) actor_send(mail->self, errand->to, note(msg->what, 0));
        stand_at_gate();
        return 0;
}
ACTOR_BIND(on_errand, struct errand, struct note)

static int errand_init(void *state, struct actor *self, const void *config)
{
        ((struct errand *) state)->to = *(const struct actor_ref *) config;
        return 0;
}

static int on_answer(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        stand_at_gate();
        return 0;
}

static int on_echo(struct empty *state, const struct actor_mail *mail, const struct note *msg)
{
        return actor_reply(mail, note(2, 0));
}
ACTOR_BIND(on_echo, struct empty, struct note)

static int curious_init(void *state, struct actor *self, const void *config)
{
        actor_ask(self, *(const struct actor_ref *) config, note(2, 0), 60000, on_answer, NULL);
        return 0;
}

static const struct actor_handler handlers[] = {{&note_type, on_note_bound, ACTOR_FROM_ANY},
                                                ACTOR_HANDLER_END};
static const struct actor_handler echo_handlers[] = {{&note_type, on_echo_bound, ACTOR_FROM_ANY},
                                                     ACTOR_HANDLER_END};
static const struct actor_handler errand_handlers[] = {{&note_type, on_errand_bound, ACTOR_FROM_ANY},
                                                       ACTOR_HANDLER_END};
static const struct actor_class messenger = {.name = "messenger",
                                             .state_size = sizeof(struct errand),
                                             .init = errand_init,
                                             .handlers = errand_handlers};
static const struct actor_class listener = {
        .name = "listener", .state_size = sizeof(struct empty), .handlers = handlers};
static const struct actor_class echo = {
        .name = "echo", .state_size = sizeof(struct empty), .handlers = echo_handlers};
static const struct actor_class curious = {
        .name = "curious", .state_size = sizeof(struct empty), .init = curious_init};

static unsigned times_told(const char *text)
{
        unsigned count = 0;
        pthread_mutex_lock(&transcript.lock);
        for (const char *at = transcript.text; (at = strstr(at, text)) != NULL; at++)
                count++;
        pthread_mutex_unlock(&transcript.lock);
        return count;
}

/* On a machine that has much else to do any handler may take longer than the limit, and is among the others
 * then. False if this one is not. */
static bool find_slow(struct actor_node *node, struct actor_ref ref, struct actor_slow_handler *ret)
{
        struct actor_slow_handler slow[4];
        size_t count = actor_node_slow_handlers(node, slow, 4);
        for (size_t i = 0; i < count && i < 4; i++) {
                if (!actor_ref_equal(slow[i].ref, ref))
                        continue;
                *ret = slow[i];
                return true;
        }
        return false;
}

START_TEST(a_handler_that_does_not_return_is_named_and_holds_up_only_itself)
{
        int64_t begin_ns = monotonic_ns();
        struct actor_node *node = watched_node(2, 40);
        struct actor_ref stuck = spawn(node, &listener, "stuck", NULL);
        struct actor_ref free = spawn(node, &listener, "free", NULL);
        ck_assert_int_eq(actor_node_send(node, stuck, note(1, 0)), 0);
        await_told("actor: stuck (listener) of test has been handling a note for ");
        struct actor_slow_handler slow;
        ck_assert(find_slow(node, stuck, &slow));
        ck_assert_str_eq(slow.class_name, "listener");
        ck_assert_str_eq(slow.type_name, "note");
        ck_assert_int_ge(slow.busy_ns, 40000000);
        ck_assert_int_le(slow.busy_ns, monotonic_ns() - begin_ns);
        for (int i = 2; i < 100; i++)
                ck_assert_int_eq(actor_node_send(node, free, note(i, 0)), 0);
        await_told("heard 99\n");
        open_gate();
        await_told("actor: stuck (listener) of test has handled a note for ");
        ck_assert(!find_slow(node, stuck, &slow));
        ck_assert_uint_eq(times_told("actor: stuck (listener) of test has been handling"), 1);
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        ck_assert_uint_ge(totals.slow_handlers, 1);
        actor_node_free(node);
        actor_log_free(log_to_transcript);
}
END_TEST

START_TEST(whom_a_stuck_handler_wrote_to_does_not_wait_for_it)
{
        struct actor_node *node = watched_node(2, 40);
        struct actor_ref free = spawn(node, &listener, "free", NULL);
        struct actor_ref stuck = spawn(node, &messenger, "stuck", &free);
        ck_assert_int_eq(actor_node_send(node, stuck, note(7, 0)), 0);
        await_told("heard 7\n");
        open_gate();
        actor_node_free(node);
        actor_log_free(log_to_transcript);
}
END_TEST

START_TEST(a_continuation_is_named_by_the_answer_it_got)
{
        struct actor_node *node = watched_node(2, 40);
        struct actor_ref asked = spawn(node, &echo, NULL, NULL);
        spawn(node, &curious, "curious", &asked);
        await_told("actor: curious (curious) of test has been handling a note for ");
        open_gate();
        await_told("has handled a note for ");
        actor_node_free(node);
        actor_log_free(log_to_transcript);
}
END_TEST

static bool is_parked(void *arg)
{
        const struct actor_node *node = arg;
        return atomic_load(&node->watchdog.parked);
}

/* Nothing wakes an idle node, neither for its actors nor for the watchdog; work wakes both, and is not blamed
 * for the time before. */
START_TEST(while_a_node_is_idle_its_watchdog_sleeps)
{
        struct actor_slow_handler slow;
        struct actor_node *node = watched_node(2, 40);
        struct actor_ref stuck = spawn(node, &listener, "stuck", NULL);
        ck_assert(comes_true(is_parked, node));
        for (int64_t until_ns = monotonic_ns() + 80000000; monotonic_ns() < until_ns;)
                (void) sched_yield(); /* what passes here must not count */
        int64_t begin_ns = monotonic_ns();
        ck_assert_int_eq(actor_node_send(node, stuck, note(1, 0)), 0);
        await_told("stuck (listener) of test has been handling a note");
        ck_assert(find_slow(node, stuck, &slow));
        ck_assert_int_le(slow.busy_ns, monotonic_ns() - begin_ns);
        open_gate();
        ck_assert(comes_true(is_parked, node));
        actor_node_free(node);
        actor_log_free(log_to_transcript);
}
END_TEST

START_TEST(a_negative_limit_means_that_nobody_watches)
{
        struct actor_node *node = watched_node(1, -1);
        struct actor_slow_handler slow;
        ck_assert(!node->watchdog.started);
        ck_assert_uint_eq(actor_node_slow_handlers(node, &slow, 1), 0);
        actor_node_free(node);
        actor_log_free(log_to_transcript);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_handler_that_does_not_return_is_named_and_holds_up_only_itself);
        tcase_add_test(tcase, whom_a_stuck_handler_wrote_to_does_not_wait_for_it);
        tcase_add_test(tcase, a_continuation_is_named_by_the_answer_it_got);
        tcase_add_test(tcase, while_a_node_is_idle_its_watchdog_sleeps);
        tcase_add_test(tcase, a_negative_limit_means_that_nobody_watches);
}

TEST_MAIN("watchdog", add_tests)
