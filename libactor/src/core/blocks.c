/* SPDX-License-Identifier: Apache-2.0 */
#include "core/blocks.h"

#include "core/depot.h"
#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>

/* Of threads without a cache; never written to. */
static struct block_cache none;

_Thread_local struct block_cache *blocks_own = &none;

void blocks_init(struct block_cache *cache, struct depot *depot)
{
        cache->depot = depot;
        for (unsigned i = 0; i < BLOCK_CLASSES; i++)
                cache->lists[i].room = BATCH_BLOCKS;
}

void blocks_use(struct block_cache *cache)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        (void) cache;
#else
        blocks_own = cache != NULL ? cache : &none;
#endif
}

struct block_made blocks_new_slowly(size_t size, uint8_t block_class)
{
        struct block_cache *cache = blocks_own;
        if (cache == &none || block_class == BLOCK_MALLOCED)
                return (struct block_made){actor_malloc(size), BLOCK_MALLOCED};
        struct block *batch = cache->spare[block_class];
        cache->spare[block_class] = NULL;
        if (batch == NULL)
                batch = depot_take(cache->depot, block_class);
        cache->lists[block_class] = (struct block_list){batch->next, 1};
        return (struct block_made){batch, block_class};
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
        if (cache == &none) {
                depot_free(block);
                return;
        }
        struct block_list *list = &cache->lists[block_class];
        assert(list->room == 0);
        if (cache->spare[block_class] != NULL)
                depot_give(cache->depot, block_class, cache->spare[block_class]);
        cache->spare[block_class] = list->first;
        *list = (struct block_list){block, BATCH_BLOCKS - 1};
}

void blocks_done(struct block_cache *cache)
{
        for (unsigned i = 0; i < BLOCK_CLASSES; i++) {
                depot_free(cache->lists[i].first);
                depot_free(cache->spare[i]);
                cache->lists[i] = (struct block_list){NULL, BATCH_BLOCKS};
                cache->spare[i] = NULL;
        }
}
