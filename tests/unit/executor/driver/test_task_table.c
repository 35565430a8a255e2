/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "driver/task_table.h"

#include <stdbool.h>
#include <stdio.h>

#define RECORDS 5000

struct record {
        struct task_entry entry;
        char id[16];
        bool seen;
};

START_TEST(every_record_is_found_and_no_other)
{
        static struct record records[RECORDS];
        struct task_table table = {0};
        ck_assert_ptr_null(task_table_find(&table, "t0"));
        ck_assert_ptr_null(task_table_next(&table, NULL));
        for (int i = 0; i < RECORDS; i++) {
                snprintf(records[i].id, sizeof records[i].id, "t%d", i);
                records[i].entry.id = records[i].id;
                task_table_add(&table, &records[i].entry);
        }
        ck_assert_ptr_null(task_table_find(&table, "t5000"));
        for (int i = 0; i < RECORDS; i += 2)
                task_table_remove(&table, &records[i].entry);
        ck_assert_uint_eq(table.count, RECORDS / 2);
        for (int i = 0; i < RECORDS; i++)
                ck_assert_ptr_eq(task_table_find(&table, records[i].id), i % 2 ? &records[i].entry : NULL);
        task_table_done(&table);
}
END_TEST

START_TEST(a_walk_visits_each_record_once)
{
        static struct record records[RECORDS];
        struct task_table table = {0};
        for (int i = 0; i < RECORDS; i++) {
                snprintf(records[i].id, sizeof records[i].id, "t%d", i);
                records[i].entry.id = records[i].id;
                task_table_add(&table, &records[i].entry);
        }
        size_t count = 0;
        for (struct task_entry *e = task_table_next(&table, NULL); e != NULL;
             e = task_table_next(&table, e)) {
                ck_assert(!((struct record *) e)->seen);
                ((struct record *) e)->seen = true;
                count++;
        }
        ck_assert_uint_eq(count, RECORDS);
        while (task_table_pop(&table) != NULL)
                count--;
        ck_assert_uint_eq(count, 0);
        task_table_done(&table);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, every_record_is_found_and_no_other);
        tcase_add_test(tcase, a_walk_visits_each_record_once);
}

TEST_MAIN("task table", add_tests)
