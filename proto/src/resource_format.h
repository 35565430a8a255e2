/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_RESOURCE_FORMAT_H
#define PROTO_RESOURCE_FORMAT_H

#include <proto/types.h>
#include <stdbool.h>

/* Whether `role` was given: the default "*" stands there too when it was not. */
bool resource_has_role(const V1__Resource *resource);

/* The same labels whatever their order; none is the same as an empty list. */
bool resource_labels_equal(const V1__Labels *a, const V1__Labels *b);

/* A valid resource as it reads in the post-refinement format, without a copy: `resource` points into
 * the source and into this struct. */
struct upgraded_resource {
        V1__Resource resource;
        V1__Resource__ReservationInfo reservation;
        V1__Resource__ReservationInfo *reservations[1];
};
void resource_upgrade_view(const V1__Resource *source, struct upgraded_resource *ret);

#endif
