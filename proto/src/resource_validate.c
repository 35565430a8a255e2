/* SPDX-License-Identifier: Apache-2.0 */
#include "resource_format.h"
#include "value_message.h"

#include <errno.h>
#include <proto/ids.h>
#include <proto/json.h>
#include <proto/resources.h>
#include <stdlib.h>
#include <string.h>

static int validate_scalar(const V1__Value__Scalar *scalar, struct actor_error *error)
{
        double value = scalar->value;
        if (value == 0)
                return 0;
        if (!scalar_is_representable(value) || scalar_to_milli(value) <= 0)
                return actor_error_set(error, -EINVAL,
                                       "scalar %g is out of range: expected 0, or from 0.001 to 9.2e15",
                                       value);
        return 0;
}

static int compare_begins(const void *a, const void *b)
{
        const struct value_range *x = a, *y = b;
        return x->begin == y->begin ? 0 : x->begin < y->begin ? -1 : 1;
}

static int validate_range_list(struct ranges *ranges, struct actor_error *error)
{
        for (size_t i = 0; i < ranges->count; i++)
                if (ranges->list[i].begin > ranges->list[i].end)
                        return actor_error_set(error, -EINVAL, "range [%llu-%llu] ends before it begins",
                                               (unsigned long long) ranges->list[i].begin,
                                               (unsigned long long) ranges->list[i].end);
        if (ranges->count > 1)
                qsort(ranges->list, ranges->count, sizeof *ranges->list, compare_begins);
        for (size_t i = 1; i < ranges->count; i++)
                if (ranges->list[i].begin <= ranges->list[i - 1].end)
                        return actor_error_set(error, -EINVAL, "ranges [%llu-%llu] and [%llu-%llu] overlap",
                                               (unsigned long long) ranges->list[i - 1].begin,
                                               (unsigned long long) ranges->list[i - 1].end,
                                               (unsigned long long) ranges->list[i].begin,
                                               (unsigned long long) ranges->list[i].end);
        return 0;
}

static int validate_ranges(const V1__Value__Ranges *message, struct actor_error *error)
{
        struct ranges ranges = value_ranges_from_message(message);
        int r = validate_range_list(&ranges, error);
        ranges_clear(&ranges);
        return r;
}

static int validate_set(const V1__Value__Set *message, struct actor_error *error)
{
        struct name_set set = {.items = (char **) message->item, .count = message->n_item};
        const char *twice = name_set_duplicate(&set);
        return twice ? actor_error_set(error, -EINVAL, "the set has '%.64s' twice", twice) : 0;
}

static int validate_amount(const V1__Resource *resource, struct actor_error *error)
{
        bool scalar = resource->scalar, ranges = resource->ranges, set = resource->set;
        const char *type = proto_enum_name(&v1__value__type__descriptor, (int) resource->type);
        if (resource->type != V1__VALUE__TYPE__SCALAR && resource->type != V1__VALUE__TYPE__RANGES &&
            resource->type != V1__VALUE__TYPE__SET)
                return actor_error_set(error, -EINVAL, "type %s is not one of SCALAR, RANGES, SET", type);
        if (scalar != (resource->type == V1__VALUE__TYPE__SCALAR) ||
            ranges != (resource->type == V1__VALUE__TYPE__RANGES) ||
            set != (resource->type == V1__VALUE__TYPE__SET))
                return actor_error_set(error, -EINVAL, "type %s wants the value of that type and no other",
                                       type);
        if (scalar)
                return validate_scalar(resource->scalar, error);
        return ranges ? validate_ranges(resource->ranges, error) : validate_set(resource->set, error);
}

static int validate_disk(const V1__Resource *resource, struct actor_error *error)
{
        const V1__Resource__DiskInfo *disk = resource->disk;
        if (disk == NULL)
                return 0;
        if (strcmp(resource->name, "disk") != 0)
                return actor_error_set(error, -EINVAL, "'disk' may be set for the resource named disk only");
        if (disk->source == NULL)
                return 0;
        const char *type =
                proto_enum_name(&v1__resource__disk_info__source__type__descriptor, (int) disk->source->type);
        switch (disk->source->type) {
        case V1__RESOURCE__DISK_INFO__SOURCE__TYPE__PATH:
        case V1__RESOURCE__DISK_INFO__SOURCE__TYPE__MOUNT:
                return 0;
        case V1__RESOURCE__DISK_INFO__SOURCE__TYPE__BLOCK:
        case V1__RESOURCE__DISK_INFO__SOURCE__TYPE__RAW:
                if (disk->source->path || disk->source->mount)
                        return actor_error_set(error, -EINVAL,
                                               "disk.source: '%s' must not be set for type %s",
                                               disk->source->mount ? "mount" : "path", type);
                return 0;
        default:
                return actor_error_set(error, -EINVAL,
                                       "disk.source.type %s is not one of PATH, MOUNT, BLOCK, RAW", type);
        }
}

/* The format before reservation refinement: `role`, and `reservation` where it is dynamic. */
static int validate_old_format(const V1__Resource *resource, struct actor_error *error)
{
        int r = role_validate(resource->role, error);
        if (r < 0 || resource->reservation == NULL)
                return r;
        if (resource->reservation->has_type)
                return actor_error_set(error, -EINVAL,
                                       "reservation.type must not be set: 'reservation' is always dynamic");
        if (resource->reservation->role)
                return actor_error_set(error, -EINVAL,
                                       "reservation.role must not be set: the resource's 'role' says it");
        if (strcmp(resource->role, "*") == 0)
                return actor_error_set(error, -EINVAL, "reservation: role '*' cannot be reserved for");
        return 0;
}

static int validate_reservation(const V1__Resource__ReservationInfo *reservation, size_t index,
                                struct actor_error *error)
{
        if (!reservation->has_type || (reservation->type != V1__RESOURCE__RESERVATION_INFO__TYPE__STATIC &&
                                       reservation->type != V1__RESOURCE__RESERVATION_INFO__TYPE__DYNAMIC))
                return actor_error_set(error, -EINVAL, "reservations[%zu].type must be STATIC or DYNAMIC",
                                       index);
        if (reservation->role == NULL)
                return actor_error_set(error, -EINVAL, "reservations[%zu].role must be set", index);
        int r = role_validate(reservation->role, error);
        if (r < 0)
                return actor_error_prefix(error, r, "reservations[%zu]", index);
        if (strcmp(reservation->role, "*") == 0)
                return actor_error_set(error, -EINVAL, "reservations[%zu].role '*' cannot be reserved for",
                                       index);
        return 0;
}

/* Each reservation refines the one before it: dynamically, to a role below. */
static int validate_refinements(const V1__Resource *resource, struct actor_error *error)
{
        for (size_t i = 0; i < resource->n_reservations; i++) {
                const V1__Resource__ReservationInfo *reservation = resource->reservations[i];
                int r = validate_reservation(reservation, i, error);
                if (r < 0)
                        return r;
                if (i == 0)
                        continue;
                if (reservation->type == V1__RESOURCE__RESERVATION_INFO__TYPE__STATIC)
                        return actor_error_set(error, -EINVAL,
                                               "reservations[%zu] refines another one and cannot be STATIC",
                                               i);
                const char *before = resource->reservations[i - 1]->role;
                if (!role_is_strict_subrole(reservation->role, before))
                        return actor_error_set(error, -EINVAL,
                                               "reservations[%zu].role '%.64s' is not below '%.64s'", i,
                                               reservation->role, before);
        }
        return 0;
}

/* Both formats at once must say the same. */
static int validate_agreement(const V1__Resource *resource, struct actor_error *error)
{
        const V1__Resource__ReservationInfo *only = resource->reservations[0], *old = resource->reservation;
        bool has_role = resource_has_role(resource);
        if (resource->n_reservations > 1) {
                if (has_role || old)
                        return actor_error_set(error, -EINVAL,
                                               "'%s' must not be set beside refined reservations",
                                               has_role ? "role" : "reservation");
                return 0;
        }
        if (has_role && strcmp(resource->role, only->role) != 0)
                return actor_error_set(error, -EINVAL, "role '%.64s' is not that of reservations[0], '%.64s'",
                                       resource->role, only->role);
        if (only->type == V1__RESOURCE__RESERVATION_INFO__TYPE__STATIC)
                return old ? actor_error_set(error, -EINVAL,
                                             "'reservation' must not be set beside a STATIC reservations[0]")
                           : 0;
        if (has_role != (old != NULL))
                return actor_error_set(
                        error, -EINVAL,
                        "'role' and 'reservation' must both be set beside a DYNAMIC reservations[0], or "
                        "neither");
        if (old && strcmp(old->principal ? old->principal : "", only->principal ? only->principal : "") != 0)
                return actor_error_set(error, -EINVAL,
                                       "reservation.principal is not that of reservations[0]");
        if (old && !resource_labels_equal(old->labels, only->labels))
                return actor_error_set(error, -EINVAL, "reservation.labels are not those of reservations[0]");
        return 0;
}

static int validate_new_format(const V1__Resource *resource, struct actor_error *error)
{
        int r = validate_refinements(resource, error);
        return r < 0 ? r : validate_agreement(resource, error);
}

static int validate_shared(const V1__Resource *resource, struct actor_error *error)
{
        if (resource->shared == NULL)
                return 0;
        if (strcmp(resource->name, "disk") != 0 || resource->disk == NULL ||
            resource->disk->persistence == NULL)
                return actor_error_set(error, -EINVAL, "'shared' may be set for persistent volumes only");
        return 0;
}

int resource_validate(const V1__Resource *resource, struct actor_error *error)
{
        if (resource->name == NULL || *resource->name == '\0')
                return actor_error_set(error, -EINVAL, "a resource's name must not be empty");
        int r = validate_amount(resource, error);
        if (r == 0)
                r = validate_disk(resource, error);
        if (r == 0)
                r = resource->n_reservations > 0 ? validate_new_format(resource, error)
                                                 : validate_old_format(resource, error);
        if (r == 0)
                r = validate_shared(resource, error);
        return r == 0 ? 0 : actor_error_prefix(error, r, "resource '%.64s'", resource->name);
}
