/* SPDX-License-Identifier: Apache-2.0 */
#include "core/judge.h"

#include <stddef.h>

#define GET(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define SET(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

enum {
        LONG_NS = 500,     /* messages that take as long may as well cross */
        LAPS = 2,          /* of a try, beside its first, which does not count; ... */
        LAPS_PART = 32,    /* ... where sharing seems to pay: up to this part of the pause before */
        LAPS_HOME = 50,    /* ... where one worker alone does not seem to get on as well */
        LAPS_SMOOTHED = 8, /* a rate is that of so many laps */
};

static bool is_long(const struct lap *lap)
{
        return lap->done * LONG_NS < (uint64_t) lap->spent_ns;
}

/* More than one worker did the work. */
static bool is_beside(const struct lap *lap)
{
        return lap->done - lap->most > lap->done / 16;
}

/* Many messages went between workers. */
static bool crosses(const struct lap *lap)
{
        return lap->away > lap->sent / 8;
}

/* All others give what they have to `home`. */
static void gather(struct sharing *sharing)
{
        atomic_store_explicit(&sharing->epoch, GET(sharing->epoch) + 1, memory_order_release);
}

/* NULL: everybody takes some. */
static void change(struct sharing *sharing, struct worker *home)
{
        sharing->laps = 0;
        atomic_store(&sharing->home, home); /* whoever lies down now sees it, or is seen (share.c) */
        if (home != NULL)
                gather(sharing);
}

static void begin_try(struct sharing *sharing, struct worker *home)
{
        sharing->trying = true;
        change(sharing, home);
}

static void end_try(struct sharing *sharing, const struct lap *lap, bool fails, struct worker *home)
{
        sharing->trying = false;
        if (!fails || sharing->pause_ns == 0)
                sharing->pause_ns = JUDGE_PAUSE_MIN_NS;
        else if (sharing->pause_ns < JUDGE_PAUSE_MAX_NS)
                sharing->pause_ns *= 4;
        sharing->try_at_ns = lap->now_ns + sharing->pause_ns;
        if (fails)
                change(sharing, home);
}

/* Two processors at work are to bring more than one does by a quarter. */
static bool sharing_pays(const struct sharing *sharing)
{
        return sharing->rate_shared > sharing->rate_home + sharing->rate_home / 4;
}

/* Until enough is known of the present way. A try of one worker alone is bound to begin slowly: all that is
 * in use has to come over from the others' caches. */
static int64_t laps_wanted(const struct sharing *sharing)
{
        if (!sharing->trying || sharing->rate_home >= sharing->rate_shared)
                return LAPS;
        if (GET(sharing->home) != NULL)
                return LAPS_HOME;
        bool is_clear = sharing->rate_shared > sharing->rate_home + sharing->rate_home / 2;
        return is_clear ? LAPS : LAPS + sharing->pause_ns / LAPS_PART / JUDGE_LAP_NS;
}

/* Adds a lap to the rate of the present way; whether enough is known of it. */
static bool know(struct sharing *sharing, const struct lap *lap)
{
        int64_t *rate = GET(sharing->home) != NULL ? &sharing->rate_home : &sharing->rate_shared;
        int64_t laps = sharing->laps++, now = (int64_t) lap->done * 1000000 / (lap->spent_ns + 1);
        if (laps == 1)
                *rate = now;
        else if (laps > 1)
                *rate += (now - *rate) / (laps < LAPS_SMOOTHED ? laps : LAPS_SMOOTHED);
        return laps >= laps_wanted(sharing);
}

static void judge_shared(struct sharing *sharing, const struct lap *lap)
{
        if (!is_beside(lap) || !know(sharing, lap))
                return;
        bool costs = crosses(lap) && !is_long(lap);
        if (sharing->trying)
                end_try(sharing, lap, costs && !sharing_pays(sharing), lap->busiest);
        else if (costs && (lap->now_ns >= sharing->try_at_ns || !sharing_pays(sharing)))
                begin_try(sharing, lap->busiest);
}

static void judge_home(struct sharing *sharing, const struct lap *lap)
{
        if (is_long(lap)) {
                sharing->trying = false;
                change(sharing, NULL);
                return;
        }
        if (!is_beside(lap))
                SET(sharing->home, lap->busiest);
        else if (crosses(lap))
                gather(sharing);
        if (!know(sharing, lap))
                return;
        if (sharing->trying)
                end_try(sharing, lap, sharing_pays(sharing), NULL);
        else if (lap->now_ns >= sharing->try_at_ns && lap->waits)
                begin_try(sharing, NULL);
}

void judge_lap(struct sharing *sharing, const struct lap *lap)
{
        if (lap->sleeps) /* then it did what there was, and not what it could */
                return;
        if (GET(sharing->home) == NULL)
                judge_shared(sharing, lap);
        else
                judge_home(sharing, lap);
}
