/* SPDX-License-Identifier: Apache-2.0 */
#include "resource_kind.h"

#include "resource_format.h"

#include <actor/memory.h>
#include <assert.h>
#include <proto/copy.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN_VIEW(resource_name, value_type)                                                      \
        {                                                                                          \
                .base = PROTOBUF_C_MESSAGE_INIT(&v1__resource__descriptor), .name = resource_name, \
                .type = value_type, .role = v1__resource__role__default_value                      \
        }

/* What nearly every set consists of. */
static const V1__Resource plain_views[] = {
        PLAIN_VIEW("cpus", V1__VALUE__TYPE__SCALAR),  PLAIN_VIEW("mem", V1__VALUE__TYPE__SCALAR),
        PLAIN_VIEW("disk", V1__VALUE__TYPE__SCALAR),  PLAIN_VIEW("gpus", V1__VALUE__TYPE__SCALAR),
        PLAIN_VIEW("ports", V1__VALUE__TYPE__RANGES),
};

static const struct resource_kind plain_kinds[] = {
        {.is_static = true, .view = &plain_views[0]}, {.is_static = true, .view = &plain_views[1]},
        {.is_static = true, .view = &plain_views[2]}, {.is_static = true, .view = &plain_views[3]},
        {.is_static = true, .view = &plain_views[4]},
};

static const struct resource_kind *find_plain(const V1__Resource *resource)
{
        if (resource->n_reservations > 0 || resource->allocation_info || resource->disk ||
            resource->revocable || resource->shared || resource->provider_id ||
            resource->base.n_unknown_fields > 0)
                return NULL;
        for (size_t i = 0; i < sizeof plain_kinds / sizeof *plain_kinds; i++)
                if (resource->type == plain_views[i].type && strcmp(resource->name, plain_views[i].name) == 0)
                        return &plain_kinds[i];
        return NULL;
}

static bool is_whole(const V1__Resource *resource)
{
        const V1__Resource__DiskInfo *disk = resource->disk;
        if (disk == NULL)
                return false;
        if (disk->persistence)
                return true;
        if (disk->source == NULL)
                return false;
        switch (disk->source->type) {
        case V1__RESOURCE__DISK_INFO__SOURCE__TYPE__MOUNT:
        case V1__RESOURCE__DISK_INFO__SOURCE__TYPE__BLOCK:
                return true;
        case V1__RESOURCE__DISK_INFO__SOURCE__TYPE__RAW:
                return disk->source->id != NULL;
        default:
                return false;
        }
}

const struct resource_kind *resource_kind_of(const V1__Resource *resource)
{
        const struct resource_kind *plain = find_plain(resource);
        if (plain)
                return plain;
        V1__Resource view = *resource;
        view.role = v1__resource__role__default_value;
        view.reservation = NULL;
        view.scalar = NULL;
        view.ranges = NULL;
        view.set = NULL;
        struct resource_kind *kind = actor_zalloc(sizeof *kind);
        atomic_init(&kind->references, 1);
        kind->view = proto_dup(&view);
        kind->is_whole = is_whole(kind->view);
        return kind;
}

const struct resource_kind *resource_kind_ref(const struct resource_kind *kind)
{
        if (!kind->is_static)
                atomic_fetch_add_explicit(&((struct resource_kind *) kind)->references, 1,
                                          memory_order_relaxed);
        return kind;
}

void resource_kind_unref(const struct resource_kind *kind)
{
        if (kind->is_static)
                return;
        struct resource_kind *counted = (struct resource_kind *) kind;
        if (atomic_fetch_sub_explicit(&counted->references, 1, memory_order_acq_rel) != 1)
                return;
        proto_free((void *) counted->view);
        free(counted);
}

static bool same_text(const char *a, const char *b)
{
        return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_labels(const V1__Labels *a, const V1__Labels *b)
{
        return !a == !b && resource_labels_equal(a, b);
}

static bool same_reservations(const V1__Resource *a, const V1__Resource *b)
{
        if (a->n_reservations != b->n_reservations)
                return false;
        for (size_t i = 0; i < a->n_reservations; i++) {
                const V1__Resource__ReservationInfo *x = a->reservations[i], *y = b->reservations[i];
                if (x->type != y->type || !same_text(x->role, y->role) ||
                    !same_text(x->principal, y->principal) || !same_labels(x->labels, y->labels))
                        return false;
        }
        return true;
}

static bool same_source(const V1__Resource__DiskInfo__Source *a, const V1__Resource__DiskInfo__Source *b)
{
        if (a == NULL || b == NULL)
                return a == b;
        if (a->type != b->type || !a->path != !b->path || !a->mount != !b->mount)
                return false;
        if ((a->path && !same_text(a->path->root, b->path->root)) ||
            (a->mount && !same_text(a->mount->root, b->mount->root)))
                return false;
        return same_text(a->vendor, b->vendor) && same_text(a->id, b->id) &&
               same_text(a->profile, b->profile) && same_labels(a->metadata, b->metadata);
}

/* The volume says how a disk is used, not which one it is. */
static bool same_disk(const V1__Resource__DiskInfo *a, const V1__Resource__DiskInfo *b)
{
        if (a == NULL || b == NULL)
                return a == b;
        if (!a->persistence != !b->persistence)
                return false;
        if (a->persistence && !same_text(a->persistence->id, b->persistence->id))
                return false;
        return same_source(a->source, b->source);
}

static bool same_allocation(const V1__Resource *a, const V1__Resource *b)
{
        if (a->allocation_info == NULL || b->allocation_info == NULL)
                return a->allocation_info == b->allocation_info;
        return same_text(a->allocation_info->role, b->allocation_info->role);
}

static bool same_thing(const V1__Resource *a, const V1__Resource *b)
{
        if (a->type != b->type || strcmp(a->name, b->name) != 0)
                return false;
        if (!a->revocable != !b->revocable || !a->shared != !b->shared || !a->provider_id != !b->provider_id)
                return false;
        if (a->provider_id && !same_text(a->provider_id->value, b->provider_id->value))
                return false;
        return same_disk(a->disk, b->disk);
}

bool resource_kind_equal(const struct resource_kind *a, const struct resource_kind *b)
{
        if (a == b)
                return true;
        return same_thing(a->view, b->view) && same_allocation(a->view, b->view) &&
               same_reservations(a->view, b->view);
}

bool resource_kind_similar(const struct resource_kind *a, const struct resource_kind *b)
{
        return a == b || same_thing(a->view, b->view);
}

const char *resource_kind_role(const struct resource_kind *kind)
{
        size_t count = kind->view->n_reservations;
        return count > 0 ? kind->view->reservations[count - 1]->role : NULL;
}

bool resource_kind_is_persistent(const struct resource_kind *kind)
{
        return kind->view->disk && kind->view->disk->persistence;
}

const struct resource_kind *resource_kind_allocated(const struct resource_kind *kind, const char *role)
{
        assert(role);
        V1__Resource__AllocationInfo allocation = V1__RESOURCE__ALLOCATION_INFO__INIT;
        allocation.role = role;
        V1__Resource view = *kind->view;
        view.allocation_info = &allocation;
        return resource_kind_of(&view);
}

const struct resource_kind *resource_kind_unallocated(const struct resource_kind *kind)
{
        if (kind->view->allocation_info == NULL)
                return resource_kind_ref(kind);
        V1__Resource view = *kind->view;
        view.allocation_info = NULL;
        return resource_kind_of(&view);
}

const struct resource_kind *resource_kind_unreserved(const struct resource_kind *kind)
{
        if (kind->view->n_reservations == 0)
                return resource_kind_ref(kind);
        V1__Resource view = *kind->view;
        view.n_reservations = 0;
        view.reservations = NULL;
        return resource_kind_of(&view);
}
