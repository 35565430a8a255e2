/* SPDX-License-Identifier: Apache-2.0 */
#include "core/blocks.h"

#include <check_main.h>
#include <stdbool.h>
#include <string.h>

enum { BLOCKS = 5000 };

START_TEST(a_size_belongs_to_the_smallest_class_that_holds_it)
{
        ck_assert_uint_eq(blocks_class(1), 0);
        ck_assert_uint_eq(blocks_class(96), 0);
        ck_assert_uint_eq(blocks_class(97), 1);
        ck_assert_uint_eq(blocks_class(512), 3);
        ck_assert_uint_eq(blocks_class(513), BLOCK_CLASSES);
}
END_TEST

/* Goal: no block is handed out twice at once, wherever it was released. Method: one thread plays two
 * workers, the second of which releases all that the first makes; each live block bears its number. */
START_TEST(blocks_released_elsewhere_come_back_and_are_never_shared)
{
        static struct depot depot;
        static struct block_cache maker = {.depot = &depot}, releaser = {.depot = &depot};
        static unsigned char *live[BLOCKS];
        depot_init(&depot);
        for (int round = 0; round < 5; round++) {
                blocks_use(&maker);
                for (int i = 0; i < BLOCKS; i++) {
                        live[i] = blocks_new(256, blocks_class(256));
                        memset(live[i], i % 251, 256);
                }
                blocks_use(&releaser);
                bool intact = true;
                for (int i = 0; i < BLOCKS; i++) {
                        intact &= live[i][0] == i % 251 && memcmp(live[i], live[i] + 1, 255) == 0;
                        blocks_free(live[i], blocks_class(256));
                }
                ck_assert(intact);
                ck_assert_uint_le(releaser.counts[2], BATCH_BLOCKS);
        }
        blocks_use(NULL);
        blocks_done(&maker);
        blocks_done(&releaser);
        depot_done(&depot);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_size_belongs_to_the_smallest_class_that_holds_it);
        tcase_add_test(tcase, blocks_released_elsewhere_come_back_and_are_never_shared);
}

TEST_MAIN("blocks", add_tests)
