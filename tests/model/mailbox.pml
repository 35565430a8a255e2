/* SPDX-License-Identifier: Apache-2.0 */
/* The mailbox of one actor: libactor/src/core/mailbox.h, cell.c, and what calls it in deliver.c, turn.c, sched.c.
 *
 * Each atomic access of the code is one step here; what one thread alone can see is joined to its next
 * step. Mails come from a small pool and are used again at once, so that a pointer compared with an old
 * one may meet its successor at the same address. README.md says what is left out. */

#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef MAILS
#define MAILS 2 /* that each producer sends */
#endif
#ifndef SYSTEM_PRODUCERS
#define SYSTEM_PRODUCERS 0
#endif
#ifndef SYSTEM_MAILS
#define SYSTEM_MAILS 1
#endif
#ifndef MAILBOX_MAX
#define MAILBOX_MAX 200 /* no bound */
#endif
#ifndef DROPS_OLDEST
#define DROPS_OLDEST 0 /* the policy of a full mailbox: 0 refuses */
#endif
#define WORKERS 2
#define TURN_MESSAGES 2

#define NOTHING 0
#define STUB 1 /* the cell's own first tail, which is no mail */
#define POOL (PRODUCERS + 1)
#define NODES (STUB + POOL + 1)
#define SYSTEM_POOL (SYSTEM_PRODUCERS + 1)
#define SENDERS (PRODUCERS + SYSTEM_PRODUCERS)

#define IDLE 1 /* CELL_IDLE */
#define POINTER(head) ((head) >> 1)
#define WORD(node) ((node) << 1)

/* struct actor */
byte head = WORD(STUB) | IDLE;
byte tail = STUB;
byte system = NOTHING;
byte system_list = NOTHING;
byte pushed, popped;
byte limit = MAILBOX_MAX;
bit stub_is_queued;
bit drop_lock;

/* struct mail: the two kinds in pools of their own */
byte next[NODES];
byte sender[NODES];
byte number[NODES];
bit in_use[NODES];
byte system_next[SYSTEM_POOL + 1];
byte system_sender[SYSTEM_POOL + 1];
byte system_number[SYSTEM_POOL + 1];
bit system_in_use[SYSTEM_POOL + 1];

byte runnable; /* how often the cell stands in the queues of sched.c */

/* What the properties speak of; no thread of the code can see it. */
byte owners;            /* threads that believe the cell theirs */
byte waiting;           /* mails in the queue */
bit unlinked[NODES];    /* some sender is about to write its `next` */
byte refused;
byte free_nodes, free_system_nodes;
byte taken[SENDERS];    /* mails taken out, by sender: the number of the next one due */

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

/* In order, none twice, none passed over: whether handled or dropped. */
inline account(from, n)
{
    assert(n == taken[from]);
    taken[from]++
}

/* ---- cell.c: senders --------------------------------------------------------------------------- */

inline sched_ready()
{
    runnable++
}

inline link(mail)
{
    atomic { next[POINTER(before)] = mail; unlinked[POINTER(before)] = 0 }
}

inline cell_push(mail)
{
#ifdef BREAK_IDLE_ASKED_FIRST /* whether the cell is idle is not told by the exchange itself */
    before = head & IDLE;
    atomic { waiting++; before = before | (head & ~IDLE); head = WORD(mail); unlinked[POINTER(before)] = 1 }
    if
    :: before & IDLE -> atomic { own() }
    :: else
    fi;
#else
    atomic {
        waiting++;
        assert(waiting <= MAILBOX_MAX || DROPS_OLDEST);
        before = head;
        head = WORD(mail);
        unlinked[POINTER(before)] = 1;
        if
        :: before & IDLE -> own()
        :: else
        fi
    }
#endif
    link(mail);
    if
    :: before & IDLE -> sched_ready()
    :: else
    fi
}

/* acquired: whether the caller has the cell now */
inline cell_acquire()
{
    acquired = 0;
    word = head;
    if
    :: word & IDLE ->
        atomic {
            if
            :: head == word -> head = word & ~IDLE; acquired = 1; own()
            :: else
            fi
        }
    :: else
    fi
}

inline cell_push_system(mail)
{
    top = system;
    do
    :: atomic { /* what the weak exchange finds becomes the new top */
           system_next[mail] = top;
           if
           :: system == top -> system = mail; break
           :: else -> top = system
           fi
       }
    od;
    if
    :: top == NOTHING ->
        cell_acquire();
        if
        :: acquired -> sched_ready()
        :: else
        fi
    :: else
    fi
}

/* ---- cell.c: the owner ------------------------------------------------------------------------- */

/* Where senders may take mail out too, all that touch the tail lock. */
inline lock_if_shared()
{
#if DROPS_OLDEST && !defined(BREAK_UNLOCKED)
    atomic { !drop_lock -> drop_lock = 1 }
#else
    skip
#endif
}

inline unlock_if_shared()
{
#if DROPS_OLDEST
    drop_lock = 0
#else
    skip
#endif
}

inline free(mail)
{
    assert(in_use[mail] && !unlinked[mail]);
    in_use[mail] = 0;
    free_nodes++
}

/* after: what the tail is now, or NOTHING if it is the last */
inline cell_advance()
{
    after = next[tail];
    if
    :: after != NOTHING ->
        atomic {
            if
            :: tail == STUB -> stub_is_queued = 0
#ifdef BREAK_FREED_WHEN_TAKEN /* a mail does not stay behind as the tail: gone when taken */
            :: else
            fi;
            if
            :: after != STUB -> free(after)
            :: else
            fi;
#else
            :: else -> free(tail)
            fi;
#endif
            tail = after
        }
    :: else
    fi
}

/* got: whether a mail was there */
inline cell_take()
{
    cell_advance();
    if
    :: after == STUB -> cell_advance()
    :: else
    fi;
    got = (after != NOTHING);
    if
    :: got ->
        atomic {
            waiting--;
            account(sender[after], number[after]);
            after = NOTHING
        }
        popped++;
        limit = popped + MAILBOX_MAX
    :: else
    fi
}

inline cell_pop()
{
    lock_if_shared();
    cell_take();
    unlock_if_shared()
}

inline cell_pop_system()
{
    got = 0;
    if
    :: system_list == NOTHING && system != NOTHING ->
        atomic { /* the exchange, and the turning round of what is nobody else's any more */
            top = system;
            system = NOTHING;
            do
            :: top != NOTHING ->
                after = system_next[top];
                system_next[top] = system_list;
                system_list = top;
                top = after
            :: else -> break
            od;
            after = NOTHING
        }
    :: else
    fi;
    atomic {
        if
        :: system_list != NOTHING ->
            top = system_list;
            system_list = system_next[top];
            account(system_sender[top], system_number[top]);
            system_in_use[top] = 0;
            free_system_nodes++;
            top = NOTHING;
            got = 1
        :: else
        fi
    }
}

inline let_go_of_tail()
{
    if
#ifdef BREAK_STUB_TWICE
    :: tail != STUB -> /* the message in it has not been let go: asks for the stub in its place */
#else
    :: tail != STUB && !stub_is_queued -> /* the message in it has not been let go: asks for the stub in its place */
#endif
        assert(!unlinked[STUB]);
        atomic { stub_is_queued = 1; next[STUB] = NOTHING }
        atomic {
            before = head;
            assert(!(before & IDLE));
            head = WORD(STUB);
            unlinked[POINTER(before)] = 1
        }
        link(STUB);
        if
        :: next[tail] == STUB -> cell_advance(); after = NOTHING
        :: else
        fi;
        before = 0
    :: true
    fi
}

/* released */
inline make_idle()
{
    lock_if_shared();
    let_go_of_tail();
#ifdef BREAK_IDLE_BY_STORE /* looks, then stores, where the code compares and exchanges */
    released = (head == WORD(tail));
    if
    :: released -> atomic { disown(); head = WORD(tail) | IDLE }
    :: else
    fi;
#else
    atomic {
        released = (head == WORD(tail));
        if
        :: released -> disown(); head = WORD(tail) | IDLE
        :: else
        fi
    }
#endif
    unlock_if_shared()
}

inline cell_release()
{
    released = (system_list == NOTHING && system == NOTHING);
    if
    :: released ->
        make_idle();
#ifndef BREAK_NO_SECOND_LOOK /* at the system mail, when the cell is idle already */
        if
        :: released && system != NOTHING -> cell_acquire(); released = !acquired
        :: else
        fi
#endif
    :: else
    fi
}

/* ---- deliver.c: the bound ---------------------------------------------------------------------- */

inline bury_oldest() /* cell_drop_oldest() */
{
    lock_if_shared();
    if
    :: pushed >= popped + MAILBOX_MAX -> cell_take()
    :: else
    fi;
    unlock_if_shared()
}

inline admit() /* deliver_to(), make_room() */
{
    atomic { count = pushed; pushed++ }
    admitted = (count < limit);
    if
    :: !admitted ->
#if DROPS_OLDEST
        bury_oldest();
        admitted = 1
#else
        pushed--
#endif
    :: else
    fi
}

/* ---- the threads ------------------------------------------------------------------------------- */

proctype producer(byte me)
{
    byte sent, accepted, mail, before, count, after;
    bit admitted, got;
    do
    :: sent < MAILS ->
        sent++;
        admit();
        if
        :: admitted ->
            atomic { /* mail_new() */
                free_nodes > 0 -> free_nodes--;
                mail = STUB + 1;
                do
                :: in_use[mail] -> mail++
                :: else -> break
                od;
                in_use[mail] = 1;
                next[mail] = NOTHING;
                sender[mail] = me;
                number[mail] = accepted;
                accepted++
            }
            cell_push(mail);
            mail = NOTHING;
            before = 0
        :: else -> refused++
        fi
    :: else -> break
    od
}

proctype system_producer(byte me)
{
    byte sent, mail, top, word;
    bit acquired;
    do
    :: sent < SYSTEM_MAILS ->
        atomic {
            free_system_nodes > 0 -> free_system_nodes--;
            mail = 1;
            do
            :: system_in_use[mail] -> mail++
            :: else -> break
            od;
            system_in_use[mail] = 1;
            system_sender[mail] = me;
            system_number[mail] = sent;
            sent++
        }
        cell_push_system(mail);
        mail = NOTHING;
        top = NOTHING;
        word = 0
    :: else -> break
    od
}

/* sched.c: takes the cell from a queue; turn.c: runs a turn of it. */
proctype worker()
{
    byte left, before, after, top, word;
    bit got, released, acquired;
end:
    do
    :: atomic { runnable > 0 -> runnable-- }
        left = TURN_MESSAGES;
        do
        :: left > 0 ->
            left--;
            cell_pop_system();
            if
            :: !got -> cell_pop()
            :: else
            fi;
            if
            :: !got -> break
            :: else
            fi
        :: else -> break
        od;
        cell_release();
        if
        :: !released -> sched_ready()
        :: else
        fi;
        atomic { left = 0; got = 0; released = 0; acquired = 0; word = 0 }
    od
}

/* At rest: all is handled, the cell is idle and nobody's, and of all mails only the tail is left. */
init {
    byte i, sum;
    atomic {
        free_nodes = POOL;
        free_system_nodes = SYSTEM_POOL;
        do
        :: i < PRODUCERS -> run producer(i); i++
        :: i >= PRODUCERS && i < SENDERS -> run system_producer(i); i++
        :: i >= SENDERS && i < SENDERS + WORKERS -> run worker(); i++
        :: i == SENDERS + WORKERS -> break
        od
    }
    timeout ->
    d_step {
        for (i : 0 .. SENDERS - 1) { sum = sum + taken[i] }
        assert(sum + refused == PRODUCERS * MAILS + SYSTEM_PRODUCERS * SYSTEM_MAILS);
        assert(owners == 0 && runnable == 0 && waiting == 0);
        assert(head == (WORD(tail) | IDLE) && system == NOTHING && system_list == NOTHING);
        assert(free_system_nodes == SYSTEM_POOL);
#ifndef BREAK_FREED_WHEN_TAKEN
        assert(free_nodes == POOL - (tail != STUB));
#endif
        assert(pushed == popped)
    }
}
