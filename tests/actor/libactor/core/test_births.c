/* SPDX-License-Identifier: Apache-2.0 */
/* Actors that live shortly, and cells that are lived in anew. */
#include "probe.h"

#include <errno.h>

enum { GO, LAST_WORDS };
enum { AT_ONCE = 100, CHILDREN = 20000, CROWD = 300 };

/* ---- as the class says ----------------------------------------------------------------------------- */

static int check_and_soil(void *state, struct actor *self, const void *config)
{
        const size_t *size = config;
        for (size_t i = 0; i < *size; i++)
                ck_assert_uint_eq(((uint8_t *) state)[i], 0);
        memset(state, 0xff, *size);
        return 0;
}

static int on_told(void *state, const struct actor_mail *mail, const struct note *body)
{
        if (body->what == GO)
                actor_exit(mail->self, 0);
        else
                tell("%d ", body->what);
        return 0;
}
ACTOR_BIND(on_told, void, struct note)

static const struct actor_handler teller_handlers[] = {
        {&note_type, on_told_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

/* Tells which of nine messages get in. */
static void fill(struct actor_sim *sim, struct actor_node *node, const struct actor_class *class)
{
        struct actor_ref to = spawn(node, class, NULL, &class->state_size);
        for (int i = 1; i < 10; i++)
                (void) actor_node_send(node, to, note(i, 0));
        actor_sim_settle(sim);
        ck_assert_int_eq(actor_node_send(node, to, note(GO, 0)), 0);
        actor_sim_settle(sim);
}

/* Goal: memory of a class that is another by now, with the same handlers, is not taken for the former one.
 * Method: one after the other live in the same cell. */
START_TEST(an_actor_is_as_its_class_says_when_it_is_made)
{
        struct actor_class class = {.name = "c",
                                    .state_size = 8,
                                    .init = check_and_soil,
                                    .handlers = teller_handlers,
                                    .mailbox_max = 2,
                                    .overflow = ACTOR_REFUSE};
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        fill(sim, node, &class);
        expect_told("1 2 ");
        class.state_size = 1000;
        fill(sim, node, &class);
        class.mailbox_max = 3;
        fill(sim, node, &class);
        expect_told("1 2 1 2 3 ");
        class.state_size = 20;
        class.overflow = ACTOR_DROP_OLDEST;
        fill(sim, node, &class);
        class.overflow = ACTOR_REFUSE;
        fill(sim, node, &class);
        expect_told("7 8 9 1 2 3 ");
        actor_sim_free(sim);
}
END_TEST

/* ---- short lives ------------------------------------------------------------------------------------- */

static int on_last_words(void *state, const struct actor_mail *mail, const struct note *body)
{
        actor_exit(mail->self, (int) body->value);
        return actor_send(mail->self, mail->from, note(LAST_WORDS, 0));
}
ACTOR_BIND(on_last_words, void, struct note)

static const struct actor_handler mayfly_handlers[] = {
        {&note_type, on_last_words_bound, ACTOR_FROM_PARENT},
        ACTOR_HANDLER_END,
};
static const struct actor_class mayfly = {.name = "mayfly", .handlers = mayfly_handlers};
static const struct actor_class martyr = {
        .name = "martyr", .handlers = mayfly_handlers, .restart = ACTOR_ESCALATE};

struct breeder {
        int made, gone;
};

static int breed(struct breeder *b, struct actor *self, const struct actor_class *class, int error)
{
        b->made++;
        return actor_send(self, spawn_child(self, class, NULL, NULL), note(GO, (uint64_t) error));
}

static int on_word(struct breeder *b, const struct actor_mail *mail, const struct note *body)
{
        int r = 0;
        b->gone += body->what == LAST_WORDS ? 1 : 0;
        while (r == 0 && b->made < CHILDREN && b->made - b->gone < AT_ONCE)
                r = breed(b, mail->self, &mayfly, 0);
        if (b->gone == CHILDREN) /* one of many fails, and takes its parent along */
                for (int i = 0; r == 0 && i < CROWD; i++)
                        r = breed(b, mail->self, i == CROWD / 2 ? &martyr : &mayfly,
                                  i == CROWD / 2 ? -EIO : 0);
        return r;
}
ACTOR_BIND(on_word, struct breeder, struct note)

static const struct actor_handler breeder_handlers[] = {
        {&note_type, on_word_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class breeder_class = {
        .name = "breeder", .state_size = sizeof(struct breeder), .handlers = breeder_handlers};

/* Goal: no child that has ended is forgotten, nor one that failed among many that did not. */
static void breed_on(unsigned workers)
{
        struct actor_node *node = real_node(workers);
        struct actor_node_totals totals;
        actor_node_send(node, spawn(node, &breeder_class, NULL, NULL), note(GO, 0));
        ck_assert_int_eq(actor_node_wait(node), -EIO);
        actor_node_totals(node, &totals);
        ck_assert_uint_eq(totals.actors, 0);
        check_conservation(node);
        actor_node_free(node);
}

START_TEST(a_parent_sees_all_of_its_children_end_and_one_of_them_fail)
{
        breed_on((unsigned) _i);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_actor_is_as_its_class_says_when_it_is_made);
        tcase_add_loop_test(tcase, a_parent_sees_all_of_its_children_end_and_one_of_them_fail, 1, 4);
}

TEST_MAIN("births", add_tests)
