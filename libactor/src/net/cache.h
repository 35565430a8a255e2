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

/* Makes the line this processor's own, as a write would: __builtin_prefetch() asks for less unless the
 * compiler is told for which processors it works. Those of 64 bits that do not know the instruction pass over
 * it. */
static inline void cache_own(const char *line)
{
#ifdef __x86_64__
        __asm__ volatile("prefetchw %0" : : "m"(*line));
#else
        __builtin_prefetch(line, 1);
#endif
}

static inline void cache_write_ahead(const void *at, size_t ahead, size_t size)
{
        for (size_t i = 0; i < size; i += CACHE_LINE)
                cache_own((const char *) ((uintptr_t) at + ahead + i));
}

#endif
