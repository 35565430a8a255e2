/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "state_cell.h"

#include <string.h>

/* A state is shown without what all states begin with; where no terminal looks, without colour. */
START_TEST(a_state_is_shown_by_its_own_name)
{
        static const char *const columns[] = {"STATE", NULL};
        char text[64] = "";
        struct actor_table *table = actor_table_new(columns);
        state_cell(table, "TASK_RUNNING");
        state_cell(table, "STRANGE");
        FILE *out = tmpfile();
        actor_table_print(table, out, "");
        rewind(out);
        ck_assert_uint_gt(fread(text, 1, sizeof text - 1, out), 0);
        ck_assert_str_eq(text, "STATE\nRUNNING\nSTRANGE\n");
        fclose(out);
        actor_table_free(table);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_state_is_shown_by_its_own_name);
}

TEST_MAIN("task states in tables", add_tests)
