/* SPDX-License-Identifier: Apache-2.0 */
/* The queues of runnable actors: libactor/src/core/ring.c. Each load, store and exchange of the code is
 * one step here.
 *
 * Ring 0 belongs to a worker that pushes and pops; thieves, each with a ring of its own, take from it
 * and the second also from the first. The counters wrap at WRAP, as those of the code at 2^32, and
 * start below it, so that a run crosses it. README.md says what is left out. */

#ifndef RING_SIZE
#define RING_SIZE 4
#endif
#ifndef ACTORS
#define ACTORS 6 /* pushed in all */
#endif
#ifndef WRAP
#define WRAP 16 /* above ACTORS: a thief does not sleep through so many steps that a counter comes round */
#endif
#ifndef STEALS
#define STEALS 3 /* that each thief tries */
#endif
#ifndef THIEVES
#define THIEVES 1
#endif
#define RINGS (1 + THIEVES)
#define NOBODY 0

#define HEAD(r) heads[r]
#define TAIL(r) tails[r]
#define SLOT(r, at) slots[(r) * RING_SIZE + (at) % RING_SIZE]
#define COUNT(from, to) (((to) - (from) + WRAP) % WRAP)
#define PLUS(at, by) (((at) + (by)) % WRAP)

byte heads[RINGS] = WRAP - 2;
byte tails[RINGS] = WRAP - 2;
byte slots[RINGS * RING_SIZE];
bit taken[ACTORS + 1]; /* what no thread can see: who has been taken out */

/* pushed: 0 full */
inline ring_push(r, actor)
{
    atomic { /* nobody else writes the tail */
        tail = TAIL(r);
        head = HEAD(r)
    }
    if
    :: COUNT(head, tail) >= RING_SIZE -> pushed = 0
    :: else ->
#ifdef BREAK_TAIL_FIRST /* the slot is filled after the tail has told of it */
        TAIL(r) = PLUS(tail, 1);
        SLOT(r, tail) = actor;
#else
        SLOT(r, tail) = actor;
        TAIL(r) = PLUS(tail, 1);
#endif
        pushed = 1
    fi
}

inline take(actor)
{
    assert(actor != NOBODY && !taken[actor]);
    taken[actor] = 1
}

/* popped: NOBODY where the ring is empty */
inline ring_pop(r)
{
    atomic {
        popped = NOBODY;
        head = HEAD(r);
        tail = TAIL(r)
    }
    do
    :: head == tail -> break
    :: else ->
        popped = SLOT(r, head);
#ifdef BREAK_POP_BY_STORE /* as if nobody stole */
        HEAD(r) = PLUS(head, 1);
        take(popped);
        break
#else
        atomic {
            if
            :: HEAD(r) == head -> HEAD(r) = PLUS(head, 1); take(popped); break
            :: else -> head = HEAD(r); popped = NOBODY
            fi
        }
#endif
    od
}

inline copy(thief, victim)
{
    i = 0;
    do
    :: i < count ->
        actor = SLOT(victim, head + i);
        atomic {
            assert(COUNT(HEAD(thief), to) + i < RING_SIZE); /* the thief has room */
            SLOT(thief, to + i) = actor
        }
        i++
    :: else -> break
    od;
    actor = NOBODY;
    i = 0
}

inline ring_steal(thief, victim)
{
    atomic {
        to = TAIL(thief);
        head = HEAD(victim)
    }
    do
    :: atomic {
           tail = TAIL(victim);
           count = COUNT(head, tail);
           count = count - count / 2;
           tail = 0
       }
        if
        :: count == 0 -> break
        :: count > RING_SIZE / 2 -> head = HEAD(victim) /* head was old when we read tail */
        :: else ->
#ifndef BREAK_COPIED_AFTERWARDS
            copy(thief, victim);
#endif
            atomic {
                if
                :: HEAD(victim) == head -> HEAD(victim) = PLUS(head, count); stolen = 1
                :: else -> head = HEAD(victim)
                fi
            }
            if
            :: stolen ->
#ifdef BREAK_COPIED_AFTERWARDS /* claims first, reads then: the owner may have filled the slots anew */
                copy(thief, victim);
#endif
                TAIL(thief) = PLUS(to, count);
                break
            :: else
            fi
        fi
    od;
    atomic { stolen = 0; to = 0; head = 0; tail = 0; count = 0 }
}

proctype owner()
{
    byte head, tail, popped, next = 1;
    bit pushed;
    do
    :: next <= ACTORS ->
        ring_push(0, next);
        if
        :: pushed -> next++
        :: else -> ring_pop(0)
        fi
    :: next > 1 && next <= ACTORS -> ring_pop(0)
    :: next > ACTORS -> break
    od;
    atomic { head = 0; tail = 0; pushed = 0 }
}

/* A worker that searches: takes half into its ring, runs one; the rest stays where others may steal it. */
proctype thief(byte me)
{
    byte steals, to, head, tail, count, i, actor, popped;
    bit stolen;
    do
    :: steals < STEALS ->
        steals++;
        if
        :: ring_steal(me, 0)
        :: me == 2 -> ring_steal(me, 1)
        fi;
        do
        :: ring_pop(me);
            if
            :: popped == NOBODY -> break
            :: else -> popped = NOBODY
            fi
        :: me < THIEVES -> break /* leaves some to the other thief */
        od;
        atomic { head = 0; tail = 0 }
    :: else -> break
    od
}

/* At rest: each actor has been taken out once, or is in one ring once. */
init {
    byte r, at, actor;
    atomic {
        run owner();
        do
        :: r < THIEVES -> r++; run thief(r)
        :: else -> break
        od;
        r = 0
    }
    _nr_pr == 1 ->
    d_step {
        do
        :: r < RINGS ->
            at = heads[r];
            do
            :: at != tails[r] -> take(SLOT(r, at)); at = PLUS(at, 1)
            :: else -> break
            od;
            r++
        :: else -> break
        od;
        for (actor : 1 .. ACTORS) { assert(taken[actor]) }
    }
}
