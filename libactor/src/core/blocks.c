/* SPDX-License-Identifier: Apache-2.0 */
#include "core/blocks.h"

#include <actor/memory.h>
#include <stdlib.h>

static const size_t sizes[BLOCK_CLASSES] = {96, 128, 256, 512};

/* The worker's own; the one thing that is reached through the thread, because a message is released by
 * whoever has it last. Under the sanitizers there is none: they are to see each block's true life. */
static _Thread_local struct block_cache *own_cache;

void blocks_use(struct block_cache *cache)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        (void) cache;
#else
        own_cache = cache;
#endif
}

unsigned blocks_class(size_t size)
{
        unsigned block_class = 0;
        while (block_class < BLOCK_CLASSES && size > sizes[block_class])
                block_class++;
        return block_class;
}

static struct block *take_batch(struct depot *depot, unsigned block_class)
{
        pthread_mutex_lock(&depot->lock);
        struct block *batch = depot->batches[block_class];
        if (batch != NULL) {
                depot->batches[block_class] = batch->next_batch;
                depot->counts[block_class]--;
        }
        pthread_mutex_unlock(&depot->lock);
        return batch;
}

static void free_batch(struct block *batch)
{
        while (batch != NULL) {
                struct block *next = batch->next;
                free(batch);
                batch = next;
        }
}

static void give_batch(struct depot *depot, unsigned block_class, struct block *batch)
{
        pthread_mutex_lock(&depot->lock);
        if (depot->counts[block_class] < BATCHES_MAX) {
                batch->next_batch = depot->batches[block_class];
                depot->batches[block_class] = batch;
                depot->counts[block_class]++;
                batch = NULL;
        }
        pthread_mutex_unlock(&depot->lock);
        free_batch(batch);
}

static struct block *refill(struct block_cache *cache, unsigned block_class)
{
        struct block *batch = cache->spare[block_class];
        cache->spare[block_class] = NULL;
        if (batch == NULL)
                batch = take_batch(cache->depot, block_class);
        cache->counts[block_class] = batch != NULL ? BATCH_BLOCKS : 0;
        return batch;
}

void *blocks_new(size_t size, unsigned block_class)
{
        struct block_cache *cache = own_cache;
        if (block_class == BLOCK_CLASSES)
                return actor_malloc(size);
        if (cache == NULL)
                return actor_malloc(sizes[block_class]);
        struct block *block = cache->current[block_class];
        if (block == NULL && (block = refill(cache, block_class)) == NULL)
                return actor_malloc(sizes[block_class]);
        cache->current[block_class] = block->next;
        cache->counts[block_class]--;
        return block;
}

void blocks_free(void *memory, unsigned block_class)
{
        struct block_cache *cache = own_cache;
        struct block *block = memory;
        if (cache == NULL || block_class == BLOCK_CLASSES) {
                free(memory);
                return;
        }
        if (cache->counts[block_class] == BATCH_BLOCKS) {
                if (cache->spare[block_class] != NULL)
                        give_batch(cache->depot, block_class, cache->spare[block_class]);
                cache->spare[block_class] = cache->current[block_class];
                cache->current[block_class] = NULL;
                cache->counts[block_class] = 0;
        }
        block->next = cache->current[block_class];
        cache->current[block_class] = block;
        cache->counts[block_class]++;
}

void blocks_done(struct block_cache *cache)
{
        for (unsigned i = 0; i < BLOCK_CLASSES; i++) {
                free_batch(cache->current[i]);
                free_batch(cache->spare[i]);
        }
}

void depot_init(struct depot *depot)
{
        pthread_mutex_init(&depot->lock, NULL);
}

void depot_done(struct depot *depot)
{
        for (unsigned i = 0; i < BLOCK_CLASSES; i++) {
                for (struct block *batch = depot->batches[i], *next; batch != NULL; batch = next) {
                        next = batch->next_batch;
                        free_batch(batch);
                }
        }
        pthread_mutex_destroy(&depot->lock);
}
