/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/record_map.h"

#include <actor/memory.h>

#include <stdlib.h>
#include <string.h>

static struct record *record_new(const void *key, size_t key_size, const void *value, size_t value_size)
{
        struct record *record = actor_malloc(sizeof *record + key_size + value_size);
        record->key_size = key_size;
        record->value_size = value_size;
        memcpy(record->bytes, key, key_size);
        if (value_size > 0)
                memcpy(record->bytes + key_size, value, value_size);
        return record;
}

static int compare(const struct record *record, const void *key, size_t key_size)
{
        size_t shared = record->key_size < key_size ? record->key_size : key_size;
        int order = memcmp(record->bytes, key, shared);
        if (order != 0)
                return order;
        return record->key_size < key_size ? -1 : record->key_size > key_size;
}

size_t record_map_lower_bound(const struct record_map *map, const void *key, size_t key_size)
{
        size_t low = 0, high = map->count;
        if (key_size == 0)
                return 0;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (compare(map->records[middle], key, key_size) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static bool is_at(const struct record_map *map, size_t index, const void *key, size_t key_size)
{
        return index < map->count && compare(map->records[index], key, key_size) == 0;
}

bool record_has_prefix(const struct record *record, const void *prefix, size_t prefix_size)
{
        return record->key_size >= prefix_size &&
               (prefix_size == 0 || memcmp(record->bytes, prefix, prefix_size) == 0);
}

void record_map_put(struct record_map *map, const void *key, size_t key_size, const void *value,
                    size_t value_size)
{
        struct record *record = record_new(key, key_size, value, value_size);
        size_t index = record_map_lower_bound(map, key, key_size);
        if (is_at(map, index, key, key_size)) {
                free(map->records[index]);
                map->records[index] = record;
                return;
        }
        ACTOR_ARRAY_RESERVE(map->records, map->count, map->capacity);
        memmove(map->records + index + 1, map->records + index, (map->count - index) * sizeof *map->records);
        map->records[index] = record;
        map->count++;
}

void record_map_erase(struct record_map *map, const void *key, size_t key_size)
{
        size_t index = record_map_lower_bound(map, key, key_size);
        if (!is_at(map, index, key, key_size))
                return;
        free(map->records[index]);
        map->count--;
        memmove(map->records + index, map->records + index + 1, (map->count - index) * sizeof *map->records);
}

void record_map_copy(const struct record_map *map, struct record_map *ret)
{
        *ret = (struct record_map){0};
        ret->capacity = ret->count = map->count;
        ret->records = actor_realloc_array(NULL, map->count, sizeof *ret->records);
        for (size_t i = 0; i < map->count; i++) {
                const struct record *record = map->records[i];
                ret->records[i] =
                        actor_memdup(record, sizeof *record + record->key_size + record->value_size);
        }
}

void record_map_done(struct record_map *map)
{
        for (size_t i = 0; i < map->count; i++)
                free(map->records[i]);
        free(map->records);
        *map = (struct record_map){0};
}
