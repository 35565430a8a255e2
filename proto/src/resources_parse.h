/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_RESOURCES_PARSE_H
#define PROTO_RESOURCES_PARSE_H

#include <proto/resources.h>

/* Adds a resource that has passed resource_validate(), in either format. */
void resources_add_valid(struct resources *r, const V1__Resource *resource);

#endif
