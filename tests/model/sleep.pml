/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping and waking of workers: libactor/src/core/park.c and sched.c. Each atomic access of the code is one step
 * here, and so is what it does under a lock, of which others see one store at most.
 *
 * A foreign thread injects actors; an actor that runs may make others runnable, on its worker's ring, or
 * last until another worker has run them all: work in a ring must not wait while a worker sleeps. At rest
 * all workers sleep and nothing is left to run; then the node is told to quit, and all must end.
 * README.md says what is left out. */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef INJECTED
#define INJECTED 2
#endif
#ifndef SPAWNED
#define SPAWNED 0 /* that actors make runnable, all together */
#endif
#ifndef ALARMS
#define ALARMS 0 /* times that a worker's sleep ends by itself: its wheel's next deadline */
#endif
#ifndef GIFTS
#define GIFTS 0 /* times that a worker gives from its ring to another: share.c */
#endif
#ifndef SLOW
#define SLOW 1 /* actors whose handler lasts until all others have run */
#endif
#ifndef QUIT_AT_ONCE
#define QUIT_AT_ONCE 0 /* the end comes at any time, not only at rest */
#endif

#define WAKE_KICKED 1
#define WAKE_TO_SEARCH 2

/* struct actor_node */
byte inject_count;
byte idle[WORKERS];
byte idle_count;
byte searchers;
bit quit;

/* struct worker */
byte ring[WORKERS]; /* how many actors; ring.pml has its insides */
byte gifts[WORKERS]; /* what others gave it */
byte wake_word[WORKERS];
bit asleep[WORKERS]; /* in the kernel, on wake_word */

/* What the properties speak of. */
byte left_to_spawn = SPAWNED;
byte alarms = ALARMS;
byte slow_left = SLOW;
byte gifts_left = GIFTS;
byte ran;
byte searching_now;

/* ---- sleeping ---------------------------------------------------------------------------------- */

/* Sleeps only if the word still is `value`: the kernel looks and goes to sleep in one step. */
inline futex_wait(me, value, has_alarm)
{
    atomic {
        if
        :: wake_word[me] == value -> asleep[me] = 1
        :: else
        fi
    }
    if
    :: !asleep[me]
    :: atomic { has_alarm && asleep[me] && alarms > 0 -> alarms--; asleep[me] = 0 }
    fi
}

inline wake(w, bits)
{
    wake_word[w] = wake_word[w] | bits;
    asleep[w] = 0
}

/* work: whether there is any in sight */
inline sched_has_work()
{
    work = (inject_count > 0);
    i = 0;
    do
    :: !work && i < WORKERS -> work = (ring[i] > 0); i++
    :: else -> break
    od;
    i = 0
}

/* who: a worker, or NOBODY */
#define NOBODY 255
inline take_sleeper()
{
    atomic {
        if
        :: idle_count > 0 -> idle_count--; who = idle[idle_count]; idle[idle_count] = 0
        :: else -> who = NOBODY
        fi
    }
}

inline add_sleeper(me)
{
    atomic { idle[idle_count] = me; idle_count++ }
}

/* found */
inline remove_sleeper(me)
{
    d_step {
        found = 0;
        i = 0;
        do
        :: i < idle_count && idle[i] != me -> i++
        :: i < idle_count && idle[i] == me ->
            idle_count--;
            idle[i] = idle[idle_count];
            idle[idle_count] = 0;
            found = 1;
            break
        :: i >= idle_count -> break
        od;
        i = 0
    }
}

inline sched_wake_one()
{
    do
    :: idle_count == 0 -> break
    :: else ->
#ifdef BREAK_SEARCHERS_BY_STORE /* looks, then stores, where the code compares and exchanges */
        claimed = (searchers == 0);
        if
        :: claimed -> searchers = 1
        :: else -> break
        fi;
#else
        atomic {
            if
            :: searchers == 0 -> searchers = 1
            :: else -> break
            fi
        }
#endif
        take_sleeper();
        if
        :: who != NOBODY -> wake(who, WAKE_TO_SEARCH); who = NOBODY; break
        :: else
        fi;
        searchers = 0;
#ifdef BREAK_BARRED_OTHERS /* does not look again whether somebody went to sleep meanwhile */
        break
#else
        sched_has_work();
        if
        :: !work -> break
        :: else -> work = 0
        fi
#endif
    od;
    work = 0
}

/* ---- making work ------------------------------------------------------------------------------- */

inline push(me)
{
#ifdef BREAK_PUSHES_LATE /* looks for sleepers first: what a weaker memory order would allow */
    sleepers = (idle_count > 0);
    ring[me]++;
#else
    ring[me]++;
    sleepers = (idle_count > 0);
#endif
    if
    :: sleepers && searchers == 0 -> sched_wake_one()
    :: else
    fi;
    sleepers = 0
}

inline sched_inject()
{
#ifdef BREAK_INJECTS_LATE
    sleepers = (idle_count > 0); /* the same */
    inject_count++;
    if
    :: sleepers -> sched_wake_one()
    :: else
    fi
#else
    inject_count++;
    sched_wake_one()
#endif
}

/* ---- finding work ------------------------------------------------------------------------------ */

/* give_from_ring(): to a worker that was awake just now */
inline give(me, to)
{
    atomic { idle_count == 0 && ring[me] > 0 && gifts_left > 0 -> gifts_left--; ring[me]-- }
    gifts[to]++;
#ifndef BREAK_UNKICKED /* it may have gone to sleep meanwhile */
    if
    :: idle_count > 0 -> wake(to, WAKE_KICKED)
    :: else
    fi
#endif
}

/* Each goes into the ring by sched_push(). */
inline share_take_gifts(me)
{
    if
    :: gifts[me] > 0 ->
        atomic { count = gifts[me]; gifts[me] = 0 }
        do
        :: count > 0 -> count--; push(me)
        :: else -> break
        od
    :: else
    fi
}

/* got: one actor to run */
inline sched_find_own(me)
{
#if GIFTS
    share_take_gifts(me);
#endif
    atomic {
        got = (ring[me] > 0);
        if
        :: got -> ring[me]--
        :: else
        fi
    }
    if
    :: !got && inject_count > 0 ->
        atomic { /* a share of them: one to run, the rest onto the ring */
            count = inject_count / WORKERS + 1;
            if
            :: count > inject_count -> count = inject_count
            :: else
            fi;
            if
            :: count > 0 -> got = 1; inject_count = inject_count - count; ring[me] = ring[me] + count - 1
            :: else
            fi;
            more = (inject_count > 0 || count > 1);
            count = 0
        }
#ifndef BREAK_SHARE_UNTOLD /* whoever takes several off the list tells others */
        if
        :: more -> more = 0; sched_wake_one()
        :: else
        fi
#endif
    :: else
    fi
}

inline steal(me)
{
    i = 0;
    do
    :: i < WORKERS && !got ->
        atomic {
            count = ring[i] - ring[i] / 2;
            if
            :: i != me && count > 0 -> ring[i] = ring[i] - count; ring[me] = ring[me] + count - 1; got = 1
            :: else
            fi;
            count = 0;
            i++
        }
    :: else -> break
    od;
    i = 0
}

inline stop_searching()
{
    atomic { searching = 0; searching_now--; searchers = 0 }
}

inline search(me)
{
    atomic {
        if
        :: searching
        :: !searching && searchers == 0 -> searchers = 1; searching = 1; searching_now++
        :: else
        fi;
        assert(searching_now <= 1)
    }
    if
    :: searching ->
        do
        :: sched_find_own(me);
            if
            :: !got -> steal(me)
            :: else
            fi;
            if
            :: true -> break /* the time of spinning is over */
            :: !got && !quit
            fi
        od;
        stop_searching();
        if
        :: got ->
            sched_has_work();
            if
            :: work -> work = 0; sched_wake_one()
            :: else
            fi
        :: else
        fi
    :: else
    fi
}

inline sched_sleep(me)
{
    wake_word[me] = 0;
    add_sleeper(me);
#ifndef BREAK_NO_SECOND_LOOK /* for work, when others can see that we sleep */
    sched_has_work();
#endif
#if GIFTS && !defined(BREAK_GIFTS_UNSEEN)
    work = work || gifts[me] > 0;
#endif
    if
    :: !work && !quit -> futex_wait(me, 0, true)
    :: else -> work = 0
    fi;
    remove_sleeper(me);
#ifndef BREAK_DEAF /* whoever was taken from the list does not wait to be made the searcher */
    if
    :: !found -> /* await_the_search() */
        do
        :: wake_word[me] & WAKE_TO_SEARCH -> break
        :: else -> count = wake_word[me];
            if
            :: count & WAKE_TO_SEARCH
            :: else -> futex_wait(me, count, false)
            fi;
            count = 0
        od;
        atomic { count = 0; searching = 1; searching_now++; assert(searching_now <= 1) }
    :: else
    fi
#endif
}

/* ---- the threads ------------------------------------------------------------------------------- */

inline turn_run(me)
{
    ran++;
    do
    :: atomic { left_to_spawn > 0 -> left_to_spawn-- }
        push(me)
    :: atomic { slow_left > 0 -> slow_left-- }
        ran + left_to_spawn == INJECTED + SPAWNED || quit;
        break
    :: break
    od
}

proctype worker(byte me)
{
    byte i, count, who = NOBODY;
    bit got, more, work, found, searching, sleepers, claimed;
    do
    :: quit -> break
    :: else ->
#if GIFTS
        if /* even_out(), go_home() */
        :: give(me, 1 - me)
        :: true
        fi;
#endif
        if
        :: searching
        :: else -> sched_find_own(me)
        fi;
        if
        :: !got -> search(me)
        :: else
        fi;
        if
        :: got -> got = 0; turn_run(me)
        :: else -> sched_sleep(me)
        fi
    od
}

proctype foreign()
{
    byte injected, i, who = NOBODY;
    bit work, claimed, sleepers;
    do
    :: injected < INJECTED -> sched_inject(); injected++
    :: else -> break
    od
}

init {
    byte w;
    atomic {
        do
        :: w < WORKERS -> run worker(w); w++
        :: else -> break
        od;
        run foreign();
        w = 0
    }
#if !QUIT_AT_ONCE
    timeout -> /* every worker sleeps */
    assert(ran + left_to_spawn == INJECTED + SPAWNED);
    assert(idle_count == WORKERS && searchers == 0);
#endif
    quit = 1;
    do
    :: w < WORKERS -> wake(w, WAKE_KICKED); w++
    :: else -> break
    od;
    _nr_pr == 1 -> assert(QUIT_AT_ONCE || searching_now == 0)
}
