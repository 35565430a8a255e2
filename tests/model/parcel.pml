/* SPDX-License-Identifier: Apache-2.0 */
/* Parcels in a node of several workers: box.c (box_leave_chain, box_empty, box_empty_whole, box_has_work, box_is_ahead,
 * box_open_parcel) and node_deliver_chain() of deliver.c in libactor/src/core; sleeping, waking and borrowing in
 * park.c as far as they decide who opens what; with RELIEFS the bridge's duty: libactor/src/net/duty.c,
 * zmq_hand_over().
 *
 * The bridge brings frames: plain mail, or a parcel of two messages. What is delivered makes its worker run an
 * actor, one of whom does not return before all has been delivered.
 * README.md says what is left out. */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef FRAMES
#define FRAMES 2 /* that the bridge brings */
#endif
#ifndef PARCELS
#define PARCELS 1 /* which of them, by its bits */
#endif
#ifndef INJECTED
#define INJECTED 0 /* actors that a foreign thread makes runnable */
#endif
#ifndef ALARMS
#define ALARMS 0 /* times that a worker's sleep ends by itself: its wheel's next deadline */
#endif
#ifndef SLOW
#define SLOW 1 /* handlers that do not return before all is delivered */
#endif
#ifndef RELIEFS
#define RELIEFS 0 /* times that the watchdog has the bridge relieved */
#endif
#define NOBODY 255

#define WAKE_KICKED 1
#define WAKE_TO_SEARCH 2
#define WAKE_RETURNED 4

/* struct actor_node; a mail is the number of its first message */
chan box = [FRAMES] of { byte, bit };     /* taken whole, in the order in which it came */
chan unboxed = [FRAMES] of { byte, bit }; /* of who unboxes */
bit unboxing;
byte from_net;
byte inject_count;
byte idle[WORKERS];
byte idle_count;
byte searchers;
bit quit;

/* struct worker */
byte wake_word[WORKERS];
bit awaits[WORKERS]; /* under the lock of the sleepers */
bit next[WORKERS];   /* there is somebody to run */

/* struct duty */
bit holder;
bit lent;
bit is_out;
bit running; /* a handler, on the bridge's thread */

/* What the properties speak of. */
byte brought; /* frames; the number of their messages: */
byte messages;
byte delivered;
byte openers;
byte alarms = ALARMS;
byte slow_left = SLOW;

/* ---- sleeping and waking: sleep.pml has each step ------------------------------------------------- */

inline wake(w, bits)
{
    wake_word[w] = wake_word[w] | bits
}

/* nothing */
inline box_is_empty()
{
    nothing = empty(unboxed);
    if
    :: nothing -> nothing = empty(box)
    :: else
    fi
}

/* work */
inline box_has_work()
{
    work = !unboxing;
    if
    :: work -> box_is_empty(); atomic { work = !nothing; nothing = 0 }
    :: else
    fi
}

inline sched_has_work()
{
    work = (inject_count > 0);
    if
    :: !work -> box_has_work()
    :: else
    fi
}

inline push_sleeper(w)
{
    idle[idle_count] = w;
    idle_count++
}

/* who: a worker, or NOBODY */
inline take_sleeper()
{
    who = NOBODY;
    if
    :: idle_count > 0 -> idle_count--; who = idle[idle_count]; idle[idle_count] = 0
    :: else
    fi
}

/* found */
inline remove_sleeper(me)
{
    found = 0;
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
    i = 0;
    awaits[me] = !found
}

inline sched_wake_one()
{
    d_step {
        if
        :: idle_count > 0 && searchers == 0 ->
            take_sleeper();
            searchers = 1;
            wake(who, WAKE_TO_SEARCH);
            who = NOBODY
        :: else
        fi
    }
}

inline sched_inject()
{
    atomic { inject_count++; sched_wake_one() }
}

inline sched_sleep(me)
{
    d_step { wake_word[me] = 0; awaits[me] = 0; push_sleeper(me) }
    sched_has_work();
    if
    :: !work && !quit ->
        if
        :: wake_word[me] != 0
        :: atomic { wake_word[me] == 0 && alarms > 0 -> alarms-- }
        fi
    :: else -> work = 0
    fi;
    d_step { remove_sleeper(me) }
    if
    :: !found -> /* await_return() */
        d_step {
            (wake_word[me] & (WAKE_TO_SEARCH | WAKE_RETURNED)) != 0 ->
            searching = ((wake_word[me] & WAKE_TO_SEARCH) != 0)
        }
    :: else
    fi;
    found = 0
}

/* ---- box.c ---------------------------------------------------------------------------------------- */

inline deliver_one(me, n)
{
    atomic {
        assert(n == delivered); /* in order, none twice, none lost */
        delivered++;
        next[me] = 1
    }
}

inline box_open_parcel(me, n)
{
    atomic { openers++; assert(openers == 1); deliver_one(me, n) }
    atomic { deliver_one(me, n + 1); openers-- }
}

/* The mail is in `n` and `is_parcel`. */
inline empty_box(me, open)
{
    do
    :: atomic { /* peek() */
           if
           :: empty(unboxed) ->
               do
               :: box?n,is_parcel -> unboxed!n,is_parcel
               :: empty(box) -> break
               od
           :: nempty(unboxed)
           fi;
           n = 0;
           is_parcel = 0
       }
        if
        :: empty(unboxed) -> break
        :: nempty(unboxed)
        fi;
        atomic {
            unboxed?<n,is_parcel>;
            if
            :: is_parcel && !open -> break
            :: else -> unboxed?n,is_parcel
            fi
        }
#ifdef BREAK_COUNTED_FIRST /* as if it were delivered already */
        from_net--;
#endif
        if
        :: is_parcel -> box_open_parcel(me, n)
        :: else -> deliver_one(me, n)
        fi;
#ifndef BREAK_COUNTED_FIRST
        from_net--;
#endif
        if
        :: is_parcel -> break
        :: else
        fi
    od;
    atomic { n = 0; is_parcel = 0 }
}

inline box_empty(me, open)
{
    if
    :: empty(unboxed) && empty(box)
    :: nempty(unboxed) || nempty(box) ->
#ifdef BREAK_UNBOXING_BY_STORE /* looks, then stores, where the code exchanges */
        claimed = !unboxing;
        if
        :: claimed -> unboxing = 1
        :: else
        fi;
#else
        atomic { claimed = !unboxing; unboxing = 1 }
#endif
        if
        :: claimed ->
            claimed = 0;
            empty_box(me, open);
            unboxing = 0;
#ifndef BREAK_REST_UNTOLD /* whoever went to sleep meanwhile relied on us, who may now be long in a handler */
            box_is_empty();
            if
            :: nothing -> nothing = 0
            :: else -> sched_wake_one()
            fi
#endif
        :: else
        fi
    fi
}

/* ---- running ------------------------------------------------------------------------------------- */

/* got: there is somebody to run */
inline sched_find_own(me)
{
    if
    :: !next[me] -> box_empty(me, true)
    :: next[me] -> box_empty(me, false)
    :: next[me] -> box_empty(me, true) /* its turn, though others wait */
    fi;
    atomic { got = next[me]; next[me] = 0 }
    if
    :: !got && inject_count > 0 ->
        atomic {
            if
            :: inject_count > 0 -> more = (inject_count > 1); inject_count--; got = 1
            :: else
            fi
        }
        if
        :: more -> more = 0; sched_wake_one()
        :: else
        fi
    :: else
    fi
}

inline turn_run()
{
    if
    :: atomic { slow_left > 0 -> slow_left-- }
        brought == FRAMES && delivered == messages
    :: true
    fi
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
        sched_find_own(me);
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

proctype worker(byte me)
{
    byte i, n, count, who = NOBODY;
    bit got, more, work, found, searching, claimed, nothing, is_parcel;
    do
    :: quit -> break
    :: else ->
        if
        :: searching
        :: else -> sched_find_own(me)
        fi;
        if
        :: !got -> search(me)
        :: else
        fi;
        if
        :: got -> got = 0; turn_run()
        :: else -> sched_sleep(me)
        fi
    od
}

/* ---- the bridge ----------------------------------------------------------------------------------- */

inline box_leave()
{
    from_net++;
    atomic { left = empty(box); box!number,packed }
    if
    :: left -> left = 0; sched_wake_one()
    :: else
    fi
}

/* borrowed */
inline sched_borrow()
{
    if
    :: idle_count == WORKERS ->
        if
        :: searchers == 0 -> d_step { take_sleeper(); borrowed = who; who = NOBODY }
        :: searchers != 0
        fi
    :: else
    fi
}

inline sched_run_borrowed(w)
{
    do
    :: sched_find_own(w);
        if
        :: !got -> break
        :: else -> got = 0
        fi;
        if
        :: next[w] = 1; break /* may_be_slow() */
        :: running = 1;
#if RELIEFS
            turn_run();
#endif
            running = 0
        fi
    :: break /* the time is over */
    od;
    atomic { /* lie_down() */
        found = !awaits[w] && !next[w];
        if
        :: found -> push_sleeper(w)
        :: else
        fi
    }
    if
    :: !found -> wake(w, WAKE_RETURNED)
    :: else ->
        found = 0;
        sched_has_work();
        if
        :: work -> work = 0; sched_wake_one()
        :: else
        fi
    fi;
    w = NOBODY
}

/* Delivers what this thread makes runnable for others, where it is nobody's worker. */
inline deliver_foreign(n)
{
    atomic { assert(n == delivered); delivered++ }
    sched_inject()
}

/* waits: behind what lies in the box, or for a worker to open it */
inline look_ahead()
{
    waits = (from_net > 0) || (borrowed == NOBODY && packed)
}

inline node_deliver_chain()
{
    sched_borrow();
    if
    :: borrowed == NOBODY
    :: else -> /* box_empty_whole() */
        do
        :: box_has_work();
            if
            :: work -> work = 0; box_empty(borrowed, true)
            :: else -> break
            fi
        od
    fi;
#if defined(BREAK_OVERTAKES) /* plain mail does not wait behind parcels */
    waits = (borrowed == NOBODY && packed);
#elif defined(BREAK_IN_HAND) /* all workers slept just now: so none has something of the box in hand? */
    if
    :: borrowed == NOBODY -> look_ahead()
    :: else
    fi;
#else
    look_ahead();
#endif
    if
    :: waits -> waits = 0; box_leave()
    :: else ->
        if
        :: packed -> box_open_parcel(borrowed, number)
        :: !packed && borrowed != NOBODY -> deliver_one(borrowed, number)
        :: else -> deliver_foreign(number)
        fi
    fi
}

inline read_frame()
{
    atomic {
        number = messages;
        packed = PARCELS >> brought & 1;
        messages = messages + 1 + packed;
        brought++
    }
}

proctype bridge(bit me)
{
    byte i, n, number, who = NOBODY, borrowed = NOBODY;
    bit packed, left, waits, got, more, work, found, claimed, nothing, is_parcel;
end:
    do
    :: atomic { holder == me && brought < FRAMES -> read_frame() }
#ifdef BREAK_LENT_EARLY /* before all of the frame is where it belongs */
        lent = 1;
        node_deliver_chain();
#else
        node_deliver_chain();
        lent = 1;
#endif
        if
        :: borrowed != NOBODY -> sched_run_borrowed(borrowed)
        :: else
        fi;
        atomic { /* duty_resume() */
            if
            :: holder == me -> lent = 0
            :: else -> is_out = 0
            fi;
            number = 0;
            packed = 0
        }
    od
}

/* Sees a handler that does not return, and has somebody else do the bridge's work: a moment later, when that
 * may long have changed. */
proctype watchdog()
{
    byte reliefs = RELIEFS;
end:
    do
    :: reliefs > 0 && running ->
        reliefs--;
        atomic {
            if
            :: lent && !is_out -> holder = 1 - holder; lent = 0; is_out = 1
            :: else
            fi
        }
    od
}

proctype foreign()
{
    byte injected, who = NOBODY;
    bit work, nothing;
    do
    :: injected < INJECTED -> sched_inject(); injected++
    :: else -> break
    od
}

/* At rest: all is delivered and run, and all sleep. Then they are told to end. */
init {
    byte w;
    atomic {
        do
        :: w < WORKERS -> run worker(w); w++
        :: else -> break
        od;
        run bridge(0);
#if RELIEFS
        run bridge(1);
        run watchdog();
#endif
#if INJECTED
        run foreign();
#endif
        w = 0
    }
    timeout ->
    assert(brought == FRAMES && delivered == messages && inject_count == 0);
    assert(empty(box) && empty(unboxed) && !unboxing && from_net == 0);
    assert(idle_count == WORKERS && searchers == 0 && openers == 0);
    quit = 1;
    do
    :: w < WORKERS -> assert(!next[w]); wake(w, WAKE_KICKED); w++
    :: else -> break
    od
}
