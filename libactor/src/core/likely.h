/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_LIKELY_H
#define CORE_LIKELY_H

/* What a message usually meets on its way lies in one piece, without a jump: most of a jump's price is not the
 * jump, but that the processor fetches its instructions elsewhere. For the way of a message only; the rest may
 * well be left to the compiler. */
#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

#endif
