/* SPDX-License-Identifier: Apache-2.0 */
#include "core/map.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>

/* The multiplier of Fibonacci hashing, 2^64 divided by the golden ratio (Knuth, vol. 3, 6.4). */
static size_t home_of(const struct map *map, uint64_t key)
{
        return (size_t) ((key * 0x9E3779B97F4A7C15u) >> 20) & (map->capacity - 1);
}

static void insert(struct map *map, uint64_t key, void *value)
{
        size_t i = home_of(map, key);
        while (map->entries[i].key != 0 && map->entries[i].key != key)
                i = (i + 1) & (map->capacity - 1);
        if (map->entries[i].key == 0)
                map->count++;
        map->entries[i] = (struct map_entry){key, value};
}

static void grow(struct map *map)
{
        struct map old = *map;
        map->capacity = old.capacity ? old.capacity * 2 : 8;
        map->entries = actor_zalloc(map->capacity * sizeof *map->entries);
        map->count = 0;
        for (size_t i = 0; i < old.capacity; i++) {
                if (old.entries[i].key != 0)
                        insert(map, old.entries[i].key, old.entries[i].value);
        }
        free(old.entries);
}

void map_put(struct map *map, uint64_t key, void *value)
{
        assert(key != 0);
        if ((map->count + 1) * 4 > map->capacity * 3)
                grow(map);
        insert(map, key, value);
}

static struct map_entry *find(const struct map *map, uint64_t key)
{
        if (map->count == 0)
                return NULL;
        for (size_t i = home_of(map, key); map->entries[i].key != 0; i = (i + 1) & (map->capacity - 1)) {
                if (map->entries[i].key == key)
                        return &map->entries[i];
        }
        return NULL;
}

void *map_get(const struct map *map, uint64_t key)
{
        struct map_entry *entry = find(map, key);
        return entry ? entry->value : NULL;
}

/* Closes the gap at `hole`: later entries of the run move up where they are not before their home. */
static void shift_back(struct map *map, size_t hole)
{
        size_t mask = map->capacity - 1;
        for (size_t i = (hole + 1) & mask; map->entries[i].key != 0; i = (i + 1) & mask) {
                size_t home = home_of(map, map->entries[i].key);
                if (((i - home) & mask) >= ((i - hole) & mask)) {
                        map->entries[hole] = map->entries[i];
                        hole = i;
                }
        }
        map->entries[hole] = (struct map_entry){0, NULL};
        map->count--;
}

void *map_take(struct map *map, uint64_t key)
{
        struct map_entry *entry = find(map, key);
        if (entry == NULL)
                return NULL;
        void *value = entry->value;
        shift_back(map, (size_t) (entry - map->entries));
        return value;
}

bool map_take_any(struct map *map, uint64_t *key, void **value)
{
        for (size_t i = 0; map->count > 0 && i < map->capacity; i++) {
                if (map->entries[i].key == 0)
                        continue;
                *key = map->entries[i].key;
                *value = map->entries[i].value;
                shift_back(map, i);
                return true;
        }
        return false;
}

void map_done(struct map *map)
{
        free(map->entries);
        *map = (struct map){0};
}
