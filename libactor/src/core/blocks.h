/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_BLOCKS_H
#define CORE_BLOCKS_H

#include <pthread.h>
#include <stddef.h>

/* Memory for what is made and released once a message: envelopes, and messages of small types. A worker
 * keeps two batches of free blocks of each size; a full one goes to the node's depot and an empty one is
 * replaced from there, so blocks that always travel one way come back sixty-four at a time. (Magazines:
 * Bonwick and Adams 2001.) Each block is malloc'ed by itself: any thread may release any block, also
 * after the node is gone; threads without a cache use malloc and free alone. */
enum { BLOCK_CLASSES = 4, BATCH_BLOCKS = 64, BATCHES_MAX = 1024 };

struct block {
        struct block *next, *next_batch;
};

struct depot {
        pthread_mutex_t lock;
        struct block *batches[BLOCK_CLASSES];
        unsigned counts[BLOCK_CLASSES];
};

struct block_cache {
        struct depot *depot;
        struct block *current[BLOCK_CLASSES], *spare[BLOCK_CLASSES]; /* spare: full, or none */
        unsigned counts[BLOCK_CLASSES];                              /* in current */
};

/* The smallest class that holds `size`; BLOCK_CLASSES: none does. Pure. */
unsigned blocks_class(size_t size);
/* Memory of blocks_class(size), not zeroed / back again. For BLOCK_CLASSES they are malloc and free. */
void *blocks_new(size_t size, unsigned block_class) __attribute__((returns_nonnull));
void blocks_free(void *memory, unsigned block_class);

/* The calling thread uses this cache from now on; NULL: none. */
void blocks_use(struct block_cache *cache);
/* Releases what the cache / the depot keep. */
void blocks_done(struct block_cache *cache);
void depot_init(struct depot *depot);
void depot_done(struct depot *depot);

#endif
