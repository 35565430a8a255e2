/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_CACHE_H
#define NET_CACHE_H

#include <stddef.h>
#include <stdint.h>

/* Frames are written by one processor and read by the next. Both go through them in order, and ask for the
 * memory ahead in time: `size` bytes at `ahead` from `at`, which may lie beyond the end. A hint, no access.
 */
enum { CACHE_LINE = 64 };

static inline void cache_read_ahead(const void *at, size_t ahead, size_t size)
{
        for (size_t i = 0; i < size; i += CACHE_LINE)
                __builtin_prefetch((const void *) ((uintptr_t) at + ahead + i), 0);
}

static inline void cache_write_ahead(const void *at, size_t ahead, size_t size)
{
        for (size_t i = 0; i < size; i += CACHE_LINE)
                __builtin_prefetch((const void *) ((uintptr_t) at + ahead + i), 1);
}

#endif
