/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "text.h"

#include "allocator/allocator.h"
#include "allocator/messages.h"
#include "allocator/metrics.h"

#include <actor/sim.h>
#include <proto/copy.h>
#include <string.h>

/* The allocator on a simulated node; framework sessions are probes that write down what they hear. */
struct heard {
        char text[4096];
        int64_t at_ms; /* when something was heard last */
        struct actor_sim *sim;
};

struct probe {
        struct heard *heard;
};

static void hear(struct heard *heard, const char *line)
{
        TEXT_APPEND(heard->text, "%s\n", line);
        heard->at_ms = actor_sim_now_ms(heard->sim);
}

static int on_allocation(struct probe *p, const struct actor_mail *mail,
                         const struct allocator_allocation *msg)
{
        for (size_t i = 0; i < msg->offer_count; i++) {
                const struct allocator_offer *offer = &msg->offers[i];
                CLEANUP(resources_freep) struct resources *resources = resources_copy(offer->resources);
                resources_unallocate(resources);
                CLEANUP(actor_freep) char *text = resources_print(resources);
                CLEANUP(actor_freep)
                char *line =
                        actor_asprintf("%s %s %s %s", offer->offer_id, offer->role, offer->agent_id, text);
                ck_assert_str_eq(offer->agent->hostname, offer->agent_id);
                hear(p->heard, line);
        }
        return 0;
}

static int on_rescind(struct probe *p, const struct actor_mail *mail, const struct allocator_rescind *msg)
{
        CLEANUP(actor_freep) char *line = actor_asprintf("rescind %s", msg->offer_id);
        hear(p->heard, line);
        return 0;
}

ACTOR_BIND(on_allocation, struct probe, struct allocator_allocation)
ACTOR_BIND(on_rescind, struct probe, struct allocator_rescind)

static const struct actor_handler probe_handlers[] = {
        {&allocator_allocation_type, on_allocation_bound, ACTOR_FROM_LOCAL},
        {&allocator_rescind_type, on_rescind_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static int probe_init(void *state, struct actor *self, const void *config)
{
        ((struct probe *) state)->heard = (struct heard *) config;
        return 0;
}

static const struct actor_class probe_class = {
        .name = "probe", .state_size = sizeof(struct probe), .init = probe_init, .handlers = probe_handlers};

struct fixture {
        struct actor_sim *sim;
        struct actor_node *node;
        struct actor_ref allocator, session;
        struct heard heard;
        struct allocator_metrics metrics;
};

static void set_up(struct fixture *f, unsigned shards)
{
        *f = (struct fixture){.sim = actor_sim_new(7)};
        const struct actor_node_config config = {.name = "m"};
        f->node = actor_sim_node(f->sim, "tcp://m:5050", &config);
        f->heard.sim = f->sim;
        const struct allocator_config allocator = {
                .master_id = "M", .shards = shards, .metrics = &f->metrics};
        struct actor_error error = {""};
        ck_assert_msg(allocator_spawn(f->node, &allocator, &f->allocator, &error) == 0, "%s", error.text);
        ck_assert_int_eq(actor_node_spawn(f->node, &probe_class, NULL, &f->heard, &f->session), 0);
}

static void tear_down(struct fixture *f)
{
        actor_sim_free(f->sim);
}

static struct resources *parse(const char *text)
{
        struct resources *resources = NULL;
        ck_assert_int_eq(resources_parse(text, NULL, &resources, NULL), 0);
        return resources;
}

static void add_agent(struct fixture *f, const char *id, const char *total)
{
        struct allocator_add_agent *msg = actor_msg_new(&allocator_add_agent_type);
        V1__AgentInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__agent_info__init(info);
        info->hostname = actor_msg_strdup(msg, id);
        msg->agent_id = info->hostname;
        msg->info = info;
        msg->total = parse(total);
        actor_node_send(f->node, f->allocator, msg);
}

static void add_framework(struct fixture *f, const char *id)
{
        struct allocator_add_framework *msg = actor_msg_new(&allocator_add_framework_type);
        V1__FrameworkInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__framework_info__init(info);
        msg->framework_id = actor_msg_strdup(msg, id);
        msg->session = f->session;
        msg->info = info;
        msg->active = true;
        actor_node_send(f->node, f->allocator, msg);
}

static void give_back(struct fixture *f, const char *agent, const char *token, int64_t refuse_ns)
{
        struct allocator_give_back *msg = actor_msg_new(&allocator_give_back_type);
        *msg = (struct allocator_give_back){agent, "f1", NULL, 0, refuse_ns};
        PROTO_APPEND(msg, msg->token_count, msg->tokens, token);
        actor_node_send(f->node, f->allocator, msg);
}

static void expect(struct fixture *f, const char *expected)
{
        actor_sim_settle(f->sim);
        ck_assert_str_eq(f->heard.text, expected);
        f->heard.text[0] = '\0';
}

static struct allocator_totals *totals(struct fixture *f, const char *agent_id)
{
        struct allocator_get_totals *msg = actor_msg_new(&allocator_get_totals_type);
        msg->agent_id = agent_id;
        void *answer = NULL;
        ck_assert_int_eq(actor_node_ask(f->node, f->allocator, msg, 1000, &answer), 0);
        return answer;
}

/* mission: C3 D3 D4 G1 */
START_TEST(an_offer_follows_registration_without_time_passing)
{
        struct fixture f;
        set_up(&f, 1);
        add_agent(&f, "a1", "cpus:2;mem:1024");
        expect(&f, "");
        add_framework(&f, "f1");
        expect(&f, "M-O0 * a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

/* mission: C3 D4 */
START_TEST(what_a_task_held_is_offered_without_time_passing)
{
        struct fixture f;
        set_up(&f, 1);
        add_agent(&f, "a1", "cpus:2;mem:1024");
        add_framework(&f, "f1");
        expect(&f, "M-O0 * a1 cpus:2; mem:1024\n");
        struct allocator_use *use = actor_msg_new(&allocator_use_type);
        struct allocator_piece *piece = actor_msg_alloc(use, sizeof *piece);
        *piece = (struct allocator_piece){"task/f1/t", "f1", "*", parse("cpus:2;mem:1024")};
        const char *offer_id = "M-O0";
        *use = (struct allocator_use){.agent_id = "a1",
                                      .framework_id = "f1",
                                      .offer_ids = actor_msg_memdup(use, &offer_id, sizeof offer_id),
                                      .offer_count = 1,
                                      .uses = piece,
                                      .use_count = 1};
        actor_node_send(f.node, f.allocator, use);
        expect(&f, "");
        give_back(&f, "a1", "task/f1/t", 0);
        expect(&f, "M-O1 * a1 cpus:2; mem:1024\n");
        tear_down(&f);
}
END_TEST

START_TEST(changes_that_arrive_together_cost_one_run)
{
        struct fixture f;
        set_up(&f, 1);
        add_framework(&f, "f1");
        expect(&f, "");
        int64_t runs = f.metrics.runs;
        for (int i = 0; i < 100; i++) {
                char id[8];
                snprintf(id, sizeof id, "n%d", i);
                add_agent(&f, id, "cpus:1;mem:64");
        }
        actor_sim_settle(f.sim);
        ck_assert_int_eq(f.metrics.offers_made, 100);
        ck_assert_int_lt(f.metrics.runs - runs, 100);
        tear_down(&f);
}
END_TEST

/* mission: C3 */
START_TEST(a_declined_offer_returns_with_the_batch_after_its_filter)
{
        struct fixture f;
        set_up(&f, 1);
        add_agent(&f, "a1", "cpus:2;mem:1024");
        add_framework(&f, "f1");
        expect(&f, "M-O0 * a1 cpus:2; mem:1024\n");
        give_back(&f, "a1", "M-O0", 3000000000LL);
        actor_sim_advance(f.sim, 2500);
        expect(&f, "");
        actor_sim_advance(f.sim, 1600);
        expect(&f, "M-O1 * a1 cpus:2; mem:1024\n");
        ck_assert_int_le(f.heard.at_ms, 4000);
        tear_down(&f);
}
END_TEST

/* mission: C4 */
START_TEST(offers_of_a_lost_agent_are_rescinded)
{
        struct fixture f;
        set_up(&f, 1);
        add_agent(&f, "a1", "cpus:2;mem:1024");
        add_framework(&f, "f1");
        expect(&f, "M-O0 * a1 cpus:2; mem:1024\n");
        struct allocator_remove_agent *msg = actor_msg_new(&allocator_remove_agent_type);
        msg->agent_id = "a1";
        actor_node_send(f.node, f.allocator, msg);
        expect(&f, "rescind M-O0\n");
        tear_down(&f);
}
END_TEST

START_TEST(several_shards_offer_every_agent_once_under_different_ids)
{
        struct fixture f;
        set_up(&f, 3);
        add_framework(&f, "f1");
        for (int i = 0; i < 9; i++) {
                char id[8];
                snprintf(id, sizeof id, "n%d", i);
                add_agent(&f, id, "cpus:1;mem:64");
        }
        actor_sim_settle(f.sim);
        int lines = 0;
        char seen[64][16] = {""}, *rest = f.heard.text, *line;
        for (; (line = strsep(&rest, "\n")) != NULL && *line != '\0'; lines++) {
                ck_assert_int_lt(lines, 64);
                snprintf(seen[lines], sizeof seen[lines], "%.*s", (int) strcspn(line, " "), line);
                for (int i = 0; i < lines; i++)
                        ck_assert_str_ne(seen[i], seen[lines]);
        }
        ck_assert_int_eq(lines, 9);
        struct allocator_totals *all = totals(&f, NULL);
        ck_assert_int_eq(resources_scalar_milli(all->offered, "cpus"), 9000);
        ck_assert(resources_equal(all->total, all->offered));
        ck_assert(resources_is_empty(all->free));
        actor_msg_unref(all);
        struct allocator_totals *one = totals(&f, "n4");
        ck_assert_int_eq(resources_scalar_milli(one->total, "cpus"), 1000);
        actor_msg_unref(one);
        tear_down(&f);
}
END_TEST

START_TEST(a_malformed_minimum_is_refused_before_anything_starts)
{
        struct actor_sim *sim = actor_sim_new(1);
        const struct actor_node_config config = {.name = "m"};
        struct actor_node *node = actor_sim_node(sim, "tcp://m:5050", &config);
        const struct allocator_config allocator = {.master_id = "M", .min_allocatable_resources = "cpus:x:y"};
        struct actor_ref ref;
        struct actor_error error = {""};
        ck_assert_int_lt(allocator_spawn(node, &allocator, &ref, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "min_allocatable_resources"));
        actor_sim_free(sim);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, an_offer_follows_registration_without_time_passing);
        tcase_add_test(tests, what_a_task_held_is_offered_without_time_passing);
        tcase_add_test(tests, changes_that_arrive_together_cost_one_run);
        tcase_add_test(tests, a_declined_offer_returns_with_the_batch_after_its_filter);
        tcase_add_test(tests, offers_of_a_lost_agent_are_rescinded);
        tcase_add_test(tests, several_shards_offer_every_agent_once_under_different_ids);
        tcase_add_test(tests, a_malformed_minimum_is_refused_before_anything_starts);
}

TEST_MAIN("allocator", add_tests)
