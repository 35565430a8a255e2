/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ALLOCATOR_LEDGER_H
#define MASTER_ALLOCATOR_LEDGER_H

#include "allocator/vector.h"
#include <actor/hash_table.h>

/* The books of one agent: its total, and the pieces of it that are offered or used, each under its
 * token. offered + used + free = total after every move (asserted on the quantities), unless the
 * agent is overcommitted: it came back with less than what runs on it, or a task was launched from an
 * offer that had been taken back. Then free is what
 * total has beyond the rest, and the sum is made good as pieces return.
 *
 * Pure: decides nothing. `holder` is the caller's name for whoever holds a piece. */

struct ledger_piece {
        struct ledger *ledger; /* it is in */
        void *holder;
        bool offered; /* else used */
        struct resources *resources;
        struct vector quantities;
        struct ledger_piece *next, *previous; /* of the holder's pieces; the caller's list */
        UT_hash_handle hh;
        char token[];
};

struct ledger {
        struct vector_names *names; /* borrowed */
        struct resources *total, *free, *offered, *used;
        struct vector total_quantities, free_quantities, offered_quantities, used_quantities;
        bool overcommitted;
        uint64_t version;            /* grows with every change of `free` */
        struct ledger_piece *pieces; /* by token, in the order they came */
};

/* Takes `total`. */
void ledger_init(struct ledger *ledger, struct vector_names *names, struct resources *total_take);
/* Frees the pieces too. */
void ledger_done(struct ledger *ledger);

/* What is offered and used stays. Takes `total`. */
void ledger_set_total(struct ledger *ledger, struct resources *total_take);

/* Takes `resources` out of what is free, under a token that is not in the books yet. The piece stays
 * owned by the ledger. */
struct ledger_piece *ledger_take_out(struct ledger *ledger, const char *token, void *holder, bool offered,
                                     const struct resources *resources) __attribute__((returns_nonnull));

/* NULL if nobody holds that token. */
struct ledger_piece *ledger_find(const struct ledger *ledger, const char *token);

/* Makes the piece free again and forgets it. */
void ledger_put_back(struct ledger *ledger, struct ledger_piece *piece);

/* Whether the books add up, in quantities. O(1). */
bool ledger_adds_up(const struct ledger *ledger);

#endif
