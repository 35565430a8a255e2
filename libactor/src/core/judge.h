/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_JUDGE_H
#define CORE_JUDGE_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct worker;

/* Whether a node's workers share their work, or one of them has it all: decided by what gets done.
 *
 * A message to an actor on another processor costs several times what a short handler does, how many times
 * depends on which processors these are, and no rule tells beforehand whether working side by side makes up
 * for it. So where many short messages go between workers both ways are tried and counted. The way that does
 * more is kept; the other one is tried again after a pause, which is four times as long after each failure.
 */
enum {
        JUDGE_LAP_NS = 100000, /* from one count to the next, at least */
        JUDGE_PAUSE_MIN_NS = 4000000,
        JUDGE_PAUSE_MAX_NS = 256000000,
};

/* What is known; zeroed at first. The plain fields belong to whoever has set `judging`. */
struct sharing {
        alignas(64) struct worker *_Atomic home; /* who is to have all work; NULL: everybody takes some */
        _Atomic uint32_t epoch;                  /* changes when the others are to give it theirs */
        _Atomic int64_t count_at_ns;
        atomic_bool judging;
        bool trying;
        int64_t counted_ns, try_at_ns, pause_ns;
        uint64_t sent, away;            /* as of the last count, by all workers */
        int64_t laps;                   /* since the last change */
        int64_t rate_shared, rate_home; /* messages sent and handled a millisecond, when last tried */
};

/* What all workers did since the last count. */
struct lap {
        int64_t now_ns, spent_ns;
        uint64_t sent, away; /* messages; those to whom another worker ran last */
        uint64_t done, most; /* messages sent and handled: by all, by the busiest */
        struct worker *busiest;
        bool sleeps; /* and even that one had nothing to do for a while */
        bool waits;  /* the one that has all work has several actors waiting */
};

/* One more lap is over. Changes home and epoch where something else follows from it. Pure. */
void judge_lap(struct sharing *sharing, const struct lap *lap);

#endif
