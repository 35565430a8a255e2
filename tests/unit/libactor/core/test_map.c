/* SPDX-License-Identifier: Apache-2.0 */
#include "core/map.h"

#include <check_main.h>
#include <string.h>

enum { KEYS = 512 };

/* Method: a plain array as the model, a hundred thousand random operations, compared all the way. */
START_TEST(a_map_holds_what_a_plain_array_would)
{
        struct map map = {0};
        void *model[KEYS + 1] = {NULL};
        size_t count = 0;
        uint64_t dice = 88172645463325252u;
        for (int i = 0; i < 100000; i++) {
                dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
                uint64_t key = 1 + dice % KEYS;
                void *value = (void *) (uintptr_t) (dice >> 20 | 1);
                if (dice >> 60 < 8) {
                        count += model[key] == NULL;
                        map_put(&map, key, value);
                        model[key] = value;
                } else {
                        ck_assert_ptr_eq(map_take(&map, key), model[key]);
                        count -= model[key] != NULL;
                        model[key] = NULL;
                }
                ck_assert_uint_eq(map.count, count);
                uint64_t other = 1 + (dice >> 32) % KEYS;
                ck_assert_ptr_eq(map_get(&map, other), model[other]);
        }
        map_done(&map);
}
END_TEST

START_TEST(taking_any_empties_the_map_and_gives_each_entry_once)
{
        struct map map = {0};
        bool seen[KEYS + 1] = {false};
        uint64_t key;
        void *value;
        for (uintptr_t i = 1; i <= KEYS; i++)
                map_put(&map, i << 32 | 7, (void *) i);
        for (int i = 0; i < KEYS; i++) {
                ck_assert(map_take_any(&map, &key, &value));
                ck_assert(!seen[(uintptr_t) value]);
                ck_assert_uint_eq(key, (uint64_t) (uintptr_t) value << 32 | 7);
                seen[(uintptr_t) value] = true;
        }
        ck_assert(!map_take_any(&map, &key, &value));
        map_done(&map);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_map_holds_what_a_plain_array_would);
        tcase_add_test(tcase, taking_any_empties_the_map_and_gives_each_entry_once);
}

TEST_MAIN("map", add_tests)
