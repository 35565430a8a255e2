/* SPDX-License-Identifier: Apache-2.0 */
/* The simulation itself: a seed names a run, processes are made up, nodes can be crashed. */
#include "probe.h"

#include <actor/system.h>
#include <signal.h>
#include <sys/wait.h>

enum { PEERS = 5, HOPS = 200 };

/* Everybody sends on to somebody chosen by the dice, now or after a while. */
struct gossip {
        int index;
        const struct actor_ref *peers;
};

static int gossip_init(void *state, struct actor *self, const void *config)
{
        *(struct gossip *) state = *(const struct gossip *) config;
        return 0;
}

static int on_gossip(struct gossip *g, const struct actor_mail *mail, const struct note *body)
{
        tell("%d:%d@%lld ", g->index, (int) body->value, (long long) (mail->now_ns / 1000000));
        if (body->value == 0)
                return 0;
        uint64_t dice = actor_random(mail->self);
        struct actor_ref to = g->peers[dice % PEERS];
        if (dice & 0x100)
                actor_after(mail->self, (int64_t) (dice >> 32 & 7), note(0, body->value / 2));
        return actor_send(mail->self, to, note(0, body->value - 1));
}
ACTOR_BIND(on_gossip, struct gossip, struct note)

static const struct actor_handler gossip_handlers[] = {
        {&note_type, on_gossip_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class gossip_class = {.name = "gossip",
                                                .state_size = sizeof(struct gossip),
                                                .init = gossip_init,
                                                .handlers = gossip_handlers};

static char *run_gossip(uint64_t seed)
{
        struct actor_ref peers[PEERS];
        struct actor_sim *sim = actor_sim_new(seed);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        for (int i = 0; i < PEERS; i++) {
                struct gossip config = {i, peers};
                peers[i] = spawn(node, &gossip_class, NULL, &config);
        }
        for (int i = 0; i < PEERS; i++)
                actor_node_send(node, peers[i], note(0, 12));
        actor_sim_advance(sim, 1000);
        check_conservation(node);
        actor_sim_free(sim);
        char *text = actor_strdup(transcript.text);
        transcript.size = 0;
        transcript.text[0] = '\0';
        return text;
}

START_TEST(the_same_seed_gives_the_same_run_and_another_seed_another)
{
        int differing = 0;
        for (uint64_t seed = 0; seed < 20; seed++) {
                CLEANUP(actor_freep) char *once = run_gossip(seed);
                CLEANUP(actor_freep) char *again = run_gossip(seed);
                CLEANUP(actor_freep) char *other = run_gossip(seed + 1000);
                ck_assert_str_eq(once, again);
                differing += strcmp(once, other) != 0;
        }
        ck_assert_int_eq(differing, 20);
}
END_TEST

/* ---- processes ----------------------------------------------------------------------------------- */

struct launcher {
        pid_t pid;
};

static int on_order(struct launcher *l, const struct actor_mail *mail, const struct note *body)
{
        const char *const argv[] = {"task", NULL};
        struct actor_process_config config = {.argv = argv, .new_session = true, .stdin_fd = -1};
        if (body->what == 0) {
                ck_assert_int_eq(actor_process_start(mail->self, &config, &l->pid, NULL), 0);
                tell("pid %d ", (int) (l->pid > 0));
        } else if (body->what == 1) {
                tell("signal %d ", actor_process_signal(mail->self, l->pid, (int) body->value, true));
        } else {
                tell("adopt %d ", actor_process_adopt(mail->self, (pid_t) body->value));
        }
        return 0;
}

static int on_exited(struct launcher *l, const struct actor_mail *mail,
                     const struct actor_process_exited *body)
{
        tell("exited %d %x ", body->status_known, (unsigned) body->status);
        return 0;
}
ACTOR_BIND(on_order, struct launcher, struct note)
ACTOR_BIND(on_exited, struct launcher, struct actor_process_exited)

static const struct actor_handler launcher_handlers[] = {
        {&note_type, on_order_bound, ACTOR_FROM_LOCAL},
        {&actor_process_exited_type, on_exited_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};
static const struct actor_class launcher_class = {
        .name = "launcher", .state_size = sizeof(struct launcher), .handlers = launcher_handlers};

static struct actor_sim_fate task(const struct actor_process_config *config, void *arg)
{
        return *(struct actor_sim_fate *) arg;
}

START_TEST(a_simulated_process_runs_its_time_and_ends_as_its_program_says)
{
        struct actor_sim_fate fate = {500, 3 << 8};
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref ref = spawn(node, &launcher_class, NULL, NULL);
        actor_sim_program(sim, "task", task, &fate);
        actor_node_send(node, ref, note(0, 0));
        actor_sim_advance(sim, 499);
        expect_told("pid 1 ");
        actor_sim_advance(sim, 1);
        expect_told("exited 1 300 ");
        actor_sim_free(sim);
}
END_TEST

START_TEST(a_simulated_process_is_ended_by_a_signal)
{
        struct actor_sim_fate fate = {-1, 0};
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref ref = spawn(node, &launcher_class, NULL, NULL);
        actor_sim_program(sim, "task", task, &fate);
        actor_node_send(node, ref, note(0, 0));
        actor_sim_advance(sim, 100000);
        expect_told("pid 1 ");
        actor_node_send(node, ref, note(1, SIGTERM));
        actor_sim_settle(sim);
        expect_told("signal 0 exited 1 f ");
        actor_sim_free(sim);
}
END_TEST

START_TEST(a_process_survives_its_nodes_crash_and_can_be_adopted)
{
        struct actor_sim_fate fate = {1000, 0};
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref ref = spawn(node, &launcher_class, NULL, NULL);
        actor_sim_program(sim, "task", task, &fate);
        actor_node_send(node, ref, note(0, 0));
        actor_sim_settle(sim);
        actor_sim_crash(sim, node);
        node = actor_sim_node(sim, "tcp://m1:1", NULL);
        ref = spawn(node, &launcher_class, NULL, NULL);
        actor_node_send(node, ref, note(2, 1001)); /* the first pid of a simulation */
        actor_node_send(node, ref, note(2, 4711));
        actor_sim_settle(sim);
        expect_told("pid 1 adopt 0 adopt -3 ");
        actor_sim_advance(sim, 1000);
        expect_told("exited 0 0 ");
        actor_sim_free(sim);
}
END_TEST

/* ---- crashes and time ---------------------------------------------------------------------------- */

static int chatter_init(void *state, struct actor *self, const void *config)
{
        actor_every(self, 10, note(0, 0));
        return actor_send(self, actor_self(self), note(0, 1));
}

static int on_chat(void *state, const struct actor_mail *mail, const struct note *body)
{
        return body->value ? actor_send(mail->self, actor_self(mail->self), note(0, 1)) : 0;
}
ACTOR_BIND(on_chat, void, struct note)

START_TEST(a_crashed_node_is_silent_at_once_and_nothing_of_it_leaks)
{
        static const struct actor_handler chatter_handlers[] = {
                {&note_type, on_chat_bound, ACTOR_FROM_SELF},
                ACTOR_HANDLER_END,
        };
        static const struct actor_class chatter_class = {
                .name = "chatter", .init = chatter_init, .handlers = chatter_handlers};
        struct actor_sim *sim = actor_sim_new(5);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        for (int i = 0; i < 10; i++)
                spawn(node, &chatter_class, NULL, NULL); /* for ever busy: settling would not end */
        actor_sim_crash(sim, node);
        actor_sim_advance(sim, 1000);
        ck_assert_int_eq(actor_sim_now_ms(sim), 1000);
        actor_sim_free(sim);
}
END_TEST

static bool never(void *arg)
{
        return false;
}

START_TEST(run_until_gives_up_at_its_limit)
{
        struct actor_sim *sim = actor_sim_new(5);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct gossip config = {0, NULL};
        struct actor_ref ref = spawn(node, &gossip_class, NULL, &config);
        actor_node_send(node, ref, note(0, 0));
        ck_assert(!actor_sim_run_until(sim, never, NULL, 5000));
        ck_assert_int_le(actor_sim_now_ms(sim), 5000);
        actor_sim_free(sim);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, the_same_seed_gives_the_same_run_and_another_seed_another);
        tcase_add_test(tcase, a_simulated_process_runs_its_time_and_ends_as_its_program_says);
        tcase_add_test(tcase, a_simulated_process_is_ended_by_a_signal);
        tcase_add_test(tcase, a_process_survives_its_nodes_crash_and_can_be_adopted);
        tcase_add_test(tcase, a_crashed_node_is_silent_at_once_and_nothing_of_it_leaks);
        tcase_add_test(tcase, run_until_gives_up_at_its_limit);
}

TEST_MAIN("simulation", add_tests)
