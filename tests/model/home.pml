/* SPDX-License-Identifier: Apache-2.0 */
/* A change between the two ways: the workers share their work, or one of them, home, has it all. share.c (give,
 * give_from_ring, go_home, count_laps, share_take_gifts, share_is_worth_it, sched_rescue), judge.c as what may come of
 * it, sched.c (sched_push, sched_call_help, may_rob, search) and park.c (sched_has_work, sched_sleep) of
 * libactor/src/core. Two workers.
 *
 * At any look around the way may change, and actors make others runnable, on their worker. A handler may not
 * return before all others have run: with KNOWN its worker knows beforehand that it is slow, else the watchdog
 * sees it. README.md says what is left out. */

#ifndef INJECTED
#define INJECTED 1 /* actors that are runnable at first */
#endif
#ifndef SPAWNED
#define SPAWNED 1 /* that others make runnable, all together */
#endif
#ifndef CHANGES
#define CHANGES 2 /* verdicts of the judge */
#endif
#ifndef SLOW
#define SLOW 1 /* handlers that do not return before all others have run */
#endif
#ifndef KNOWN
#define KNOWN 1
#endif
#ifndef PATIENCE
#define PATIENCE 6 /* looks for nothing, one after the other, that other threads' steps may explain */
#endif
#define WORKERS 2
#define TOTAL (INJECTED + SPAWNED)
#define NOBODY 255

#define WAKE_KICKED 1
#define WAKE_TO_SEARCH 2

/* struct actor_node */
byte inject_count = INJECTED;
byte idle[WORKERS];
byte idle_count;
byte searchers;
bit quit;

/* struct sharing */
byte home = NOBODY;
bit epoch;
bit judging;

/* struct worker */
byte ring[WORKERS]; /* how many actors; ring.pml has its insides */
byte head[WORKERS]; /* of the ring, so many times as a search can notice */
byte gifts[WORKERS];
bit next[WORKERS]; /* somebody is in the run-next slot */
bit ready_slowly[WORKERS];
bit running[WORKERS]; /* a handler that does not return */
byte wake_word[WORKERS];

/* What the properties speak of. */
byte left_to_spawn = SPAWNED;
byte changes_left = CHANGES;
byte slow_left = SLOW;
byte ran;

/* ---- sleeping and waking: sleep.pml has each step ------------------------------------------------- */

inline wake(w, bits)
{
    wake_word[w] = wake_word[w] | bits
}

inline sched_wake_one()
{
    d_step {
        if
        :: idle_count > 0 && searchers == 0 ->
            idle_count--;
            searchers = 1;
            wake(idle[idle_count], WAKE_TO_SEARCH);
            idle[idle_count] = 0
        :: else
        fi
    }
}

/* What lies in a ring, seen by others. */
inline look_into_ring(w)
{
    work = (ring[w] > 0);
#if defined(BREAK_ALL_RINGS) /* also those that are their worker's alone to empty */
#elif defined(BREAK_NO_RINGS) /* not even those behind a slow handler */
    work = work && alone == NOBODY;
#else
    if
    :: work && alone != NOBODY -> work = ready_slowly[w]
    :: else
    fi
#endif
}

/* work */
inline sched_has_work()
{
    work = (inject_count > 0);
    if
    :: !work ->
        alone = home;
        look_into_ring(0);
        if
        :: !work -> look_into_ring(1)
        :: else
        fi;
        alone = 0
    :: else
    fi
}

inline remove_sleeper(me)
{
    if
    :: idle_count > 0 && idle[idle_count - 1] == me -> idle_count--; idle[idle_count] = 0; found = 1
    :: idle_count == 2 && idle[0] == me -> idle[0] = idle[1]; idle[1] = 0; idle_count--; found = 1
    :: else -> found = 0
    fi
}

inline sched_sleep(me)
{
    d_step { wake_word[me] = 0; idle[idle_count] = me; idle_count++ }
    sched_has_work();
#ifndef BREAK_GIFTS_UNSEEN
    work = work || gifts[me] > 0;
#endif
    if
    :: !work && !quit -> wake_word[me] != 0; vain = 0
    :: else -> atomic { work = 0; vain = vain + looked; assert(vain <= PATIENCE) } /* it does not look for ever */
    fi;
    looked = 0;
    d_step { remove_sleeper(me) }
    if
    :: !found -> d_step { (wake_word[me] & WAKE_TO_SEARCH) != 0 -> searching = 1 }
    :: else
    fi;
    found = 0
}

/* ---- making work ---------------------------------------------------------------------------------- */

inline sched_push(me)
{
    ring[me]++;
    if
    :: idle_count > 0 && searchers == 0 && (ready_slowly[me] || (home == NOBODY && ring[me] >= 2)) ->
        sched_wake_one()
    :: else
    fi
}

inline sched_inject()
{
    atomic { inject_count++; sched_wake_one() }
}

inline sched_ready(me)
{
    if
    :: ready_slowly[me] -> sched_push(me)
    :: !ready_slowly[me] && !next[me] -> next[me] = 1
    :: else -> sched_push(me) /* who was in the slot */
    fi
}

/* ---- share.c -------------------------------------------------------------------------------------- */

inline share_take_gifts(me)
{
    if
    :: gifts[me] > 0 ->
        atomic { count = gifts[me]; gifts[me] = 0 }
        do
        :: count > 0 -> count--; sched_push(me)
        :: else -> break
        od
    :: else
    fi
}

inline go_home(me)
{
    if
    :: epoch != seen ->
        seen = epoch;
        to = home;
        if
        :: to != NOBODY && to != me ->
            if
            :: next[me] -> next[me] = 0; gifts[to]++
            :: else
            fi;
            do
            :: atomic { ring[me] > 0 -> ring[me]--; head[me] = (head[me] + 1) % 4; gifts[to]++ }
            :: ring[me] == 0 -> break
            od;
#ifndef BREAK_UNKICKED /* it may have gone to sleep meanwhile */
            if
            :: idle_count > 0 -> wake(to, WAKE_KICKED)
            :: else
            fi
#endif
        :: else
        fi;
        to = 0
    :: else
    fi
}

/* Whatever the judge says. */
inline count_laps()
{
    if
    :: atomic { changes_left > 0 && !judging -> changes_left--; judging = 1 }
        if
        :: home == NOBODY ->
            if
            :: home = 0
            :: home = 1
            fi;
            epoch = !epoch
        :: home != NOBODY -> epoch = !epoch /* gather() */
        :: home != NOBODY -> home = 1 - home /* the busiest is another now */
        :: home != NOBODY ->
            home = NOBODY;
            sched_wake_one()
        fi;
        judging = 0
    :: true
    fi
}

/* ---- running -------------------------------------------------------------------------------------- */

inline sched_call_help(me)
{
    if
    :: idle_count > 0 && ring[me] > 0 -> sched_wake_one()
    :: else
    fi
}

inline turn_run(me)
{
    ran++;
    do
    :: atomic { left_to_spawn > 0 -> left_to_spawn-- }
        sched_ready(me)
    :: atomic { slow_left > 0 -> slow_left--; running[me] = 1 }
#if KNOWN
#ifdef BREAK_SLOW_TOLD_LATE /* looks for sleepers first: what a weaker memory order would allow */
        sched_call_help(me);
        ready_slowly[me] = 1;
#else
        ready_slowly[me] = 1;
        sched_call_help(me);
#endif
        do
        :: atomic { left_to_spawn > 0 -> left_to_spawn-- }
            sched_ready(me)
        :: break
        od;
#endif
        ran + left_to_spawn == TOTAL;
        atomic { running[me] = 0; ready_slowly[me] = 0 }
        break
    :: break
    od
}

/* got: somebody to run */
inline sched_find_own(me)
{
    share_take_gifts(me);
    atomic {
        if
        :: ring[me] > 0 -> ring[me]--; head[me] = (head[me] + 1) % 4; got = 1
        :: else
        fi
    }
    if
    :: got && next[me] -> next[me] = 0; sched_push(me)
    :: !got && next[me] -> next[me] = 0; got = 1
    :: else
    fi;
    if
    :: !got && inject_count > 0 ->
        atomic { /* a share of them: one to run, the rest onto the ring */
            count = inject_count / WORKERS + 1;
            if
            :: count > inject_count -> count = inject_count
            :: else
            fi;
            if
            :: count > 0 -> got = 1; more = (inject_count > 1); inject_count = inject_count - count; ring[me] = ring[me] + count - 1
            :: else
            fi;
            count = 0
        }
        if
        :: more -> more = 0; sched_wake_one()
        :: else
        fi
    :: else
    fi
}

/* may_rob(): whoever has not moved all the while may be in a long turn */
inline steal(me)
{
    to = home;
    atomic {
        if
        :: ring[1 - me] > 0 && ((to == NOBODY && ring[1 - me] >= 2) ||
            (head[1 - me] == stood && (to == NOBODY || ready_slowly[1 - me]))) ->
            count = ring[1 - me] - ring[1 - me] / 2;
            ring[1 - me] = ring[1 - me] - count;
            head[1 - me] = (head[1 - me] + count) % 4;
            ring[me] = ring[me] + count - 1;
            got = 1;
            count = 0
        :: else
        fi;
        to = 0
    }
}

inline search(me)
{
    atomic {
        if
        :: searching
        :: !searching && searchers == 0 -> searchers = 1; searching = 1
        :: else
        fi
    }
    if
    :: searching ->
        stood = head[1 - me];
        sched_find_own(me);
        if
        :: !got -> steal(me)
        :: else
        fi;
        atomic { stood = 0; searching = 0; searchers = 0 }
        if
        :: got ->
            sched_has_work();
            if
            :: work -> work = 0; sched_wake_one()
            :: else
            fi
        :: else -> looked = 1
        fi
    :: else
    fi
}

proctype worker(byte me)
{
    byte count, to, stood, alone;
    byte vain; /* times that it looked everywhere, found nothing, and did not sleep for all that */
    bit got, more, work, found, searching, seen, looked;
    do
    :: quit -> break
    :: else ->
        if /* share_work_out_pace(), when it is due */
        :: count_laps(); go_home(me)
        :: true
        fi;
        if
        :: searching
        :: else -> sched_find_own(me)
        fi;
        if
        :: !got -> search(me)
        :: else
        fi;
        if
        :: got -> got = 0; vain = 0; looked = 0; turn_run(me)
        :: else -> sched_sleep(me)
        fi
    od
}

/* sched_rescue(), as often as it takes; rescue.pml has the slot. Not for a ring behind a handler that is known
 * to be slow: others are to have come for that before. */
inline rescue(w)
{
#if !KNOWN
    do
    :: atomic { ring[w] > 0 -> ring[w]--; head[w] = (head[w] + 1) % 4 }
        sched_inject()
    :: ring[w] == 0 -> break
    od;
#endif
    atomic {
        if
        :: running[w] -> taken = next[w] + gifts[w]; next[w] = 0; gifts[w] = 0
        :: else
        fi
    }
    do
    :: taken > 0 -> taken--; sched_inject()
    :: else -> break
    od
}

proctype watchdog()
{
    byte taken;
end:
    do
    :: running[0] && ((!KNOWN && ring[0] > 0) || next[0] || gifts[0] > 0) -> rescue(0)
    :: running[1] && ((!KNOWN && ring[1] > 0) || next[1] || gifts[1] > 0) -> rescue(1)
    od
}

/* At rest: all have run, nobody waits anywhere, and all sleep. Then they are told to end. */
init {
    atomic {
        run worker(0);
        run worker(1);
        run watchdog()
    }
    timeout ->
    assert(ran + left_to_spawn == TOTAL);
    assert(inject_count == 0 && ring[0] + ring[1] + gifts[0] + gifts[1] == 0 && !next[0] && !next[1]);
    assert(idle_count == WORKERS && searchers == 0);
    quit = 1;
    wake(0, WAKE_KICKED);
    wake(1, WAKE_KICKED)
}
