/* SPDX-License-Identifier: Apache-2.0 */
#include "resource_entry.h"

#include <actor/memory.h>
#include <inttypes.h>
#include <proto/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_or_empty(const char *text)
{
        return text ? text : "";
}

static void print_labels(FILE *stream, const V1__Labels *labels)
{
        fputc('{', stream);
        for (size_t i = 0; i < labels->n_labels; i++) {
                fprintf(stream, "%s%s", i > 0 ? ", " : "", labels->labels[i]->key);
                if (labels->labels[i]->value)
                        fprintf(stream, ": %s", labels->labels[i]->value);
        }
        fputc('}', stream);
}

static void print_reservations(FILE *stream, const V1__Resource *resource)
{
        fputs("(reservations: [", stream);
        for (size_t i = 0; i < resource->n_reservations; i++) {
                const V1__Resource__ReservationInfo *reservation = resource->reservations[i];
                fprintf(stream, "%s(%s,%s", i > 0 ? "," : "",
                        proto_enum_name(&v1__resource__reservation_info__type__descriptor,
                                        (int) reservation->type),
                        reservation->role);
                if (reservation->principal)
                        fprintf(stream, ",%s", reservation->principal);
                if (reservation->labels) {
                        fputc(',', stream);
                        print_labels(stream, reservation->labels);
                }
                fputc(')', stream);
        }
        fputs("])", stream);
}

static void print_source(FILE *stream, const V1__Resource__DiskInfo__Source *source)
{
        fputs(proto_enum_name(&v1__resource__disk_info__source__type__descriptor, (int) source->type),
              stream);
        const char *root = source->path ? source->path->root : source->mount ? source->mount->root : NULL;
        if (source->id || source->profile)
                fprintf(stream, "(%s,%s,%s)", text_or_empty(source->vendor), text_or_empty(source->id),
                        text_or_empty(source->profile));
        else if (root)
                fprintf(stream, ":%s", root);
}

static void print_volume(FILE *stream, const V1__Volume *volume)
{
        if (volume->host_path)
                fprintf(stream, "%s:%s:%s", volume->host_path, volume->container_path,
                        volume->mode == V1__VOLUME__MODE__RO ? "ro" : "rw");
        else
                fputs(volume->container_path, stream);
}

static void print_disk(FILE *stream, const V1__Resource__DiskInfo *disk)
{
        fputc('[', stream);
        if (disk->source)
                print_source(stream, disk->source);
        if (disk->persistence)
                fprintf(stream, "%s%s", disk->source ? "," : "", disk->persistence->id);
        if (disk->volume) {
                fputc(':', stream);
                print_volume(stream, disk->volume);
        }
        fputc(']', stream);
}

static char *amount_text(const struct resource_entry *entry)
{
        char scalar[SCALAR_TEXT_SIZE];
        switch (entry->kind->view->type) {
        case V1__VALUE__TYPE__SCALAR:
                scalar_print(entry->scalar.milli, scalar);
                return actor_strdup(scalar);
        case V1__VALUE__TYPE__RANGES:
                return ranges_print(&entry->ranges);
        default:
                return name_set_print(&entry->set);
        }
}

static void print_entry(FILE *stream, const struct resource_entry *entry)
{
        const V1__Resource *view = entry->kind->view;
        fputs(view->name, stream);
        if (view->allocation_info)
                fprintf(stream, "(allocated: %s)", text_or_empty(view->allocation_info->role));
        if (view->n_reservations > 0)
                print_reservations(stream, view);
        if (view->disk)
                print_disk(stream, view->disk);
        if (view->revocable)
                fputs("{REV}", stream);
        if (view->shared)
                fputs("<SHARED>", stream);
        CLEANUP(actor_freep) char *amount = amount_text(entry);
        fprintf(stream, ":%s", amount);
        if (view->shared)
                fprintf(stream, "<%" PRId64 ">", entry->copies);
}

char *resources_print(const struct resources *r)
{
        if (r->count == 0)
                return actor_strdup("{}");
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);
        for (size_t i = 0; i < r->count; i++) {
                if (i > 0)
                        fputs("; ", stream);
                print_entry(stream, &r->entries[i]);
        }
        fclose(stream);
        return text;
}

/* Everything of one name and type as one amount. */
static json_t *sum_to_json(const struct resources *r, size_t first)
{
        struct resource_entry sum = resource_entry_copy(&r->entries[first]);
        const V1__Resource *view = sum.kind->view;
        for (size_t i = first + 1; i < r->count; i++) {
                const V1__Resource *other = r->entries[i].kind->view;
                if (other->type == view->type && strcmp(other->name, view->name) == 0)
                        resource_amount_add(&sum, &r->entries[i]);
        }
        CLEANUP(actor_freep) char *text = amount_text(&sum);
        json_t *json = view->type == V1__VALUE__TYPE__SCALAR ? json_real(scalar_from_milli(sum.scalar.milli))
                                                             : json_string(text);
        resource_entry_clear(&sum);
        return json;
}

static void add_sums(json_t *object, const struct resources *r, const char *suffix)
{
        for (size_t i = 0; i < r->count; i++) {
                CLEANUP(actor_freep)
                char *key = actor_asprintf("%s%s", r->entries[i].kind->view->name, suffix);
                bool counted = false;
                for (size_t k = 0; !counted && k < i; k++)
                        counted = strcmp(r->entries[k].kind->view->name, r->entries[i].kind->view->name) == 0;
                if (!counted)
                        json_object_set_new(object, key, sum_to_json(r, i));
        }
}

json_t *resources_to_legacy_json(const struct resources *r)
{
        static const char *const always[] = {"cpus", "gpus", "mem", "disk"};
        json_t *object = json_object();
        for (size_t i = 0; i < sizeof always / sizeof *always; i++)
                json_object_set_new(object, always[i], json_real(0));
        CLEANUP(resources_freep) struct resources *firm = resources_nonrevocable(r);
        CLEANUP(resources_freep) struct resources *revocable = resources_revocable(r);
        add_sums(object, firm, "");
        add_sums(object, revocable, "_revocable");
        return object;
}
