/* SPDX-License-Identifier: Apache-2.0 */
/* Senders that wait for a full mailbox: libactor/src/core/pause.c, and what calls it: make_room() in deliver.c,
 * turn_run() and run_paused() in turn.c, finish() in life.c, cell_rest() in cell.c.
 *
 * Each sender has mail that makes it write to the receiver, who reads; two workers run them all. System mail
 * comes to one of them meanwhile. With ENDS the receiver ends at any time, and its cell is let to somebody who
 * pauses nobody. README.md says what is left out. */

#ifndef SENDERS
#define SENDERS 2
#endif
#ifndef MESSAGES
#define MESSAGES 2 /* for each */
#endif
#ifndef MAILBOX_MAX
#define MAILBOX_MAX 1
#endif
#ifndef SYSTEM
#define SYSTEM 1
#endif
#ifndef ENDS
#define ENDS 0
#endif
#define WORKERS 2
#define TURN_MESSAGES 2
#define RECEIVER SENDERS
#define ACTORS (SENDERS + 1)
#define MEANT 0

/* struct actor; the mailbox is a number here, mailbox.pml has its insides */
byte mails[ACTORS];
byte system[ACTORS];
bit idle[ACTORS] = 1;
bit is_paused[SENDERS]; /* the owner's */
bit paused[SENDERS];    /* CELL_PAUSED */
bit awaited;            /* CELL_AWAITED, of the receiver's cell */
bit pauses = 1;         /* its kind */
bit generation; /* mail is meant for the first */
byte pushed, popped;
byte limit = MAILBOX_MAX;

/* struct pauses */
bit lock;
bit waits[SENDERS];

byte runnable[ACTORS]; /* how often it stands in the queues of sched.c */
bit is_let;            /* the receiver's cell has been given back, for the next tenant to take */

/* What the properties speak of. */
byte owners[ACTORS];

inline own(a)
{
    owners[a]++;
    assert(owners[a] == 1)
}

inline take_lock()
{
    atomic { !lock -> lock = 1 }
}

/* ---- cell.c -------------------------------------------------------------------------------------- */

/* And sched_ready(), where the cell was idle. */
inline cell_push(a)
{
    atomic {
        mails[a]++;
        if
        :: idle[a] -> idle[a] = 0; own(a); owners[a]--; runnable[a]++
        :: else
        fi
    }
}

inline cell_acquire(a)
{
    atomic {
        acquired = idle[a];
        idle[a] = 0
    }
}

/* released */
inline cell_release(a)
{
    released = (system[a] == 0);
    if
    :: released ->
        atomic {
            released = (mails[a] == 0);
            if
            :: released -> owners[a]--; idle[a] = 1
            :: else
            fi
        }
        if
        :: released && system[a] > 0 ->
            atomic { cell_acquire(a); released = !acquired; owners[a] = owners[a] + acquired }
        :: else
        fi
    :: else
    fi
}

inline cell_rest(a)
{
    released = (system[a] == 0);
    if
    :: released ->
        atomic { owners[a]--; idle[a] = 1 }
        wanted = (system[a] > 0);
#ifndef BREAK_NO_SECOND_LOOK /* at the flag: the pause may just have ended */
        wanted = wanted || !paused[a];
#endif
        if
        :: wanted -> atomic { cell_acquire(a); released = !acquired; owners[a] = owners[a] + acquired }
        :: else
        fi;
        wanted = 0
    :: else
    fi
}

/* ---- pause.c ------------------------------------------------------------------------------------- */

inline pause_sender(me)
{
    take_lock();
#ifdef BREAK_PAUSES_FOR_THE_NEXT /* tenant of that cell, who knows nothing of it */
    if
    :: true ->
#else
    if
    :: generation == MEANT ->
#endif
        waits[me] = 1;
        paused[me] = 1;
        awaited = 1;
        is_paused[me] = 1
    :: else
    fi;
    lock = 0
}

inline wake(s)
{
#ifdef BREAK_WOKEN_FIRST /* and then the flag lowered */
    cell_acquire(s);
    paused[s] = 0;
#else
    paused[s] = 0;
    cell_acquire(s);
#endif
    if
    :: acquired -> runnable[s]++; acquired = 0
    :: else
    fi
}

inline pause_end_of()
{
    take_lock();
    awaited = 0;
    s = 0;
    do
    :: s < SENDERS ->
        if
        :: waits[s] -> waits[s] = 0; wake(s)
        :: else
        fi;
        s++
    :: else -> break
    od;
    s = 0;
    lock = 0
}

inline pause_forget(me)
{
    take_lock();
    waits[me] = 0;
    lock = 0;
    atomic { paused[me] = 0; is_paused[me] = 0 }
}

/* ---- deliver.c ----------------------------------------------------------------------------------- */

inline deliver_to_receiver(me)
{
    if
    :: generation == MEANT -> /* cells_find() */
        atomic { before = pushed; pushed++ }
        if
        :: before >= limit ->
#ifdef BREAK_PUSHED_FIRST /* the receiver may have read it before anybody waits for that */
            cell_push(RECEIVER);
            pause_sender(me)
#else
            pause_sender(me);
            cell_push(RECEIVER)
#endif
        :: else -> cell_push(RECEIVER)
        fi;
        before = 0
    :: else /* a dead letter */
    fi
}

/* ---- turn.c -------------------------------------------------------------------------------------- */

inline turn_of_sender(a)
{
    left = TURN_MESSAGES;
    do
    :: left > 0 && !is_paused[a] ->
        left--;
        if
        :: system[a] > 0 -> system[a]--
        :: else ->
            if
            :: mails[a] > 0 -> mails[a]--; deliver_to_receiver(a)
            :: else -> break
            fi
        fi
    :: else -> break
    od;
    left = 0;
    if
    :: !is_paused[a] -> cell_release(a)
    :: else -> /* run_paused() */
        do
        :: paused[a] && system[a] > 0 -> system[a]--
        :: else -> break
        od;
        if
        :: paused[a] -> cell_rest(a)
        :: else -> pause_forget(a); cell_release(a)
        fi
    fi
}

inline turn_of_receiver()
{
    left = TURN_MESSAGES;
    do
    :: left > 0 && mails[RECEIVER] > 0 ->
        left--;
        mails[RECEIVER]--;
        popped++;
        limit = popped + MAILBOX_MAX
    :: else -> break
    od;
    left = 0;
#if ENDS
    if
    :: generation == 0 -> /* finish() */
        generation = 1;
#ifdef BREAK_END_LOOKS_FIRST /* whether anybody waits, without the lock */
        if
        :: awaited -> pause_end_of()
        :: else
        fi;
#else
        pause_end_of();
#endif
        is_let = 1
    :: true
    fi;
#endif
    if
    :: pauses && awaited && pushed - popped <= MAILBOX_MAX / 2 -> pause_end_of()
    :: else
    fi;
    cell_release(RECEIVER)
}

proctype worker()
{
    byte a, s, left, before;
    bit acquired, released, wanted;
end:
    do
    :: atomic {
           if
           :: runnable[0] > 0 -> a = 0
           :: runnable[1] > 0 -> a = 1
           :: runnable[ACTORS - 1] > 0 -> a = ACTORS - 1
           fi;
           runnable[a]--;
           own(a)
       }
        if
        :: a == RECEIVER -> turn_of_receiver()
        :: else -> turn_of_sender(a)
        fi;
        atomic {
            if
            :: !released -> owners[a]--; runnable[a]++
            :: else
            fi;
            released = 0;
            acquired = 0;
            a = 0
        }
    od
}

/* What makes the senders write. */
proctype feeder(byte to)
{
    byte fed;
    do
    :: fed < MESSAGES -> fed++; cell_push(to)
    :: else -> break
    od
}

proctype system_sender()
{
    byte sent;
    bit acquired, first;
    do
    :: sent < SYSTEM ->
        sent++;
        atomic { first = (system[0] == 0); system[0]++ }
        if
        :: first ->
            cell_acquire(0);
            if
            :: acquired -> runnable[0]++
            :: else
            fi
        :: else
        fi;
        atomic { first = 0; acquired = 0 }
    :: else -> break
    od
}

/* cells_take() and cell_let(): another tenant, of a class that does not pause. */
proctype tenant()
{
    bit acquired, released;
end:
    atomic { is_let && idle[RECEIVER] -> is_let = 0; idle[RECEIVER] = 0; own(RECEIVER) }
    pauses = 0;
    awaited = 0;
    limit = popped + MAILBOX_MAX;
    cell_release(RECEIVER);
    if
    :: !released -> owners[RECEIVER]--; runnable[RECEIVER]++
    :: else
    fi
}

/* At rest: all has been read, and nobody waits for anybody. */
init {
    byte i;
    atomic {
        do
        :: i < SENDERS -> run feeder(i); i++
        :: else -> break
        od;
        i = 0;
        run system_sender();
#if ENDS
        run tenant();
#endif
        do
        :: i < WORKERS -> run worker(); i++
        :: else -> break
        od
    }
    timeout ->
    d_step {
        for (i : 0 .. SENDERS - 1) { assert(!waits[i] && !paused[i] && !is_paused[i]) }
        for (i : 0 .. ACTORS - 1) {
            assert(mails[i] == 0 && system[i] == 0 && runnable[i] == 0 && idle[i] && owners[i] == 0)
        }
        assert(!awaited && !lock && pushed == popped)
    }
}
