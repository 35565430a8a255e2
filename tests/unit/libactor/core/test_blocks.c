/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>

#include "check_main.h"
#include "core/blocks.h"
#include "core/depot.h"

#include <actor/memory.h>

#include <stdlib.h>
#include <string.h>

enum { MANY = 200000, SIZE = 100, CLASS_OF_SIZE = 3, LARGEST = 1280 };

START_TEST(a_class_is_the_smallest_that_fits)
{
        ck_assert_uint_eq(blocks_class(1), 0);
        ck_assert_uint_eq(blocks_class(32), 0);
        ck_assert_uint_eq(blocks_class(33), 1);
        ck_assert_uint_eq(blocks_class(SIZE), CLASS_OF_SIZE);
        ck_assert_uint_eq(blocks_class(LARGEST), BLOCK_CLASSES - 1);
        ck_assert_uint_eq(blocks_class(LARGEST + 1), BLOCK_MALLOCED);
}
END_TEST

struct taken {
        void *memory;
        uint8_t block_class;
};

static struct taken take(size_t size)
{
        struct taken taken = {.block_class = (uint8_t) blocks_class(size)};
        taken.memory = blocks_new(size, &taken.block_class);
        memset(taken.memory, 0xab, size);
        return taken;
}

/* Takes MANY, then releases them all. */
static void burst(struct taken *all)
{
        for (size_t i = 0; i < MANY; i++)
                all[i] = take(SIZE);
        for (size_t i = 0; i < MANY; i++)
                blocks_free(all[i].memory, all[i].block_class);
}

START_TEST(the_memory_of_a_burst_is_given_back)
{
        struct depot *depot = depot_new();
        struct block_cache cache = {0};
        struct taken *all = actor_malloc(MANY * sizeof *all);
        blocks_init(&cache, depot);
        blocks_use(&cache);
        burst(all);
        /* Some in the cache, some for exchange, one slab for the next burst; all of them were a hundred. */
        ck_assert_uint_le(depot_slabs(depot), 4);
        burst(all);
        ck_assert_uint_le(depot_slabs(depot), 4);
        blocks_done(&cache);
        blocks_use(NULL);
        depot_release(depot);
        free(all);
}
END_TEST

START_TEST(blocks_from_one_cache_may_be_released_into_another_or_without_any)
{
        struct depot *depots[2] = {depot_new(), depot_new()};
        struct block_cache caches[2] = {0};
        static struct taken all[MANY];
        blocks_init(&caches[0], depots[0]);
        blocks_init(&caches[1], depots[1]);
        blocks_use(&caches[0]);
        for (size_t i = 0; i < MANY; i++)
                all[i] = take(SIZE);
        blocks_use(&caches[1]);
        for (size_t i = 0; i < MANY / 2; i++)
                blocks_free(all[i].memory, all[i].block_class);
        blocks_use(NULL);
        struct taken foreign = take(SIZE);
        ck_assert_uint_eq(foreign.block_class, BLOCK_MALLOCED);
        blocks_free(foreign.memory, foreign.block_class);
        blocks_done(&caches[0]);
        blocks_done(&caches[1]);
        depot_release(depots[0]); /* and still blocks of it are out */
        depot_release(depots[1]);
        for (size_t i = MANY / 2; i < MANY; i++)
                blocks_free(all[i].memory, all[i].block_class);
}
END_TEST

/* Released in no order, the last blocks lie in as many slabs. */
START_TEST(no_slab_is_kept_for_a_block_that_nobody_keeps)
{
        struct depot *depot = depot_new();
        struct block_cache cache = {0};
        struct taken *all = actor_malloc(MANY * sizeof *all);
        blocks_init(&cache, depot);
        blocks_use(&cache);
        for (size_t i = 0; i < MANY; i++)
                all[i] = take(SIZE);
        for (size_t i = 0; i < MANY; i++) { /* 7919 is a prime and divides MANY not */
                struct taken *one = &all[i * 7919 % MANY];
                blocks_free(one->memory, one->block_class);
        }
        bool pooled = all[0].block_class != BLOCK_MALLOCED; /* not under the sanitizers */
        ck_assert(!pooled || depot_slabs(depot) > 50);
        blocks_done(&cache);
        depot_empty(depot);
        ck_assert_uint_le(depot_slabs(depot), 1);
        struct taken one = take(SIZE); /* and it can go on */
        blocks_free(one.memory, one.block_class);
        blocks_done(&cache);
        blocks_use(NULL);
        depot_release(depot);
        free(all);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_class_is_the_smallest_that_fits);
        tcase_add_test(tcase, the_memory_of_a_burst_is_given_back);
        tcase_add_test(tcase, no_slab_is_kept_for_a_block_that_nobody_keeps);
        tcase_add_test(tcase, blocks_from_one_cache_may_be_released_into_another_or_without_any);
}

TEST_MAIN("blocks", add_tests)
