/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <check_main.h>
#include <proto/attributes.h>
#include <string.h>

struct arena {
        char unused;
};
static ACTOR_LOCAL_TYPE(arena_type, struct arena);

/* mission: G6 */
START_TEST(attributes_print_as_they_were_written)
{
        void *arena = actor_msg_new(&arena_type);
        V1__Attribute **list = NULL;
        size_t count = 0;
        ck_assert_int_eq(attributes_parse("rack:r1;cores:8.5;ports:[1-2,4-9];url:http://x/", arena, &count,
                                          &list, NULL),
                         0);
        CLEANUP(actor_freep) char *text = attributes_print(list, count);
        ck_assert_str_eq(text, "rack:r1;cores:8.5;ports:[1-2, 4-9];url:http://x/");
        actor_msg_unref(arena);
}
END_TEST

START_TEST(no_attributes_are_an_empty_list)
{
        void *arena = actor_msg_new(&arena_type);
        V1__Attribute **list = NULL;
        size_t count = 7;
        ck_assert_int_eq(attributes_parse("", arena, &count, &list, NULL), 0);
        ck_assert_uint_eq(count, 0);
        CLEANUP(actor_freep) char *text = attributes_print(list, count);
        ck_assert_str_eq(text, "");
        ck_assert(attributes_equal(list, 0, NULL, 0));
        actor_msg_unref(arena);
}
END_TEST

START_TEST(a_refusal_names_the_pair)
{
        static const char *const bad[] = {"a:1;rack", "a:1;rack:", "a:1;rack:{a,b}", "a:1;rack:[1]",
                                          "a:1;rack:x)"};
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                void *arena = actor_msg_new(&arena_type);
                V1__Attribute **list = NULL;
                size_t count = 0;
                struct actor_error error = {{0}};
                ck_assert_msg(attributes_parse(bad[i], arena, &count, &list, &error) < 0, "%s", bad[i]);
                ck_assert_ptr_null(list);
                ck_assert_msg(strstr(error.text, "attribute 'rack") == error.text, "%s", error.text);
                actor_msg_unref(arena);
        }
}
END_TEST

START_TEST(a_value_prints_alone)
{
        static const char *const items[] = {"b", "a"};
        void *arena = actor_msg_new(&arena_type);
        V1__Attribute **list = NULL;
        size_t count = 0;
        ck_assert_int_eq(attributes_parse("rack:r 1;cores:8.50;vlans:[5-5,1-2,3-3]", arena, &count, &list, NULL), 0);
        V1__Value__Set names = V1__VALUE__SET__INIT;
        V1__Attribute set = V1__ATTRIBUTE__INIT;
        names.n_item = 2;
        names.item = (void *) items;
        set.name = "disks";
        set.type = V1__VALUE__TYPE__SET;
        set.set = &names;
        V1__Attribute *all[] = {list[0], list[1], list[2], &set};
        static const char *const values[] = {"r1", "8.5", "[1-3, 5-5]", "{b, a}"};
        for (size_t i = 0; i < 4; i++) {
                CLEANUP(actor_freep) char *value = attribute_print_value(all[i]);
                ck_assert_str_eq(value, values[i]);
        }
        CLEANUP(actor_freep) char *whole = attributes_print(all, 4);
        ck_assert_str_eq(whole, "rack:r1;cores:8.5;vlans:[1-3, 5-5];disks:{b, a}");
        actor_msg_unref(arena);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, attributes_print_as_they_were_written);
        tcase_add_test(tcase, no_attributes_are_an_empty_list);
        tcase_add_test(tcase, a_refusal_names_the_pair);
        tcase_add_test(tcase, a_value_prints_alone);
}

TEST_MAIN("attributes", add_tests)
