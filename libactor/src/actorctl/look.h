/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTORCTL_LOOK_H
#define ACTORCTL_LOOK_H

#include "actorctl/client.h"

#include <stdbool.h>

/* What a node shows of itself at one moment, and what two such looks tell together. */
struct actor_row {
        const Actor__Inspect__Actor *actor;
        int64_t now_ns; /* of its node, when it was told */
        /* by comparison with the look before; negative: there is none */
        double rate; /* messages handled a second */
        double busy; /* share of the time spent in handlers */
        /* how long the oldest message has waited, at least or at most; 0: unknown, or none waits */
        uint64_t oldest_ns;
        bool oldest_is_least;
        /* what waited at mark_ns, an earlier look, is done when so many have been taken */
        int64_t mark_ns;
        uint32_t mark_taken;
        const Actor__Inspect__Bonds *bonds; /* NULL: not asked, or it did not answer */
};

struct handler_row {
        const Actor__Inspect__Handler *handler;
        double rate, busy; /* as above */
};

struct look {
        struct answers answers; /* all that the rows point to */
        int64_t now_ns;
        const Actor__Inspect__Node *node;
        struct actor_row *actors;
        size_t actor_count, actor_capacity;
        struct handler_row *handlers; /* the busiest first, after look_sort() */
        size_t handler_count, handler_capacity;
};

/* Looks. 0, or -errno with a sentence; look_done() is due whatever the outcome. */
int look_take(struct client *client, const char *place, struct look *ret, struct actor_error *error);
void look_done(struct look *look);

/* Fills in what follows from an earlier look at the same node. Pure. */
void look_compare(struct look *look, const struct look *before);
/* Actors by "depth", "rate", "busy", "handled" (most first) or "name"; handlers by time spent. Pure. */
void look_sort(struct look *look, const char *by);
/* Asks the first `count` actors for their bonds. One that is busy or gone is left without. */
void look_ask_bonds(struct client *client, const char *place, struct look *look, size_t count);

#endif
