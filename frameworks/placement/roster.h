/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLACEMENT_ROSTER_H
#define PLACEMENT_ROSTER_H

#include <proto/types.h>

/* The agents a framework has had offers from, and how many of its tasks are on each. Pure. */
struct roster_agent {
        char *id, *hostname;
        char *endpoint; /* "host:port", where its actors are reached; "" if the offer does not say */
        unsigned tasks; /* of ours, launched and not ended; kept by the framework */
};

struct roster {
        struct roster_agent **agents; /* in the order of ids */
        size_t count, max;
};

/* The agent of an offer; added if it is new, its hostname and endpoint kept up to date. */
struct roster_agent *roster_note(struct roster *roster, const V1__Offer *offer);
/* NULL if no offer of it was seen. */
struct roster_agent *roster_find(const struct roster *roster, const char *agent_id);
void roster_done(struct roster *roster);

#endif
