/* SPDX-License-Identifier: Apache-2.0 */
#include "resource_entry.h"

#include <assert.h>
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

/* One piece of `total`, so much as `amount` says, moves to `found`. */
static void move_piece(struct resources *total, const struct resource_entry *from,
                       const struct resource_entry *amount, struct resources *found)
{
        struct resource_entry piece = resource_entry_copy(amount);
        resource_entry_set_kind(&piece, resource_kind_ref(from->kind));
        resources_subtract_entry(total, &piece);
        resources_add_entry_take(found, piece);
}

static void reduce(struct resource_entry *remaining, const struct resource_entry *less)
{
        if (resource_entry_is_shared(remaining))
                remaining->copies -= less->copies;
        else
                resource_amount_subtract(remaining, less);
}

/* Takes from the first fitting entry among those that pass the test, all of it where it is smaller
 * than what remains. True when nothing remains. */
static bool take_from(struct resources *total, kind_test test, const char *role,
                      struct resource_entry *remaining, struct resources *found)
{
        for (size_t i = 0; i < total->count; i++) {
                if (!test(total->entries[i].kind, role))
                        continue;
                if (resource_entry_contains(&total->entries[i], remaining, true)) {
                        move_piece(total, &total->entries[i], remaining, found);
                        return true;
                }
                if (resource_entry_contains(remaining, &total->entries[i], true)) {
                        struct resource_entry all = resource_entry_copy(&total->entries[i]);
                        move_piece(total, &all, &all, found);
                        reduce(remaining, &all);
                        resource_entry_clear(&all);
                        return false;
                }
        }
        return false;
}

static bool find_entry(struct resources *total, const struct resource_entry *wanted, const char *role,
                       struct resources *found)
{
        struct resource_entry remaining = resource_entry_copy(wanted);
        if (role == NULL)
                role = resource_kind_role(wanted->kind);
        bool done = (role && take_from(total, is_reserved, role, &remaining, found)) ||
                    take_from(total, is_unreserved, NULL, &remaining, found) ||
                    take_from(total, is_any, NULL, &remaining, found);
        resource_entry_clear(&remaining);
        return done;
}

struct resources *resources_find(const struct resources *r, const struct resources *wanted, const char *role)
{
        CLEANUP(resources_freep) struct resources *total = resources_copy(r);
        CLEANUP(resources_freep) struct resources *found = resources_new();
        for (size_t i = 0; i < wanted->count; i++)
                if (!find_entry(total, &wanted->entries[i], role, found))
                        return NULL;
        return TAKE(found);
}
