/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include <actor/log.h>
#include <actor/metrics.h>
#include <actor/memory.h>
#include <actor/sim.h>
#include <stdio.h>
#include <string.h>

static char lines[4096];
static unsigned formatted;

static void keep(void *arg, enum actor_log_level level, const char *line)
{
        size_t used = strlen(lines);
        snprintf(lines + used, sizeof lines - used, "%s\n", line);
}

static unsigned costly(void)
{
        return ++formatted;
}

static int speak(void *state, struct actor *self, const void *config)
{
        actor_log_info(self, "speaker: begins with \"%s\"", (const char *) config);
        actor_log_debug(self, "speaker: %u", costly());
        return 0;
}

static const struct actor_handler handlers[] = {ACTOR_HANDLER_END};
static const struct actor_class speaker_class = {
        .name = "speaker", .state_size = 1, .init = speak, .handlers = handlers};

START_TEST(an_actors_line_bears_its_nodes_name_and_clock)
{
        struct actor_log *log = actor_log_new_function(keep, NULL, ACTOR_LOG_INFO);
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node_config config = {.name = "n1", .log = log};
        struct actor_node *node = actor_sim_node(sim, "tcp://n1:1", &config);
        struct actor_ref ref;
        ck_assert_int_eq(actor_node_spawn(node, &speaker_class, NULL, "a\nb", &ref), 0);
        actor_sim_settle(sim);
        ck_assert_msg(strstr(lines, "Z info  n1 speaker: begins with \"a\\nb\"\n") != NULL, "%s", lines);
        ck_assert_uint_eq(formatted, 0); /* below the level nothing is computed */
        actor_log_set_level(log, ACTOR_LOG_DEBUG);
        ck_assert_int_eq(actor_node_spawn(node, &speaker_class, NULL, "c", &ref), 0);
        actor_sim_settle(sim);
        ck_assert_ptr_nonnull(strstr(lines, "Z debug n1 speaker: 1\n"));
        actor_sim_free(sim);
        actor_log_free(log);
}
END_TEST

START_TEST(a_node_tells_its_own_metrics)
{
        struct actor_log *log = actor_log_new_function(keep, NULL, ACTOR_LOG_INFO);
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node_config config = {.name = "n1", .log = log};
        struct actor_node *node = actor_sim_node(sim, "tcp://n1:1", &config);
        struct actor_ref ref;
        ck_assert_int_eq(actor_node_spawn(node, &speaker_class, NULL, "a", &ref), 0);
        actor_sim_settle(sim);
        CLEANUP(actor_freep) char *text = NULL;
        actor_metrics_print_node(node, "x", &text);
        ck_assert_ptr_nonnull(strstr(text, "\n# TYPE x_actor_actors gauge\nx_actor_actors 1\n"));
        ck_assert_ptr_nonnull(
                strstr(text, "\n# TYPE x_actor_wire_rejected counter\nx_actor_wire_rejected 0\n"));
        actor_sim_free(sim);
        actor_log_free(log);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_actors_line_bears_its_nodes_name_and_clock);
        tcase_add_test(tcase, a_node_tells_its_own_metrics);
}
TEST_MAIN("log and metrics of a node", add_tests)
