/* SPDX-License-Identifier: Apache-2.0 */
#include "core/depot.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* depot.c: a slab is SLAB_SIZE bytes at a multiple of SLAB_SIZE, so that a block's address tells its
 * slab. Pages that no block has touched cost nothing. One lock a depot: it is taken once a batch. */
enum {
        SLAB_SIZE = 256 << 10,
        SLAB_HEADER = 128,
        BATCHES_MAX = 16,     /* of each class, kept for exchange */
        EMPTY_SLABS_KEPT = 1, /* of each class: a burst that comes and goes does not map anew each time */
};

struct slab {
        struct depot *depot;
        struct slab *next, *previous; /* among those of its class that have room */
        struct block *free;
        unsigned block_class, capacity, carved, out; /* blocks: that fit, ever handed out, out now */
};
_Static_assert(sizeof(struct slab) <= SLAB_HEADER, "a slab's header has its place");

struct depot {
        pthread_mutex_t lock;
        struct block *batches[BLOCK_CLASSES];
        unsigned batch_counts[BLOCK_CLASSES];
        struct slab *roomy[BLOCK_CLASSES];
        unsigned empty_counts[BLOCK_CLASSES]; /* of the roomy ones */
        size_t slabs;
        _Atomic size_t slabs_ever;
        bool released;
};

struct depot *depot_new(void)
{
        struct depot *depot = actor_zalloc(sizeof *depot);
        pthread_mutex_init(&depot->lock, NULL);
        return depot;
}

/* ---- slabs; the lock is held ---------------------------------------------------------------------- */

static void *map_aligned(void)
{
        const int access = PROT_READ | PROT_WRITE, kind = MAP_PRIVATE | MAP_ANONYMOUS;
        char *memory = mmap(NULL, 2 * SLAB_SIZE, access, kind, -1, 0);
        if (memory == MAP_FAILED) {
                fprintf(stderr, "libactor: out of memory for messages: %s\n", strerror(errno));
                abort();
        }
        size_t before = (SLAB_SIZE - (uintptr_t) memory % SLAB_SIZE) % SLAB_SIZE;
        if (before > 0)
                (void) munmap(memory, before);
        (void) munmap(memory + before + SLAB_SIZE, SLAB_SIZE - before);
        return memory + before;
}

static struct slab *slab_of(const struct block *block)
{
        return (struct slab *) ((uintptr_t) block & ~(uintptr_t) (SLAB_SIZE - 1));
}

static void link_roomy(struct slab *slab)
{
        struct slab **first = &slab->depot->roomy[slab->block_class];
        slab->previous = NULL;
        slab->next = *first;
        if (*first != NULL)
                (*first)->previous = slab;
        *first = slab;
}

static void unlink_roomy(struct slab *slab)
{
        if (slab->next != NULL)
                slab->next->previous = slab->previous;
        *(slab->previous != NULL ? &slab->previous->next : &slab->depot->roomy[slab->block_class]) =
                slab->next;
}

static struct slab *slab_new(struct depot *depot, unsigned block_class)
{
        struct slab *slab = map_aligned();
        slab->depot = depot;
        slab->block_class = block_class;
        slab->capacity = (SLAB_SIZE - SLAB_HEADER) / block_sizes[block_class];
        depot->slabs++;
        atomic_fetch_add_explicit(&depot->slabs_ever, 1, memory_order_relaxed);
        depot->empty_counts[block_class]++;
        link_roomy(slab);
        return slab;
}

static struct block *slab_take(struct slab *slab)
{
        struct block *block = slab->free;
        if (block != NULL)
                slab->free = block->next;
        else
                block = (struct block *) ((char *) slab + SLAB_HEADER +
                                          (size_t) slab->carved++ * block_sizes[slab->block_class]);
        if (slab->out++ == 0)
                slab->depot->empty_counts[slab->block_class]--;
        if (slab->out == slab->capacity)
                unlink_roomy(slab);
        return block;
}

static void slab_give(struct slab *slab, struct block *block)
{
        struct depot *depot = slab->depot;
        unsigned block_class = slab->block_class;
        assert(slab->out > 0);
        block->next = slab->free;
        slab->free = block;
        if (slab->out-- == slab->capacity)
                link_roomy(slab);
        if (slab->out > 0)
                return;
        if (!depot->released && depot->empty_counts[block_class] < EMPTY_SLABS_KEPT) {
                depot->empty_counts[block_class]++;
                return;
        }
        unlink_roomy(slab);
        depot->slabs--;
        (void) munmap(slab, SLAB_SIZE);
}

/* ---- the door ------------------------------------------------------------------------------------- */

struct block *depot_take(struct depot *depot, unsigned block_class)
{
        pthread_mutex_lock(&depot->lock);
        struct block *batch = depot->batches[block_class];
        if (batch != NULL) {
                depot->batches[block_class] = batch->next_batch;
                depot->batch_counts[block_class]--;
        } else {
                for (unsigned i = 0; i < BATCH_BLOCKS; i++) {
                        struct slab *slab = depot->roomy[block_class];
                        if (slab == NULL)
                                slab = slab_new(depot, block_class);
                        struct block *block = slab_take(slab);
                        block->next = batch;
                        batch = block;
                }
        }
        pthread_mutex_unlock(&depot->lock);
        return batch;
}

void depot_give(struct depot *depot, unsigned block_class, struct block *batch)
{
        pthread_mutex_lock(&depot->lock);
        bool kept = depot->batch_counts[block_class] < BATCHES_MAX;
        if (kept) {
                batch->next_batch = depot->batches[block_class];
                depot->batches[block_class] = batch;
                depot->batch_counts[block_class]++;
        }
        pthread_mutex_unlock(&depot->lock);
        if (!kept)
                depot_free(batch);
}

static void end(struct depot *depot)
{
        pthread_mutex_destroy(&depot->lock);
        free(depot);
}

/* Blocks of one depot; returns the first that is of another. */
static struct block *send_home(struct depot *depot, struct block *blocks)
{
        pthread_mutex_lock(&depot->lock);
        while (blocks != NULL && slab_of(blocks)->depot == depot) {
                struct block *next = blocks->next;
                slab_give(slab_of(blocks), blocks);
                blocks = next;
        }
        bool last = depot->released && depot->slabs == 0;
        pthread_mutex_unlock(&depot->lock);
        if (last)
                end(depot);
        return blocks;
}

void depot_free(struct block *blocks)
{
        while (blocks != NULL)
                blocks = send_home(slab_of(blocks)->depot, blocks);
}

void depot_empty(struct depot *depot)
{
        struct block *batches[BLOCK_CLASSES], *batch;
        pthread_mutex_lock(&depot->lock);
        for (unsigned i = 0; i < BLOCK_CLASSES; i++) {
                batches[i] = depot->batches[i];
                depot->batches[i] = NULL;
                depot->batch_counts[i] = 0;
        }
        pthread_mutex_unlock(&depot->lock);
        for (unsigned i = 0; i < BLOCK_CLASSES; i++) {
                while ((batch = batches[i]) != NULL) {
                        batches[i] = batch->next_batch;
                        depot_free(batch);
                }
        }
}

void depot_release(struct depot *depot)
{
        depot_empty(depot);
        pthread_mutex_lock(&depot->lock);
        depot->released = true;
        for (unsigned i = 0; i < BLOCK_CLASSES; i++) {
                for (struct slab *slab = depot->roomy[i], *next; slab != NULL; slab = next) {
                        next = slab->next;
                        if (slab->out > 0)
                                continue;
                        unlink_roomy(slab);
                        depot->slabs--;
                        (void) munmap(slab, SLAB_SIZE);
                }
        }
        bool last = depot->slabs == 0;
        pthread_mutex_unlock(&depot->lock);
        if (last)
                end(depot);
}

size_t depot_slabs(struct depot *depot)
{
        pthread_mutex_lock(&depot->lock);
        size_t slabs = depot->slabs;
        pthread_mutex_unlock(&depot->lock);
        return slabs;
}

size_t depot_slabs_ever(struct depot *depot)
{
        return atomic_load_explicit(&depot->slabs_ever, memory_order_relaxed);
}
