/* SPDX-License-Identifier: Apache-2.0 */
#include "allocator/ledger.h"

#include <assert.h>
#include <string.h>

/* Makes `free` anew from the other three: the slow way, for totals that change and books in debt. */
static void recount(struct ledger *ledger)
{
        struct resources *held = resources_copy(ledger->offered);
        resources_add(held, ledger->used);
        resources_free(ledger->free);
        ledger->free = resources_copy(ledger->total);
        resources_subtract(ledger->free, held);
        ledger->overcommitted = !resources_contain(ledger->total, held);
        resources_free(held);
        ledger->free_quantities = vector_of(ledger->names, ledger->free);
}

static void changed(struct ledger *ledger)
{
        ledger->version++;
        assert(ledger_adds_up(ledger));
}

void ledger_init(struct ledger *ledger, struct vector_names *names, struct resources *total_take)
{
        *ledger = (struct ledger){.names = names, .total = total_take};
        ledger->free = resources_copy(total_take);
        ledger->offered = resources_new();
        ledger->used = resources_new();
        ledger->total_quantities = vector_of(names, total_take);
        ledger->free_quantities = ledger->total_quantities;
        changed(ledger);
}

static void piece_free(struct ledger *ledger, struct ledger_piece *piece)
{
        HASH_DEL(ledger->pieces, piece);
        resources_free(piece->resources);
        free(piece);
}

void ledger_done(struct ledger *ledger)
{
        struct ledger_piece *piece, *next;
        HASH_ITER(hh, ledger->pieces, piece, next)
        {
                piece_free(ledger, piece);
        }
        resources_free(ledger->total);
        resources_free(ledger->free);
        resources_free(ledger->offered);
        resources_free(ledger->used);
        *ledger = (struct ledger){0};
}

void ledger_set_total(struct ledger *ledger, struct resources *total_take)
{
        resources_free(ledger->total);
        ledger->total = total_take;
        ledger->total_quantities = vector_of(ledger->names, total_take);
        recount(ledger);
        changed(ledger);
}

struct ledger_piece *ledger_take_out(struct ledger *ledger, const char *token, void *holder, bool offered,
                                     const struct resources *resources)
{
        assert(ledger_find(ledger, token) == NULL);
        size_t length = strlen(token);
        struct ledger_piece *piece = actor_zalloc(sizeof *piece + length + 1);
        piece->ledger = ledger;
        memcpy(piece->token, token, length + 1);
        piece->holder = holder;
        piece->offered = offered;
        piece->resources = resources_copy(resources);
        piece->quantities = vector_of(ledger->names, resources);
        HASH_ADD_KEYPTR(hh, ledger->pieces, piece->token, length, piece);

        resources_add(offered ? ledger->offered : ledger->used, resources);
        vector_add(offered ? &ledger->offered_quantities : &ledger->used_quantities, &piece->quantities);
        if (!ledger->overcommitted && resources_contain(ledger->free, resources)) {
                resources_subtract(ledger->free, resources);
                vector_subtract(&ledger->free_quantities, &piece->quantities);
        } else {
                recount(ledger);
        }
        changed(ledger);
        return piece;
}

struct ledger_piece *ledger_find(const struct ledger *ledger, const char *token)
{
        struct ledger_piece *piece = NULL;
        HASH_FIND_STR(ledger->pieces, token, piece);
        return piece;
}

void ledger_put_back(struct ledger *ledger, struct ledger_piece *piece)
{
        resources_subtract(piece->offered ? ledger->offered : ledger->used, piece->resources);
        vector_subtract(piece->offered ? &ledger->offered_quantities : &ledger->used_quantities,
                        &piece->quantities);
        if (ledger->overcommitted) {
                recount(ledger);
        } else {
                resources_add(ledger->free, piece->resources);
                vector_add(&ledger->free_quantities, &piece->quantities);
        }
        piece_free(ledger, piece);
        changed(ledger);
}

bool ledger_adds_up(const struct ledger *ledger)
{
        if (ledger->overcommitted)
                return true;
        struct vector sum = ledger->free_quantities;
        vector_add(&sum, &ledger->offered_quantities);
        vector_add(&sum, &ledger->used_quantities);
        return vector_equal(&sum, &ledger->total_quantities);
}
