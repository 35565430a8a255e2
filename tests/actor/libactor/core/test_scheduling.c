/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets to run: nobody starves, idle workers help, and what happened can be read off. */
#include "probe.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

enum { OTHERS = 98, ROUNDS = 50, STORM = 2000, BURNERS = 40 };
enum { SPIN = 1, ANSWER, BURN, SPAWN };

static _Atomic bool enough;
static _Atomic unsigned finished, burnt;

/* ---- fairness ------------------------------------------------------------------------------------ */

/* One that always has mail: each message becomes the next. */
static int on_spin(void *state, const struct actor_mail *mail, const struct note *body)
{
        if (atomic_load(&enough))
                return 0;
        return actor_send(mail->self, actor_self(mail->self), note(SPIN, 0));
}
ACTOR_BIND(on_spin, void, struct note)

static const struct actor_handler spinner_handlers[] = {
        {&note_type, on_spin_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class spinner_class = {.name = "spinner", .handlers = spinner_handlers};

/* Two that write to each other pass through the run-next slot every time. */
static int on_pair(void *state, const struct actor_mail *mail, const struct note *body)
{
        if (atomic_load(&enough) || actor_ref_is_nobody(mail->from))
                return 0;
        return actor_send(mail->self, mail->from, note(SPIN, 0));
}
static int pair_init(void *state, struct actor *self, const void *config)
{
        const struct actor_ref *other = config;
        return other != NULL ? actor_send(self, *other, note(SPIN, 0)) : 0;
}
ACTOR_BIND(on_pair, void, struct note)

static const struct actor_handler pair_handlers[] = {
        {&note_type, on_pair_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class pair_class = {.name = "pair", .init = pair_init, .handlers = pair_handlers};

static int on_modest(uint64_t *rounds, const struct actor_mail *mail, const struct note *body)
{
        if (++*rounds < ROUNDS)
                return actor_send(mail->self, actor_self(mail->self), note(ANSWER, 0));
        if (atomic_fetch_add(&finished, 1) + 1 == OTHERS) {
                atomic_store(&enough, true);
                actor_node_shutdown(actor_node(mail->self), 0);
        }
        return 0;
}
ACTOR_BIND(on_modest, uint64_t, struct note)

static const struct actor_handler modest_handlers[] = {
        {&note_type, on_modest_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class modest_class = {
        .name = "modest", .state_size = sizeof(uint64_t), .handlers = modest_handlers};

static void run_modest(struct actor_node *node)
{
        struct actor_ref others[OTHERS];
        for (int i = 0; i < OTHERS; i++)
                others[i] = spawn(node, &modest_class, NULL, NULL);
        for (int i = 0; i < OTHERS; i++)
                ck_assert_int_eq(actor_node_send(node, others[i], note(ANSWER, 0)), 0);
        ck_assert_int_eq(actor_node_wait(node), 0);
        check_conservation(node);
        actor_node_free(node);
}

START_TEST(two_actors_that_write_to_themselves_do_not_starve_98_others)
{
        struct actor_node *node = real_node((unsigned) _i);
        for (int i = 0; i < 2; i++)
                actor_node_send(node, spawn(node, &spinner_class, NULL, NULL), note(SPIN, 0));
        run_modest(node);
}
END_TEST

START_TEST(two_actors_that_write_to_each_other_do_not_starve_98_others)
{
        struct actor_node *node = real_node((unsigned) _i);
        struct actor_ref one = spawn(node, &pair_class, NULL, NULL);
        spawn(node, &pair_class, NULL, &one);
        run_modest(node);
}
END_TEST

/* ---- stealing ------------------------------------------------------------------------------------ */

/* A handler that does not return until another is being run beside it, which takes a second worker: however
 * late the machine lets that one run, it has to have come for its work itself. Nobody brings it any: the
 * first worker gives only between two turns, and the node has no watchdog. */
static struct {
        pthread_mutex_t lock;
        pthread_cond_t met;
        unsigned inside;
} meeting = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

static bool meet_another(void)
{
        struct timespec until = patience_limit();
        int error = 0;
        pthread_mutex_lock(&meeting.lock);
        meeting.inside++;
        pthread_cond_broadcast(&meeting.met);
        while (meeting.inside < 2 && error == 0)
                error = pthread_cond_timedwait(&meeting.met, &meeting.lock, &until);
        pthread_mutex_unlock(&meeting.lock);
        return error == 0;
}

static int on_burn(void *state, const struct actor_mail *mail, const struct note *body)
{
        if (!meet_another())
                actor_node_shutdown(actor_node(mail->self), 1);
        else if (atomic_fetch_add(&burnt, 1) + 1 == BURNERS)
                actor_node_shutdown(actor_node(mail->self), 0);
        return 0;
}
ACTOR_BIND(on_burn, void, struct note)

static const struct actor_handler burner_handlers[] = {
        {&note_type, on_burn_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class burner_class = {.name = "burner", .handlers = burner_handlers};

static int foreman_init(void *state, struct actor *self, const void *config)
{
        return actor_send(self, actor_self(self), note(SPAWN, 0));
}

static int on_foreman(void *state, const struct actor_mail *mail, const struct note *body)
{
        for (int i = 0; i < BURNERS; i++)
                actor_send(mail->self, spawn_child(mail->self, &burner_class, NULL, NULL), note(BURN, 0));
        if (!meet_another())
                actor_node_shutdown(actor_node(mail->self), 1);
        return 0;
}
ACTOR_BIND(on_foreman, void, struct note)

static const struct actor_handler foreman_handlers[] = {
        {&note_type, on_foreman_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};
static const struct actor_class foreman_class = {
        .name = "foreman", .init = foreman_init, .handlers = foreman_handlers};

static bool somebody_sleeps(void *node)
{
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        return totals.parks > 0;
}

START_TEST(an_idle_worker_steals_from_a_busy_one)
{
        struct actor_node *node = NULL;
        struct actor_node_totals totals;
        struct actor_node_config config = {.workers = 2, .watchdog_ms = -1};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        ck_assert(comes_true(somebody_sleeps, node));
        spawn(node, &foreman_class, NULL, NULL);
        ck_assert_int_eq(actor_node_wait(node), 0);
        actor_node_totals(node, &totals);
        ck_assert_uint_gt(totals.steals, 0);
        actor_node_free(node);
}
END_TEST

/* ---- foreign threads and many actors ------------------------------------------------------------- */

struct crowd {
        struct actor_node *node;
        struct actor_ref to;
};

static int on_count(uint64_t *count, const struct actor_mail *mail, const struct note *body)
{
        if (body->what == ANSWER)
                return actor_reply(mail, note(0, *count));
        if (++*count == 4 * STORM)
                actor_node_shutdown(actor_node(mail->self), 0);
        return 0;
}
ACTOR_BIND(on_count, uint64_t, struct note)

static const struct actor_handler counter_handlers[] = {
        {&note_type, on_count_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class counter_class = {
        .name = "counter", .state_size = sizeof(uint64_t), .handlers = counter_handlers};

static void *shout(void *arg)
{
        struct crowd *crowd = arg;
        for (int i = 0; i < STORM; i++)
                ck_assert_int_eq(actor_node_send(crowd->node, crowd->to, note(SPIN, 0)), 0);
        return NULL;
}

START_TEST(messages_of_foreign_threads_all_arrive)
{
        pthread_t threads[4];
        struct crowd crowd = {.node = real_node(2)};
        crowd.to = spawn(crowd.node, &counter_class, NULL, NULL);
        for (int i = 0; i < 4; i++)
                ck_assert_int_eq(pthread_create(&threads[i], NULL, shout, &crowd), 0);
        ck_assert_int_eq(actor_node_wait(crowd.node), 0);
        for (int i = 0; i < 4; i++)
                pthread_join(threads[i], NULL);
        check_conservation(crowd.node);
        actor_node_free(crowd.node);
}
END_TEST

static void *question(void *arg)
{
        struct crowd *crowd = arg;
        for (int i = 0; i < 200; i++) {
                void *answer = NULL;
                ck_assert_int_eq(actor_node_ask(crowd->node, crowd->to, note(ANSWER, 0), 60000, &answer), 0);
                actor_msg_unref(answer);
        }
        return NULL;
}

START_TEST(foreign_threads_can_ask_side_by_side)
{
        pthread_t threads[4];
        struct crowd crowd = {.node = real_node(2)};
        crowd.to = spawn(crowd.node, &counter_class, NULL, NULL);
        for (int i = 0; i < 4; i++)
                ck_assert_int_eq(pthread_create(&threads[i], NULL, question, &crowd), 0);
        for (int i = 0; i < 4; i++)
                pthread_join(threads[i], NULL);
        actor_node_free(crowd.node);
}
END_TEST

/* A mayfly tells its parent that it has lived, and ends; cells are lived in again and again while late
 * mail still arrives for former tenants. */
static int mayfly_init(void *state, struct actor *self, const void *config)
{
        actor_send(self, actor_self(self), note(SPIN, 0));
        return actor_send(self, actor_parent(self), note(SPIN, 0));
}

static int on_mayfly(void *state, const struct actor_mail *mail, const struct note *body)
{
        actor_exit(mail->self, 0);
        return 0;
}
ACTOR_BIND(on_mayfly, void, struct note)

static const struct actor_handler mayfly_handlers[] = {
        {&note_type, on_mayfly_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class mayfly_class = {
        .name = "mayfly", .init = mayfly_init, .handlers = mayfly_handlers};

struct pond {
        uint64_t lived;
        struct actor_ref last;
};

static int pond_init(void *state, struct actor *self, const void *config)
{
        return actor_send(self, actor_self(self), note(SPAWN, 0));
}

static int on_pond(struct pond *p, const struct actor_mail *mail, const struct note *body)
{
        actor_send(mail->self, p->last, note(SPIN, 0)); /* often too late */
        if (++p->lived > STORM * 5) {
                actor_exit(mail->self, 0);
                return 0;
        }
        for (int i = 0; i < (p->lived == 1 ? 20 : 1); i++)
                p->last = spawn_child(mail->self, &mayfly_class, NULL, NULL);
        return 0;
}
ACTOR_BIND(on_pond, struct pond, struct note)

static const struct actor_handler pond_handlers[] = {
        {&note_type, on_pond_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class pond_class = {
        .name = "pond", .state_size = sizeof(struct pond), .init = pond_init, .handlers = pond_handlers};

START_TEST(short_lives_in_used_cells_lose_no_message)
{
        struct actor_node *node = real_node(3);
        struct actor_node_totals totals;
        for (int i = 0; i < 4; i++)
                spawn(node, &pond_class, NULL, NULL);
        ck_assert_int_eq(actor_node_wait(node), 0);
        check_conservation(node);
        actor_node_totals(node, &totals);
        ck_assert_uint_eq(totals.actors, 0);
        actor_node_free(node);
}
END_TEST

/* ---- looking inside ------------------------------------------------------------------------------ */

START_TEST(statistics_tell_what_an_actor_did)
{
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref ref = spawn(node, &counter_class, "counter", NULL);
        struct actor_stats stats[2];
        for (int i = 0; i < 7; i++)
                actor_node_send(node, ref, note(SPIN, 0));
        ck_assert_uint_eq(actor_node_stats(node, stats, 2), 1);
        ck_assert_uint_eq(stats[0].mailbox_depth, 7);
        static const struct actor_type strange_type = {.name = "strange", .size = 1};
        actor_node_send(node, ref, actor_msg_new(&strange_type));
        actor_sim_settle(sim);
        ck_assert_uint_eq(actor_node_stats(node, NULL, 0), 1);
        ck_assert_uint_eq(actor_node_stats(node, stats, 2), 1);
        ck_assert_str_eq(stats[0].name, "counter");
        ck_assert_str_eq(stats[0].class_name, "counter");
        ck_assert(actor_ref_equal(stats[0].ref, ref));
        ck_assert_uint_eq(stats[0].handled, 7);
        ck_assert_uint_eq(stats[0].dropped, 1);
        ck_assert_uint_eq(stats[0].mailbox_depth, 0);
        ck_assert_uint_eq(stats[0].mailbox_depth_most, 8);
        ck_assert_str_eq(stats[0].slowest_type, "note");
        char text[64];
        actor_node_describe(node, ref, text, sizeof text);
        ck_assert_int_eq(strncmp(text, "counter", 7), 0);
        actor_sim_free(sim);
}
END_TEST

START_TEST(configurations_out_of_range_are_refused)
{
        struct actor_node *node = NULL;
        struct actor_node_config many = {.workers = 100000}, negative = {.heartbeat_ms = -1};
        ck_assert_int_eq(actor_node_new(&many, &node), -EINVAL);
        ck_assert_int_eq(actor_node_new(&negative, &node), -EINVAL);
        ck_assert_ptr_null(node);
}
END_TEST

START_TEST(several_nodes_live_side_by_side)
{
        struct actor_node *nodes[4];
        for (int i = 0; i < 4; i++)
                nodes[i] = real_node(1);
        for (int i = 0; i < 4; i++) {
                struct actor_ref ref = spawn(nodes[i], &counter_class, "same-name", NULL);
                void *answer = NULL;
                ck_assert_int_eq(actor_node_ask(nodes[i], ref, note(ANSWER, 0), 60000, &answer), 0);
                actor_msg_unref(answer);
        }
        for (int i = 0; i < 4; i++)
                actor_node_free(nodes[i]);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_loop_test(tcase, two_actors_that_write_to_themselves_do_not_starve_98_others, 1, 3);
        tcase_add_loop_test(tcase, two_actors_that_write_to_each_other_do_not_starve_98_others, 1, 3);
        tcase_add_test(tcase, an_idle_worker_steals_from_a_busy_one);
        tcase_add_test(tcase, messages_of_foreign_threads_all_arrive);
        tcase_add_test(tcase, foreign_threads_can_ask_side_by_side);
        tcase_add_test(tcase, short_lives_in_used_cells_lose_no_message);
        tcase_add_test(tcase, statistics_tell_what_an_actor_did);
        tcase_add_test(tcase, configurations_out_of_range_are_refused);
        tcase_add_test(tcase, several_nodes_live_side_by_side);
}

TEST_MAIN("scheduling", add_tests)
