/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: under crashes, restarts, stops and full mailboxes, on any number of workers, what one actor sends to
 * another is handled in order and at most once, each monitor tells exactly once, each ask has exactly one
 * outcome, at rest sent = handled + dead letters + dropped, and every body is freed.
 *
 * Method: a keeper fills places with actors of six classes that fail at random; callers that never fail
 * write to them, ask, watch and stop them. A round ends when the keeper has ended all and the callers have
 * heard all that they were promised; then the books must balance. A seed names the dice of a run; the threads
 * are not bound to it, a simulated run is. TEST_SEED=N runs one, scripts/stress.sh many. */
#include "probe.h"

#include <actor/sim.h>
#include <dice.h>
#include <errno.h>
#include <sim_seeds.h>
#include <stdatomic.h>

enum { PLACES = 12, CALLERS = 4, SENDERS = PLACES + CALLERS, ROUNDS = 3, ACTS = 400, SEEDS = 6 };
enum { MAILBOX = 4 };
enum { GO, ACT, DATA, CLOSE, SETTLE };

/* What stands for one sender, whoever lives there now: only the actor that does touches it, or the keeper
 * between two of them. */
struct place {
        struct world *world;
        unsigned index;
        uint64_t dice;
        uint64_t sent[PLACES];     /* the last number sent to each place */
        uint64_t heard[SENDERS];   /* the last number heard from each sender */
        struct actor_ref resident; /* guarded by the world's lock */
};

struct world {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        struct place places[SENDERS]; /* the callers behind the others */
        struct actor_ref keeper, callers[CALLERS];
        unsigned acting, unsettled; /* callers, in this round */
        uint64_t outcomes, downs;
        _Atomic uint64_t disorders;
};

static _Atomic uint64_t made, freed;

struct numbered {
        int what;
        unsigned from;
        uint64_t number;
};

static void count_freed(void *body)
{
        atomic_fetch_add(&freed, 1);
}
static const struct actor_type numbered_type = {
        .name = "numbered", .size = sizeof(struct numbered), .fini = count_freed};

static struct numbered *numbered(int what, unsigned from, uint64_t number)
{
        struct numbered *msg = actor_msg_new(&numbered_type);
        *msg = (struct numbered){what, from, number};
        atomic_fetch_add(&made, 1);
        return msg;
}

static struct actor_ref resident(struct world *world, unsigned place)
{
        pthread_mutex_lock(&world->lock);
        struct actor_ref ref = world->places[place].resident;
        pthread_mutex_unlock(&world->lock);
        return ref;
}

static struct numbered *next_for(struct place *from, unsigned to)
{
        return numbered(DATA, from->index, ++from->sent[to]);
}

static void hear(struct place *at, const struct numbered *msg)
{
        if (msg->number <= at->heard[msg->from])
                atomic_fetch_add(&at->world->disorders, 1);
        at->heard[msg->from] = msg->number;
}

/* ---- those that fail ----------------------------------------------------------------------------- */

struct victim {
        struct place *place;
};

static int victim_init(void *state, struct actor *self, const void *config)
{
        struct place *place = (struct place *) config;
        ((struct victim *) state)->place = place;
        return dice_throw(&place->dice) % 64 == 0 ? -EAGAIN : 0;
}

static int ignore_outcome(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        return 0;
}

static int on_data(struct victim *v, const struct actor_mail *mail, const struct numbered *msg)
{
        struct place *place = v->place;
        hear(place, msg);
        uint64_t dice = dice_throw(&place->dice);
        unsigned to = (unsigned) (dice >> 32) % PLACES;
        if (mail->ask_id != 0 && dice % 4 != 0)
                (void) actor_reply(mail,
                                   next_for(place, to)); /* to nobody there: that number is passed over */
        switch (dice >> 8 & 63) {
        case 0:
                return -EIO;
        case 1:
                actor_exit(mail->self, dice & 1 << 20 ? 0 : -EPIPE);
                return 0;
        case 2:
                (void) actor_monitor(mail->self, resident(place->world, to));
                return 0;
        case 3:
                actor_ask(mail->self, resident(place->world, to), next_for(place, to), 5, ignore_outcome,
                          NULL);
                return 0;
        case 4:
                actor_link(mail->self, resident(place->world, to));
                return 0;
        case 5 ... 24:
                (void) actor_send(mail->self, resident(place->world, to), next_for(place, to));
                return 0;
        case 25 ... 28:
                (void) actor_send_returnable(mail->self, resident(place->world, to), next_for(place, to));
                return 0;
        }
        return 0;
}

static int on_word(void *state, const struct actor_mail *mail, const void *body)
{
        return 0;
}
ACTOR_BIND(on_data, struct victim, struct numbered)

static const struct actor_handler victim_handlers[] = {
        {&numbered_type, on_data_bound, ACTOR_FROM_LOCAL},
        {&actor_down_type, on_word, ACTOR_FROM_SYSTEM},
        {&actor_undelivered_type, on_word, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};
#define VICTIM(NAME, MAX, OVERFLOW, RESTART)                                                               \
        {                                                                                                  \
                .name = NAME, .state_size = sizeof(struct victim), .init = victim_init,                    \
                .handlers = victim_handlers, .mailbox_max = MAX, .overflow = OVERFLOW, .restart = RESTART, \
                .restarts_max = 1000, .restart_window_ms = 1,                                              \
        }
enum { CLASSES = 6 };
static const struct actor_class victim_classes[CLASSES] = {
        VICTIM("refusing", MAILBOX, ACTOR_REFUSE, ACTOR_STOP),
        VICTIM("dropping", MAILBOX, ACTOR_DROP_OLDEST, ACTOR_STOP),
        VICTIM("refusing again", MAILBOX, ACTOR_REFUSE, ACTOR_RESTART),
        VICTIM("dropping again", MAILBOX, ACTOR_DROP_OLDEST, ACTOR_RESTART),
        VICTIM("pausing", MAILBOX, ACTOR_PAUSE_SENDER, ACTOR_STOP),
        VICTIM("pausing again", MAILBOX, ACTOR_PAUSE_SENDER, ACTOR_RESTART),
};

/* ---- who fills the places ------------------------------------------------------------------------ */

struct keeper {
        struct world *world;
        uint64_t monitors[PLACES];
        unsigned alive;
        bool closing;
};

static void fill(struct keeper *k, struct actor *self, unsigned index)
{
        struct place *place = &k->world->places[index];
        struct actor_ref ref;
        while (actor_spawn(self, &victim_classes[index % CLASSES], NULL, place, &ref) != 0)
                ; /* its init failed: the dice fall differently the next time */
        k->monitors[index] = actor_monitor(self, ref);
        k->alive++;
        pthread_mutex_lock(&k->world->lock);
        place->resident = ref;
        pthread_mutex_unlock(&k->world->lock);
}

static int keeper_init(void *state, struct actor *self, const void *config)
{
        ((struct keeper *) state)->world = (struct world *) config;
        return 0;
}

static void tell_callers(struct keeper *k, struct actor *self, int what)
{
        for (int i = 0; i < CALLERS; i++)
                (void) actor_send(self, k->world->callers[i], numbered(what, 0, 0));
}

static int on_keep(struct keeper *k, const struct actor_mail *mail, const struct numbered *msg)
{
        k->closing = msg->what == CLOSE;
        for (unsigned i = 0; i < PLACES; i++) {
                if (k->closing)
                        actor_stop(mail->self, resident(k->world, i));
                else
                        fill(k, mail->self, i);
        }
        if (!k->closing)
                tell_callers(k, mail->self, GO);
        return 0;
}

static int on_loss(struct keeper *k, const struct actor_mail *mail, const struct actor_down *down)
{
        unsigned i = 0;
        while (i < PLACES && k->monitors[i] != down->monitor)
                i++;
        ck_assert_uint_lt(i, PLACES); /* none tells twice */
        k->monitors[i] = 0;
        k->alive--;
        if (!k->closing)
                fill(k, mail->self, i);
        else if (k->alive == 0)
                tell_callers(k, mail->self, SETTLE);
        return 0;
}
ACTOR_BIND(on_keep, struct keeper, struct numbered)
ACTOR_BIND(on_loss, struct keeper, struct actor_down)

static const struct actor_handler keeper_handlers[] = {
        {&numbered_type, on_keep_bound, ACTOR_FROM_LOCAL},
        {&actor_down_type, on_loss_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};
static const struct actor_class keeper_class = {.name = "keeper",
                                                .state_size = sizeof(struct keeper),
                                                .init = keeper_init,
                                                .handlers = keeper_handlers};

/* ---- those that never fail ----------------------------------------------------------------------- */

struct caller {
        struct place *place;
        struct promises promises;
        unsigned acts;
        bool settling;
};

static int caller_init(void *state, struct actor *self, const void *config)
{
        ((struct caller *) state)->place = (struct place *) config;
        return 0;
}

static void settle(struct caller *c)
{
        struct world *world = c->place->world;
        if (!c->settling || c->promises.open > 0)
                return;
        c->settling = false;
        pthread_mutex_lock(&world->lock);
        world->unsettled--;
        pthread_cond_broadcast(&world->changed);
        pthread_mutex_unlock(&world->lock);
}

static int on_outcome(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct caller *c = state;
        promises_outcome(&c->promises, arg);
        settle(c);
        return 0;
}

static void ask(struct caller *c, struct actor *self, unsigned place, uint64_t dice)
{
        bool *ask = promises_ask(&c->promises, dice);
        if (ask != NULL)
                actor_ask(self, resident(c->place->world, place), next_for(c->place, place),
                          1 + (int64_t) (dice >> 8 & 15), on_outcome, ask);
}

static void act(struct caller *c, struct actor *self)
{
        uint64_t dice = dice_throw(&c->place->dice);
        unsigned place = (unsigned) (dice >> 48) % PLACES;
        switch (dice & 15) {
        case 0 ... 2:
                promises_watch(&c->promises, self, resident(c->place->world, place), dice >> 8);
                return;
        case 3 ... 6:
                ask(c, self, place, dice >> 8);
                return;
        case 7:
                actor_stop(self, resident(c->place->world, place));
                return;
        case 8:
                (void) actor_send_returnable(self, resident(c->place->world, place),
                                             next_for(c->place, place));
                return;
        }
        for (uint64_t i = dice >> 8 & 7; i > 0; i--) /* more than its mailbox holds */
                (void) actor_send(self, resident(c->place->world, place), next_for(c->place, place));
}

static void stop_acting(struct caller *c, struct actor *self)
{
        struct world *world = c->place->world;
        pthread_mutex_lock(&world->lock);
        bool last = --world->acting == 0;
        pthread_mutex_unlock(&world->lock);
        if (last)
                (void) actor_send(self, world->keeper, numbered(CLOSE, 0, 0));
}

static int on_order(struct caller *c, const struct actor_mail *mail, const struct numbered *msg)
{
        switch (msg->what) {
        case GO:
                c->acts = ACTS;
                break;
        case ACT:
                act(c, mail->self);
                if (--c->acts == 0) {
                        stop_acting(c, mail->self);
                        return 0;
                }
                break;
        default:
                c->settling = true;
                settle(c);
                return 0;
        }
        return actor_send(mail->self, actor_self(mail->self), numbered(ACT, 0, 0));
}

static int on_down(struct caller *c, const struct actor_mail *mail, const struct actor_down *down)
{
        promises_down(&c->promises, down);
        settle(c);
        return 0;
}
ACTOR_BIND(on_order, struct caller, struct numbered)
ACTOR_BIND(on_down, struct caller, struct actor_down)

static const struct actor_handler caller_handlers[] = {
        {&numbered_type, on_order_bound, ACTOR_FROM_LOCAL},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        {&actor_undelivered_type, on_word, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};
static const struct actor_class caller_class = {.name = "caller",
                                                .state_size = sizeof(struct caller),
                                                .init = caller_init,
                                                .handlers = caller_handlers};

/* ---- the run ------------------------------------------------------------------------------------- */

static bool is_settled(void *arg)
{
        return ((struct world *) arg)->unsettled == 0;
}

static void await_callers(struct world *world, struct actor_sim *sim)
{
        struct timespec limit = patience_limit();
        if (sim != NULL) {
                (void) actor_sim_run_until(sim, is_settled, world, PATIENCE_S * 1000);
                actor_sim_settle(sim);
        }
        pthread_mutex_lock(&world->lock);
        while (sim == NULL && !is_settled(world))
                if (pthread_cond_timedwait(&world->changed, &world->lock, &limit) != 0)
                        break;
        ck_assert_msg(is_settled(world), "%u callers wait for a DOWN or an outcome", world->unsettled);
        pthread_mutex_unlock(&world->lock);
}

static void play_round(struct world *world, struct actor_node *node, struct actor_sim *sim)
{
        world->acting = world->unsettled = CALLERS;
        ck_assert_int_eq(actor_node_send(node, world->keeper, numbered(GO, 0, 0)), 0);
        await_callers(world, sim);
        check_conservation(node);
        ck_assert_uint_eq(atomic_load(&world->disorders), 0);
}

static void play(struct actor_node *node, struct actor_sim *sim, uint64_t seed)
{
        static struct world world;
        world = (struct world){.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
        for (unsigned i = 0; i < SENDERS; i++) {
                world.places[i].world = &world;
                world.places[i].index = i;
                world.places[i].dice = seed * 1000003 + i;
        }
        world.keeper = spawn(node, &keeper_class, NULL, &world);
        for (unsigned i = 0; i < CALLERS; i++)
                world.callers[i] = spawn(node, &caller_class, NULL, &world.places[PLACES + i]);
        for (int i = 0; i < ROUNDS; i++)
                play_round(&world, node, sim);
}

static void run(uint64_t seed, unsigned workers, struct actor_log *log)
{
        struct actor_node_config config = {.log = log, .workers = workers};
        struct actor_node *node = NULL;
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        play(node, NULL, seed);
        actor_node_free(node);
        ck_assert_uint_eq(atomic_load(&made), atomic_load(&freed));
}

static void ignore_line(void *arg, enum actor_log_level level, const char *line)
{
}

START_TEST(no_promise_is_broken_on_one_two_or_four_workers)
{
        struct actor_log *log = actor_log_new_function(ignore_line, NULL, ACTOR_LOG_ERROR);
        for (unsigned workers = 1; workers <= 4; workers *= 2)
                run((uint64_t) _i, workers, log);
        actor_log_free(log);
}
END_TEST

START_TEST(no_promise_is_broken_in_a_simulation)
{
        struct actor_log *log = actor_log_new_function(ignore_line, NULL, ACTOR_LOG_ERROR);
        struct actor_node_config config = {.log = log};
        struct actor_sim *sim = actor_sim_new((uint64_t) _i);
        play(actor_sim_node(sim, "tcp://m1:1", &config), sim, (uint64_t) _i);
        actor_sim_free(sim);
        ck_assert_uint_eq(atomic_load(&made), atomic_load(&freed));
        actor_log_free(log);
}
END_TEST

static void add_tests(TCase *tcase)
{
        sim_add_by_seed(tcase, no_promise_is_broken_in_a_simulation, 5 * SEEDS);
        sim_add_by_seed(tcase, no_promise_is_broken_on_one_two_or_four_workers, SEEDS);
}

TEST_MAIN("stress", add_tests)
