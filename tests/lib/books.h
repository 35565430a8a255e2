/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_BOOKS_H
#define TESTS_LIB_BOOKS_H

#include "patience.h"

#include <actor/actor.h>
#include <actor/node.h>
#include <check.h>

/* ---- of a node -----------------------------------------------------------------------------------
 *
 * At rest every message sent has been handled, was dropped or is a dead letter; or, on a node that talks to
 * others, has gone to the wire or was refused there, which counts what the runtimes say to each other too.
 * The last ones may still be on their way. */

struct books {
        struct actor_node *node;
        struct actor_node_totals totals;
};

static inline uint64_t books_here(const struct books *books)
{
        return books->totals.handled + books->totals.dead_letters + books->totals.dropped;
}

static inline bool books_balance(void *arg)
{
        struct books *books = arg;
        actor_node_totals(books->node, &books->totals);
        return books->totals.sent == books_here(books);
}

static inline bool books_balance_with_wire(void *arg)
{
        struct books *books = arg;
        const struct actor_node_totals *totals = &books->totals;
        actor_node_totals(books->node, &books->totals);
        return totals->sent >= books_here(books) &&
               totals->sent - books_here(books) <= totals->wire_sent + totals->wire_refused;
}

static inline void check_books(struct actor_node *node, bool (*balance)(void *books))
{
        struct books books = {.node = node};
        ck_assert_msg(comes_true(balance, &books), "sent %lu, handled, dead or dropped %lu, to the wire %lu",
                      books.totals.sent, books_here(&books),
                      books.totals.wire_sent + books.totals.wire_refused);
}

static inline void check_conservation(struct actor_node *node)
{
        check_books(node, books_balance);
}

/* ---- of an actor ---------------------------------------------------------------------------------
 *
 * What it was promised and has not got yet: one DOWN a monitor, one outcome an ask. A promise that is kept
 * twice, or after it was taken back, fails the test. */

enum { PROMISES_MAX = 64 };

struct promises {
        uint64_t monitors[PROMISES_MAX]; /* that have not told yet; 0: free */
        bool asks[PROMISES_MAX];         /* without an outcome so far */
        unsigned open;
};

/* Watches, or takes back the watch that is in this place. */
static inline void promises_watch(struct promises *promises, struct actor *self, struct actor_ref ref,
                                  uint64_t place)
{
        uint64_t *monitor = &promises->monitors[place % PROMISES_MAX];
        if (*monitor != 0) {
                actor_demonitor(self, *monitor);
                *monitor = 0;
                promises->open--;
                return;
        }
        *monitor = actor_monitor(self, ref);
        promises->open++;
}

static inline void promises_down(struct promises *promises, const struct actor_down *down)
{
        unsigned i = 0;
        while (i < PROMISES_MAX && promises->monitors[i] != down->monitor)
                i++;
        ck_assert_uint_lt(i, PROMISES_MAX);
        promises->monitors[i] = 0;
        promises->open--;
}

/* NULL if that place has an ask already; else what to hand to promises_outcome(). */
static inline bool *promises_ask(struct promises *promises, uint64_t place)
{
        bool *ask = &promises->asks[place % PROMISES_MAX];
        if (*ask)
                return NULL;
        *ask = true;
        promises->open++;
        return ask;
}

static inline void promises_outcome(struct promises *promises, bool *ask)
{
        ck_assert(ask >= promises->asks && ask < promises->asks + PROMISES_MAX && *ask);
        *ask = false;
        promises->open--;
}

#endif
