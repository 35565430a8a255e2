/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "placement/placement.h"

#include <actor/message.h>
#include <proto/copy.h>
#include <string.h>

static V1__Offer *offer(void *msg, const char *agent, const char *text)
{
        CLEANUP(resources_freep) struct resources *resources = NULL;
        ck_assert_int_eq(resources_parse(text, NULL, &resources, NULL), 0);
        resources_allocate(resources, "*");
        V1__Offer *ret = actor_msg_alloc(msg, sizeof *ret);
        *ret = (V1__Offer) V1__OFFER__INIT;
        ret->id = proto_offer_id(msg, agent);
        ret->agent_id = proto_agent_id(msg, agent);
        ret->framework_id = proto_framework_id(msg, "F");
        ret->hostname = actor_msg_printf(msg, "host-%s", agent);
        ret->url = actor_msg_alloc(msg, sizeof *ret->url);
        *ret->url = (V1__URL) V1__URL__INIT;
        ret->url->address = actor_msg_alloc(msg, sizeof *ret->url->address);
        *ret->url->address = (V1__Address) V1__ADDRESS__INIT;
        ret->url->address->ip = "10.0.0.1";
        ret->url->address->port = 5051;
        resources_to_v1(resources, msg, &ret->n_resources, &ret->resources);
        return ret;
}

static struct resources *amounts(const char *text)
{
        struct resources *ret = NULL;
        ck_assert_int_eq(resources_parse(text, NULL, &ret, NULL), 0);
        return ret;
}

/* mission: A10 D5 */
START_TEST(work_spreads_over_the_agents)
{
        void *msg = actor_msg_new(&sched_event_type), *arena = NULL;
        V1__Offer *offers[] = {offer(msg, "a", "cpus:4;mem:400"), offer(msg, "b", "cpus:4;mem:400"),
                               offer(msg, "c", "cpus:1;mem:400")};
        CLEANUP(resources_freep) struct resources *wanted = amounts("cpus:1;mem:10");
        struct placement_need need = {.resources = wanted};
        struct roster roster = {NULL, 0, 0, 0};
        struct roster_agent *agent = NULL;
        struct placement *p = placement_new(&roster, offers, 3);
        for (unsigned i = 0; i < 7; i++)
                ck_assert_ptr_nonnull(placement_add(p, &need, &agent, &arena));
        ck_assert_uint_eq(roster_find(&roster, "a")->tasks, 3);
        ck_assert_uint_eq(roster_find(&roster, "b")->tasks, 3);
        ck_assert_uint_eq(roster_find(&roster, "c")->tasks, 1);
        ck_assert_str_eq(roster_find(&roster, "c")->endpoint, "10.0.0.1:5051");
        placement_free(p);
        roster_done(&roster);
        actor_msg_unref(msg);
}
END_TEST

START_TEST(an_offer_is_never_overdrawn)
{
        void *msg = actor_msg_new(&sched_event_type), *arena = NULL;
        V1__Offer *offers[] = {offer(msg, "a", "cpus:1;mem:400")};
        CLEANUP(resources_freep) struct resources *wanted = amounts("cpus:0.3;mem:10");
        struct placement_need need = {.resources = wanted};
        struct roster roster = {NULL, 0, 0, 0};
        struct roster_agent *agent = NULL;
        struct placement *p = placement_new(&roster, offers, 1);
        unsigned placed = 0;
        while (placement_add(p, &need, &agent, &arena) != NULL)
                placed++;
        ck_assert_uint_eq(placed, 3);
        placement_free(p);
        roster_done(&roster);
        actor_msg_unref(msg);
}
END_TEST

START_TEST(two_tasks_never_get_the_same_port)
{
        void *msg = actor_msg_new(&sched_event_type), *arena = NULL;
        V1__Offer *offers[] = {offer(msg, "a", "cpus:4;mem:400;ports:[10-11,20-22]")};
        CLEANUP(resources_freep) struct resources *wanted = amounts("cpus:0.1"), *seen = resources_new();
        struct placement_need need = {.resources = wanted, .ports = 2};
        struct roster roster = {NULL, 0, 0, 0};
        struct roster_agent *agent = NULL;
        struct placement *p = placement_new(&roster, offers, 1);
        V1__TaskInfo *task;
        unsigned placed = 0;
        for (; (task = placement_add(p, &need, &agent, &arena)) != NULL; placed++) {
                CLEANUP(resources_freep) struct resources *taken = NULL;
                ck_assert_int_eq(resources_from_v1(task->resources, task->n_resources, &taken, NULL), 0);
                for (size_t i = 0; i < task->n_resources; i++)
                        if (strcmp(task->resources[i]->name, "ports") == 0)
                                ck_assert(!resources_contain(seen, taken));
                resources_add(seen, taken);
        }
        ck_assert_uint_eq(placed, 2);
        CLEANUP(resources_freep) struct resources *all = amounts("cpus:0.2;ports:[10-11,20-21]");
        resources_allocate(all, "*");
        ck_assert(resources_equal(seen, all));
        placement_free(p);
        roster_done(&roster);
        actor_msg_unref(msg);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, work_spreads_over_the_agents);
        tcase_add_test(tcase, an_offer_is_never_overdrawn);
        tcase_add_test(tcase, two_tasks_never_get_the_same_port);
}

TEST_MAIN("placement", add_tests)
