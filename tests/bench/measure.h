/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

/* What the programs that measure the wire share. */
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Both sides' keys where they speak CURVE: those of the examples in zmq_curve(7), secret from nobody. */
#define BENCH_PUBLIC_KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define BENCH_SECRET_KEY "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"

/* Whether the last argument asks for CURVE; it is then taken off. */
static inline bool wants_curve(int *argc, char **argv)
{
        bool wanted = *argc > 1 && strcmp(argv[*argc - 1], "curve") == 0;
        *argc -= wanted;
        return wanted;
}

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

static inline bool input_ends_by(double at_s)
{
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        double left_s = at_s - now_s();
        return poll(&input, 1, left_s > 0 ? (int) (left_s * 1000) : 0) > 0;
}

static inline void say(const char *word)
{
        puts(word);
        fflush(stdout);
}

/* Each of `count` peers speaks once a second, evenly spread. Says "begin" when all have spoken once, so that
 * what connecting costs lies before, and "end" so many seconds later; returns when the input ends. */
static inline void in_turn(long count, long seconds, void (*speak)(void *peers, long index), void *peers)
{
        double begin_s = now_s();
        for (long turn = 0; !input_ends_by(begin_s + (double) turn / (double) count); turn++) {
                if (turn == count)
                        say("begin");
                if (turn == (1 + seconds) * count)
                        say("end");
                speak(peers, turn % count);
        }
}

#endif
