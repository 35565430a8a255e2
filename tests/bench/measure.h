/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

/* What the programs that measure the wire share. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A whole number, at least 1; the program ends where it is none. */
static inline long number(const char *text)
{
        char *end;
        long value = strtol(text, &end, 10);
        if (*text == '\0' || *end != '\0' || value < 1) {
                fprintf(stderr, "%s is no number\n", text);
                exit(2);
        }
        return value;
}

static inline double now_s(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

#endif
