/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: between two nodes, of which one dies and comes back and whose actors crash and are overloaded, what
 * one actor sends to another arrives in order and at most once, each monitor tells exactly once, each ask has
 * exactly one outcome, and the books of the node that lives balance.
 *
 * Method: two callers here write to four echoes there, ask and watch them; the echoes refuse or drop what is
 * too much, and are themselves paused by a sink. Simulated, the network breaks, is
 * cut and heals, and the peer crashes, as the dice fall; over ZeroMQ, on one to three workers each, the peer
 * is a process of its own that is killed in the middle of a burst. TEST_SEED=N runs one seed,
 * scripts/stress.sh many. */
#include <check.h>

#include "books.h"
#include "dice.h"
#include "endpoints.h"
#include "note.h"
#include "sim_seeds.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <actor/sim.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLERS = 2, ECHOES = 4, BURST = 200, STEPS = 40, KILLS = 3, SEEDS = 3 };
/* Who is killed is missed at once; a machine with much else to do must not make others seem dead. But mail
 * for who is gone waits three times that long. */
enum { HEARTBEAT_MS = 500, REAL_HEARTBEAT_MS = 2000, ASK_MS = 400 };

static void ignore_line(void *arg, enum actor_log_level level, const char *line)
{
}

static struct actor_node_config config_of(const char *name, int64_t heartbeat_ms, uint64_t workers)
{
        static struct actor_log *log;
        if (log == NULL)
                log = actor_log_new_function(ignore_line, NULL, ACTOR_LOG_ERROR);
        return (struct actor_node_config){.name = name,
                                          .workers = (unsigned) workers,
                                          .types = note_types,
                                          .heartbeat_ms = heartbeat_ms,
                                          .reconnect_min_ms = 10,
                                          .reconnect_max_ms = 100,
                                          .log = log};
}

/* ---- there: echoes that fail --------------------------------------------------------------------- */

/* All these outlive restarts, not the node. Numbers: who sent it in the upper half, how manieth in the lower.
 */
struct sink {
        uint64_t dice, heard[ECHOES];
        struct actor_ref ref;
};

struct echo {
        uint64_t index, life, dice;
        uint64_t heard[CALLERS], sent, passed_on;
        struct sink *sink;
};

static int sink_init(void *state, struct actor *self, const void *config)
{
        *(struct sink **) state = (struct sink *) config;
        return 0;
}

/* Who is paused loses nothing. */
static int on_passed_on(struct sink **state, const struct actor_mail *mail, const struct note *note)
{
        struct sink *sink = *state;
        if (note->number >> 32 >= ECHOES || (note->number & UINT32_MAX) != ++sink->heard[note->number >> 32])
                abort();
        return dice_throw(&sink->dice) & 63 ? 0 : -EIO;
}
ACTOR_BIND(on_passed_on, struct sink *, struct note)

static const struct actor_handler sink_handlers[] = {
        {&note_type, on_passed_on_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class sink_class = {.name = "pausing",
                                              .state_size = sizeof(struct sink *),
                                              .init = sink_init,
                                              .handlers = sink_handlers,
                                              .mailbox_max = 2,
                                              .overflow = ACTOR_PAUSE_SENDER,
                                              .restart = ACTOR_RESTART,
                                              .restarts_max = 1000,
                                              .restart_window_ms = 1};

static int echo_init(void *state, struct actor *self, const void *config)
{
        *(struct echo **) state = (struct echo *) config;
        return 0;
}

static int on_call(struct echo **state, const struct actor_mail *mail, const struct note *note)
{
        struct echo *echo = *state;
        uint64_t caller = note->number >> 32, number = note->number & UINT32_MAX,
                 dice = dice_throw(&echo->dice);
        if (caller >= CALLERS || number <= echo->heard[caller])
                abort(); /* seen by whoever waits for this process */
        echo->heard[caller] = number;
        (void) actor_send(mail->self, echo->sink->ref,
                          note_of(&note_type, echo->index << 32 | ++echo->passed_on, 0));
        if (dice % 4 != 0 || mail->ask_id != 0) {
                uint64_t answer = echo->life << 48 | echo->index << 32 | ++echo->sent;
                if (mail->ask_id == 0)
                        (void) actor_send(mail->self, mail->from, note_of(&note_type, answer, 0));
                else if (dice % 8 != 1)
                        (void) actor_reply(mail, note_of(&note_type, answer, dice >> 8 & 2047));
        }
        return dice >> 32 & 63 ? 0 : -EIO;
}
ACTOR_BIND(on_call, struct echo *, struct note)

static const struct actor_handler echo_handlers[] = {
        {&note_type, on_call_bound, ACTOR_FROM_REMOTE},
        ACTOR_HANDLER_END,
};
#define ECHO(NAME, MAX, OVERFLOW)                                                       \
        {                                                                               \
                .name = NAME, .state_size = sizeof(struct echo *), .init = echo_init,   \
                .handlers = echo_handlers, .mailbox_max = MAX, .overflow = OVERFLOW,    \
                .restart = ACTOR_RESTART, .restarts_max = 1000, .restart_window_ms = 1, \
        }
static const struct actor_class echo_classes[2] = {
        ECHO("refusing", 4, ACTOR_REFUSE),
        ECHO("dropping", 4, ACTOR_DROP_OLDEST),
};

/* Who lives in the node there. */
struct people {
        struct echo echoes[ECHOES];
        struct sink sink;
};

static void people(struct actor_node *node, struct people *people, uint64_t life, uint64_t dice)
{
        struct echo *echoes = people->echoes;
        people->sink = (struct sink){.dice = dice};
        if (actor_node_spawn(node, &sink_class, NULL, &people->sink, &people->sink.ref) != 0)
                abort();
        for (unsigned i = 0; i < ECHOES; i++) {
                char name[16];
                snprintf(name, sizeof name, "echo%u", i);
                echoes[i] = (struct echo){.index = i, .life = life, .dice = dice + i, .sink = &people->sink};
                if (actor_node_spawn(node, &echo_classes[i % 2], name, &echoes[i], NULL) != 0)
                        abort();
        }
}

/* One to three; a number of lives or a seed decides. */
static uint64_t workers_of(uint64_t number)
{
        return 1 + number % 3;
}

/* The peer as a process: listens, says so on its standard output, and lives until it is killed. */
static int be_the_peer(const char *endpoint, const char *life)
{
        static struct people living;
        uint64_t count = strtoull(life, NULL, 10);
        struct actor_node_config config = config_of("there", REAL_HEARTBEAT_MS, workers_of(count));
        struct actor_node *node;
        struct actor_error error;
        if (actor_node_new(&config, &node) != 0)
                return EXIT_FAILURE;
        people(node, &living, count, count * 1000003);
        if (actor_node_listen(node, endpoint, NULL, 0, &error) != 0) {
                fprintf(stderr, "%s\n", error.text);
                return EXIT_FAILURE;
        }
        if (write(STDOUT_FILENO, "!", 1) != 1)
                return EXIT_FAILURE;
        return actor_node_wait(node);
}

/* ---- here: callers ------------------------------------------------------------------------------- */

struct crowd {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        struct actor_node *node;
        struct actor_ref callers[CALLERS], echoes[ECHOES];
        unsigned busy; /* callers that still act, or in the end wait for something promised */
        uint64_t dice;
        uint64_t heard, outcomes; /* notes from echoes, and outcomes of asks, since the last burst began */
        _Atomic uint64_t downs;
};

struct seat {
        struct crowd *crowd;
        uint64_t index;
};

struct caller {
        struct seat *seat;
        uint64_t dice, acts;
        uint64_t sent[ECHOES], heard[ECHOES];
        struct promises promises;
        bool settling;
};

enum { ACT = 1, SETTLE };
struct order {
        int what;
        uint64_t dice;
};
static ACTOR_LOCAL_TYPE(order_type, struct order);

static struct order *order(int what, uint64_t dice)
{
        struct order *msg = actor_msg_new(&order_type);
        *msg = (struct order){what, dice};
        return msg;
}

static int caller_init(void *state, struct actor *self, const void *config)
{
        ((struct caller *) state)->seat = (struct seat *) config;
        return 0;
}

static void be_done(struct caller *c)
{
        struct crowd *crowd = c->seat->crowd;
        pthread_mutex_lock(&crowd->lock);
        crowd->busy--;
        pthread_cond_broadcast(&crowd->changed);
        pthread_mutex_unlock(&crowd->lock);
}

static void settle(struct caller *c)
{
        if (!c->settling || c->promises.open > 0)
                return;
        c->settling = false;
        be_done(c);
}

static void count(struct crowd *crowd, uint64_t *what)
{
        pthread_mutex_lock(&crowd->lock);
        ++*what;
        pthread_cond_broadcast(&crowd->changed);
        pthread_mutex_unlock(&crowd->lock);
}

static int on_outcome(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct caller *c = state;
        promises_outcome(&c->promises, arg);
        count(c->seat->crowd, &c->seat->crowd->outcomes);
        settle(c);
        return 0;
}

static struct note *next_for(struct caller *c, unsigned echo, size_t size)
{
        return note_of(&note_type, c->seat->index << 32 | ++c->sent[echo], size);
}

static void act(struct caller *c, struct actor *self)
{
        uint64_t dice = dice_throw(&c->dice);
        unsigned i = dice >> 32 & (ECHOES - 1);
        struct actor_ref echo = c->seat->crowd->echoes[i];
        if (dice % 8 == 0) {
                promises_watch(&c->promises, self, echo, dice >> 40);
        } else if (dice % 8 == 1) {
                bool *ask = promises_ask(&c->promises, dice >> 40);
                if (ask != NULL)
                        actor_ask(self, echo, next_for(c, i, 0), ASK_MS, on_outcome, ask);
        } else if (dice % 8 == 2) {
                (void) actor_send_returnable(self, echo, next_for(c, i, 0));
        } else {
                (void) actor_send(self, echo, next_for(c, i, dice >> 8 & 4095));
        }
}

static int on_order(struct caller *c, const struct actor_mail *mail, const struct order *msg)
{
        if (msg->what == SETTLE) {
                c->settling = true;
                settle(c);
                return 0;
        }
        if (msg->dice != 0) {
                c->dice = msg->dice;
                c->acts = BURST;
        }
        act(c, mail->self);
        if (--c->acts > 0)
                return actor_send(mail->self, actor_self(mail->self), order(ACT, 0));
        be_done(c);
        return 0;
}

static int on_echo(struct caller *c, const struct actor_mail *mail, const struct note *note)
{
        uint64_t echo = note->number >> 32 & UINT16_MAX;
        ck_assert_uint_lt(echo, ECHOES);
        ck_assert_uint_gt(note->number, c->heard[echo]);
        c->heard[echo] = note->number;
        count(c->seat->crowd, &c->seat->crowd->heard);
        return 0;
}

static int on_down(struct caller *c, const struct actor_mail *mail, const struct actor_down *down)
{
        promises_down(&c->promises, down);
        atomic_fetch_add(&c->seat->crowd->downs, 1);
        settle(c);
        return 0;
}

static int on_back(struct caller *c, const struct actor_mail *mail, const struct actor_undelivered *back)
{
        ck_assert_int_lt(back->reason, 0);
        return 0;
}
ACTOR_BIND(on_order, struct caller, struct order)
ACTOR_BIND(on_echo, struct caller, struct note)
ACTOR_BIND(on_down, struct caller, struct actor_down)
ACTOR_BIND(on_back, struct caller, struct actor_undelivered)

static const struct actor_handler caller_handlers[] = {
        {&order_type, on_order_bound, ACTOR_FROM_LOCAL},
        {&note_type, on_echo_bound, ACTOR_FROM_REMOTE},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        {&actor_undelivered_type, on_back_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};
static const struct actor_class caller_class = {.name = "caller",
                                                .state_size = sizeof(struct caller),
                                                .init = caller_init,
                                                .handlers = caller_handlers};

static void gather(struct crowd *crowd, struct actor_node *node, const char *endpoint, uint64_t seed)
{
        static struct seat seats[CALLERS];
        struct actor_error error;
        *crowd = (struct crowd){.lock = PTHREAD_MUTEX_INITIALIZER,
                                .changed = PTHREAD_COND_INITIALIZER,
                                .node = node,
                                .dice = seed};
        for (unsigned i = 0; i < ECHOES; i++) {
                char address[128];
                snprintf(address, sizeof address, "echo%u@%s", i, endpoint + strlen("tcp://"));
                int r = actor_node_resolve(node, address, &crowd->echoes[i], &error);
                ck_assert_msg(r == 0, "%s", error.text);
        }
        for (unsigned i = 0; i < CALLERS; i++) {
                seats[i] = (struct seat){crowd, i};
                ck_assert_int_eq(actor_node_spawn(node, &caller_class, NULL, &seats[i], &crowd->callers[i]),
                                 0);
        }
}

static void tell(struct crowd *crowd, int what)
{
        pthread_mutex_lock(&crowd->lock);
        crowd->busy = CALLERS;
        crowd->heard = crowd->outcomes = 0;
        pthread_mutex_unlock(&crowd->lock);
        for (int i = 0; i < CALLERS; i++)
                (void) actor_node_send(crowd->node, crowd->callers[i],
                                       order(what, what == ACT ? dice_throw(&crowd->dice) | 1 : 0));
}

/* The lock is held, or all is done by one thread. */
static bool is_done(void *arg)
{
        return ((struct crowd *) arg)->busy == 0;
}

static bool is_answered(void *arg)
{
        return ((struct crowd *) arg)->heard > 0 || ((struct crowd *) arg)->outcomes > 0;
}

static bool has_heard(struct crowd *crowd)
{
        pthread_mutex_lock(&crowd->lock);
        bool heard = crowd->heard > 0;
        pthread_mutex_unlock(&crowd->lock);
        return heard;
}

static void await(struct crowd *crowd, bool (*happened)(void *crowd), const char *what)
{
        struct timespec limit = patience_limit();
        int r = 0;
        pthread_mutex_lock(&crowd->lock);
        while (!happened(crowd) && r == 0)
                r = pthread_cond_timedwait(&crowd->changed, &crowd->lock, &limit);
        ck_assert_msg(r == 0, "%d s without %s", PATIENCE_S, what);
        pthread_mutex_unlock(&crowd->lock);
}

static void check_crowd(struct crowd *crowd)
{
        ck_assert_uint_gt(atomic_load(&crowd->downs), 0);
        check_books(crowd->node, books_balance_with_wire);
}

/* ---- simulated ----------------------------------------------------------------------------------- */

static const char here_endpoint[] = "tcp://here:1", there_endpoint[] = "tcp://there:1";

struct there {
        struct actor_node *node;
        struct people people;
        uint64_t lives;
};

static void revive(struct actor_sim *sim, struct there *there, uint64_t dice)
{
        struct actor_node_config config = config_of("there", HEARTBEAT_MS, 1);
        if (there->node != NULL)
                actor_sim_crash(sim, there->node);
        there->node = actor_sim_node(sim, there_endpoint, &config);
        people(there->node, &there->people, ++there->lives, dice);
}

static void disturb(struct actor_sim *sim, struct there *there, uint64_t dice)
{
        switch (dice % 8) {
        case 0:
                actor_sim_break(sim, here_endpoint, there_endpoint);
                break;
        case 1:
                actor_sim_cut(sim, here_endpoint, there_endpoint);
                break;
        case 2:
        case 3:
                actor_sim_heal(sim, here_endpoint, there_endpoint);
                break;
        case 4:
                actor_sim_delay(sim, here_endpoint, there_endpoint, dice >> 8 & 15, (dice >> 8 & 15) + 20);
                break;
        case 5:
                revive(sim, there, dice);
                break;
        }
        actor_sim_advance(sim, (int64_t) (dice >> 16 & 1 ? dice >> 20 & 31 : dice >> 20 & 2047));
}

START_TEST(no_promise_is_broken_by_a_bad_network)
{
        static struct crowd crowd;
        static struct there there;
        uint64_t dice = (uint64_t) _i * 1000003;
        struct actor_sim *sim = actor_sim_new((uint64_t) _i);
        struct actor_node_config config = config_of("here", HEARTBEAT_MS, 1);
        there = (struct there){.node = NULL};
        revive(sim, &there, dice_throw(&dice));
        gather(&crowd, actor_sim_node(sim, here_endpoint, &config), there_endpoint, dice_throw(&dice));
        for (int step = 0; step < STEPS; step++) {
                tell(&crowd, ACT);
                ck_assert(actor_sim_run_until(sim, is_done, &crowd, 600000));
                disturb(sim, &there, dice_throw(&dice));
        }
        actor_sim_heal(sim, here_endpoint, there_endpoint);
        actor_sim_settle(sim);
        check_books(there.node, books_balance_with_wire);
        actor_sim_crash(sim, there.node); /* ends every watch */
        tell(&crowd, SETTLE);
        ck_assert(actor_sim_run_until(sim, is_done, &crowd, 600000));
        check_crowd(&crowd);
        actor_sim_free(sim);
}
END_TEST

/* ---- over ZeroMQ --------------------------------------------------------------------------------- */

static pid_t start_peer(const char *endpoint, uint64_t life)
{
        int ends[2];
        char count[24], ready;
        ck_assert_int_eq(pipe(ends), 0);
        snprintf(count, sizeof count, "%lu", life);
        pid_t pid = fork();
        if (pid == 0) { /* nothing of Check's here: some actor's thread may have held its lock */
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void) dup2(ends[1], STDOUT_FILENO);
                (void) execl("/proc/self/exe", "the-peer", endpoint, count, (char *) NULL);
                _exit(EXIT_FAILURE);
        }
        ck_assert_int_gt(pid, 0);
        (void) close(ends[1]);
        ck_assert_int_eq(read(ends[0], &ready, 1), 1); /* it listens */
        (void) close(ends[0]);
        return pid;
}

static void kill_peer(pid_t pid)
{
        int status;
        (void) kill(pid, SIGKILL);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
                      "the peer ended by itself: status %#x", (unsigned) status);
}

/* A port that was free just now. */
static void find_endpoint(char *ret, size_t size)
{
        struct actor_node_config config = config_of("finder", REAL_HEARTBEAT_MS, 1);
        struct actor_node *node;
        struct actor_error error;
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        char own[32];
        ck_assert_int_eq(actor_node_listen(node, own_tcp_endpoint(own), ret, size, &error), 0);
        actor_node_free(node);
}

START_TEST(no_promise_is_broken_by_a_peer_that_is_killed)
{
        static struct crowd crowd;
        char endpoint[128];
        struct actor_node *node;
        struct actor_node_config config = config_of("here", REAL_HEARTBEAT_MS, workers_of((uint64_t) _i));
        find_endpoint(endpoint, sizeof endpoint);
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        gather(&crowd, node, endpoint, (uint64_t) _i);
        for (uint64_t life = 1; life <= KILLS; life++) {
                pid_t pid = start_peer(endpoint, life);
                do { /* a burst may be lost whole, on the connection to the last one that was killed */
                        tell(&crowd, ACT);
                        await(&crowd, is_done, "the burst's end");
                        await(&crowd, is_answered, "an echo or an outcome");
                } while (!has_heard(&crowd));
                tell(&crowd, ACT);
                kill_peer(pid);
                await(&crowd, is_done, "the burst's end");
        }
        tell(&crowd, SETTLE);
        await(&crowd, is_done, "every DOWN and outcome");
        check_crowd(&crowd);
        actor_node_free(node);
}
END_TEST

static void add_tests(TCase *tcase)
{
        sim_add_by_seed(tcase, no_promise_is_broken_by_a_bad_network, 3 * SEEDS);
        sim_add_by_seed(tcase, no_promise_is_broken_by_a_peer_that_is_killed, SEEDS);
}

int main(int argc, char **argv)
{
        if (argc == 3)
                return be_the_peer(argv[1], argv[2]);
        Suite *suite = suite_create("stress between nodes");
        TCase *tcase = tcase_create("stress between nodes");
        add_tests(tcase);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
