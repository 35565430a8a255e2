/* SPDX-License-Identifier: Apache-2.0 */
#include "resource_format.h"

#include <errno.h>
#include <proto/copy.h>
#include <proto/resources.h>
#include <string.h>

bool resource_has_role(const V1__Resource *resource)
{
        return resource->role && resource->role != v1__resource__role__default_value;
}

static bool has_label(const V1__Labels *labels, const V1__Label *wanted)
{
        for (size_t i = 0; i < labels->n_labels; i++)
                if (proto_equal(labels->labels[i], wanted))
                        return true;
        return false;
}

bool resource_labels_equal(const V1__Labels *a, const V1__Labels *b)
{
        size_t count = a ? a->n_labels : 0;
        if (count != (b ? b->n_labels : 0))
                return false;
        for (size_t i = 0; i < count; i++)
                if (!has_label(b, a->labels[i]))
                        return false;
        return true;
}

void resource_upgrade_view(const V1__Resource *source, struct upgraded_resource *ret)
{
        ret->resource = *source;
        ret->resource.role = v1__resource__role__default_value;
        ret->resource.reservation = NULL;
        if (source->n_reservations > 0 || strcmp(source->role, "*") == 0)
                return;
        if (source->reservation)
                ret->reservation = *source->reservation;
        else
                v1__resource__reservation_info__init(&ret->reservation);
        ret->reservation.role = source->role;
        ret->reservation.has_type = 1;
        ret->reservation.type = source->reservation ? V1__RESOURCE__RESERVATION_INFO__TYPE__DYNAMIC
                                                    : V1__RESOURCE__RESERVATION_INFO__TYPE__STATIC;
        ret->reservations[0] = &ret->reservation;
        ret->resource.n_reservations = 1;
        ret->resource.reservations = ret->reservations;
}

V1__Resource *resource_upgrade(void *msg, const V1__Resource *resource)
{
        struct upgraded_resource upgraded;
        resource_upgrade_view(resource, &upgraded);
        return proto_copy(msg, &upgraded.resource);
}

int resource_downgrade(void *msg, const V1__Resource *resource, V1__Resource **ret, struct actor_error *error)
{
        struct upgraded_resource upgraded;
        resource_upgrade_view(resource, &upgraded);
        V1__Resource view = upgraded.resource;
        if (view.n_reservations > 1)
                return actor_error_set(
                        error, -EINVAL,
                        "resource '%.64s' has %zu reservations; the older format has room for one", view.name,
                        view.n_reservations);
        char unreserved[] = "*";
        V1__Resource__ReservationInfo dynamic;
        view.role = unreserved;
        if (view.n_reservations == 1) {
                dynamic = *view.reservations[0];
                view.role = dynamic.role;
                if (dynamic.type == V1__RESOURCE__RESERVATION_INFO__TYPE__DYNAMIC)
                        view.reservation = &dynamic;
                dynamic.role = NULL;
                dynamic.has_type = 0;
        }
        view.n_reservations = 0;
        view.reservations = NULL;
        *ret = proto_copy(msg, &view);
        return 0;
}
