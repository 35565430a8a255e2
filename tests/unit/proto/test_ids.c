/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <check_main.h>
#include <proto/ids.h>
#include <string.h>

/* mission: F4 H3 */
START_TEST(an_id_is_a_folder_name_of_at_most_255_bytes)
{
        char id[258];
        memset(id, 'x', sizeof id);
        id[255] = '\0';
        ck_assert_int_eq(id_validate("task id", id, NULL), 0);
        id[255] = 'x';
        id[256] = '\0';
        ck_assert_int_lt(id_validate("task id", id, NULL), 0);
        static const char *const bad[] = {"", ".", "..", "a/b", "a\\b", "a\nb", "\x7f", "a\x01"};
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct actor_error error = {{0}};
                ck_assert_msg(id_validate("task id", bad[i], &error) < 0, "accepted '%s'", bad[i]);
                ck_assert_ptr_eq(strstr(error.text, "task id"), error.text);
        }
        ck_assert_int_lt(id_validate("task id", NULL, NULL), 0);
        ck_assert_int_eq(id_validate("task id", "...", NULL), 0);
}
END_TEST

START_TEST(a_container_id_has_no_dot_and_no_space)
{
        ck_assert_int_eq(container_id_validate("0f3c-1", NULL), 0);
        ck_assert_int_lt(container_id_validate("a.b", NULL), 0);
        ck_assert_int_lt(container_id_validate("a b", NULL), 0);
}
END_TEST

/* mission: F14 */
START_TEST(a_bad_role_is_told_with_its_component)
{
        struct actor_error error = {{0}};
        ck_assert_int_lt(role_validate("eng/-dev/x", &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "'eng/-dev/x'"));
        ck_assert_ptr_nonnull(strstr(error.text, "'-dev'"));
        CLEANUP(actor_freep) char *huge = actor_malloc(ROLE_LENGTH_MAX + 2);
        memset(huge, 'a', ROLE_LENGTH_MAX + 1);
        huge[ROLE_LENGTH_MAX + 1] = '\0';
        ck_assert_int_lt(role_validate(huge, NULL), 0);
        huge[ROLE_LENGTH_MAX] = '\0';
        ck_assert_int_eq(role_validate(huge, NULL), 0);
}
END_TEST

START_TEST(a_role_list_is_refused_whole_when_one_is_bad)
{
        char **roles = NULL;
        ck_assert_int_lt(role_list_parse("a,b,/c", &roles, NULL), 0);
        ck_assert_ptr_null(roles);
        ck_assert_int_eq(role_list_parse("a,,b/c,d,e,f,g,h,i,j", &roles, NULL), 0);
        ck_assert_str_eq(roles[1], "b/c");
        ck_assert_str_eq(roles[8], "j");
        ck_assert_ptr_null(roles[9]);
        role_list_free(roles);
        ck_assert_int_eq(role_list_parse("", &roles, NULL), 0);
        ck_assert_ptr_null(roles[0]);
        role_list_free(roles);
}
END_TEST

/* mission: F13 */
START_TEST(parents_are_walked_up_to_the_top)
{
        ck_assert_uint_eq(role_parent_length("a/b/c", 5), 3);
        ck_assert_uint_eq(role_parent_length("a/b/c", 3), 1);
        ck_assert_uint_eq(role_parent_length("a/b/c", 1), 0);
        ck_assert_uint_eq(role_parent_length("", 0), 0);
        ck_assert(role_is_strict_subrole("a/b", "a"));
        ck_assert(!role_is_strict_subrole("a", "a"));
        ck_assert(!role_is_strict_subrole("ab/c", "a"));
}
END_TEST

START_TEST(a_uuid_is_version_4_and_reads_as_text)
{
        uint8_t uuid[UUID_SIZE];
        uuid_make(UINT64_MAX, 0x0123456789abcdef, uuid);
        ck_assert(uuid_is_valid(uuid, sizeof uuid));
        char text[UUID_TEXT_SIZE];
        uuid_text(uuid, text);
        ck_assert_str_eq(text, "ffffffff-ffff-4fff-8123-456789abcdef");
        ck_assert(!uuid_is_valid(uuid, 15));
        ck_assert(!uuid_is_valid(NULL, UUID_SIZE));
        uuid[6] = 0x0f;
        ck_assert(!uuid_is_valid(uuid, sizeof uuid));
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_id_is_a_folder_name_of_at_most_255_bytes);
        tcase_add_test(tcase, a_container_id_has_no_dot_and_no_space);
        tcase_add_test(tcase, a_bad_role_is_told_with_its_component);
        tcase_add_test(tcase, a_role_list_is_refused_whole_when_one_is_bad);
        tcase_add_test(tcase, parents_are_walked_up_to_the_top);
        tcase_add_test(tcase, a_uuid_is_version_4_and_reads_as_text);
}

TEST_MAIN("ids and roles", add_tests)
