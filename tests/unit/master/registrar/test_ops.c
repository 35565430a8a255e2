/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "text.h"

#include "registrar/ops.h"

#include <stdio.h>
#include <string.h>

struct fixture {
        struct registry *registry;
        struct registry_batch batch;
        struct actor_error error;
        V1__AgentID agent_id;
        V1__AgentInfo agent;
        V1__FrameworkID framework_id;
        V1__FrameworkInfo framework;
};

static void set_up(struct fixture *f)
{
        memset(f, 0, sizeof *f);
        f->registry = registry_new();
        f->agent_id = (V1__AgentID) V1__AGENT_ID__INIT;
        f->agent_id.value = "S1";
        f->agent = (V1__AgentInfo) V1__AGENT_INFO__INIT;
        f->agent.hostname = "h1";
        f->agent.id = &f->agent_id;
        f->framework_id = (V1__FrameworkID) V1__FRAMEWORK_ID__INIT;
        f->framework_id.value = "F1";
        f->framework = (V1__FrameworkInfo) V1__FRAMEWORK_INFO__INIT;
        f->framework.user = "u";
        f->framework.name = "n";
        f->framework.id = &f->framework_id;
}

static void tear_down(struct fixture *f)
{
        registry_batch_done(&f->batch);
        registry_free(f->registry);
}

static enum registrar_outcome apply(struct fixture *f, enum registrar_change_kind kind)
{
        const struct registrar_change change = {.kind = kind,
                                                .agent = &f->agent,
                                                .framework = &f->framework,
                                                .agent_id = "S1",
                                                .framework_id = "F1",
                                                .role = "r",
                                                .weight = 2.5,
                                                .when_ns = 77};
        registry_batch_done(&f->batch);
        return registry_apply(f->registry, &change, &f->batch, &f->error);
}

/* The batch as "+key -key". */
static void expect_batch(struct fixture *f, const char *expected)
{
        char found[512] = "";
        for (size_t i = 0; i < f->batch.count; i++)
                TEXT_APPEND(found, "%s%s%.*s", i ? " " : "", f->batch.changes[i].erase ? "-" : "+",
                            (int) f->batch.changes[i].key_size, (const char *) f->batch.changes[i].key);
        ck_assert_str_eq(found, expected);
}

START_TEST(an_admitted_agent_is_one_record_and_admitting_it_again_changes_nothing)
{
        struct fixture f;
        set_up(&f);
        ck_assert_int_eq(apply(&f, REGISTRAR_ADMIT_AGENT), REGISTRAR_STORED);
        expect_batch(&f, "+agent/S1");
        ck_assert_int_eq(apply(&f, REGISTRAR_ADMIT_AGENT), REGISTRAR_UNCHANGED);
        expect_batch(&f, "");
        f.agent.hostname = "h2";
        ck_assert_int_eq(apply(&f, REGISTRAR_UPDATE_AGENT), REGISTRAR_STORED);
        expect_batch(&f, "+agent/S1");
        tear_down(&f);
}
END_TEST

START_TEST(an_unknown_agent_cannot_be_updated_or_marked)
{
        struct fixture f;
        set_up(&f);
        ck_assert_int_eq(apply(&f, REGISTRAR_UPDATE_AGENT), REGISTRAR_REFUSED);
        ck_assert_str_eq(f.error.text, "agent S1 is not admitted");
        ck_assert_int_eq(apply(&f, REGISTRAR_MARK_UNREACHABLE), REGISTRAR_REFUSED);
        ck_assert_int_eq(apply(&f, REGISTRAR_MARK_REACHABLE), REGISTRAR_REFUSED);
        ck_assert_int_eq(apply(&f, REGISTRAR_MARK_GONE), REGISTRAR_REFUSED);
        ck_assert_int_eq(apply(&f, REGISTRAR_REMOVE_AGENT), REGISTRAR_UNCHANGED);
        expect_batch(&f, "");
        tear_down(&f);
}
END_TEST

START_TEST(unreachable_keeps_its_first_time_and_ends_with_reachable)
{
        struct fixture f;
        set_up(&f);
        apply(&f, REGISTRAR_ADMIT_AGENT);
        ck_assert_int_eq(apply(&f, REGISTRAR_MARK_REACHABLE), REGISTRAR_UNCHANGED);
        ck_assert_int_eq(apply(&f, REGISTRAR_MARK_UNREACHABLE), REGISTRAR_STORED);
        const struct registrar_change later = {
                .kind = REGISTRAR_MARK_UNREACHABLE, .agent_id = "S1", .when_ns = 99};
        ck_assert_int_eq(registry_apply(f.registry, &later, &f.batch, NULL), REGISTRAR_UNCHANGED);
        struct registry_content *content = registry_content(f.registry);
        ck_assert_uint_eq(content->agent_count, 1);
        ck_assert_int_eq(content->agents[0].unreachable_since_ns, 77);
        actor_msg_unref(content);
        ck_assert_int_eq(apply(&f, REGISTRAR_MARK_REACHABLE), REGISTRAR_STORED);
        tear_down(&f);
}
END_TEST

START_TEST(a_gone_agent_never_returns)
{
        struct fixture f;
        set_up(&f);
        apply(&f, REGISTRAR_ADMIT_AGENT);
        ck_assert_int_eq(apply(&f, REGISTRAR_MARK_GONE), REGISTRAR_STORED);
        expect_batch(&f, "-agent/S1 +gone/S1");
        ck_assert_int_eq(apply(&f, REGISTRAR_MARK_GONE), REGISTRAR_UNCHANGED);
        ck_assert_int_eq(apply(&f, REGISTRAR_ADMIT_AGENT), REGISTRAR_REFUSED);
        ck_assert_str_eq(f.error.text, "agent S1 was marked gone and may not return");
        tear_down(&f);
}
END_TEST

START_TEST(a_removed_framework_never_returns)
{
        struct fixture f;
        set_up(&f);
        ck_assert_int_eq(apply(&f, REGISTRAR_STORE_FRAMEWORK), REGISTRAR_STORED);
        expect_batch(&f, "+framework/F1");
        ck_assert_int_eq(apply(&f, REGISTRAR_STORE_FRAMEWORK), REGISTRAR_UNCHANGED);
        ck_assert_int_eq(apply(&f, REGISTRAR_REMOVE_FRAMEWORK), REGISTRAR_STORED);
        expect_batch(&f, "-framework/F1 +completed/F1");
        ck_assert_int_eq(apply(&f, REGISTRAR_REMOVE_FRAMEWORK), REGISTRAR_UNCHANGED);
        ck_assert_int_eq(apply(&f, REGISTRAR_STORE_FRAMEWORK), REGISTRAR_REFUSED);
        tear_down(&f);
}
END_TEST

START_TEST(a_weight_must_be_a_number_above_zero)
{
        struct fixture f;
        set_up(&f);
        ck_assert_int_eq(apply(&f, REGISTRAR_SET_WEIGHT), REGISTRAR_STORED);
        ck_assert_int_eq(apply(&f, REGISTRAR_SET_WEIGHT), REGISTRAR_UNCHANGED);
        const double bad[] = {0, -1, 1.0 / 0.0, 0.0 / 0.0};
        for (size_t i = 0; i < 4; i++) {
                const struct registrar_change change = {
                        .kind = REGISTRAR_SET_WEIGHT, .role = "r", .weight = bad[i]};
                ck_assert_int_eq(registry_apply(f.registry, &change, &f.batch, &f.error), REGISTRAR_REFUSED);
        }
        tear_down(&f);
}
END_TEST

START_TEST(a_name_too_long_for_the_store_is_refused)
{
        struct fixture f;
        set_up(&f);
        char role[600];
        memset(role, 'r', sizeof role - 1);
        role[sizeof role - 1] = '\0';
        const struct registrar_change change = {.kind = REGISTRAR_SET_WEIGHT, .role = role, .weight = 1};
        ck_assert_int_eq(registry_apply(f.registry, &change, &f.batch, &f.error), REGISTRAR_REFUSED);
        ck_assert_ptr_nonnull(strstr(f.error.text, "too long"));
        tear_down(&f);
}
END_TEST

START_TEST(what_was_stored_is_found_again_by_loading)
{
        struct fixture f;
        set_up(&f);
        struct registry *loaded = registry_new();
        const enum registrar_change_kind kinds[] = {REGISTRAR_ADMIT_AGENT, REGISTRAR_STORE_FRAMEWORK,
                                                    REGISTRAR_SET_WEIGHT};
        for (size_t i = 0; i < 3; i++) {
                apply(&f, kinds[i]);
                const struct actor_store_change *change = &f.batch.changes[0];
                ck_assert_int_eq(registry_load(loaded, change->key, change->key_size, change->value,
                                               change->value_size, &f.error),
                                 0);
        }
        struct registry_batch epoch = {0};
        ck_assert_uint_eq(registry_begin_epoch(loaded, &epoch), 1);
        registry_batch_done(&epoch);
        struct registry_content *content = registry_content(loaded);
        ck_assert_uint_eq(content->epoch, 1);
        ck_assert_str_eq(content->agents[0].info->hostname, "h1");
        ck_assert_str_eq(content->frameworks[0].info->name, "n");
        ck_assert_str_eq(content->weights[0].role, "r");
        ck_assert_double_eq(content->weights[0].weight, 2.5);
        actor_msg_unref(content);
        registry_free(loaded);
        tear_down(&f);
}
END_TEST

START_TEST(a_record_that_is_not_ours_is_named)
{
        struct fixture f;
        set_up(&f);
        ck_assert_int_lt(registry_load(f.registry, "agent/S9", 8, "\xff\xff", 2, &f.error), 0);
        ck_assert_ptr_nonnull(strstr(f.error.text, "agent/S9"));
        ck_assert_int_lt(registry_load(f.registry, "quirk/1", 7, "", 0, &f.error), 0);
        ck_assert_ptr_nonnull(strstr(f.error.text, "quirk/1"));
        ck_assert_uint_eq(registry_record_count(f.registry), 0);
        tear_down(&f);
}
END_TEST

START_TEST(the_longest_removed_frameworks_are_forgotten_beyond_the_limit)
{
        struct fixture f;
        set_up(&f);
        for (int i = 0; i < REGISTRY_COMPLETED_MAX + 3; i++) {
                char id[16];
                snprintf(id, sizeof id, "F%d", i);
                const struct registrar_change change = {
                        .kind = REGISTRAR_REMOVE_FRAMEWORK, .framework_id = id, .when_ns = 1000 + i};
                registry_batch_done(&f.batch);
                ck_assert_int_eq(registry_apply(f.registry, &change, &f.batch, NULL), REGISTRAR_STORED);
        }
        expect_batch(&f, "+completed/F10002 -completed/F2");
        ck_assert_uint_eq(registry_record_count(f.registry), REGISTRY_COMPLETED_MAX);
        tear_down(&f);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, an_admitted_agent_is_one_record_and_admitting_it_again_changes_nothing);
        tcase_add_test(tests, an_unknown_agent_cannot_be_updated_or_marked);
        tcase_add_test(tests, unreachable_keeps_its_first_time_and_ends_with_reachable);
        tcase_add_test(tests, a_gone_agent_never_returns);
        tcase_add_test(tests, a_removed_framework_never_returns);
        tcase_add_test(tests, a_weight_must_be_a_number_above_zero);
        tcase_add_test(tests, a_name_too_long_for_the_store_is_refused);
        tcase_add_test(tests, what_was_stored_is_found_again_by_loading);
        tcase_add_test(tests, a_record_that_is_not_ours_is_named);
        tcase_add_test(tests, the_longest_removed_frameworks_are_forgotten_beyond_the_limit);
}

TEST_MAIN("registry operations", add_tests)
