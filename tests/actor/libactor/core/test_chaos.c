/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whatever actors do to one another, in any order, each monitor tells at most once and not after
 * it was taken back, each ask has at most one outcome, no message is lost from the books, and the node
 * comes to its end. Method: a crowd that acts at random, on simulated nodes with many seeds and on a
 * real one with more workers than cores. */
#include "probe.h"

#include <errno.h>

enum { DIRECTORY = 64, MONITORS = 8, ASKS = 8, ACTS = 2000, ACT = 1, ROOTS = 6 };

/* Where the crowd finds one another: refs of all times, many of them dead. */
struct directory {
        pthread_mutex_t lock;
        struct actor_ref refs[DIRECTORY];
        unsigned acts;
};

struct person {
        struct directory *directory;
        uint64_t monitors[MONITORS]; /* numbers that may still tell; 0: free */
        uint64_t asks[ASKS];         /* 1: no outcome yet */
        uint64_t timer;
        unsigned depth;
};

static const struct actor_class person_class, restarting_class;

static struct actor_ref anybody(struct person *p, uint64_t dice)
{
        pthread_mutex_lock(&p->directory->lock);
        struct actor_ref ref = p->directory->refs[dice % DIRECTORY];
        pthread_mutex_unlock(&p->directory->lock);
        return ref;
}

static int person_init(void *state, struct actor *self, const void *config)
{
        struct person *p = state;
        uint64_t dice = actor_random(self);
        p->directory = (struct directory *) config;
        pthread_mutex_lock(&p->directory->lock);
        p->directory->refs[dice % DIRECTORY] = actor_self(self);
        pthread_mutex_unlock(&p->directory->lock);
        actor_every(self, 1 + (int64_t) (dice >> 40 & 3), note(ACT, 0));
        return dice >> 60 == 0 ? -EAGAIN : 0;
}

static int on_outcome(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct person *p = state;
        uint64_t *ask = arg;
        ck_assert(ask >= p->asks && ask < p->asks + ASKS && *ask == 1);
        *ask = 0;
        return 0;
}

static void watch(struct person *p, struct actor *self, uint64_t dice)
{
        uint64_t *monitor = &p->monitors[dice >> 20 & (MONITORS - 1)];
        if (*monitor != 0)
                actor_demonitor(self, *monitor);
        *monitor = dice & 0x1000 ? actor_monitor(self, anybody(p, dice >> 32)) : 0;
}

static void ask(struct person *p, struct actor *self, uint64_t dice)
{
        uint64_t *place = &p->asks[dice >> 20 & (ASKS - 1)];
        if (*place != 0)
                return;
        *place = 1;
        actor_ask(self, anybody(p, dice >> 32), note(0, 0), 1 + (int64_t) (dice >> 50 & 3), on_outcome,
                  place);
}

static bool tire(struct person *p)
{
        pthread_mutex_lock(&p->directory->lock);
        bool tired = ++p->directory->acts >= ACTS;
        pthread_mutex_unlock(&p->directory->lock);
        return tired;
}

static int act(struct person *p, struct actor *self)
{
        uint64_t dice = actor_random(self);
        struct actor_ref other = anybody(p, dice >> 32);
        if (tire(p)) { /* and spawns no more: on a slow machine a crowd grows faster than it is stopped */
                actor_node_shutdown(actor_node(self), 5);
                return 0;
        }
        switch (dice % 16) {
        case 0:
        case 1:
        case 2:
                (void) actor_spawn(self, dice & 0x100 ? &person_class : &restarting_class, NULL, p->directory,
                                   NULL);
                return 0;
        case 3:
                if (!actor_ref_is_nobody(other))
                        actor_link(self, other);
                return 0;
        case 4:
                actor_unlink(self, other);
                return 0;
        case 5:
                actor_stop(self, other);
                return 0;
        case 6:
                actor_exit(self, dice & 0x100 ? 0 : -EIO);
                return 0;
        case 7:
                return -EIO;
        case 8:
                actor_timer_cancel(self, p->timer);
                p->timer = actor_after(self, (int64_t) (dice >> 50 & 7), note(0, 0));
                return 0;
        case 9:
        case 10:
                ask(p, self, dice);
                return 0;
        case 11:
                return actor_send_returnable(self, other, note(0, 0));
        case 12:
                return actor_send(self, other, note(0, 0));
        }
        watch(p, self, dice);
        return 0;
}

static int on_note(struct person *p, const struct actor_mail *mail, const struct note *body)
{
        if (body->what == ACT)
                return act(p, mail->self);
        if (mail->ask_id != 0 && actor_random(mail->self) % 4 != 0)
                return actor_reply(mail, note(0, 0));
        return 0;
}

static int on_down(struct person *p, const struct actor_mail *mail, const struct actor_down *body)
{
        bool known = body->monitor == 0;
        for (int i = 0; i < MONITORS; i++) {
                if (body->monitor == 0 || p->monitors[i] != body->monitor)
                        continue;
                p->monitors[i] = 0;
                known = true;
        }
        ck_assert(known);
        return 0;
}

static int on_back(struct person *p, const struct actor_mail *mail, const struct actor_undelivered *body)
{
        ck_assert_int_eq(((const struct note *) body->msg)->what, 0);
        return 0;
}
ACTOR_BIND(on_note, struct person, struct note)
ACTOR_BIND(on_down, struct person, struct actor_down)
ACTOR_BIND(on_back, struct person, struct actor_undelivered)

static const struct actor_handler handlers[] = {
        {&note_type, on_note_bound, ACTOR_FROM_LOCAL},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        {&actor_undelivered_type, on_back_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};
static const struct actor_class person_class = {.name = "person",
                                                .state_size = sizeof(struct person),
                                                .init = person_init,
                                                .handlers = handlers,
                                                .traps_exits = true};
static const struct actor_class restarting_class = {.name = "restarting",
                                                    .state_size = sizeof(struct person),
                                                    .init = person_init,
                                                    .handlers = handlers,
                                                    .mailbox_max = 4,
                                                    .overflow = ACTOR_DROP_OLDEST,
                                                    .restart = ACTOR_RESTART,
                                                    .restarts_max = 3,
                                                    .restart_window_ms = 50};

/* Top-level failures would end the node at once: a root keeps some persons alive. */
struct root {
        struct directory *directory;
};

static int root_init(void *state, struct actor *self, const void *config)
{
        ((struct root *) state)->directory = (struct directory *) config;
        actor_every(self, 5, note(ACT, 0));
        return 0;
}

static int on_root(struct root *r, const struct actor_mail *mail, const struct note *body)
{
        pthread_mutex_lock(&r->directory->lock);
        bool tired = r->directory->acts >= ACTS;
        pthread_mutex_unlock(&r->directory->lock);
        for (int i = 0; i < 5 && !tired; i++)
                (void) actor_spawn(mail->self, i & 1 ? &person_class : &restarting_class, NULL, r->directory,
                                   NULL);
        return 0;
}
ACTOR_BIND(on_root, struct root, struct note)

static const struct actor_handler root_handlers[] = {
        {&note_type, on_root_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};
static const struct actor_class root_class = {.name = "root",
                                              .state_size = sizeof(struct root),
                                              .init = root_init,
                                              .handlers = root_handlers,
                                              .restart = ACTOR_RESTART,
                                              .restarts_max = 1000};

static void ignore(void *arg, enum actor_log_level level, const char *line)
{
}

static void live(struct actor_node *node)
{
        struct directory directory = {.lock = PTHREAD_MUTEX_INITIALIZER};
        struct actor_node_totals totals;
        for (int i = 0; i < ROOTS; i++)
                spawn(node, &root_class, NULL, &directory);
        (void) actor_node_wait(node);
        check_conservation(node);
        actor_node_totals(node, &totals);
        ck_assert_uint_eq(totals.actors, 0);
        ck_assert_uint_eq(totals.timers, 0);
        actor_node_free(node);
}

START_TEST(a_simulated_crowd_breaks_no_promise)
{
        struct actor_log *log = actor_log_new_function(ignore, NULL, ACTOR_LOG_ERROR);
        struct actor_node_config config = {.log = log};
        for (uint64_t seed = 0; seed < 5; seed++) {
                struct actor_sim *sim = actor_sim_new(seed + 5 * (uint64_t) _i);
                live(actor_sim_node(sim, "tcp://m1:1", &config));
                actor_sim_free(sim);
        }
        actor_log_free(log);
}
END_TEST

START_TEST(a_crowd_on_several_workers_breaks_no_promise)
{
        struct actor_log *log = actor_log_new_function(ignore, NULL, ACTOR_LOG_ERROR);
        struct actor_node_config config = {.log = log, .workers = 4};
        struct actor_node *node = NULL;
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        live(node);
        actor_log_free(log);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_loop_test(tcase, a_simulated_crowd_breaks_no_promise, 0, 5);
        tcase_add_loop_test(tcase, a_crowd_on_several_workers_breaks_no_promise, 0, 3);
}

TEST_MAIN("chaos", add_tests)
