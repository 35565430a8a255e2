/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ticks.h"

#include "core/likely.h"

#include <time.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

enum { NS_A_MS = 1000000, BASELINE_NS = 10 * NS_A_MS };

static int64_t kernel_ns(void)
{
        struct timespec now;
        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint64_t counter(void)
{
#if defined(__x86_64__)
        return __rdtsc();
#else
        return 0;
#endif
}

/* AMD64 Architecture Programmer's Manual volume 3, E.4.6 and Intel SDM volume 3B, 18.17.1: bit 8 of EDX. */
static bool has_invariant_counter(void)
{
#if defined(__x86_64__)
        unsigned eax, ebx, ecx, edx;
        return __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) != 0 && (edx & 1u << 8) != 0;
#else
        return false;
#endif
}

void ticks_init(struct ticks *ticks)
{
        *ticks = (struct ticks){.usable = has_invariant_counter()};
        ticks->first_ns = ticks->last_ns = kernel_ns();
        ticks->first_tick = counter();
}

/* The longer it is since the beginning, the better the counter's frequency is known. */
static int64_t drop_anchor(struct ticks *ticks)
{
        int64_t now_ns = kernel_ns();
        uint64_t tick = counter();
        ticks->span_ticks = 0;
        if (ticks->usable && now_ns - ticks->first_ns >= BASELINE_NS && tick > ticks->first_tick) {
                __uint128_t since_ns = (__uint128_t) (now_ns - ticks->first_ns);
                ticks->ns_a_tick = (uint64_t) ((since_ns << 32) / (tick - ticks->first_tick));
                if (ticks->ns_a_tick > 0)
                        ticks->span_ticks = ((uint64_t) NS_A_MS << 32) / ticks->ns_a_tick;
                ticks->anchor_tick = tick;
                ticks->anchor_ns = now_ns;
        }
        return now_ns;
}

static inline int64_t never_back(struct ticks *ticks, int64_t now_ns)
{
        if (likely(now_ns > ticks->last_ns))
                ticks->last_ns = now_ns;
        return ticks->last_ns;
}

static __attribute__((noinline, cold)) int64_t anchored_now_ns(struct ticks *ticks)
{
        return never_back(ticks, drop_anchor(ticks));
}

int64_t ticks_now_ns(struct ticks *ticks)
{
        uint64_t since = counter() - ticks->anchor_tick;
        if (unlikely(since >= ticks->span_ticks))
                return anchored_now_ns(ticks);
        return never_back(ticks, ticks->anchor_ns + (int64_t) (since * ticks->ns_a_tick >> 32));
}
