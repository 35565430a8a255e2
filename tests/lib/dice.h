/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_DICE_H
#define TESTS_LIB_DICE_H

#include <stdint.h>

/* SplitMix64 (Steele, Lea and Flood 2014; public domain). */
static inline uint64_t dice_throw(uint64_t *dice)
{
        uint64_t z = *dice += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
}

#endif
