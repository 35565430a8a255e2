/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <check_main.h>
#include <proto/json.h>
#include <proto/resources.h>
#include <proto/values.h>
#include <string.h>

struct arena {
        char unused;
};
static ACTOR_LOCAL_TYPE(arena_type, struct arena);

static struct resources *parse(const char *text)
{
        struct resources *r = NULL;
        struct actor_error error = {{0}};
        ck_assert_msg(resources_parse(text, NULL, &r, &error) == 0, "%s", error.text);
        return r;
}

static void check_print(const struct resources *r, const char *expected)
{
        CLEANUP(actor_freep) char *text = resources_print(r);
        ck_assert_str_eq(text, expected);
}

static void check_refused(const char *text, const char *told)
{
        struct resources *r = NULL;
        struct actor_error error = {{0}};
        ck_assert_msg(resources_parse(text, NULL, &r, &error) < 0, "accepted %s", text);
        ck_assert_ptr_null(r);
        ck_assert_msg(strstr(error.text, told) != NULL, "'%s' does not tell of '%s'", error.text, told);
}

/* mission: A9 */
START_TEST(a_refusal_names_the_offending_part)
{
        check_refused("cpus:4;mem:x", "mem:x");
        check_refused("cpus:4;mem(eng:1", "mem(eng:1");
        check_refused("cpus(eng//dev):4", "eng//dev");
        check_refused("cpus:4;cpus(r):[1-2]", "'cpus' is given both as");
        check_refused("cpus", "NAME:VALUE");
        check_refused("cpus:0.0001", "0.0001");
        check_refused("ports:[9-3]", "[9-3]");
        check_refused("disks:{a,b,a}", "'a' twice");
        check_refused("[{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":\"x\"}}]",
                      "resources[0]: scalar.value");
        check_refused("[{\"name\":\"a\",\"type\":\"SCALAR\",\"scalar\":{\"value\":1}},{\"name\":\"cpus\","
                      "\"type\":\"SCALAR\"}]",
                      "resources[1]: resource 'cpus'");
        check_refused("[{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":1},\"revocable\":{}}]",
                      "'revocable'");
}
END_TEST

/* mission: A9 */
START_TEST(what_was_added_can_be_taken_away_again)
{
        CLEANUP(resources_freep) struct resources *a = parse("cpus:4;mem(eng):100;ports:[1-10];disks:{a,b}");
        CLEANUP(resources_freep)
        struct resources *b = parse("cpus:0.001;mem(eng):0.5;ports:[12-14];disks:{c};gpus:1");
        CLEANUP(resources_freep) struct resources *sum = resources_copy(a);
        resources_add(sum, b);
        ck_assert(resources_contain(sum, a) && resources_contain(sum, b));
        ck_assert_int_eq(resources_scalar_milli(sum, "cpus"), 4001);
        resources_subtract(sum, b);
        ck_assert(resources_equal(sum, a));
        resources_subtract(sum, sum);
        ck_assert(resources_is_empty(sum));
}
END_TEST

START_TEST(a_set_may_be_added_to_itself)
{
        CLEANUP(resources_freep) struct resources *r = parse("cpus:1;mem:2");
        resources_add(r, r);
        check_print(r, "cpus:2; mem:4");
}
END_TEST

START_TEST(sums_stop_at_the_largest_number)
{
        CLEANUP(resources_freep) struct resources *r = parse("mem:9e15");
        resources_add(r, r);
        ck_assert_int_eq(resources_scalar_milli(r, "mem"), INT64_MAX);
}
END_TEST

START_TEST(allocation_sets_entries_apart_until_it_is_taken_off)
{
        CLEANUP(resources_freep) struct resources *r = parse("cpus:2;mem(eng):5");
        CLEANUP(resources_freep) struct resources *plain = resources_copy(r);
        resources_allocate(r, "eng/dev");
        check_print(r, "cpus(allocated: eng/dev):2; mem(allocated: eng/dev)(reservations: [(STATIC,eng)]):5");
        ck_assert(!resources_contain(r, plain));
        ck_assert(!resources_equal(r, plain));
        resources_allocate(r, "ops");
        resources_add(r, plain);
        resources_unallocate(r);
        check_print(r, "cpus:4; mem(reservations: [(STATIC,eng)]):10");
}
END_TEST

START_TEST(a_set_survives_the_way_through_messages)
{
        CLEANUP(resources_freep)
        struct resources *r = parse("cpus:1.5011;mem(eng):64;ports:[1-2,9-10];disks:{b,a}");
        resources_allocate(r, "eng");
        void *arena = actor_msg_new(&arena_type);
        V1__Resource **list = NULL;
        size_t count = 0;
        resources_to_v1(r, arena, &count, &list);
        ck_assert_uint_eq(count, 4);
        ck_assert_double_eq(list[0]->scalar->value, 1.5011);
        ck_assert_str_eq(list[1]->reservations[0]->role, "eng");
        CLEANUP(resources_freep) struct resources *again = NULL;
        ck_assert_int_eq(resources_from_v1(list, count, &again, NULL), 0);
        ck_assert(resources_equal(r, again));
        actor_msg_unref(arena);
        check_print(again,
                    "cpus(allocated: eng):1.501; mem(allocated: eng)(reservations: [(STATIC,eng)]):64; "
                    "ports(allocated: eng):[1-2, 9-10]; disks(allocated: eng):{b, a}");
}
END_TEST

START_TEST(both_reservation_formats_become_the_same)
{
        V1__Value__Scalar amount = V1__VALUE__SCALAR__INIT;
        V1__Resource__ReservationInfo old = V1__RESOURCE__RESERVATION_INFO__INIT;
        V1__Resource__ReservationInfo new = V1__RESOURCE__RESERVATION_INFO__INIT, *stack[] = {&new};
        V1__Resource a = V1__RESOURCE__INIT, b = V1__RESOURCE__INIT, *one[] = {&a}, *two[] = {&b};
        amount.value = 3;
        a.name = b.name = "cpus";
        a.scalar = b.scalar = &amount;
        a.role = "eng";
        old.principal = new.principal = "p";
        a.reservation = &old;
        new.role = "eng";
        new.has_type = 1;
        new.type = V1__RESOURCE__RESERVATION_INFO__TYPE__DYNAMIC;
        b.reservations = stack;
        b.n_reservations = 1;
        CLEANUP(resources_freep) struct resources *x = NULL;
        CLEANUP(resources_freep) struct resources *y = NULL;
        ck_assert_int_eq(resources_from_v1(one, 1, &x, NULL), 0);
        ck_assert_int_eq(resources_from_v1(two, 1, &y, NULL), 0);
        ck_assert(resources_equal(x, y));
        check_print(x, "cpus(reservations: [(DYNAMIC,eng,p)]):3");
}
END_TEST

START_TEST(a_bad_message_changes_nothing_and_is_told_by_its_index)
{
        V1__Value__Scalar amount = V1__VALUE__SCALAR__INIT, negative = V1__VALUE__SCALAR__INIT;
        V1__Resource good = V1__RESOURCE__INIT, bad = V1__RESOURCE__INIT, *list[] = {&good, &bad};
        amount.value = 1;
        negative.value = -1;
        good.name = bad.name = "cpus";
        good.scalar = &amount;
        bad.scalar = &negative;
        struct resources *r = NULL;
        struct actor_error error = {{0}};
        ck_assert_int_lt(resources_from_v1(list, 2, &r, &error), 0);
        ck_assert_ptr_null(r);
        ck_assert_ptr_nonnull(strstr(error.text, "resources[1]: resource 'cpus': scalar -1"));
}
END_TEST

START_TEST(finding_prefers_the_role_then_what_is_free)
{
        CLEANUP(resources_freep) struct resources *r = parse("cpus:4;cpus(eng):2;cpus(ops):8;mem:10");
        resources_allocate(r, "eng");
        CLEANUP(resources_freep) struct resources *wanted = parse("cpus:3;mem:1");
        CLEANUP(resources_freep) struct resources *found = resources_find(r, wanted, "eng");
        check_print(found, "cpus(allocated: eng)(reservations: [(STATIC,eng)]):2; cpus(allocated: eng):1; "
                           "mem(allocated: eng):1");
        ck_assert(resources_contain(r, found));
        CLEANUP(resources_freep) struct resources *more = parse("cpus:3;mem:11");
        ck_assert_ptr_null(resources_find(r, more, "eng"));
}
END_TEST

START_TEST(what_is_found_for_one_wish_is_not_found_again_for_the_next)
{
        CLEANUP(resources_freep) struct resources *r = parse("cpus(eng):3");
        CLEANUP(resources_freep) struct resources *wanted = parse("cpus(eng):2;cpus:2");
        ck_assert_ptr_null(resources_find(r, wanted, NULL));
}
END_TEST

START_TEST(a_shared_volume_is_counted_by_its_copies)
{
        V1__Value__Scalar amount = V1__VALUE__SCALAR__INIT;
        V1__Resource__DiskInfo__Persistence persistence = V1__RESOURCE__DISK_INFO__PERSISTENCE__INIT;
        V1__Resource__DiskInfo disk = V1__RESOURCE__DISK_INFO__INIT;
        V1__Resource__SharedInfo shared = V1__RESOURCE__SHARED_INFO__INIT;
        V1__Resource volume = V1__RESOURCE__INIT, *list[] = {&volume, &volume};
        amount.value = 10;
        persistence.id = "v";
        disk.persistence = &persistence;
        volume.name = "disk";
        volume.scalar = &amount;
        volume.disk = &disk;
        volume.shared = &shared;
        CLEANUP(resources_freep) struct resources *one = NULL;
        CLEANUP(resources_freep) struct resources *two = NULL;
        ck_assert_int_eq(resources_from_v1(list, 1, &one, NULL), 0);
        ck_assert_int_eq(resources_from_v1(list, 2, &two, NULL), 0);
        check_print(two, "disk[v]<SHARED>:10<2>");
        ck_assert(resources_contain(two, one));
        ck_assert(!resources_contain(one, two));
        resources_subtract(two, one);
        ck_assert(resources_equal(two, one));
        resources_subtract(two, one);
        ck_assert(resources_is_empty(two));
}
END_TEST

START_TEST(a_role_may_use_what_is_reserved_to_it_or_above_it)
{
        CLEANUP(resources_freep)
        struct resources *r = parse("cpus:1;cpus(eng):2;cpus(eng/dev):4;cpus(eng/dev/x):8;cpus(en):16");
        CLEANUP(resources_freep) struct resources *usable = resources_allocatable_to(r, "eng/dev");
        ck_assert_int_eq(resources_scalar_milli(usable, "cpus"), 7000);
        CLEANUP(resources_freep) struct resources *own = resources_reserved(r, "eng/dev");
        ck_assert_int_eq(resources_scalar_milli(own, "cpus"), 4000);
        CLEANUP(resources_freep) struct resources *reserved = resources_reserved(r, NULL);
        ck_assert_int_eq(resources_scalar_milli(reserved, "cpus"), 30000);
}
END_TEST

static bool is_scalar(void *arg, const V1__Resource *entry)
{
        ++*(int *) arg;
        return entry->type == V1__VALUE__TYPE__SCALAR && entry->scalar != NULL;
}

START_TEST(any_role_serves_when_nothing_else_does)
{
        CLEANUP(resources_freep) struct resources *r = parse("cpus(a):1;cpus(b):1;cpus(c):1;mem(b):1");
        CLEANUP(resources_freep) struct resources *wanted = parse("cpus(a):2;mem(b):1");
        CLEANUP(resources_freep) struct resources *found = resources_find(r, wanted, NULL);
        ck_assert_int_eq(resources_scalar_milli(found, "cpus"), 2000);
        ck_assert(resources_contain(r, found));
        CLEANUP(resources_freep) struct resources *nothing = resources_new();
        CLEANUP(resources_freep) struct resources *none = resources_find(nothing, nothing, NULL);
        ck_assert(resources_is_empty(none));
        ck_assert_ptr_null(resources_find(nothing, wanted, NULL));
}
END_TEST

START_TEST(a_filter_sees_each_entry_with_its_amount)
{
        CLEANUP(resources_freep) struct resources *r = parse("cpus:4;ports:[1-2];mem:1;disks:{a}");
        int seen = 0;
        CLEANUP(resources_freep) struct resources *kept = resources_filter(r, is_scalar, &seen);
        ck_assert_int_eq(seen, 4);
        check_print(kept, "cpus:4; mem:1");
        seen = 0;
        resources_each(r, is_scalar, &seen);
        ck_assert_int_eq(seen, 2);
}
END_TEST

START_TEST(the_legacy_object_sums_whatever_the_role)
{
        CLEANUP(resources_freep)
        struct resources *r = parse("cpus:4;cpus(eng):0.5;ports:[1-2];ports(eng):[3-4];mem:1");
        json_t *json = resources_to_legacy_json(r);
        ck_assert_double_eq(json_number_value(json_object_get(json, "cpus")), 4.5);
        ck_assert_double_eq(json_number_value(json_object_get(json, "disk")), 0);
        ck_assert_str_eq(json_string_value(json_object_get(json, "ports")), "[1-4]");
        ck_assert_uint_eq(json_object_size(json), 5);
        json_decref(json);
}
END_TEST

START_TEST(copies_may_go_their_own_ways)
{
        CLEANUP(resources_freep) struct resources *a = parse("cpus(eng):4;ports:[1-9];disks:{a}");
        CLEANUP(resources_freep) struct resources *b = resources_copy(a);
        CLEANUP(resources_freep) struct resources *less = parse("cpus(eng):1;ports:[2-3]");
        resources_subtract(b, less);
        check_print(a, "cpus(reservations: [(STATIC,eng)]):4; ports:[1-9]; disks:{a}");
        check_print(b, "cpus(reservations: [(STATIC,eng)]):3; ports:[1-1, 4-9]; disks:{a}");
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_refusal_names_the_offending_part);
        tcase_add_test(tcase, what_was_added_can_be_taken_away_again);
        tcase_add_test(tcase, a_set_may_be_added_to_itself);
        tcase_add_test(tcase, sums_stop_at_the_largest_number);
        tcase_add_test(tcase, allocation_sets_entries_apart_until_it_is_taken_off);
        tcase_add_test(tcase, a_set_survives_the_way_through_messages);
        tcase_add_test(tcase, both_reservation_formats_become_the_same);
        tcase_add_test(tcase, a_bad_message_changes_nothing_and_is_told_by_its_index);
        tcase_add_test(tcase, finding_prefers_the_role_then_what_is_free);
        tcase_add_test(tcase, what_is_found_for_one_wish_is_not_found_again_for_the_next);
        tcase_add_test(tcase, any_role_serves_when_nothing_else_does);
        tcase_add_test(tcase, a_shared_volume_is_counted_by_its_copies);
        tcase_add_test(tcase, a_role_may_use_what_is_reserved_to_it_or_above_it);
        tcase_add_test(tcase, a_filter_sees_each_entry_with_its_amount);
        tcase_add_test(tcase, the_legacy_object_sums_whatever_the_role);
        tcase_add_test(tcase, copies_may_go_their_own_ways);
}

TEST_MAIN("resources", add_tests)
