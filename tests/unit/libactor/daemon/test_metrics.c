/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include <actor/memory.h>
#include <actor/metrics.h>
#include <string.h>

struct example_metrics {
        actor_metric_value seen, depth;
};

static const struct actor_metric table[] = {
        {"room/things-seen.total", offsetof(struct example_metrics, seen), ACTOR_COUNTER,
         "Things\nseen \\ heard."},
        {"room/depth", offsetof(struct example_metrics, depth), ACTOR_GAUGE, "How deep."},
};

START_TEST(a_table_becomes_prometheus_text)
{
        struct example_metrics values = {0};
        CLEANUP(actor_freep) char *text = NULL;
        ACTOR_METRIC_ADD(values.seen, 3);
        ACTOR_METRIC_ADD(values.seen, 4);
        ACTOR_METRIC_SET(values.depth, -2);
        actor_metrics_print(table, 2, &values, "troupe", &text);
        ck_assert_str_eq(text, "# HELP troupe_room_things_seen_total Things\\nseen \\\\ heard.\n"
                               "# TYPE troupe_room_things_seen_total counter\n"
                               "troupe_room_things_seen_total 7\n"
                               "# HELP troupe_room_depth How deep.\n"
                               "# TYPE troupe_room_depth gauge\n"
                               "troupe_room_depth -2\n");
}
END_TEST

START_TEST(a_table_is_appended_to_what_is_there)
{
        struct example_metrics values = {0};
        CLEANUP(actor_freep) char *text = NULL;
        actor_metrics_print(table, 0, &values, "x_", &text);
        ck_assert_str_eq(text, "");
        actor_metrics_print(table + 1, 1, &values, "x_", &text);
        size_t first = strlen(text);
        ck_assert_ptr_nonnull(strstr(text, "\nx_room_depth 0\n"));
        actor_metrics_print(table + 1, 1, &values, "", &text);
        ck_assert_uint_gt(strlen(text), first);
        ck_assert_ptr_nonnull(strstr(text + first, "\nroom_depth 0\n"));
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_table_becomes_prometheus_text);
        tcase_add_test(tcase, a_table_is_appended_to_what_is_there);
}
TEST_MAIN("metrics", add_tests)
