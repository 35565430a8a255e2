/* SPDX-License-Identifier: Apache-2.0
 *
 * Placement is the framework's; agents are told apart by hostname, attributes and fault domain. */
#include "check_main.h"
#include "placement/group.h"
#include "placement/shortage.h"

#include <actor/memory.h>
#include <actor/message.h>
#include <errno.h>
#include <proto/attributes.h>
#include <proto/copy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rig {
        void *msg;
        struct roster roster;
        struct group *group;
        char told[2000];
};

static void rig_start(struct rig *rig, const char *first, const char *second)
{
        struct actor_error error = {""};
        const char *const constraints[] = {first, second, NULL};
        rig->msg = actor_msg_new(&sched_event_type);
        rig->roster = (struct roster){NULL, 0, 0, 0};
        ck_assert_msg(group_new(constraints, &rig->group, &error) == 0, "%s", error.text);
}

static void rig_done(struct rig *rig)
{
        group_free(rig->group);
        roster_done(&rig->roster);
        actor_msg_unref(rig->msg);
}

static V1__Offer *offer(struct rig *rig, const char *id, const char *attributes)
{
        V1__Offer *ret = actor_msg_alloc(rig->msg, sizeof *ret);
        *ret = (V1__Offer) V1__OFFER__INIT;
        ret->agent_id = proto_agent_id(rig->msg, id);
        ret->hostname = actor_msg_printf(rig->msg, "host-%s", id);
        ck_assert_int_eq(attributes_parse(attributes, rig->msg, &ret->n_attributes, &ret->attributes, NULL),
                         0);
        return ret;
}

static struct roster_agent *agent(struct rig *rig, const char *id, const char *attributes)
{
        return roster_note(&rig->roster, offer(rig, id, attributes));
}

static enum group_reason reason(struct rig *rig, const struct roster_agent *agent)
{
        struct group_refusal why = {GROUP_ALLOWED, NULL, NULL};
        group_prepare(rig->group, &rig->roster);
        bool allowed = group_allows(rig->group, agent, &why);
        ck_assert_int_eq(allowed, why.reason == GROUP_ALLOWED);
        return why.reason;
}

/* Places a task where it must be allowed. */
static void place(struct rig *rig, const struct roster_agent *agent)
{
        ck_assert_int_eq(reason(rig, agent), GROUP_ALLOWED);
        group_enter(rig->group, agent);
}

/* mission: A10 */
START_TEST(unique_takes_each_value_once)
{
        struct rig rig;
        rig_start(&rig, "rack:UNIQUE", "hostname:UNIQUE");
        struct roster_agent *a = agent(&rig, "a", "rack:r1"), *b = agent(&rig, "b", "rack:r1");
        struct roster_agent *c = agent(&rig, "c", "rack:r2"), *d = agent(&rig, "d", "rank:r3");
        place(&rig, a);
        ck_assert_int_eq(reason(&rig, a), GROUP_TAKEN);
        ck_assert_int_eq(reason(&rig, b), GROUP_TAKEN);
        ck_assert_int_eq(reason(&rig, d), GROUP_NO_VALUE);
        place(&rig, c);
        group_leave(rig.group, a);
        place(&rig, b);
        rig_done(&rig);
}
END_TEST

/* mission: A10 */
START_TEST(cluster_takes_one_value_of_any_type)
{
        static const struct {
                const char *constraint, *attributes;
                enum group_reason reason;
        } cases[] = {
                {"rack:CLUSTER:r1", "rack:r1", GROUP_ALLOWED},
                {"rack:CLUSTER:r1", "rack:r12", GROUP_ELSEWHERE},
                {"rack:CLUSTER:r1", "", GROUP_NO_VALUE},
                {"cores:CLUSTER:8.0", "cores:8", GROUP_ALLOWED},
                {"cores:CLUSTER:8", "cores:8.5", GROUP_ELSEWHERE},
                {"vlans:CLUSTER:[1-3]", "vlans:[2-3,1-1]", GROUP_ALLOWED},
                {"vlans:CLUSTER:[1-3]", "vlans:[1-4]", GROUP_ELSEWHERE},
                {"hostname:CLUSTER:host-a", "", GROUP_ALLOWED},
                {"hostname:CLUSTER:a", "hostname:a", GROUP_ELSEWHERE},
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct rig rig;
                rig_start(&rig, cases[i].constraint, NULL);
                const struct roster_agent *a = agent(&rig, "a", cases[i].attributes);
                ck_assert_msg(reason(&rig, a) == cases[i].reason, "%s, %s", cases[i].constraint,
                              cases[i].attributes);
                if (cases[i].reason == GROUP_ALLOWED) {
                        place(&rig, a);
                        place(&rig, a);
                }
                rig_done(&rig);
        }
}
END_TEST

/* mission: A10 */
START_TEST(a_set_and_a_fault_domain_are_fields_too)
{
        struct rig rig;
        rig_start(&rig, "disks:CLUSTER:{ssd,nvme}", "zone:UNIQUE");
        V1__Offer *o = offer(&rig, "a", "zone:attribute");
        V1__Attribute set = V1__ATTRIBUTE__INIT, *list[] = {o->attributes[0], &set};
        V1__Value__Set items = V1__VALUE__SET__INIT;
        const char *names[] = {"ssd", "nvme"};
        items.n_item = 2;
        items.item = (void *) names;
        set.name = "disks";
        set.type = V1__VALUE__TYPE__SET;
        set.set = &items;
        o->n_attributes = 2;
        o->attributes = list;
        V1__DomainInfo domain = V1__DOMAIN_INFO__INIT;
        V1__DomainInfo__FaultDomain fault = V1__DOMAIN_INFO__FAULT_DOMAIN__INIT;
        V1__DomainInfo__FaultDomain__RegionInfo region = V1__DOMAIN_INFO__FAULT_DOMAIN__REGION_INFO__INIT;
        V1__DomainInfo__FaultDomain__ZoneInfo zone = V1__DOMAIN_INFO__FAULT_DOMAIN__ZONE_INFO__INIT;
        domain.fault_domain = &fault;
        fault.region = &region;
        fault.zone = &zone;
        region.name = "eu";
        zone.name = "eu-1";
        struct roster_agent *a = roster_note(&rig.roster, o);
        ck_assert_str_eq(roster_value(a, "zone"), "attribute");
        place(&rig, a);
        o->domain = &domain;
        ck_assert_ptr_eq(roster_note(&rig.roster, o), a);
        ck_assert_str_eq(roster_value(a, "zone"), "eu-1");
        ck_assert_str_eq(roster_value(a, "region"), "eu");
        ck_assert_str_eq(roster_value(a, "disks"), "{ssd, nvme}");
        ck_assert_int_eq(reason(&rig, a), GROUP_TAKEN);
        group_leave(rig.group, a);
        place(&rig, a);
        rig_done(&rig);
}
END_TEST

/* mission: A10 */
START_TEST(group_by_is_even_over_the_values_that_are_known)
{
        struct rig rig;
        rig_start(&rig, "rack:GROUP_BY", NULL);
        struct roster_agent *a = agent(&rig, "a", "rack:r1"), *b = agent(&rig, "b", "rack:r2");
        place(&rig, a);
        ck_assert_int_eq(reason(&rig, a), GROUP_AHEAD);
        place(&rig, b);
        place(&rig, b);
        ck_assert_int_eq(reason(&rig, b), GROUP_AHEAD);
        struct roster_agent *c = agent(&rig, "c", "rack:r3");
        ck_assert_int_eq(reason(&rig, a), GROUP_AHEAD);
        place(&rig, c);
        place(&rig, a);
        /* A rack that is gone holds nobody back, until it is there again. */
        ck_assert_int_eq(reason(&rig, b), GROUP_AHEAD);
        roster_lose(&rig.roster, "c");
        place(&rig, b);
        ck_assert_int_eq(agent(&rig, "c", "rack:r3") == c, true);
        ck_assert_int_eq(reason(&rig, a), GROUP_AHEAD);
        rig_done(&rig);
}
END_TEST

START_TEST(group_by_a_number_waits_for_so_many_values)
{
        struct rig rig;
        rig_start(&rig, "rack:GROUP_BY:3", "rack:UNLIKE:x.*");
        struct roster_agent *a = agent(&rig, "a", "rack:r1"), *b = agent(&rig, "b", "rack:r2");
        agent(&rig, "x", "rack:x1"); /* not for the group, and so no value of it */
        place(&rig, a);
        place(&rig, b);
        ck_assert_int_eq(reason(&rig, a), GROUP_TOO_FEW);
        struct roster_agent *c = agent(&rig, "c", "rack:r3");
        ck_assert_int_eq(reason(&rig, a), GROUP_AHEAD);
        place(&rig, c);
        place(&rig, a);
        rig_done(&rig);
}
END_TEST

/* mission: A10 */
START_TEST(like_and_unlike_choose_by_pattern)
{
        struct rig rig;
        rig_start(&rig, "rack:LIKE:r[1-3]", NULL);
        ck_assert_int_eq(reason(&rig, agent(&rig, "a", "rack:r2")), GROUP_ALLOWED);
        ck_assert_int_eq(reason(&rig, agent(&rig, "b", "rack:r21")), GROUP_NO_MATCH);
        ck_assert_int_eq(reason(&rig, agent(&rig, "c", "")), GROUP_NO_VALUE);
        rig_done(&rig);
        rig_start(&rig, "rack:UNLIKE:r[1-3]", "cores:LIKE:[48]");
        ck_assert_int_eq(reason(&rig, agent(&rig, "a", "rack:r2;cores:4")), GROUP_MATCH);
        ck_assert_int_eq(reason(&rig, agent(&rig, "b", "rack:r21;cores:4.0")), GROUP_ALLOWED);
        ck_assert_int_eq(reason(&rig, agent(&rig, "c", "cores:8")), GROUP_ALLOWED);
        ck_assert_int_eq(reason(&rig, agent(&rig, "d", "cores:16")), GROUP_NO_MATCH);
        rig_done(&rig);
}
END_TEST

START_TEST(a_pattern_without_end_refuses_either_way)
{
        static const char text[] = "rack:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabc";
        static const char *const constraints[] = {"rack:LIKE:(a|aa)+b", "rack:UNLIKE:(a|aa)+b"};
        for (size_t i = 0; i < 2; i++) {
                struct rig rig;
                rig_start(&rig, constraints[i], NULL);
                ck_assert_int_eq(reason(&rig, agent(&rig, "a", text)), GROUP_TOO_COSTLY);
                rig_done(&rig);
        }
}
END_TEST

/* mission: A10 */
START_TEST(max_per_fills_each_value)
{
        struct rig rig;
        rig_start(&rig, "rack:MAX_PER:2", NULL);
        struct roster_agent *a = agent(&rig, "a", "rack:r1"), *b = agent(&rig, "b", "rack:r1");
        place(&rig, a);
        place(&rig, b);
        ck_assert_int_eq(reason(&rig, a), GROUP_FULL);
        group_leave(rig.group, b);
        place(&rig, a);
        ck_assert_int_eq(reason(&rig, b), GROUP_FULL);
        rig_done(&rig);
}
END_TEST

/* The counts follow an agent that moves to another rack with its tasks. */
START_TEST(an_agent_may_say_something_else_of_itself)
{
        struct rig rig;
        rig_start(&rig, "rack:UNIQUE", NULL);
        struct roster_agent *a = agent(&rig, "a", "rack:r1"), *b = agent(&rig, "b", "rack:r1");
        place(&rig, a);
        agent(&rig, "a", "rack:r2");
        place(&rig, b);
        ck_assert_int_eq(reason(&rig, a), GROUP_TAKEN);
        agent(&rig, "a", "rack:r3");
        group_leave(rig.group, a);
        place(&rig, a);
        rig_done(&rig);
}
END_TEST

static void tell(void *arg, const char *line)
{
        struct rig *rig = arg;
        size_t used = strlen(rig->told);
        snprintf(rig->told + used, sizeof rig->told - used, "%s\n", line);
}

/* mission: A10 */
START_TEST(what_is_missing_is_counted)
{
        struct rig rig = {.told = ""};
        rig_start(&rig, "rack:UNIQUE", "hostname:UNLIKE:host-x");
        shortage_tell(&rig.roster, rig.group, tell, &rig);
        ck_assert_str_eq(rig.told, "no agent has offered anything\n");
        rig.told[0] = '\0';
        for (unsigned i = 1; i <= 7; i++) {
                char id[8], attributes[16];
                snprintf(id, sizeof id, "%u", i);
                snprintf(attributes, sizeof attributes, "rack:r%u", i);
                place(&rig, agent(&rig, id, attributes));
        }
        agent(&rig, "71", "rack:r7");
        agent(&rig, "8", "");
        agent(&rig, "9", "rack:r9");
        agent(&rig, "x", "rack:r10");
        agent(&rig, "z", "rack:r11");
        roster_lose(&rig.roster, "z");
        shortage_tell(&rig.roster, rig.group, tell, &rig);
        ck_assert_str_eq(rig.told,
                         "8 of 11 agents: rack:UNIQUE, a task is there already (r1, r2, r3, r4, r5, …)\n"
                         "1 of 11 agents: rack:UNIQUE, they have no rack (host-8)\n"
                         "1 of 11 agents: too little free (host-9)\n"
                         "1 of 11 agents: hostname:UNLIKE:host-x, a match (host-x)\n");
        rig_done(&rig);
}
END_TEST

START_TEST(one_bad_constraint_makes_no_group)
{
        static const char *const constraints[] = {"rack:UNIQUE", "rack:LIKE:x", "rack:SOME", NULL};
        struct actor_error error = {""};
        struct group *group = NULL;
        ck_assert_int_eq(group_new(constraints, &group, &error), -EINVAL);
        ck_assert_ptr_null(group);
        ck_assert_ptr_nonnull(strstr(error.text, "\"rack:SOME\""));
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, unique_takes_each_value_once);
        tcase_add_test(tcase, cluster_takes_one_value_of_any_type);
        tcase_add_test(tcase, a_set_and_a_fault_domain_are_fields_too);
        tcase_add_test(tcase, group_by_is_even_over_the_values_that_are_known);
        tcase_add_test(tcase, group_by_a_number_waits_for_so_many_values);
        tcase_add_test(tcase, like_and_unlike_choose_by_pattern);
        tcase_add_test(tcase, a_pattern_without_end_refuses_either_way);
        tcase_add_test(tcase, max_per_fills_each_value);
        tcase_add_test(tcase, an_agent_may_say_something_else_of_itself);
        tcase_add_test(tcase, what_is_missing_is_counted);
        tcase_add_test(tcase, one_bad_constraint_makes_no_group);
}

TEST_MAIN("group", add_tests)
