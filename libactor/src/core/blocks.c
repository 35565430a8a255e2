/* SPDX-License-Identifier: Apache-2.0 */
#include "core/blocks.h"

#include "core/depot.h"
#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>

_Thread_local struct block_cache *blocks_own;

void blocks_use(struct block_cache *cache)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        (void) cache;
#else
        blocks_own = cache;
#endif
}

void *blocks_new_slowly(size_t size, uint8_t *block_class)
{
        struct block_cache *cache = blocks_own;
        unsigned wanted = *block_class;
        if (cache == NULL || wanted == BLOCK_MALLOCED) {
                *block_class = BLOCK_MALLOCED;
                return actor_malloc(size);
        }
        struct block *batch = cache->spare[wanted];
        cache->spare[wanted] = NULL;
        if (batch == NULL)
                batch = depot_take(cache->depot, wanted);
        cache->current[wanted] = batch->next;
        cache->counts[wanted] = BATCH_BLOCKS - 1;
        return batch;
}

void blocks_free_slowly(void *memory, uint8_t block_class)
{
        struct block_cache *cache = blocks_own;
        struct block *block = memory;
        if (block_class == BLOCK_MALLOCED) {
                free(memory);
                return;
        }
        block->next = NULL;
        if (cache == NULL) {
                depot_free(block);
                return;
        }
        assert(cache->counts[block_class] == BATCH_BLOCKS);
        if (cache->spare[block_class] != NULL)
                depot_give(cache->depot, block_class, cache->spare[block_class]);
        cache->spare[block_class] = cache->current[block_class];
        cache->current[block_class] = block;
        cache->counts[block_class] = 1;
}

void blocks_done(struct block_cache *cache)
{
        for (unsigned i = 0; i < BLOCK_CLASSES; i++) {
                depot_free(cache->current[i]);
                depot_free(cache->spare[i]);
        }
}
