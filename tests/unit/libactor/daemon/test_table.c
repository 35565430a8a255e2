/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include <actor/memory.h>
#include <actor/table.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const columns[] = {"NAME", ">COUNT", "STATE", NULL};

static char *printed(const struct actor_table *table, const char *empty)
{
        char *text = NULL;
        size_t size = 0;
        FILE *out = tmpfile();
        actor_table_print(table, out, empty);
        long end = ftell(out);
        rewind(out);
        text = actor_zalloc((size_t) end + 1);
        size = fread(text, 1, (size_t) end, out);
        ck_assert_uint_eq(size, (size_t) end);
        fclose(out);
        return text;
}

START_TEST(an_empty_table_says_so)
{
        struct actor_table *table = actor_table_new(columns);
        char *text = printed(table, "nothing here");
        ck_assert_str_eq(text, "nothing here\n");
        free(text);
        actor_table_free(table);
}
END_TEST

START_TEST(columns_are_as_wide_as_their_widest_cell_and_numbers_stand_to_the_right)
{
        struct actor_table *table = actor_table_new(columns);
        actor_table_cell(table, "a-long-name");
        actor_table_cellf(table, "%d", 7);
        actor_table_cell_coloured(table, "RUNNING", "32");
        actor_table_cell(table, "b");
        actor_table_cellf(table, "%d", 1234567);
        actor_table_cell_coloured(table, "FAILED", "31");
        char *text = printed(table, "");
        ck_assert_str_eq(text, "NAME           COUNT  STATE\n"
                               "a-long-name        7  RUNNING\n"
                               "b            1234567  FAILED\n");
        free(text);
        actor_table_free(table);
}
END_TEST

/* A file that is not a terminal gets no colour, and what a task wrote cannot move a terminal's cursor. */
START_TEST(cells_cannot_bring_control_characters_to_the_terminal)
{
        struct actor_table *table = actor_table_new(columns);
        actor_table_cell(table, "x\033[2Jy\nz");
        actor_table_cell(table, NULL);
        actor_table_cell(table, "");
        char *text = printed(table, "");
        ck_assert_ptr_null(strchr(text, '\033'));
        ck_assert_ptr_nonnull(strstr(text, "x?[2Jy?z"));
        free(text);
        actor_table_free(table);
}
END_TEST

START_TEST(letters_beyond_ascii_take_one_column)
{
        struct actor_table *table = actor_table_new(columns);
        actor_table_cell(table, "größe");
        actor_table_cell(table, "1");
        actor_table_cell(table, "x");
        char *text = printed(table, "");
        ck_assert_str_eq(text, "NAME   COUNT  STATE\ngröße      1  x\n");
        free(text);
        actor_table_free(table);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, an_empty_table_says_so);
        tcase_add_test(tcase, columns_are_as_wide_as_their_widest_cell_and_numbers_stand_to_the_right);
        tcase_add_test(tcase, cells_cannot_bring_control_characters_to_the_terminal);
        tcase_add_test(tcase, letters_beyond_ascii_take_one_column);
}

TEST_MAIN("table", add_tests)
