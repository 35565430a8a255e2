/* SPDX-License-Identifier: Apache-2.0 */
/* The run-next slot and its rescue: sched_ready(), sched_ready_slowly(), sched_take_next() and
 * sched_rescue() of libactor/src/core (sched.c, sched_private.h, share.c). The slot's worker reads and writes it without a barrier; another thread takes
 * whoever is in it while the worker is stuck in a handler. membarrier(2) makes what both see one sequence of
 * steps, as here. README.md says what is left out. */

#ifndef TURNS
#define TURNS 2
#endif
#ifndef RESCUES
#define RESCUES 2
#endif
#define READY 2 /* actors that each handler makes runnable, at most */
#define ACTORS (TURNS * READY)
#define NOBODY 0

byte next = NOBODY; /* struct worker */
byte turns;
bit is_rescued;

bit in_handler;          /* what the caller of sched_rescue() must have seen */
bit ready[ACTORS + 1];   /* was made runnable */
byte found[ACTORS + 1];  /* how often it was run, or stands in a queue that others see */

inline sched_ready(a)
{
    if
    :: next == NOBODY -> next = a
    :: else -> /* sched_ready_slowly() */
#ifdef BREAK_SLOT_BY_STORE /* reads, then writes, where the code exchanges */
        before = next;
        next = a;
#else
        atomic { before = next; next = a }
#endif
        if
        :: before != NOBODY -> found[before]++ /* push() */
        :: else
        fi;
        before = NOBODY
    fi
}

inline sched_take_next()
{
    !is_rescued;
    a = next;
    if
    :: a != NOBODY -> next = NOBODY; found[a]++
    :: else
    fi;
    a = NOBODY
}

proctype worker()
{
    byte turn, made, a, before;
    do
    :: turn < TURNS ->
        turn++;
        in_handler = 1;
        do
        :: made < READY * turn -> made++; ready[made] = 1; sched_ready(made)
        :: break
        od;
        atomic { in_handler = 0; turns++ }
        made = READY * turn;
        sched_take_next()
    :: else -> break
    od
}

proctype rescuer()
{
    byte rescues, seen, a;
    do
    :: rescues < RESCUES ->
        rescues++;
#ifdef BREAK_BETWEEN_TURNS /* knows the turn's number, but not that its handler runs */
        seen = turns;
#else
        if
        :: atomic { in_handler -> seen = turns }
        :: turns == TURNS -> break
        fi;
#endif
        is_rescued = 1;
        if
        :: turns == seen ->
            atomic { a = next; next = NOBODY }
            if
            :: a != NOBODY -> found[a]++ /* sched_inject() */
            :: else
            fi;
            a = NOBODY
        :: else
        fi;
        is_rescued = 0
    :: else -> break
    od
}

/* Whoever was made runnable is found once. */
init {
    byte i;
    atomic { run worker(); run rescuer() }
    _nr_pr == 1 ->
    d_step {
        assert(next == NOBODY);
        for (i : 1 .. ACTORS) { assert(found[i] == ready[i]) }
    }
}
