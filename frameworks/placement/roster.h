/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLACEMENT_ROSTER_H
#define PLACEMENT_ROSTER_H

#include <proto/types.h>
#include <stdbool.h>

/* The agents a framework has had offers from, what they say of themselves, and how many of its tasks are on
 * each. Pure. */
struct roster_field {
        char *name, *value;
};

struct roster_agent {
        char *id, *hostname;
        char *endpoint; /* "host:port", where its actors are reached; "" if the offer does not say */
        unsigned tasks; /* of ours, launched and not ended; kept by the framework */
        bool lost;      /* it is gone, and has not offered anything since */
        struct roster_field *fields; /* region and zone of its fault domain, if it has one; then its attributes */
        size_t field_count;
};

struct roster {
        struct roster_agent **agents; /* in the order of ids */
        size_t count, max;
        unsigned revision; /* grows when an agent comes, goes, or says something else of itself */
};

/* The agent of an offer; added if it is new, what it says of itself kept up to date. */
struct roster_agent *roster_note(struct roster *roster, const V1__Offer *offer);
/* The agent is gone; it stays listed, since tasks were on it. An unknown one is fine. */
void roster_lose(struct roster *roster, const char *agent_id);
/* NULL if no offer of it was seen. */
struct roster_agent *roster_find(const struct roster *roster, const char *agent_id);
/* "hostname", or the first field of that name; NULL if there is none. Numbers, ranges and sets as they are printed. */
const char *roster_value(const struct roster_agent *agent, const char *field);
void roster_done(struct roster *roster);

#endif
