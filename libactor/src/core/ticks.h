/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_TICKS_H
#define CORE_TICKS_H

#include <stdbool.h>
#include <stdint.h>

/* The monotonic clock, read cheaply by one thread: between two looks at the kernel's clock, never more than a
 * millisecond apart, time is told by the processor's counter. Right to within a microsecond; never goes
 * back. Where the counter cannot be trusted (no invariant TSC) each reading asks the kernel. */
struct ticks {
        bool usable;
        uint64_t first_tick, anchor_tick, span_ticks; /* span: how far an anchor is trusted; 0: not at all */
        uint64_t ns_a_tick;                           /* times 2^32 */
        int64_t first_ns, anchor_ns, last_ns;
};

void ticks_init(struct ticks *ticks);
int64_t ticks_now_ns(struct ticks *ticks);

#endif
