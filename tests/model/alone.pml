/* SPDX-License-Identifier: Apache-2.0 */
/* The node of one worker, whose mailboxes no other thread touches: the box in libactor/src/core/box.c (leave,
 * box_leave_chain, box_empty), deliver.c (node_deliver_chain) and libactor/src/net/post_box.h, sleeping and borrowing in park.c.
 *
 * Foreign threads leave mail in the box. The bridge, which brings mail from other nodes, takes the worker's place
 * while that sleeps and delivers by itself; else it leaves it in the box too. One actor gets it all.
 * README.md says what is left out. */

#ifndef FOREIGN
#define FOREIGN 1 /* threads */
#endif
#ifndef MAILS
#define MAILS 2 /* that each leaves */
#endif
#ifndef CHAINS
#define CHAINS 3 /* that the bridge brings, of one mail each */
#endif
#ifndef ALARMS
#define ALARMS 1 /* times that the worker's sleep ends by itself: its wheel's next deadline */
#endif
#define BRIDGE FOREIGN
#define SENDERS (FOREIGN + 1)
#define ALL (FOREIGN * MAILS + CHAINS)
#define TURN_MESSAGES 2

#define WAKE_KICKED 1
#define WAKE_TO_SEARCH 2
#define WAKE_RETURNED 4

/* struct actor_node: what several threads see */
chan box = [ALL] of { byte, byte }; /* who sent it, which of his; taken whole, in the order in which it came */
byte idle_count;
byte searchers;
byte wake_word;
bit asleep; /* in the kernel, on wake_word */
bit awaits; /* under the lock of the sleepers */
bit in_ring; /* others look whether it is empty */
bit quit;

/* The worker's own: whoever it is at that moment. */
chan mailbox = [ALL] of { byte, byte };
bit idle = 1; /* CELL_IDLE */
bit in_next;

/* What the properties speak of. */
byte owners; /* threads that take themselves for the worker */
byte handled[SENDERS];
byte alarms = ALARMS;
bit due; /* a deadline that nobody has seen to */

inline own()
{
    owners++;
    assert(owners == 1)
}

inline disown()
{
    assert(owners == 1);
    owners--
}

/* ---- sleeping and waking: sleep.pml has them with several workers --------------------------------- */

inline wake(bits)
{
    wake_word = wake_word | bits;
    asleep = 0
}

inline sched_has_work()
{
#ifdef BREAK_BOX_UNSEEN
    work = 0;
#else
    work = nempty(box);
#endif
    if
    :: !work -> work = in_ring
    :: else
    fi
}

inline take_sleeper()
{
    atomic {
        taken = (idle_count > 0);
        idle_count = idle_count - taken
    }
}

inline sched_wake_one()
{
    do
    :: idle_count == 0 -> break
    :: else ->
        atomic {
            if
            :: searchers == 0 -> searchers = 1
            :: else -> break
            fi
        }
        take_sleeper();
        if
        :: taken -> taken = 0; wake(WAKE_TO_SEARCH); break
        :: else
        fi;
        searchers = 0;
        sched_has_work();
        if
        :: !work -> break
        :: else -> work = 0
        fi
    od;
    work = 0
}

/* Sleeps only if the word still is `value`. */
inline futex_wait(value, has_alarm)
{
    atomic {
        if
        :: wake_word == value -> asleep = 1
        :: else
        fi
    }
    if
    :: !asleep
    :: atomic { has_alarm && asleep && alarms > 0 -> alarms--; due = 1; asleep = 0 }
    fi
}

inline sched_sleep()
{
    wake_word = 0;
    atomic { disown(); awaits = 0; idle_count++ }
    sched_has_work();
    if
    :: !work -> futex_wait(0, true)
    :: else -> work = 0
    fi;
    atomic { /* remove_sleeper() */
        if
        :: idle_count > 0 -> idle_count--; own()
        :: else -> awaits = 1; taken = 1
        fi
    }
    if
    :: taken -> /* await_return() */
        taken = 0;
        do
        :: (wake_word & (WAKE_TO_SEARCH | WAKE_RETURNED)) != 0 -> break
        :: else ->
            value = wake_word;
            if
            :: value & (WAKE_TO_SEARCH | WAKE_RETURNED)
            :: else -> futex_wait(value, false)
            fi;
            value = 0
        od;
        atomic { own(); searching = ((wake_word & WAKE_TO_SEARCH) != 0) }
    :: else
    fi
}

/* ---- delivering and running: only for whoever is the worker --------------------------------------- */

inline deliver_here(from, n)
{
    atomic {
        assert(owners == 1);
        mailbox!from,n;
        in_next = in_next || idle; /* sched_ready() */
        idle = 0
    }
}

inline box_empty()
{
    if
    :: empty(box)
    :: nempty(box) ->
        atomic { /* post_box_take(), and what nobody else can see */
            do
            :: box?from,n -> deliver_here(from, n)
            :: empty(box) -> break
            od;
            from = 0;
            n = 0
        }
    fi
}

/* got: whether the actor has a turn */
inline sched_find_own()
{
    box_empty();
    atomic { got = in_next || in_ring; in_next = 0; in_ring = 0 }
}

inline turn_run()
{
    atomic {
        assert(owners == 1 && !idle);
        left = TURN_MESSAGES;
        do
        :: left > 0 && nempty(mailbox) ->
            left--;
            mailbox?from,n;
            assert(n == handled[from]); /* in order, none twice, none lost */
            handled[from]++
        :: left == 0 || empty(mailbox) -> break
        od;
        left = 0;
        from = 0;
        n = 0;
        idle = empty(mailbox);
        in_ring = !idle /* sched_push() */
    }
}

/* ---- the threads ------------------------------------------------------------------------------- */

inline search()
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
        do
        :: due = 0; /* timers_run() */
            sched_find_own();
            if
            :: true -> break /* the time of spinning is over, or the bridge waits for the worker's place */
            :: !got
            fi
        od;
        atomic { searching = 0; searchers = 0 }
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

proctype worker()
{
    byte from, n, left, value;
    bit got, work, taken, searching;
    own();
    do
    :: quit -> break
    :: else ->
        due = 0;
        if
        :: searching
        :: else -> sched_find_own()
        fi;
        if
        :: !got -> search()
        :: else
        fi;
        if
        :: got -> got = 0; turn_run()
        :: else -> sched_sleep()
        fi
    od
}

/* post_box_push_chain(), and leave() of box.c */
inline leave(me, number)
{
    atomic {
        first = empty(box);
        box!me,number;
        number++
    }
    if
    :: first -> first = 0; sched_wake_one()
    :: else
    fi
}

proctype foreign(byte me)
{
    byte sent;
    bit first, taken, work;
    do
    :: sent < MAILS -> leave(me, sent)
    :: else -> break
    od
}

/* What it cannot finish quickly it leaves to the worker. */
inline sched_run_borrowed()
{
    do
    :: sched_find_own();
        if
        :: !got -> break
        :: else
        fi;
        got = 0;
        if
        :: in_ring = 1; break /* may_be_slow() */
        :: turn_run()
        fi
    :: break /* the time is over */
    od;
    atomic { /* lie_down() */
#ifdef BREAK_AWAITED_UNSEEN /* the worker's own thread has woken, and waits to be let on */
        sleeps = !in_next && !in_ring;
#else
        sleeps = !awaits && !in_next && !in_ring;
#endif
        disown();
        idle_count = idle_count + sleeps
    }
    if
    :: !sleeps -> wake(WAKE_RETURNED)
    :: else ->
        sleeps = 0;
#ifndef BREAK_LIES_DOWN_BLINDLY /* whoever left mail meanwhile found nobody to wake */
        sched_has_work();
        if
        :: work -> work = 0; sched_wake_one()
        :: else
        fi
#endif
    fi
}

proctype bridge()
{
    byte brought, from, n, left;
    bit first, got, work, taken, sleeps;
    do
    :: brought < CHAINS ->
        if /* sched_borrow() */
        :: idle_count == 1 ->
            if
            :: searchers == 0 -> take_sleeper()
            :: searchers != 0
            fi
        :: else
        fi;
        if
        :: taken ->
            atomic { taken = 0; own() }
#ifndef BREAK_OVERTAKES_THE_BOX /* where its mail of just now may still lie */
            box_empty();
#endif
            deliver_here(BRIDGE, brought);
            brought++;
            sched_run_borrowed()
        :: else -> leave(BRIDGE, brought)
        fi
    :: else -> break
    od
}

/* At rest: all is handled, the worker sleeps, and no deadline has been slept through. Then it is told to end. */
init {
    byte i;
    atomic {
        do
        :: i < FOREIGN -> run foreign(i); i++
        :: else -> break
        od;
        run bridge();
        run worker()
    }
    timeout ->
    d_step {
        for (i : 0 .. FOREIGN - 1) { assert(handled[i] == MAILS) }
        assert(handled[BRIDGE] == CHAINS);
        assert(owners == 0 && idle_count == 1 && searchers == 0 && asleep);
        assert(idle && !in_next && !in_ring && !due)
    }
    quit = 1;
    wake(WAKE_KICKED)
}
