/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_FRAME_POOL_H
#define NET_FRAME_POOL_H

#include "net/limits.h"

#include <actor/memory.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

/* Memory of full frames, which libzmq's thread lets go of and a sender soon needs again: given back to
 * malloc it would mostly go back to the system, and come back page by page. Each is malloc'ed by itself,
 * with room for NET_GATHER_BYTES. Any thread. */
struct frame_pool {
        pthread_mutex_t lock;
        uint8_t *kept[NET_FRAMES_KEPT];
        size_t count;
};

static inline uint8_t *frame_pool_take(struct frame_pool *pool)
{
        pthread_mutex_lock(&pool->lock);
        uint8_t *data = pool->count > 0 ? pool->kept[--pool->count] : NULL;
        pthread_mutex_unlock(&pool->lock);
        return data ? data : actor_malloc(NET_GATHER_BYTES);
}

static inline void frame_pool_give(struct frame_pool *pool, uint8_t *data)
{
        pthread_mutex_lock(&pool->lock);
        if (pool->count < NET_FRAMES_KEPT) {
                pool->kept[pool->count++] = data;
                data = NULL;
        }
        pthread_mutex_unlock(&pool->lock);
        free(data);
}

static inline void frame_pool_done(struct frame_pool *pool)
{
        while (pool->count > 0)
                free(pool->kept[--pool->count]);
        pthread_mutex_destroy(&pool->lock);
}

#endif
