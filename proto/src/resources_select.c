/* SPDX-License-Identifier: Apache-2.0 */
#include "resource_entry.h"

#include <actor/memory.h>
#include <proto/ids.h>
#include <string.h>

/* Selections by what entries are, without a look at how much there is. */
typedef bool (*kind_test)(const struct resource_kind *kind, const char *role);

static struct resources *select_kinds(const struct resources *r, kind_test test, const char *role)
{
        struct resources *selected = resources_new();
        for (size_t i = 0; i < r->count; i++)
                if (test(r->entries[i].kind, role))
                        resources_add_entry_take(selected, resource_entry_copy(&r->entries[i]));
        return selected;
}

static bool is_any(const struct resource_kind *kind, const char *role)
{
        return true;
}

static bool is_unreserved(const struct resource_kind *kind, const char *role)
{
        return resource_kind_role(kind) == NULL;
}

static bool is_reserved(const struct resource_kind *kind, const char *role)
{
        const char *reserved = resource_kind_role(kind);
        return reserved && (role == NULL || strcmp(role, reserved) == 0);
}

static bool is_allocatable(const struct resource_kind *kind, const char *role)
{
        const char *reserved = resource_kind_role(kind);
        return reserved == NULL || strcmp(role, reserved) == 0 || role_is_strict_subrole(role, reserved);
}

static bool is_nonrevocable(const struct resource_kind *kind, const char *role)
{
        return kind->view->revocable == NULL;
}

static bool is_revocable(const struct resource_kind *kind, const char *role)
{
        return kind->view->revocable != NULL;
}

struct resources *resources_allocatable_to(const struct resources *r, const char *role)
{
        return select_kinds(r, is_allocatable, role);
}

struct resources *resources_unreserved(const struct resources *r)
{
        return select_kinds(r, is_unreserved, NULL);
}

struct resources *resources_reserved(const struct resources *r, const char *role)
{
        return select_kinds(r, is_reserved, role);
}

struct resources *resources_revocable(const struct resources *r)
{
        return select_kinds(r, is_revocable, NULL);
}

struct resources *resources_nonrevocable(const struct resources *r)
{
        return select_kinds(r, is_nonrevocable, NULL);
}

/* A search through `total`, from which each find is taken. `order` lists the entries that may still be
 * looked at for this wish; one that was taken whole gives its place to the last, as in the reference. */
struct search {
        struct resources *total, *found;
        struct resource_entry remaining;
        size_t *order, count;
};

static void reduce(struct resource_entry *entry, const struct resource_entry *less)
{
        if (resource_entry_is_shared(entry))
                entry->copies -= less->copies;
        else
                resource_amount_subtract(entry, less);
}

/* So much of `entry` as `amount` says moves to what was found. */
static void move_piece(struct search *search, struct resource_entry *entry,
                       const struct resource_entry *amount)
{
        struct resource_entry piece = resource_entry_copy(amount);
        resource_entry_set_kind(&piece, resource_kind_ref(entry->kind));
        reduce(entry, &piece);
        resources_add_entry_take(search->found, piece);
}

/* Takes from the first fitting entry among those that pass the test, all of it where it is smaller
 * than what remains. True when nothing remains. */
static bool take_from(struct search *search, kind_test test, const char *role)
{
        for (size_t i = 0; i < search->count; i++) {
                struct resource_entry *entry = &search->total->entries[search->order[i]];
                if (!test(entry->kind, role))
                        continue;
                if (resource_entry_contains(entry, &search->remaining, true)) {
                        move_piece(search, entry, &search->remaining);
                        return true;
                }
                if (resource_entry_contains(&search->remaining, entry, true)) {
                        struct resource_entry all = resource_entry_copy(entry);
                        move_piece(search, entry, &all);
                        reduce(&search->remaining, &all);
                        resource_entry_clear(&all);
                        search->order[i] = search->order[--search->count];
                        return false;
                }
        }
        return false;
}

static bool find_entry(struct search *search, const struct resource_entry *wanted, const char *role)
{
        search->count = 0;
        for (size_t i = 0; i < search->total->count; i++)
                if (!resource_entry_is_empty(&search->total->entries[i]))
                        search->order[search->count++] = i;
        search->remaining = resource_entry_copy(wanted);
        if (role == NULL)
                role = resource_kind_role(wanted->kind);
        bool done = (role && take_from(search, is_reserved, role)) ||
                    take_from(search, is_unreserved, NULL) || take_from(search, is_any, NULL);
        resource_entry_clear(&search->remaining);
        return done;
}

struct resources *resources_find(const struct resources *r, const struct resources *wanted, const char *role)
{
        CLEANUP(resources_freep) struct resources *total = resources_copy(r);
        CLEANUP(resources_freep) struct resources *found = resources_new();
        CLEANUP(actor_freep) size_t *order = actor_realloc_array(NULL, r->count, sizeof *order);
        struct search search = {.total = total, .found = found, .order = order};
        for (size_t i = 0; i < wanted->count; i++)
                if (!find_entry(&search, &wanted->entries[i], role))
                        return NULL;
        return TAKE(found);
}
