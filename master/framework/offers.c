/* SPDX-License-Identifier: Apache-2.0 */
#include "offers.h"

#include <actor/message.h>
#include <assert.h>
#include <errno.h>

struct offer *framework_offers_find(const struct offers *offers, const char *id)
{
        struct offer *offer = NULL;
        HASH_FIND_STR(offers->table, id, offer);
        return offer;
}

void framework_offers_add(struct offers *offers, struct offer *offer_take)
{
        assert(framework_offers_find(offers, offer_take->id) == NULL);
        HASH_ADD_KEYPTR(hh, offers->table, offer_take->id, strlen(offer_take->id), offer_take);
}

void framework_offers_drop(struct offers *offers, struct offer *offer)
{
        HASH_DEL(offers->table, offer);
        for (size_t i = 0; i < sizeof offer->held / sizeof *offer->held; i++)
                actor_msg_unref(offer->held[i]);
        free(offer);
}

size_t framework_offers_count(const struct offers *offers)
{
        return HASH_COUNT(offers->table);
}

void framework_offers_done(struct offers *offers)
{
        struct offer *offer, *next;
        HASH_ITER(hh, offers->table, offer, next)
        framework_offers_drop(offers, offer);
}

static int alike(const struct offer *first, const struct offer *offer, struct actor_error *error)
{
        if (strcmp(first->agent_id, offer->agent_id) != 0)
                return actor_error_set(
                        error, -EINVAL,
                        "Aggregated offers must belong to one single agent: offer %s is of agent "
                        "%s and offer %s of agent %s",
                        first->id, first->agent_id, offer->id, offer->agent_id);
        if (strcmp(first->role, offer->role) != 0)
                return actor_error_set(error, -EINVAL,
                                       "Aggregated offers must be allocated to the same role: offer %s is of "
                                       "role '%s' and offer %s of role '%s'",
                                       first->id, first->role, offer->id, offer->role);
        return 0;
}

/* The offers of one ACCEPT are few; but many is allowed, so duplicates are found with a set. */
struct seen {
        const struct offer *offer;
        UT_hash_handle hh;
};

static int pick_each(const struct offers *offers, size_t count, V1__OfferID *const *ids, struct offer **ret,
                     struct seen **set, struct seen *places, struct actor_error *error)
{
        for (size_t i = 0; i < count; i++) {
                struct seen *seen = NULL;
                struct offer *offer = framework_offers_find(offers, ids[i]->value);
                if (offer == NULL)
                        return actor_error_set(error, -EINVAL, "Offer %s is no longer valid", ids[i]->value);
                HASH_FIND_PTR(*set, &offer, seen);
                if (seen != NULL)
                        return actor_error_set(error, -EINVAL, "Duplicate offer %s in offer list", offer->id);
                places[i].offer = offer;
                HASH_ADD_PTR(*set, offer, &places[i]);
                ret[i] = offer;
                int r = alike(ret[0], offer, error);
                if (r != 0)
                        return r;
        }
        return 0;
}

int framework_offers_pick(const struct offers *offers, size_t count, V1__OfferID *const *ids,
                          struct offer **ret, struct actor_error *error)
{
        if (count == 0)
                return actor_error_set(error, -EINVAL, "No offers specified");
        struct seen *set = NULL;
        struct seen *places = actor_realloc_array(NULL, count, sizeof *places);
        int r = pick_each(offers, count, ids, ret, &set, places, error);
        HASH_CLEAR(hh, set);
        free(places);
        return r;
}
