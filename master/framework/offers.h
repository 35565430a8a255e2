/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_FRAMEWORK_OFFERS_H
#define MASTER_FRAMEWORK_OFFERS_H

#include <actor/hash_table.h>
#include <actor/error.h>
#include <actor/ref.h>
#include <proto/resources.h>
#include <proto/types.h>

/* The offers that await an framework_answer. An offer is made, and leaves the register once: accepted,
 * declined, rescinded or expired. Pure. */
struct offer {
        const char *id; /* in `held`, as is all below */
        const char *agent_id, *role;
        struct actor_ref agent_session;
        const struct resources *resources;
        const V1__Offer *v1;
        const void *held[2]; /* the event that carried it to the scheduler, and the allocation */
        UT_hash_handle hh;
};

struct offers {
        struct offer *table;
};

/* Takes the offer. An offer with this id must not be there. */
void framework_offers_add(struct offers *offers, struct offer *offer_take);
struct offer *framework_offers_find(const struct offers *offers, const char *id);
/* Takes it out and frees it. */
void framework_offers_drop(struct offers *offers, struct offer *offer);
size_t framework_offers_count(const struct offers *offers);
void framework_offers_done(struct offers *offers);

/* Judges the offers of an ACCEPT: each is there, none twice, all of one agent and one role. On 0 the
 * `count` offers are in `ret`. -EINVAL with a sentence otherwise; `ret` is then undefined. */
int framework_offers_pick(const struct offers *offers, size_t count, V1__OfferID *const *ids,
                          struct offer **ret, struct actor_error *error);

#endif
