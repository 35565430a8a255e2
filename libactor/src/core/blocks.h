/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_BLOCKS_H
#define CORE_BLOCKS_H

#include "core/likely.h"
#include <stddef.h>
#include <stdint.h>

/* Memory for what is made and released once a message or an actor: envelopes, small messages, states.
 * A worker keeps two batches of free blocks of each size; a full one goes to the node's depot and an
 * empty one is replaced from there, so blocks that always travel one way come back sixty-four at a time.
 * (Magazines: Bonwick and Adams 2001.) Any thread may release any block, also after the node is gone;
 * a thread without a cache gets its blocks from malloc, and each block's owner remembers which (the class).
 */
enum { BLOCK_CLASSES = 9, BLOCK_MALLOCED = BLOCK_CLASSES, BATCH_BLOCKS = 64 };

struct block {
        struct block *next, *next_batch;
};

struct depot;

/* The free blocks of one size at hand, and for how many more there is room. */
struct block_list {
        struct block *first;
        unsigned room;
};

struct block_cache {
        struct depot *depot;
        struct block *spare[BLOCK_CLASSES]; /* full, or none */
        /* The last, of what comes from malloc, is always both empty and full, and so are all lists of the
         * cache that a thread without one has: what they cannot serve costs no look of its own. */
        struct block_list lists[BLOCK_CLASSES + 1];
};

/* A zeroed one becomes one of `depot`. */
void blocks_init(struct block_cache *cache, struct depot *depot);

/* The calling thread's own; the one thing that is reached through the thread, because a message is
 * released by whoever has it last. */
extern _Thread_local struct block_cache *blocks_own __attribute__((tls_model("initial-exec")));

static const uint16_t block_sizes[BLOCK_CLASSES] = {32, 64, 80, 128, 192, 256, 512, 1024, 1280};

/* By size in units of sixteen bytes, rounded up. */
static const uint8_t block_class_of[] = {0, 0, 0, 1, 1, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6,
                                         6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7,
                                         7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
                                         7, 7, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8};

/* The smallest class that holds `size`; BLOCK_MALLOCED: none does. Pure. */
static inline uint8_t blocks_class(size_t size)
{
        size_t units = (size + 15) / 16;
        return likely(units < sizeof block_class_of) ? block_class_of[units] : BLOCK_MALLOCED;
}

struct block_made {
        void *memory;
        uint8_t block_class;
};

/* What the two below do when the cache's current batch does not help. */
struct block_made blocks_new_slowly(size_t size, uint8_t block_class);
void blocks_free_slowly(void *memory, uint8_t block_class);

/* Memory for `size` bytes, not zeroed. *block_class is blocks_class(size) on entry, and what blocks_free()
 * must be told on return. */
static inline void *blocks_new(size_t size, uint8_t *block_class)
{
        struct block_list *list = &blocks_own->lists[*block_class];
        struct block *block = list->first;
        if (unlikely(block == NULL)) {
                struct block_made made = blocks_new_slowly(size, *block_class);
                *block_class = made.block_class;
                return made.memory;
        }
        list->first = block->next;
        list->room++;
        __builtin_prefetch(list->first);
        __builtin_prefetch((const char *) list->first + 64);
        return block;
}

static inline void blocks_free(void *memory, uint8_t block_class)
{
        struct block_list *list = &blocks_own->lists[block_class];
        struct block *block = memory;
        if (unlikely(list->room == 0)) {
                blocks_free_slowly(memory, block_class);
                return;
        }
        block->next = list->first;
        list->first = block;
        list->room--;
}

/* The calling thread uses this cache from now on; NULL: none. Under the sanitizers it stays without:
 * they are to see each block's true life. */
void blocks_use(struct block_cache *cache);
/* Gives back what the cache keeps. */
void blocks_done(struct block_cache *cache);

#endif
