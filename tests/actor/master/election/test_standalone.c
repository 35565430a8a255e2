/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include "election/election.h"
#include "election/messages.h"

#include <actor/sim.h>
#include <errno.h>
#include <stdio.h>

struct listener {
        char *heard; /* 64 bytes */
};

static int on_changed(struct listener *l, const struct actor_mail *mail, const struct election_changed *msg)
{
        snprintf(l->heard, 64, "%d %llu %s", msg->leading, (unsigned long long) msg->epoch, msg->leader);
        return 0;
}
ACTOR_BIND(on_changed, struct listener, struct election_changed)

static const struct actor_handler handlers[] = {
        {&election_changed_type, on_changed_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static int listener_init(void *state, struct actor *self, const void *config)
{
        ((struct listener *) state)->heard = (char *) config;
        return 0;
}

static const struct actor_class listener_class = {.name = "listener",
                                                  .state_size = sizeof(struct listener),
                                                  .init = listener_init,
                                                  .handlers = handlers};

START_TEST(a_master_alone_leads_and_every_listener_hears_it)
{
        struct actor_sim *sim = actor_sim_new(1);
        const struct actor_node_config node_config = {.name = "m"};
        struct actor_node *node = actor_sim_node(sim, "tcp://m:5050", &node_config);
        char heard[2][64] = {"", ""};
        struct actor_ref listeners[2], election;
        for (int i = 0; i < 2; i++)
                ck_assert_int_eq(actor_node_spawn(node, &listener_class, NULL, heard[i], &listeners[i]), 0);
        const struct election_config config = {"master@m:5050", listeners, 2};
        ck_assert_int_eq(election_standalone_spawn(node, &config, &election), 0);
        actor_sim_settle(sim);
        ck_assert_str_eq(heard[0], "1 1 master@m:5050");
        ck_assert_str_eq(heard[1], "1 1 master@m:5050");
        actor_sim_free(sim);
}
END_TEST

START_TEST(an_election_without_listeners_is_refused)
{
        struct actor_sim *sim = actor_sim_new(1);
        const struct actor_node_config node_config = {.name = "m"};
        struct actor_node *node = actor_sim_node(sim, "tcp://m:5050", &node_config);
        const struct election_config config = {"master@m:5050", NULL, 0};
        struct actor_ref election;
        ck_assert_int_eq(election_standalone_spawn(node, &config, &election), -EINVAL);
        actor_sim_free(sim);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, a_master_alone_leads_and_every_listener_hears_it);
        tcase_add_test(tests, an_election_without_listeners_is_refused);
}

TEST_MAIN("standalone election", add_tests)
